import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from outpost_order_handler import contract
from outpost_order_handler.ledger.records import State
from tests.cli.conftest import LEDGER, NAME, OUTPOST_ID, Orders, Run

ANOTHER_OUTPOST = "op-00000000000000001"


def test_each_order_is_a_line(ledger: Run, orders: Orders) -> None:
    """Name, state, order and Outpost are in one line of at most 80 columns, with whole IDs."""
    record = orders.placed()
    done = ledger("list")
    header, line = done.stdout.splitlines()
    assert done.exit_code == 0
    assert header.split() == ["Name", "State", "Order", "Outpost"]
    assert line.split() == [NAME, "PLACED", record.order_id, OUTPOST_ID]
    assert max(len(line), len(header)) <= 80
    assert (header, line) == (header.rstrip(), line.rstrip())


def test_a_wide_list_has_the_time_and_the_need(ledger: Run, orders: Orders) -> None:
    """In two more columns."""
    record = orders.placed()
    header, line = ledger("list", "--wide").stdout.splitlines()
    assert header.split() == ["Name", "State", "Order", "Outpost", "Submitted", "Needs"]
    assert record.attempt is not None
    submitted = f"{record.attempt.started_at:%Y-%m-%d %H:%M:%S}Z"
    assert line.split() == [NAME, "PLACED", record.order_id, OUTPOST_ID, *submitted.split(), "-"]


def test_orders_are_sorted_by_name(ledger: Run, orders: Orders) -> None:
    """A table has no order of its own."""
    for name in ("C", "A", "B"):
        orders.refused(name)
    lines = ledger("list").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["A", "B", "C"]


def test_an_unknown_outcome_needs_attention(ledger: Run, orders: Orders) -> None:
    """It comes first, and the command for the first one is ready to be pasted."""
    orders.refused("0")
    orders.sent("A")
    orders.in_doubt("B", OutpostIdentifier=ANOTHER_OUTPOST)
    lines = ledger("list", "--wide").stdout.splitlines()
    assert lines[4:] == [
        "",
        "2 orders need attention. Run:",
        "  outpost-order reconcile A --table Ledger",
    ]
    assert [(line.split()[1], line.split()[-1]) for line in lines[1:3]] == [
        ("SUBMITTING", "reconcile"),
        ("IN_DOUBT", "reconcile"),
    ]


def test_unresolved_leaves_out_what_is_known(ledger: Run, orders: Orders) -> None:
    """Only orders that need an operator are listed."""
    orders.refused("A")
    orders.in_doubt("B")
    line, *footer = ledger("list", "--unresolved").stdout.splitlines()[1:]
    assert line.startswith("B ")
    assert footer[1] == "1 order needs attention. Run:"


def test_an_empty_ledger_says_so(ledger: Run) -> None:
    """No table without lines, and no failure."""
    done = ledger("list")
    assert (done.exit_code, done.stdout) == (0, "The ledger is empty.\n")


def test_nothing_unresolved_says_so(ledger: Run, orders: Orders) -> None:
    """An empty answer could be a mistake of the command."""
    orders.refused()
    assert ledger("list", "--unresolved").stdout == "No order is unresolved.\n"


def test_json_is_an_object_on_each_line(ledger: Run, orders: Orders) -> None:
    """Scripts read what people see."""
    orders.refused("A")
    record = orders.in_doubt("B")
    first, second = map(json.loads, ledger("list", "--json").stdout.splitlines())
    assert record.attempt is not None
    assert first["State"] == "NOT_PLACED"
    assert second == {
        "Name": "B",
        "State": "IN_DOUBT",
        "OutpostId": OUTPOST_ID,
        "OrderId": "",
        "SubmittedAt": record.attempt.started_at.isoformat(),
        "Needs": "reconcile",
    }


def test_json_of_an_empty_ledger_is_empty(ledger: Run) -> None:
    """A script would take words for an order."""
    assert ledger("list", "--json").stdout == ""


@pytest.mark.parametrize("state", ["NONE", "PLACED", "NOT_PLACED", "CANCELLED"])
def test_a_known_state_is_listed_as_it_is(state: str, ledger: Run, orders: Orders) -> None:
    """It needs nothing of an operator, so it isn't unresolved."""
    orders.ledger.write(orders.record().to(State(state), datetime.now(UTC)))
    assert json.loads(ledger("list", "--json").stdout) == {
        "Name": NAME,
        "State": state,
        "OutpostId": "",
        "OrderId": "",
        "SubmittedAt": "",
        "Needs": "",
    }
    assert ledger("list", "--unresolved").stdout == "No order is unresolved.\n"


def test_a_state_of_a_newer_version_is_listed_as_it_is(ledger: Run, orders: Orders) -> None:
    """It might be unresolved, and only a newer version knows."""
    _put(State={"S": "ON_THE_MOON"})
    orders.refused("A")
    line = ledger("list", "--unresolved", "--wide").stdout.splitlines()[-1]
    assert line.split() == [NAME, "ON_THE_MOON", "-", "-", "-", "upgrade"]
    assert ledger("show", NAME).stdout.splitlines()[1] == "State          ON_THE_MOON"


@pytest.mark.parametrize(
    "attributes",
    [
        {"State": {"S": "SUBMITTING"}, "Attempt": {"S": "in another form"}},
        {"State": {"M": {"Name": {"S": "PLACED"}}}},
        {"Status": {"S": "PLACED"}},
    ],
    ids=str,
)
def test_a_record_in_an_unknown_form_is_listed(
    attributes: Any,  # noqa: ANN401 (as DynamoDB has it)
    ledger: Run,
    orders: Orders,
) -> None:
    """It hides no other one, and only it is an error."""
    orders.refused("A")
    _put(**attributes)
    lines = ledger("list", "--wide").stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["A", "NOT_PLACED"], [NAME, "UNREADABLE"]]
    assert lines[2].split()[-1] == "upgrade"
    for command in ("show", "reconcile"):
        done = ledger(command, NAME)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith(f"Error: Record order#{NAME} has an unknown format: ")
        assert done.stderr.endswith(" Upgrade cdk-outpost-order, then run the command again.\n")


def test_records_of_outposts_are_not_listed(ledger: Run, orders: Orders) -> None:
    """The ledger keeps them for itself."""
    orders.placed()
    assert len(ledger("list", "--json").stdout.splitlines()) == 1


def _put(**attributes: Any) -> None:  # noqa: ANN401 (as DynamoDB has it)
    """Write the order's record as a newer version would."""
    key = {contract.LEDGER_KEY: {"S": f"order#{NAME}"}, "Version": {"S": "1"}}
    boto3.Session().client("dynamodb").put_item(TableName=LEDGER, Item=key | attributes)
