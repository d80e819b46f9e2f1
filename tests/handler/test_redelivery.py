from typing import Any

import boto3
import pytest

from outpost_order_handler import contract
from outpost_order_handler.table import Item, Table
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.outposts import DOCUMENTED, FakeOutposts, Fault
from tests.handler.conftest import (
    LEDGER,
    OUTPOST_ID,
    PROPERTIES,
    STACK_MADE_AGAIN,
    Deliver,
    Invoke,
    make_equal_order,
)

REFUSALS = {
    name: Fault.refusal(name) for name in DOCUMENTED if name != "InternalServerException"
} | {"TooManyRequestsException": Fault.throttled()}


@pytest.fixture
def event(cloudformation: FakeCloudFormation) -> dict[str, Any]:
    """Give the event of a Create."""
    return cloudformation.event("Create", PROPERTIES)


def test_a_copy_of_a_success_gets_the_same_answer(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """Every attribute is the same, even if the order has moved on."""
    first = deliver(event)
    outposts.advance(outposts.orders[0]["OrderId"])
    asked = len(outposts.requests)
    assert first.status == "SUCCESS"
    assert deliver(event) == first
    assert len(outposts.requests) == asked


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_copy_of_a_refusal_gets_the_same_answer(
    refusal: str, event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """Nothing is sent, even if the service would take the order by now."""
    outposts.fail("CreateOrder", REFUSALS[refusal])
    first = deliver(event)
    asked = len(outposts.requests)
    assert f"({refusal}): nothing was ordered" in first.reason
    assert deliver(event) == first
    assert len(outposts.requests) == asked


def test_a_copy_of_an_invalid_request_gets_the_same_answer(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """What was never sent is not sent later either."""
    broken = event | {"ResourceProperties": PROPERTIES | {"PaymentOption": "CASH"}}
    first = deliver(broken)
    assert first.reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered")
    assert deliver(broken) == first
    assert outposts.requests == []


@pytest.mark.parametrize("operation", ["ListOrders", "GetOrder"])
def test_a_copy_of_what_could_not_look_gets_the_same_answer(
    operation: str, event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """CloudFormation was told that nothing is bought: that stays true when reads work again."""
    make_equal_order(outposts)
    outposts.fail(operation, Fault.refusal("AccessDeniedException"))
    first = deliver(event)
    asked = len(outposts.requests)
    assert "nothing was bought or changed" in first.reason
    assert deliver(event) == first
    assert len(outposts.requests) == asked


def test_a_copy_of_a_refusal_before_the_purchase_gets_the_same_answer(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The order in the way is cancelled by now, and still nothing is bought."""
    order_id = make_equal_order(outposts)
    first = deliver(event)
    outposts.set_status(order_id, "CANCELLED")
    assert "(EqualOrderExists)" in first.reason
    assert deliver(event) == first
    assert outposts.posts == []


def test_a_copy_of_an_unknown_outcome_gets_the_same_answer(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """No two answers to one request contradict each other, even if the order is there by now."""
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    first = deliver(event)
    outposts.apply_late()
    assert "outcome unknown" in first.reason
    assert deliver(event) == first
    assert len(outposts.posts) == len(outposts.orders) == 1


def test_a_copy_gets_the_answer_of_an_older_function(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver, ledger: Table
) -> None:
    """A function that is updated between two copies reads what the one before it wrote."""
    first = deliver(event)
    receipt = ledger.read(f"resource#{event['StackId']}|{event['LogicalResourceId']}")
    [answer] = receipt.attributes["Answers"]
    older = {name: value for name, value in answer.items() if name != "IsInDoubt"}
    ledger.write(Item(receipt.key, {**receipt.attributes, "Answers": [older]}, receipt.version))
    assert deliver(event) == first
    assert len(outposts.posts) == 1


def test_a_copy_of_a_delete_gets_the_same_answer(
    cloudformation: FakeCloudFormation, invoke: Invoke, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The order is cancelled once."""
    properties = PROPERTIES | {"OnDelete": "CANCEL"}
    order_id = invoke("Create", properties).physical_id
    event = cloudformation.event("Delete", properties, PhysicalResourceId=order_id)
    first = deliver(event)
    asked = len(outposts.requests)
    assert (first.status, deliver(event)) == ("SUCCESS", first)
    assert len(outposts.requests) == asked


def test_a_copy_of_a_delete_that_failed_tries_again(
    cloudformation: FakeCloudFormation, invoke: Invoke, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """Cancelling twice costs nothing, and it may go well by now."""
    properties = PROPERTIES | {"OnDelete": "CANCEL"}
    order_id = invoke("Create", properties).physical_id
    event = cloudformation.event("Delete", properties, PhysicalResourceId=order_id)
    outposts.fail("CancelOrder", Fault.refusal("AccessDeniedException"))
    assert [deliver(event).status, deliver(event).status] == ["FAILED", "SUCCESS"]
    assert outposts.live_orders == []


def test_of_many_answers_the_newest_are_kept(
    cloudformation: FakeCloudFormation, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """A resource that is created again and again: copies of the last requests send nothing."""
    outposts.fail("CreateOrder", Fault.refusal("ValidationException"), times=None)
    events = [cloudformation.event("Create", PROPERTIES) for _ in range(16)]
    for event in events:
        deliver(event)
    for event in events[-5:]:
        deliver(event)
    assert len(outposts.posts) == len(events)


def test_a_repeated_request_id_with_mended_properties_is_a_new_request(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """A stack that is tried again can repeat its RequestId."""
    outposts.fail("CreateOrder", Fault.refusal("ValidationException"))
    refused = deliver(event)
    mended = PROPERTIES | {"PaymentOption": "ALL_UPFRONT"}
    placed = deliver(event | {"ResourceProperties": mended})
    assert (refused.status, placed.status) == ("FAILED", "SUCCESS")
    assert [order["PaymentOption"] for order in outposts.orders] == ["ALL_UPFRONT"]


def test_a_refused_order_that_is_mended_is_bought_once(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A refusal proves that there is no order, so the same name may try again."""
    outposts.fail("CreateOrder", Fault.refusal("ServiceQuotaExceededException"))
    refused = invoke("Create")
    placed = invoke("Create", PROPERTIES | {"PaymentTerm": "ONE_YEAR"}, StackId=STACK_MADE_AGAIN)
    assert (refused.status, placed.status) == ("FAILED", "SUCCESS")
    assert [order["OrderId"] for order in outposts.orders] == [placed.physical_id]


def test_a_stack_made_again_finds_its_order(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The same name and the same content are the same order, with its status of now."""
    first = invoke("Create")
    outposts.advance(first.physical_id)
    again = invoke("Create", StackId=STACK_MADE_AGAIN)
    assert (again.status, again.physical_id) == ("SUCCESS", first.physical_id)
    assert again.data == first.data | {"Status": "IN_PROGRESS"}
    assert len(outposts.posts) == 1


def test_a_name_is_not_given_to_another_order(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The reason names the order that has it, what differs, and the prop to change."""
    first = invoke("Create")
    other = PROPERTIES | {"PaymentTerm": "ONE_YEAR"}
    refused = invoke("Create", other, StackId=STACK_MADE_AGAIN)
    assert refused.reason == (
        f"AlreadyExists (OrderNameTaken): nothing was ordered on {OUTPOST_ID}: PO-4711 is "
        f"{first.physical_id}, with other PaymentTerm; give this order another order_name, "
        "then deploy again"
    )
    assert len(outposts.posts) == 1


def test_a_name_whose_order_was_cancelled_by_hand_is_free(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The service confirms that nothing stands, so the stack made again buys anew."""
    first = invoke("Create")
    outposts.set_status(first.physical_id, "CANCELLED")
    again = invoke("Create", StackId=STACK_MADE_AGAIN)
    assert again.status == "SUCCESS"
    assert [order["OrderId"] for order in outposts.live_orders] == [again.physical_id]
    assert len(outposts.posts) == 2


@pytest.mark.usefixtures("moto")
def test_a_refused_request_does_not_buy_after_a_later_one(
    event: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, deliver: Deliver
) -> None:
    """Nothing was bought is what CloudFormation was told, even if that was not written down."""
    outposts.fail("CreateOrder", Fault.refusal("ConflictException"), times=2)
    assert deliver(event).status == "FAILED"
    _forget_the_answer_to(event)
    assert invoke("Create", StackId=STACK_MADE_AGAIN).status == "FAILED"
    late = deliver(event)
    assert late.reason.startswith("ResourceConflict (Superseded): the attempt of this request")
    assert (len(outposts.posts), outposts.orders) == (2, [])


def _forget_the_answer_to(event: dict[str, Any]) -> None:
    key = f"resource#{event['StackId']}|{event['LogicalResourceId']}"
    client = boto3.Session().client("dynamodb")
    client.delete_item(TableName=LEDGER, Key={contract.LEDGER_KEY: {"S": key}})
