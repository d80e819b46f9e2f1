import ast
import inspect
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from outpost_order_handler import contract, failures
from outpost_order_handler.failures import (
    MAX_REASON,
    REASONS,
    Code,
    LedgerNotFound,
    OrderError,
    Outcome,
    Reason,
    reason,
)
from outpost_order_handler.outposts import errors
from tests.handler.conftest import PROPERTIES, Invoke

OUTPOST_ID, ORDER_ID = "op-0123456789abcdef0", "oo-0123456789abcdef0"
LONGEST_NAME, LONGEST_TABLE, LONGEST_REGION = "P" * 64, "t" * 60, "us-isof-south-1"
RECONCILE = (
    f"outpost-order reconcile {LONGEST_NAME} --region {LONGEST_REGION} --table {LONGEST_TABLE}"
)
CREATE_TABLE = f"Create table {LONGEST_TABLE} with key Key, or correct ledger=, then deploy again."
READ_THE_LOG = "Read the function's log, then deploy again"
LONG_CODES = (Code.GENERAL_SERVICE_EXCEPTION, Code.SERVICE_INTERNAL_ERROR)
UNKNOWN_FACTS = ("", "outcome unknown. This request sent nothing")
FACTS = (
    "",
    f"the orders of {OUTPOST_ID} could not be read, and nothing was bought or changed",
    f"{ORDER_ID} is unchanged, and nothing was bought. You can't change an order",
)


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in the Region and with the ledger that have the longest names."""
    monkeypatch.setenv("AWS_REGION", LONGEST_REGION)
    monkeypatch.setenv(contract.LEDGER_TABLE, LONGEST_TABLE)


def raised_names() -> Iterator[str]:
    """Yield the names that the sources of the handler give to failures."""
    for path in Path(failures.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name("OrderError" | "NotReadable"), args=[first, *_]):
                    names = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                case ast.Yield(ast.Tuple([first, _])):  # of the preflight
                    names = [first]
                case _:
                    continue
            yield from (str(n.value) for n in names if isinstance(n, ast.Constant))


def proven_names() -> set[str]:
    """Return the names of the exceptions that prove something of a CreateOrder."""
    never_sent = {each.__name__ for each in errors.NEVER_SENT}
    return never_sent | errors.REFUSALS | {"SSLError"}


def test_each_failure_has_a_row() -> None:
    """A name without a row would say "Read the function's log"; a row without use misleads."""
    default = inspect.signature(OrderError.unknown).parameters["name"].default
    assert {*raised_names(), default} | proven_names() == set(REASONS) - {LedgerNotFound.__name__}


@pytest.mark.usefixtures("longest")
@pytest.mark.parametrize("name", [*REASONS, "E", "E" * 999, "E\x1b[31m\n\ue000"])
def test_each_reason_says_what_happened_and_what_to_do(name: str) -> None:
    """With the longest of everything it is one line that begins and ends as it should."""
    texts = ("", "detail", "x" * 9999, "a\n\tb\x1b[31m  c.\u2028")
    row = REASONS.get(name, Reason(Code.GENERAL_SERVICE_EXCEPTION, READ_THE_LOG))
    step = row.step.format(action="outposts:CreateOrder")
    outcomes = [(Outcome.NOT_PLACED, fact) for fact in (FACTS[:1] if row.command else FACTS)]
    outcomes += [(Outcome.UNKNOWN, fact) for fact in UNKNOWN_FACTS]
    for (outcome, fact), text, code in product(outcomes, texts, (None, row.code, *LONG_CODES)):
        error = OrderError(name, text, fact=fact, outcome=outcome, code=code, action="CreateOrder")
        shown = reason(error, LONGEST_NAME, OUTPOST_ID)
        assert len(shown) <= MAX_REASON
        assert shown.isprintable()
        assert shown.startswith(f"{error.code} ({name[:1]}")
        if outcome is Outcome.UNKNOWN:
            assert "): outcome unknown" in shown
            assert shown.endswith(f": {RECONCILE}")
        else:
            assert fact in shown
            command = {"init": CREATE_TABLE, "reconcile": f": {RECONCILE}", "": ""}[row.command]
            assert shown.endswith(command) if row.command else f". {step}." in shown


@pytest.mark.usefixtures("longest")
@pytest.mark.parametrize("name", ["E", "InternalServerException", "E" * 999])
def test_an_unknown_outcome_is_said_before_the_command(name: str) -> None:
    """The name of an exception is shortened before that."""
    for code in Code:
        shown = reason(OrderError.unknown(name, code), LONGEST_NAME, OUTPOST_ID)
        assert shown.startswith(f"{code} ({name[:3]}")
        assert "): outcome unknown" in shown
        assert shown.endswith(f"un: {RECONCILE}")


def test_a_long_detail_yields_to_code_and_step() -> None:
    """The start and the end of a reason are always whole."""
    text = reason(OrderError("ValidationException", "x" * 9999), "PO-4711", OUTPOST_ID)
    start = f"InvalidRequest (ValidationException): nothing was ordered on {OUTPOST_ID}: xxx"
    assert text.startswith(start)
    assert text.endswith("xxx... Correct the order, then deploy again.")
    assert len(text) == MAX_REASON - 1  # the dots of the cut detail end its sentence


def test_a_detail_is_one_line() -> None:
    """Line breaks and control characters of a service don't reach a console."""
    text = reason(OrderError("NoTimeLeft", "a\n\tb\x1b[31m  c.\u2028"), "PO-4711", "")
    start = "NotStabilized (NoTimeLeft): nothing was ordered: a b [31m c"
    assert text == f"{start}. Wait a few minutes, then deploy again."


