from datetime import timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest

from outpost_order_handler import reconciliation
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.outposts import FakeOutposts
from tests.handler.conftest import OUTPOST_ID, PROPERTIES, STACK_MADE_AGAIN, Deliver, Invoke
from tests.handler.dynamodb_wire import Crash, is_write, on_each_call, when

pytestmark = pytest.mark.usefixtures("moto")

CANCEL = PROPERTIES | {"OnDelete": "CANCEL"}
MADE_UP = "City_Rack05B0A054_X1Y2Z3W4"


def dies(_: AWSPreparedRequest) -> None:
    raise Crash


def statuses(outposts: FakeOutposts) -> list[str]:
    return [order["Status"] for order in outposts.orders]


@pytest.fixture
def unanswered_create(
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Any]:
    """Give the event of a Create whose function died right after the order was placed."""
    monkeypatch.setattr(reconciliation, "SENDER_MAY_LIVE", timedelta(0))
    event = cloudformation.event("Create", CANCEL)
    with on_each_call(when(lambda _: bool(outposts.posts), dies)), pytest.raises(Crash):
        deliver(event)
    assert statuses(outposts) == ["PREPARING"]
    return event


@pytest.mark.usefixtures("unanswered_create")
def test_an_order_without_an_answer_is_cancelled_by_any_id(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """CloudFormation made the id up, so the order's name tells which order it is."""
    assert invoke("Delete", CANCEL, PhysicalResourceId=MADE_UP).status == "SUCCESS"
    assert statuses(outposts) == ["CANCELLED"]


def test_a_copy_after_the_delete_does_not_buy(
    unanswered_create: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, deliver: Deliver
) -> None:
    """Lambda runs the event again when its order is gone: that is what the copy is told."""
    invoke("Delete", CANCEL, PhysicalResourceId=MADE_UP)
    [order] = outposts.orders
    response = deliver(unanswered_create)
    assert response.reason.startswith(
        f"ResourceConflict (Cancelled): {order['OrderId']} was placed for this request, and is "
    )
    assert len(outposts.posts) == 1


@pytest.fixture
def delete(cloudformation: FakeCloudFormation, invoke: Invoke) -> dict[str, Any]:
    """Give the event of the Delete of a resource whose order is to be cancelled."""
    order_id = invoke("Create", CANCEL).physical_id
    return cloudformation.event("Delete", CANCEL, PhysicalResourceId=order_id)


@pytest.fixture
def cancelled_unseen(delete: dict[str, Any], outposts: FakeOutposts, deliver: Deliver) -> None:
    """Let the function die after the order was cancelled, before that is written down."""
    asked = len(outposts.requests)

    def is_asked(request: AWSPreparedRequest) -> bool:
        new = outposts.requests[asked:]
        return is_write(request) and "CancelOrder" in [each.operation for each in new]

    with on_each_call(when(is_asked, dies)), pytest.raises(Crash):
        deliver(delete)
    assert statuses(outposts) == ["CANCELLED"]


@pytest.fixture
def not_cancelled_yet(delete: dict[str, Any], outposts: FakeOutposts, deliver: Deliver) -> None:
    """Let the function die after it wrote down that it cancels, before it asks for it."""
    with on_each_call(when(is_write, dies), applied=True), pytest.raises(Crash):
        deliver(delete)
    assert statuses(outposts) == ["PREPARING"]


@pytest.mark.parametrize("interruption", ["cancelled_unseen", "not_cancelled_yet"])
def test_a_copy_of_the_delete_ends_what_was_begun(
    interruption: str,
    delete: dict[str, Any],
    outposts: FakeOutposts,
    deliver: Deliver,
    request: pytest.FixtureRequest,
) -> None:
    """Cancelling twice costs nothing, so it is asked for again."""
    request.getfixturevalue(interruption)
    assert deliver(delete).status == "SUCCESS"
    assert statuses(outposts) == ["CANCELLED"]


@pytest.mark.usefixtures("cancelled_unseen")
def test_a_name_is_free_once_the_service_shows_it(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The stack made again reads that the order is cancelled, and buys anew."""
    again = invoke("Create", CANCEL, StackId=STACK_MADE_AGAIN)
    assert [order["OrderId"] for order in outposts.live_orders] == [again.physical_id]


@pytest.mark.usefixtures("not_cancelled_yet")
def test_an_order_that_is_being_cancelled_is_not_given_away(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """It may be cancelled any moment: neither is it told to stand, nor is another bought."""
    again = invoke("Create", CANCEL, StackId=STACK_MADE_AGAIN)
    assert again.reason.startswith(
        f"ResourceConflict (BeingCancelled): outcome unknown, {OUTPOST_ID} might hold this order"
    )
    assert len(outposts.posts) == 1
