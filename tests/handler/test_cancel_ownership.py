"""Whose order it is that a Delete would cancel."""

from typing import Any

import pytest

from tests.fakes.cloudformation import Response
from tests.fakes.outposts import FakeOutposts
from tests.handler.conftest import (
    PROPERTIES,
    STACK_MADE_AGAIN,
    Invoke,
    make_equal_order,
)

CANCEL = PROPERTIES | {"OnDelete": "CANCEL"}
MADE_UP = "City_Rack05B0A054_X1Y2Z3W4"


@pytest.fixture
def order_id(invoke: Invoke) -> str:
    """Give the id of an order that was placed to be cancelled with its resource."""
    return invoke("Create", CANCEL).physical_id


@pytest.fixture
def delete(invoke: Invoke) -> Invoke:
    """Give a sender of the Delete of a resource whose order is to be cancelled."""

    def send(physical_id: str, **more: Any) -> Response:  # noqa: ANN401
        return invoke("Delete", CANCEL, PhysicalResourceId=physical_id, **more)

    return send


def statuses(outposts: FakeOutposts) -> list[str]:
    return [order["Status"] for order in outposts.orders]


@pytest.mark.parametrize("other", [{"StackId": STACK_MADE_AGAIN}, {"LogicalResourceId": "Spare"}])
def test_another_resource_does_not_cancel(
    other: dict[str, str], order_id: str, outposts: FakeOutposts, delete: Invoke
) -> None:
    """Whoever did not get the order lets go of nothing, even if it knows the id."""
    assert delete(order_id, **other).status == "SUCCESS"
    assert delete(MADE_UP, **other).status == "SUCCESS"
    assert statuses(outposts) == ["PREPARING"]


def test_an_order_that_is_not_in_the_ledger_is_not_cancelled(
    outposts: FakeOutposts, delete: Invoke
) -> None:
    """A physical id alone proves nothing."""
    assert delete(make_equal_order(outposts)).status == "SUCCESS"
    assert statuses(outposts) == ["PREPARING"]


def test_an_order_that_a_newer_stack_took_over_is_not_cancelled_by_the_old_one(
    order_id: str, outposts: FakeOutposts, invoke: Invoke, delete: Invoke
) -> None:
    """Only the resource that has the order now decides about it."""
    invoke("Create", CANCEL, StackId=STACK_MADE_AGAIN)
    assert delete(order_id).status == "SUCCESS"
    assert statuses(outposts) == ["PREPARING"]
    assert delete(order_id, StackId=STACK_MADE_AGAIN).status == "SUCCESS"
    assert statuses(outposts) == ["CANCELLED"]


def test_the_rollback_of_taking_over_does_not_cancel(
    order_id: str, outposts: FakeOutposts, invoke: Invoke, delete: Invoke
) -> None:
    """A construct that moves in the app is another resource; undone, the first has it again."""
    invoke("Create", CANCEL, LogicalResourceId="Moved")
    assert delete(order_id, LogicalResourceId="Moved").status == "SUCCESS"
    assert statuses(outposts) == ["PREPARING"]
    assert delete(order_id).status == "SUCCESS"
    assert statuses(outposts) == ["CANCELLED"]


def test_an_order_that_another_stack_has_as_well_is_not_cancelled(
    order_id: str, outposts: FakeOutposts, invoke: Invoke, delete: Invoke
) -> None:
    """Nobody let go of it there, so the deletion fails until the order is cancelled by hand."""
    invoke("Create", CANCEL, StackId=STACK_MADE_AGAIN)
    refused = delete(order_id, StackId=STACK_MADE_AGAIN)
    assert refused.status == "FAILED"
    assert refused.reason.startswith("ResourceConflict (OrderShared): " + order_id)
    assert statuses(outposts) == ["PREPARING"]
    outposts.set_status(order_id, "CANCELLED")
    assert delete(order_id, StackId=STACK_MADE_AGAIN).status == "SUCCESS"


def test_an_order_that_moved_for_good_does_not_stay_silently(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """It was kept when it moved, so nobody told of the old resource; later it is to be cancelled.

    The update shows that the move was not rolled back.
    """
    order_id = invoke("Create").physical_id
    invoke("Create", LogicalResourceId="Moved")
    moved = {"LogicalResourceId": "Moved", "PhysicalResourceId": order_id}
    assert invoke("Update", CANCEL, **moved).status == "SUCCESS"
    deleted = invoke("Delete", CANCEL, **moved)
    assert (deleted.status, *statuses(outposts)) == ("SUCCESS", "CANCELLED")
