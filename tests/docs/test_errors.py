"""The guide of failure reasons has each of them, as a deployment shows it."""

import re
from collections.abc import Iterator

import pytest

from outpost_order_fake import DOCUMENTED
from outpost_order_handler import contract
from outpost_order_handler.failures import (
    MAX_REASON,
    REASONS,
    Code,
    OrderError,
    Outcome,
    Reason,
    reason,
)
from outpost_order_handler.outposts.errors import unreadable
from tests.docs.prose import PROJECT

PAGE = PROJECT / "docs" / "errors.md"
TABLE = "| name | failure reason | length |\n|---|---|---|\n"
OUTPOST_ID, ORDER_ID, QUOTE_ID = "op-0123456789abcdef0", "oo-0123456789abcdef0", "oq-" + "0" * 17
LONGEST_NAME, LONGEST_TABLE, LONGEST_REGION = "P" * 64, "t" * 60, "us-isof-south-1"
DETAILS = "details " * 99
# The first sentence, if it isn't that nothing was ordered.
FACTS = {
    "NoOrderId": f"{LONGEST_NAME} has no order, and nothing was bought or changed",
    "NotConfirmed": "nothing was ordered",
    "NotReadable": unreadable(f"the orders of {OUTPOST_ID}"),
    "NotUpdatable": f"{ORDER_ID} is unchanged, and nothing was bought. You can't change an order",
    "OrderCancelled": f"{ORDER_ID} of {LONGEST_NAME} was cancelled, and no other order was placed",
    "SdkTooOld": unreadable(f"quote {QUOTE_ID}"),
}
# Names with an unknown outcome: of the ledger, the service, the network, and a defect.
UNKNOWN = {
    "InternalServerException": Code.SERVICE_INTERNAL_ERROR,
    "LedgerNotFound": Code.GENERAL_SERVICE_EXCEPTION,
    "OutcomeUnknown": Code.GENERAL_SERVICE_EXCEPTION,
    "ReadTimeoutError": Code.NETWORK_FAILURE,
    "RuntimeError": Code.INTERNAL_FAILURE,
}
NO_NAMES = {"Any other name"}


def sections() -> dict[tuple[str, str], str]:
    """Return the text of each name, by code and name."""
    found = {}
    for section in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE):
        code, *entries = re.split(r"^### ", section, flags=re.MULTILINE)
        for entry in entries:
            names, _, text = entry.partition("\n")
            found.update({(code.split()[0], name): text for name in names.split(", ")})
    return found


def errors() -> Iterator[OrderError]:
    """Yield each failure with details that don't fit."""
    for name, row in REASONS.items():
        if name != "OutcomeUnknown":
            fact = FACTS.get(name, "")
            yield OrderError(name, DETAILS, fact=fact, code=row.code, action="CreateOrder")
    yield OrderError("AnyOtherException", DETAILS)
    for name, code in UNKNOWN.items():
        yield OrderError(name, outcome=Outcome.UNKNOWN, code=code)
    fact = "outcome unknown. This request sent nothing"
    yield OrderError("AccessDeniedException", DETAILS, fact=fact, outcome=Outcome.UNKNOWN)


def table() -> str:
    """Return every reason at its longest, in the order of their codes."""
    shown = sorted((error.code, error.name, _longest(error)) for error in errors())
    return TABLE + "".join(f"| {name} | `{text}` | {len(text)} |\n" for _, name, text in shown)


def _longest(error: OrderError) -> str:
    return reason(error, LONGEST_NAME, OUTPOST_ID)


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in the Region and with the ledger that have the longest names."""
    monkeypatch.setenv("AWS_REGION", LONGEST_REGION)
    monkeypatch.setenv(contract.LEDGER_TABLE, LONGEST_TABLE)


@pytest.mark.parametrize("name", REASONS)
def test_each_reason_has_an_entry(name: str) -> None:
    """You find it under the code that it begins with, and its next step is the one shown."""
    row = REASONS[name]
    step, _, _ = row.step.format(action="outposts:CreateOrder").partition(", then")
    entry = " ".join(sections()[row.code, name].split())
    assert f"**Next:** {step}" in entry
    assert not row.command or f"outpost-order {row.command}" in entry


@pytest.mark.parametrize("exception", DOCUMENTED)
def test_each_documented_exception_has_an_entry(exception: str) -> None:
    """Only a proven refusal says that nothing was bought."""
    row = REASONS.get(exception, Reason(Code.SERVICE_INTERNAL_ERROR, ""))
    [bought] = re.findall(r"\*\*Bought:\*\* (.+)", sections()[row.code, exception])
    assert bought.startswith("No." if exception in REASONS else "**Unknown.**")


def test_no_entry_is_gone() -> None:
    """A deployment can show each name of the page."""
    shown = {name for _, name in sections()} - NO_NAMES
    assert shown - {"ReadTimeoutError", "ConnectionClosedError", "InternalServerException"} == set(
        REASONS
    )


def test_each_entry_says_whether_anything_was_bought() -> None:
    """Each has a cause, the money, and the next step, in this order."""
    for (code, name), text in sections().items():
        parts = re.findall(r"^- \*\*(\w+):\*\* ", text, re.MULTILINE)
        assert parts == ["Cause", "Bought", "Next"], (code, name)


def test_each_code_has_a_section() -> None:
    """CloudFormation shows the code first."""
    headings = set(re.findall(r"^## (\w+)$", PAGE.read_text(), re.MULTILINE))
    assert set(Code) <= headings


def test_each_anchor_of_the_page_exists() -> None:
    """A link leads to a heading."""
    text = PAGE.read_text()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= anchors


@pytest.mark.usefixtures("longest")
def test_the_table_shows_each_reason_at_its_longest(request: pytest.FixtureRequest) -> None:
    """Run `make templates` to update it."""
    before, _, _ = PAGE.read_text().partition(TABLE)
    if request.config.getoption("--store-templates", default=False):
        PAGE.write_text(before + table())
    assert PAGE.read_text() == before + table()


@pytest.mark.usefixtures("longest")
def test_no_reason_is_longer_than_allowed() -> None:
    """Crhelper keeps only the end of a longer reason."""
    assert max(len(_longest(error)) for error in errors()) == MAX_REASON