def test_no_detail_leaves_no_gap() -> None:
    """An empty message is left out."""
    text = reason(OrderError("NoTimeLeft", " \n"), "PO-4711", "")
    start = "NotStabilized (NoTimeLeft): nothing was ordered"
    assert text == f"{start}. Wait a few minutes, then deploy again."


def test_an_unnamed_failure_points_to_the_log() -> None:
    """An error code comes from the network, and can be new."""
    text = reason(OrderError("TeapotException", "short"), "PO-4711", OUTPOST_ID)
    start = f"GeneralServiceException (TeapotException): nothing was ordered on {OUTPOST_ID}: short"
    assert text == f"{start}. Read the function's log, then deploy again."


def test_the_text_before_a_command_gets_shorter() -> None:
    """First the words of the service, then the Outpost, then the advice."""
    for length in range(1, 65):
        shown = reason(OrderError("OutpostBusy", "x" * 999, about="P" * length), "", OUTPOST_ID)
        assert shown.startswith("ResourceConflict (OutpostBusy): nothing was ordered")
        assert shown.endswith(f"run: outpost-order reconcile {'P' * length} --region us-west-2")
        assert len(shown) <= MAX_REASON


def test_a_long_physical_id_leaves_the_reason_whole(invoke: Invoke) -> None:
    """An event's ID can be of any length, and an Update must return it."""
    held = "x" * 1024
    response = invoke("Update", PROPERTIES, PhysicalResourceId=held)
    assert response.reason.startswith("NotFound (NoOrderId): xxx")
    assert response.reason.endswith(
        "x has no order, and nothing was bought or changed. "
        "Remove this resource, deploy, and add it again."
    )


@pytest.mark.usefixtures("longest")
def test_without_another_ledger_the_reason_names_the_table() -> None:
    """No command creates it."""
    shown = reason(LedgerNotFound(), LONGEST_NAME, OUTPOST_ID)
    assert shown.endswith(CREATE_TABLE)


def test_without_the_default_ledger_the_reason_ends_with_init(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The longest Region leaves the command whole."""
    monkeypatch.setenv("AWS_REGION", LONGEST_REGION)
    shown = reason(LedgerNotFound(), LONGEST_NAME, OUTPOST_ID)
    assert shown.endswith(f"run: outpost-order init --region {LONGEST_REGION}")
    assert "there is no table outpost-orders in" in shown
