from typing import Any

import pytest

from tests.fakes.cloudformation import Response
from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import OUTPOST_ID, PROPERTIES, STACK_MADE_AGAIN, Invoke

CANCEL = PROPERTIES | {"OnDelete": "CANCEL"}


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


def operations(outposts: FakeOutposts) -> list[str]:
    return [request.operation for request in outposts.requests]


def test_the_order_is_cancelled_with_its_resource(
    order_id: str, outposts: FakeOutposts, delete: Invoke
) -> None:
    """The service confirms it before CloudFormation is told."""
    response = delete(order_id)
    assert (response.status, response.physical_id) == ("SUCCESS", order_id)
    assert statuses(outposts) == ["CANCELLED"]
    assert operations(outposts)[-1] == "GetOrder"


def test_the_order_is_kept_by_default(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Without the word for it, nothing is cancelled."""
    order_id = invoke("Create").physical_id
    assert invoke("Delete", PhysicalResourceId=order_id).status == "SUCCESS"
    assert statuses(outposts) == ["PREPARING"]


def test_the_newest_template_decides(outposts: FakeOutposts, invoke: Invoke) -> None:
    """An update took the word for cancelling away: the order is kept."""
    order_id = invoke("Create", CANCEL).physical_id
    assert invoke("Update", PROPERTIES, PhysicalResourceId=order_id).status == "SUCCESS"
    assert invoke("Delete", PROPERTIES, PhysicalResourceId=order_id).status == "SUCCESS"
    assert statuses(outposts) == ["PREPARING"]


def test_an_order_that_was_cancelled_by_hand_is_success(
    order_id: str, outposts: FakeOutposts, delete: Invoke
) -> None:
    """What was wanted is so already, even where the service refuses to do it again."""
    outposts.set_status(order_id, "CANCELLED")
    assert delete(order_id).status == "SUCCESS"


def test_an_order_that_cannot_be_cancelled_any_more_is_told(
    order_id: str, outposts: FakeOutposts, delete: Invoke
) -> None:
    """The reason has the service's word, the order's id and the way out."""
    outposts.advance(order_id)
    response = delete(order_id)
    assert (response.status, response.physical_id) == ("FAILED", order_id)
    assert response.reason.startswith(
        f"ResourceConflict (ConflictException): {order_id} was not cancelled: ORDER {order_id}"
    )
    assert response.reason.endswith(
        "; cancel it in the Outposts console or with AWS Support, then delete again, "
        "or retain the resource"
    )


@pytest.mark.parametrize("then", ["PREPARING", "CANCELLED"])
def test_deleting_again_tries_again(
    then: str, order_id: str, outposts: FakeOutposts, delete: Invoke
) -> None:
    """Once the service allows it, or a person did it, the resource can go."""
    outposts.advance(order_id)
    refused = delete(order_id)
    outposts.set_status(order_id, then)
    assert (refused.status, delete(order_id).status) == ("FAILED", "SUCCESS")
    assert statuses(outposts) == ["CANCELLED"]


def test_an_order_that_could_not_be_cancelled_is_found_again(
    order_id: str, outposts: FakeOutposts, invoke: Invoke, delete: Invoke
) -> None:
    """It stands, so the stack made again has it and buys nothing."""
    outposts.advance(order_id)
    delete(order_id)
    again = invoke("Create", CANCEL, StackId=STACK_MADE_AGAIN)
    assert (again.status, again.physical_id) == ("SUCCESS", order_id)
    assert len(outposts.posts) == 1


def test_a_name_is_free_once_its_order_is_cancelled(
    order_id: str, outposts: FakeOutposts, invoke: Invoke, delete: Invoke
) -> None:
    """The stack made again buys anew."""
    delete(order_id)
    again = invoke("Create", CANCEL, StackId=STACK_MADE_AGAIN)
    assert [order["OrderId"] for order in outposts.live_orders] == [again.physical_id]


@pytest.mark.parametrize(
    "fault",
    [Fault.status(500, applied=True), Fault.status(418, code="Teapot", applied=True)],
    ids=["500", "418"],
)
def test_what_the_service_shows_counts_not_what_it_answers(
    fault: Fault, order_id: str, outposts: FakeOutposts, delete: Invoke
) -> None:
    """It failed to answer and cancelled all the same."""
    outposts.fail("CancelOrder", fault)
    assert delete(order_id).status == "SUCCESS"
    assert statuses(outposts) == ["CANCELLED"]


def test_an_answer_without_effect_is_no_cancelling(
    order_id: str, outposts: FakeOutposts, delete: Invoke
) -> None:
    """The service answered well, and the order is still open."""
    outposts.fail("CancelOrder", Fault.reply("{}"))
    reason = delete(order_id).reason
    assert reason.startswith(f"NotStabilized (StillOpen): {order_id} was to be cancelled, and is ")


def test_what_nobody_can_read_is_told_as_unknown(
    order_id: str, outposts: FakeOutposts, delete: Invoke
) -> None:
    """Whether the order stands cannot be read now: the resource does not go silently."""
    outposts.fail("CancelOrder", Fault.status(418, code="Teapot", applied=True))
    outposts.fail("GetOrder", Fault.refusal("AccessDeniedException"))
    response = delete(order_id)
    assert response.status == "FAILED"
    assert f"{order_id} was to be cancelled, and may or may not be" in response.reason
    assert delete(order_id).status == "SUCCESS"


def test_a_role_that_may_not_cancel_is_told(
    order_id: str, outposts: FakeOutposts, delete: Invoke
) -> None:
    """The order stands, and the reason names it."""
    outposts.fail("CancelOrder", Fault.refusal("AccessDeniedException"))
    reason = delete(order_id).reason
    assert reason.startswith(f"AccessDenied (AccessDeniedException): {order_id} was not cancelled")


def test_a_refused_create_leaves_nothing_to_cancel(
    outposts: FakeOutposts, invoke: Invoke, delete: Invoke
) -> None:
    """The Delete that follows a failure succeeds, and asks for nothing."""
    outposts.fail("CreateOrder", Fault.refusal("ValidationException"))
    invoke("Create", CANCEL)
    assert delete("PO-4711").status == "SUCCESS"
    assert "CancelOrder" not in operations(outposts)


def test_an_order_in_doubt_is_found_and_cancelled(
    outposts: FakeOutposts, invoke: Invoke, delete: Invoke
) -> None:
    """The service carried it out late: the rollback's Delete clears it up."""
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    invoke("Create", CANCEL)
    outposts.apply_late()
    assert delete("PO-4711").status == "SUCCESS"
    assert statuses(outposts) == ["CANCELLED"]


@pytest.mark.parametrize("properties", [PROPERTIES, CANCEL], ids=["keep", "cancel"])
def test_a_doubt_that_stays_is_visible(
    properties: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Nobody lets go of an order that may stand, and nobody guesses."""
    outposts.fail("CreateOrder", Fault.status(500))
    invoke("Create", properties)
    response = invoke("Delete", properties, PhysicalResourceId="PO-4711")
    assert (response.status, response.physical_id) == ("FAILED", "PO-4711")
    assert response.reason == (
        f"GeneralServiceException (OutcomeUnknown): outcome unknown, {OUTPOST_ID} might hold "
        "this order; before you deploy again, run: "
        "outpost-order reconcile PO-4711 --region us-west-2"
    )
