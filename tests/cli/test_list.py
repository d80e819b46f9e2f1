import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from outpost_order_handler import contract
from outpost_order_handler.ledger.records import State
from tests.cli.conftest import LEDGER, NAME, OUTPOST_ID, Done, Orders, Run

ANOTHER_OUTPOST = "op-00000000000000001"


def test_each_order_is_a_line(ledger: Run, orders: Orders) -> None:
    """Name, state, order and Outpost are in one line of at most 80 columns, with whole IDs."""
    record = orders.placed()
    done = ledger("list", "--offline")
    header, line = done.stdout.splitlines()
    assert done.exit_code == 0
    assert header.split() == ["Name", "State", "Order", "Outpost"]
    assert line.split() == [NAME, "PLACED", record.order_id, OUTPOST_ID]
    assert max(len(line), len(header)) <= 80
    assert (header, line) == (header.rstrip(), line.rstrip())


def test_a_wide_list_has_more_columns(ledger: Run, orders: Orders) -> None:
    """When each order was sent, what it needs, its stack, and what was asked for."""
    record = orders.placed()
    header, line = ledger("list", "--wide", "--offline").stdout.splitlines()
    heads = ["Name", "State", "Order", "Outpost", "Sent", "Needs", "Stack", "Asked", "for"]
    assert header.split() == heads
    assert record.attempt is not None
    sent = f"{record.attempt.started_at:%Y-%m-%d %H:%M:%S}Z"
    *cells, content = line.split(maxsplit=8)
    assert cells == [NAME, "PLACED", record.order_id, OUTPOST_ID, *sent.split(), "-", "-"]
    assert content == "2 x OR-ABCDEFG, NO_UPFRONT, THREE_YEARS"


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
    assert [(line.split()[1], line.split()[6]) for line in lines[1:3]] == [
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


def test_json_is_one_document(ledger: Run, orders: Orders) -> None:
    """Scripts read machine words; what isn't known is null."""
    orders.refused("A")
    record = orders.in_doubt("B")
    document = json.loads(ledger("list", "--json").stdout)
    first, second = document.pop("orders")
    assert record.attempt is not None
    assert document == {"schema": 1, "ledger": {"table": LEDGER, "region": "us-west-2"}}
    assert first["state"] == "NOT_PLACED"
    assert second == {
        "name": "B",
        "state": "IN_DOUBT",
        "needs": "reconcile",
        "order_id": None,
        "outpost_id": OUTPOST_ID,
        "in_stack": None,
        "stack_id": None,
        "status": None,
        "status_read_at": None,
        "sent_at": record.attempt.started_at.isoformat(),
        "submitted_at": None,
        "asked_for": {
            "line_items": [{"catalog_item_id": "OR-ABCDEFG", "quantity": 2}],
            "quote_id": None,
            "quote_option_id": None,
            "quote_price": None,
            "payment_option": "NO_UPFRONT",
            "payment_term": "THREE_YEARS",
            "in_addition_to": [],
            "adopt_order_id": None,
            "preflight": "CHECK",
        },
    }


def test_json_has_what_is_known_of_an_order(ledger: Run, orders: Orders) -> None:
    """As the ledger has it: when the status was read isn't known."""
    record = orders.placed()
    [order] = _listed(ledger("list", "--json", "--offline"))
    assert order["order_id"] == record.order_id
    assert (order["status"], order["status_read_at"]) == ("PREPARING", None)
    assert order["submitted_at"] == record.order_attributes["OrderSubmissionDate"]


def test_json_of_an_empty_ledger_has_no_orders(ledger: Run) -> None:
    """It is a document all the same."""
    assert _listed(ledger("list", "--json")) == []


@pytest.mark.parametrize("state", ["NONE", "PLACED", "NOT_PLACED", "CANCELLED"])
def test_a_known_state_is_listed(state: str, ledger: Run, orders: Orders) -> None:
    """It needs nothing of an operator, so it isn't unresolved."""
    orders.ledger.write(orders.record().to(State(state), datetime.now(UTC)))
    [order] = _listed(ledger("list", "--json"))
    known = {name: value for name, value in order.items() if value is not None}
    assert known == {"name": NAME, "state": state}
    assert ledger("list", "--unresolved").stdout == "No order is unresolved.\n"


def test_a_state_of_a_newer_version_is_listed(ledger: Run, orders: Orders) -> None:
    """It might be unresolved, and only a newer version knows."""
    _put(State={"S": "ON_THE_MOON"})
    orders.refused("A")
    _, line, _, advice = ledger("list", "--unresolved", "--wide").stdout.splitlines()
    assert advice == (
        f"This version doesn't know the state of {NAME}. "
        "Upgrade cdk-outpost-order, then run the command again."
    )
    assert line.split() == [NAME, "ON_THE_MOON", "-", "-", "-", "upgrade", "-", "-"]
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
    assert [line.split()[:2] for line in lines[1:3]] == [[NAME, "UNREADABLE"], ["A", "NOT_PLACED"]]
    assert lines[1].split()[5] == "upgrade"
    for command in ("show", "reconcile"):
        done = ledger(command, NAME)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith(f"Error: Record order#{NAME} has an unknown format: ")
        assert done.stderr.endswith(" Upgrade cdk-outpost-order, then run the command again.\n")


def test_records_of_outposts_are_not_listed(ledger: Run, orders: Orders) -> None:
    """Only the function and the write commands use them."""
    orders.placed()
    assert [order["name"] for order in _listed(ledger("list", "--json"))] == [NAME]


def _listed(done: Done) -> list[dict[str, Any]]:
    """Return the orders of a list as JSON."""
    orders: list[dict[str, Any]] = json.loads(done.stdout)["orders"]
    return orders


def _put(**attributes: Any) -> None:  # noqa: ANN401 (as DynamoDB has it)
    """Write the order's record as a newer version would."""
    key = {contract.LEDGER_KEY: {"S": f"order#{NAME}"}, "Version": {"S": "1"}}
    boto3.Session().client("dynamodb").put_item(TableName=LEDGER, Item=key | attributes)
