import pytest

from outpost_order_handler import contract, failures
from outpost_order_handler.failures import (
    HandlerErrorCode,
    InDoubt,
    LedgerNotFound,
    NotPlaced,
    OrderError,
    Superseded,
    reason,
)

CODE = HandlerErrorCode.INVALID_REQUEST


def test_a_long_detail_yields_to_code_and_next_step() -> None:
    """What starts and ends a reason is always whole."""
    text = reason(CODE, "ValidationException", "nothing was ordered", "mend it", "x" * 9999)
    assert text.startswith("InvalidRequest (ValidationException): nothing was ordered: xxx")
    assert text.endswith("xxx...; mend it")
    assert len(text) == failures.MAX_REASON


def test_a_detail_is_one_line() -> None:
    """Line breaks and control characters of a service do not reach a console."""
    text = reason(CODE, "E", "nothing was ordered", "mend it", "a\n\tb\x1b[31m  c.\u2028")
    assert text == "InvalidRequest (E): nothing was ordered: a b [31m c; mend it"


def test_nothing_of_a_reason_breaks_a_console() -> None:
    """A fact can hold the physical id of an event, which is whatever somebody sent."""
    text = reason(CODE, "E\n", "a\x1b[31m\ue000 stays", "mend it")
    assert text == "InvalidRequest (E): a [31m stays; mend it"


def test_no_detail_leaves_no_gap() -> None:
    """An empty message is left out."""
    text = reason(CODE, "E", "nothing was ordered", "mend it", " \n")
    assert text == "InvalidRequest (E): nothing was ordered; mend it"


def test_a_foreign_exception_name_is_bounded() -> None:
    """An error code comes from the network like everything else."""
    text = reason(CODE, "E" * 999, "nothing was ordered", "mend it", "detail")
    assert text.endswith("): nothing was ordered: detail; mend it")
    assert len(text) <= failures.MAX_REASON


LONGEST_NAME, LONGEST_TABLE, LONGEST_REGION = "P" * 64, "t" * 60, "ap-southeast-2"
OUTPOST_ID = "op-0123456789abcdef0"
OPTIONS = f"{LONGEST_NAME} --region {LONGEST_REGION} --table {LONGEST_TABLE}"
RECONCILE, SHOW = f"outpost-order reconcile {OPTIONS}", f"outpost-order show {OPTIONS}"


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in the Region and with the ledger that have the longest names."""
    monkeypatch.setenv("AWS_REGION", LONGEST_REGION)
    monkeypatch.setenv(contract.LEDGER_TABLE, LONGEST_TABLE)


@pytest.mark.usefixtures("longest")
@pytest.mark.parametrize("exception", ["E", "InternalServerException", "E" * 999])
def test_a_command_is_never_cut(exception: str) -> None:
    """With the longest of everything, a reason says what is unknown and ends with the command."""
    for code in HandlerErrorCode:
        text = str(InDoubt(code, exception, OUTPOST_ID, LONGEST_NAME))
        assert text.startswith(f"{code} ({exception[:3]}")
        assert text.endswith(f": {RECONCILE}")
        assert "): outcome unknown" in text
        assert len(text) <= failures.MAX_REASON


def test_the_text_before_a_command_gets_shorter() -> None:
    """First the words of the service, then the Outpost, then the advice."""
    for length in range(60, 200):
        command = "c" * length
        text = str(NotPlaced(CODE, "Busy", OUTPOST_ID, "first run", "x" * 999, command=command))
        assert text.startswith("InvalidRequest (Busy): nothing was ordered")
        assert text.endswith(f"run: {command}")
        assert len(text) <= failures.MAX_REASON
        assert (f" on {OUTPOST_ID}" in text) == (length <= 171)
        assert ("first run" in text) == (length <= 195)


@pytest.mark.usefixtures("longest")
def test_every_command_of_a_reason_is_whole() -> None:
    """Those of other failures as well."""
    assert str(Superseded(LONGEST_NAME)).endswith(f": {SHOW}")
    assert f"create table {LONGEST_TABLE} with key Key" in str(LedgerNotFound(OUTPOST_ID))


def test_without_the_default_ledger_the_reason_ends_with_init(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The longest Region leaves it whole."""
    monkeypatch.setenv("AWS_REGION", LONGEST_REGION)
    monkeypatch.setenv(contract.LEDGER_TABLE, contract.DEFAULT_LEDGER)
    text = str(LedgerNotFound(OUTPOST_ID))
    assert text.endswith(f"run: outpost-order init --region {LONGEST_REGION}")
    assert "there is no table outpost-orders in" in text


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Whoever reads the first lines of the module knows all of it."""
    children = {*OrderError.__subclasses__(), *NotPlaced.__subclasses__()}
    names = {error.__name__ for error in children} | {"OrderError"}
    assert failures.__doc__ is not None
    drawn = {
        line.strip("|+- ").split()[0]
        for line in failures.__doc__.splitlines()
        if line.startswith("    ") and ("+--" in line or "OrderError" in line)
    }
    assert drawn == names
