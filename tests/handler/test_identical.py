"""Was this bought already? The service's list and the ledger's map of the Outpost both say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.ledger.records import State
from outpost_order_handler.ledger.table import Ledger
from tests.handler.conftest import (
    LIMIT,
    NOTHING,
    OTHER_NAME,
    OUTPOST_ID,
    PROPERTIES,
    Invoke,
    Time,
    make_identical_order,
)

OTHER_CONTENT = OTHER_NAME | {"PaymentOption": "ALL_UPFRONT"}
NO_TERM = {name: value for name, value in PROPERTIES.items() if name != "PaymentTerm"}
ARN = f"arn:aws:outposts:us-west-2:111122223333:outpost/{OUTPOST_ID}"
IN_THE_WAY = f"AlreadyExists (IdenticalOrderExists): {NOTHING}: an identical order exists: "
TWO_WAYS = ". To use it, set adopt_order_id. To buy another, set in_addition_to."
BUSY = (
    f"ResourceConflict (OutpostBusy): {NOTHING}: the outcome of PO-4712 is unknown. "
    "Before you deploy again, run: outpost-order reconcile PO-4712 --region us-west-2"
)


def beside(*names: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return PROPERTIES | {"InAdditionTo": list(names)} | changes


def line_item(quantity: int, item: str = "OR-ABCDEFG") -> dict[str, Any]:
    return {"CatalogItemId": item, "Quantity": quantity}


def test_an_identical_order_is_named_and_nothing_is_bought(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The reason has the order and both ways to continue."""
    order_id = make_identical_order(outposts)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("FAILED", "PO-4711")
    assert response.reason == f"{IN_THE_WAY}{order_id}{TWO_WAYS}"
    assert outposts.posts == []


@pytest.mark.parametrize(
    "status",
    ["IN_PROGRESS", "DELIVERED", "COMPLETED", "FULFILLED", "RECEIVED", "ERROR", "ON_THE_MOON"],
)
def test_every_status_counts(status: str, outposts: FakeOutposts, invoke: Invoke) -> None:
    """A delivered order was bought, above all; so was one in a status of tomorrow."""
    order_id = make_identical_order(outposts)
    outposts.set_status(order_id, status)
    assert invoke("Create").reason == f"{IN_THE_WAY}{order_id}{TWO_WAYS}"
    assert outposts.posts == []


def test_a_cancelled_order_does_not_count(outposts: FakeOutposts, invoke: Invoke) -> None:
    """A cancelled order delivers no hardware."""
    outposts.set_status(make_identical_order(outposts), "CANCELLED")
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_a_replacement_does_not_count(outposts: FakeOutposts, invoke: Invoke) -> None:
    """AWS placed a replacement for broken hardware, and it is paid for already."""
    outposts.set_order(make_identical_order(outposts), OrderType="REPLACEMENT")
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_an_old_order_counts(outposts: FakeOutposts, invoke: Invoke) -> None:
    """No clock says when an order is forgotten."""
    order_id = make_identical_order(outposts, submitted=datetime(2020, 1, 1, tzinfo=UTC))
    assert order_id in invoke("Create").reason
    assert outposts.posts == []


