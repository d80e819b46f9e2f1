from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outpost_order_handler.table import Item, Table
from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import (
    OUTPOST_ID,
    PROPERTIES,
    STACK_MADE_AGAIN,
    Invoke,
    make_equal_order,
)

ALLOW = PROPERTIES | {"ExistingOrder": "ALLOW"}
NOTHING = f"nothing was ordered on {OUTPOST_ID}"


def test_an_equal_open_order_is_named_and_nothing_is_bought(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The reason tells the order, its status, and both ways to go on."""
    order_id = make_equal_order(outposts)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("FAILED", "PO-4711")
    assert response.reason == (
        f"AlreadyExists (EqualOrderExists): {NOTHING}: open there: {order_id} "
        "(PREPARING); set existing_order to ADOPT (take over) or ALLOW (buy another), "
        "then deploy again"
    )
    assert outposts.posts == []


def test_another_equal_order_is_bought_where_that_was_asked_for(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Two equal racks can be meant."""
    order_id = make_equal_order(outposts)
    response = invoke("Create", ALLOW)
    assert [order["OrderId"] for order in outposts.orders] == [order_id, response.physical_id]
    assert response.status == "SUCCESS"


@pytest.mark.parametrize("status", ["COMPLETED", "FULFILLED", "CANCELLED"])
def test_a_closed_order_is_not_in_the_way(
    status: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Last year's rack does not hinder this year's."""
    outposts.set_status(make_equal_order(outposts), status)
    assert invoke("Create").status == "SUCCESS"


@pytest.mark.parametrize("status", ["ERROR", "ON_THE_MOON"])
def test_an_order_that_may_still_come_is_in_the_way(
    status: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """What is not known to be closed counts as open."""
    order_id = make_equal_order(outposts)
    outposts.set_status(order_id, status)
    assert f"{order_id} ({status})" in invoke("Create").reason
    assert outposts.posts == []


@pytest.mark.parametrize(
    "changes",
    [
        {"line_items": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 3}]},
        {"line_items": [{"CatalogItemId": "OR-1234567", "Quantity": 2}]},
        {"payment_option": "ALL_UPFRONT"},
        {"payment_term": "ONE_YEAR"},
        {"outpost_id": "op-fedcba98765432100"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_order_is_not_in_the_way(
    changes: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Only an order that is equal in all that costs money may be the same."""
    make_equal_order(outposts, **changes)
    assert invoke("Create").status == "SUCCESS"


def test_all_pages_are_looked_at(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The equal order is the last of many."""
    outposts.page_size = 2
    for _ in range(4):
        make_equal_order(outposts, payment_option="ALL_UPFRONT")
    order_id = make_equal_order(outposts)
    assert order_id in invoke("Create").reason
    assert outposts.posts == []


def test_a_page_that_cannot_be_read_is_no_end_of_the_list(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """What was not looked at may hold the equal order: nothing is bought."""
    outposts.fail("ListOrders", Fault.reply('{"Orders": null}'))
    response = invoke("Create")
    assert f"the orders of {OUTPOST_ID} could not be read" in response.reason
    assert outposts.posts == []


def test_a_neighbours_order_of_this_deployment_is_not_in_the_way(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Two equal orders of two names in one app are two orders."""
    neighbour = invoke("Create", PROPERTIES | {"OrderName": "PO-4712"}, LogicalResourceId="Spare")
    response = invoke("Create")
    assert (neighbour.status, response.status) == ("SUCCESS", "SUCCESS")
    assert len(outposts.live_orders) == 2


def test_a_neighbours_order_of_an_earlier_deployment_is_in_the_way(
    outposts: FakeOutposts, invoke: Invoke, ledger: Table
) -> None:
    """It is more likely the same order under a new name than a second one, so that is advised."""
    properties = PROPERTIES | {"OrderName": "PO-4712"}
    order_id = invoke("Create", properties, StackId=STACK_MADE_AGAIN).physical_id
    claim = ledger.read(f"claim#{order_id}")
    claimed_at = (datetime.now(UTC) - timedelta(minutes=61)).isoformat()
    ledger.write(Item(claim.key, {**claim.attributes, "ClaimedAt": claimed_at}, claim.version))
    assert invoke("Create").reason == (
        f"AlreadyExists (EqualOrderExists): {NOTHING}: {order_id} is open there, and is order "
        "PO-4712; use that order_name, or set existing_order to ALLOW (buy another), "
        "then deploy again"
    )
    assert len(outposts.posts) == 1


def test_two_equal_open_orders_are_both_named(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The reason has room for both, and for what to do."""
    first, second = make_equal_order(outposts), make_equal_order(outposts)
    reason = invoke("Create").reason
    assert f"open there: {first} (PREPARING), {second} (PREPARING); set" in reason
    assert reason.endswith("ALLOW (buy another), then deploy again")


def test_of_many_equal_open_orders_the_others_are_counted(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Two are named, and the log has all."""
    first, second, *_ = [make_equal_order(outposts) for _ in range(4)]
    assert f"open there: {first}, {second} and 2 more; set" in invoke("Create").reason


def test_an_order_does_not_change_its_name(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The ledger knows it by the name it was bought under."""
    order_id = invoke("Create").physical_id
    response = invoke("Update", PROPERTIES | {"OrderName": "PO-4712"}, PhysicalResourceId=order_id)
    assert (response.status, response.physical_id) == ("FAILED", order_id)
    assert "an order cannot be changed: OrderName; restore this property" in response.reason
    assert len(outposts.posts) == 1