@pytest.mark.parametrize(
    "changes",
    [
        {"line_items": [line_item(3)]},
        {"line_items": [line_item(2, "OR-1234567")]},
        {"payment_option": "ALL_UPFRONT"},
        {"payment_term": "ONE_YEAR"},
        {"outpost_id": "op-fedcba98765432100"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_order_is_no_obstacle(
    changes: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Only what is equal in all that costs money can be the same purchase."""
    make_identical_order(outposts, **changes)
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.posts) == 1


@pytest.mark.parametrize(
    "properties",
    [
        PROPERTIES | {"LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "1"}] * 2},
        PROPERTIES | {"LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}]},
        PROPERTIES | {"OutpostIdentifier": ARN},
    ],
    ids=["split", "number", "ARN"],
)
def test_spelling_makes_no_difference(
    properties: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Totals are compared, and IDs."""
    order_id = make_identical_order(outposts)
    assert order_id in invoke("Create", properties).reason
    assert outposts.posts == []


def test_the_sequence_of_items_makes_no_difference(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The same items in another sequence are the same purchase."""
    items = [line_item(1, "OR-1234567"), line_item(2)]
    order_id = make_identical_order(outposts, line_items=items)
    reason = invoke("Create", PROPERTIES | {"LineItems": items[::-1]}).reason
    assert order_id in reason
    assert outposts.posts == []


@pytest.mark.parametrize(
    ("properties", "term"), [(NO_TERM, "ONE_YEAR"), (PROPERTIES, None)], ids=["template", "order"]
)
def test_an_omitted_term_equals_every_term(
    properties: dict[str, Any], term: str | None, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The service chooses a term that the template leaves out."""
    order_id = make_identical_order(outposts, payment_term=term)
    assert order_id in invoke("Create", properties).reason
    assert outposts.posts == []


def test_all_pages_are_searched(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The identical order is the last of many."""
    outposts.page_size = 2
    for _ in range(4):
        make_identical_order(outposts, payment_option="ALL_UPFRONT")
    order_id = make_identical_order(outposts)
    assert order_id in invoke("Create").reason
    assert outposts.posts == []


@pytest.mark.parametrize(
    ("operation", "subject"),
    [("ListOrders", f"the orders of {OUTPOST_ID}"), ("GetOrder", "oo-")],
)
@pytest.mark.parametrize("fault", [Fault.status(500), Fault.reply('{"Orders": null}')])
def test_an_order_that_cannot_be_read_might_be_identical(
    operation: str, subject: str, fault: Fault, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A page without orders is no end of the list, and an unreadable order no other order."""
    make_identical_order(outposts)
    outposts.fail(operation, fault, times=None)
    reason = invoke("Create").reason
    assert subject in reason
    assert "could not be read, and nothing was bought or changed" in reason
    assert outposts.posts == []


def test_the_ledger_knows_what_a_stale_list_does_not_show(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An order that only the ledger's map of the Outpost has is named with its order name."""
    outposts.list_lag = 1000
    order_id = invoke("Create", OTHER_NAME).physical_id
    assert invoke("Create").reason == f"{IN_THE_WAY}{order_id} of PO-4712{TWO_WAYS}"
    assert len(outposts.posts) == 1


def test_an_order_of_the_same_app_counts(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Another stack or another time doesn't make an identical order another purchase."""
    order_id = invoke("Create", OTHER_NAME, LogicalResourceId="Spare").physical_id
    response = invoke("Create")
    assert response.reason == f"{IN_THE_WAY}{order_id} of PO-4712{TWO_WAYS}"
    assert len(outposts.posts) == 1


def test_all_identical_orders_are_named(
    outposts: FakeOutposts, invoke: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason has those that there is room for, and the log has all."""
    two = [make_identical_order(outposts) for _ in range(2)]
    assert invoke("Create").reason == f"{IN_THE_WAY}{two[0]}, {two[1]}{TWO_WAYS}"
    many = two + [make_identical_order(outposts) for _ in range(10)]
    reason = invoke("Create").reason
    assert reason.endswith(f"..{TWO_WAYS}")
    assert len(reason) <= 250
    assert all(order_id in caplog.text for order_id in many)


# In addition to


def test_an_order_of_the_console_is_named_by_its_id(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The template says that this order comes beside it."""
    order_id = make_identical_order(outposts)
    response = invoke("Create", beside(order_id))
    assert response.status == "SUCCESS"
    assert [order["OrderId"] for order in outposts.orders] == [order_id, response.physical_id]


@pytest.mark.parametrize("by", ["name", "ID"])
def test_an_order_of_the_ledger_is_named_either_way(
    by: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The order name is enough, and so is the ID."""
    order_id = invoke("Create", OTHER_NAME).physical_id
    response = invoke("Create", beside("PO-4712" if by == "name" else order_id))
    assert response.status == "SUCCESS"
    assert len(outposts.orders) == len(outposts.posts) == 2


def test_the_other_order_can_name_this_one(outposts: FakeOutposts, invoke: Invoke) -> None:
    """One of two orders must name the other, whichever is placed first."""
    assert invoke("Create", beside("PO-4711", OrderName="PO-4712")).status == "SUCCESS"
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.posts) == 2


def test_both_orders_can_name_each_other(outposts: FakeOutposts, invoke: Invoke) -> None:
    """A name without an order is no obstacle either."""
    assert invoke("Create", beside("PO-4711", OrderName="PO-4712")).status == "SUCCESS"
    assert invoke("Create", beside("PO-4712")).status == "SUCCESS"
    assert len(outposts.posts) == 2


def test_each_identical_order_must_be_named(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The reason has those that are missing, and only those."""
    first, second, third = [make_identical_order(outposts) for _ in range(3)]
    assert invoke("Create", beside(second)).reason == f"{IN_THE_WAY}{first}, {third}{TWO_WAYS}"
    assert outposts.posts == []


def test_a_retry_does_not_buy_beside_the_order_of_the_first_try(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The list stays in the template, and permits one order, not one for each deployment."""
    order_id = make_identical_order(outposts)
    first = invoke("Create", beside(order_id))
    again = invoke("Create", beside(order_id))
    assert again.physical_id == first.physical_id
    assert len(outposts.posts) == 1


# Unresolved attempts


@pytest.fixture
def unresolved(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Leave PO-4712 with an unknown outcome."""
    outposts.fail("CreateOrder", Fault.status(500))
    assert "outcome unknown" in invoke("Create", OTHER_NAME).reason


@pytest.mark.usefixtures("unresolved")
@pytest.mark.parametrize("properties", [PROPERTIES, beside("PO-4712"), NO_TERM])
def test_an_identical_attempt_is_waited_for_and_named(
    properties: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, time: Time
) -> None:
    """The attempt might have bought this order, so even an order that names it waits."""
    began = time.passed
    assert invoke("Create", properties).reason == BUSY
    assert LIMIT - 50 < time.passed - began < LIMIT - 30
    assert len(outposts.posts) == 1


@pytest.mark.usefixtures("unresolved")
def test_an_attempt_that_is_resolved_in_time_is_no_obstacle(
    outposts: FakeOutposts,
    invoke: Invoke,
    ledger: Ledger,
    time: Time,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The records are read again after each wait."""

    def sleep(seconds: float) -> None:
        time.passed += seconds
        if len(time.waits) == before:
            order, outpost = ledger.read("PO-4712", OUTPOST_ID)
            ended = order.to(State.NOT_PLACED, datetime.now(UTC))
            ledger.write(ended, outpost.without_attempt("PO-4712"))
        time.waits.append(seconds)

    before = len(time.waits)
    monkeypatch.setattr(time, "sleep", sleep)
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.posts) == 2


@pytest.mark.usefixtures("unresolved")
def test_an_identical_attempt_is_no_obstacle_on_another_outpost(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An unknown outcome concerns one Outpost."""
    elsewhere = PROPERTIES | {"OutpostIdentifier": "op-fedcba98765432100"}
    assert invoke("Create", elsewhere).status == "SUCCESS"
    assert len(outposts.posts) == 2


def test_an_attempt_of_other_content_is_no_obstacle(outposts: FakeOutposts, invoke: Invoke) -> None:
    """One unknown outcome doesn't stop orders of other content."""
    outposts.fail("CreateOrder", Fault.status(500))
    invoke("Create", OTHER_CONTENT)
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.posts) == 2


def test_an_attempt_that_was_refused_is_no_obstacle(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The attempt placed nothing, so the Outpost's record no longer lists it."""
    outposts.fail("CreateOrder", Fault.refusal("ValidationException"))
    assert invoke("Create", OTHER_NAME).status == "FAILED"
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.orders) == 1
