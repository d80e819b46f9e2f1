from collections.abc import Callable
from typing import Any

import pytest

from outpost_order_fake import DOCUMENTED, FakeOutposts, Fault
from outpost_order_handler.clock import Clock
from outpost_order_handler.cloudformation import answers
from outpost_order_handler.cloudformation.event import Event
from outpost_order_handler.ledger.records import MAX_STORED_ANSWERS
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import Services
from outpost_order_handler.stacks import Stacks
from tests.fakes.cloudformation import FakeCloudFormation, StackResource
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import (
    NOTHING,
    PROPERTIES,
    RE_CREATED_STACK,
    RECONCILE,
    UNKNOWN,
    Context,
    Deliver,
    Invoke,
    Time,
    make_identical_order,
    retried,
)
from tests.handler.ledger_faults import is_write, on_each_call

REFUSALS = {
    name: Fault.refusal(name) for name in DOCUMENTED if name != "InternalServerException"
} | {"TooManyRequestsException": Fault.throttled()}

Copy = Callable[[], answers.Answer]


@pytest.fixture
def event(cloudformation: FakeCloudFormation) -> dict[str, Any]:
    """Give the event of a Create."""
    return cloudformation.event("Create", PROPERTIES)


@pytest.fixture
def copy(event: dict[str, Any], time: Time, ledger: Ledger) -> Copy:
    """Give another instance of the function, which works on a copy of the event at once."""

    def work() -> answers.Answer:
        clock = Clock(Context(time).get_remaining_time_in_millis)
        services = Services(ledger, Outposts(), Stacks(), clock)
        return answers.answer(Event(event), services)

    return work


def let_it_be_created(cloudformation: FakeCloudFormation, event: dict[str, Any]) -> None:
    """Let CloudFormation say that it is creating the resource of an event once more."""
    key = (event["StackId"], event["LogicalResourceId"])
    cloudformation.resources[key] = StackResource("CREATE_IN_PROGRESS")


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
    """Nothing is sent, even if the service would accept the order now."""
    outposts.fail("CreateOrder", REFUSALS[refusal])
    first = deliver(event)
    asked = len(outposts.requests)
    assert f"({refusal}): nothing was ordered" in first.reason
    assert deliver(event) == first
    assert len(outposts.requests) == asked
    assert len(outposts.posts) == 1


def test_a_copy_of_an_invalid_request_gets_the_same_answer(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The event alone decides it."""
    broken = event | {"ResourceProperties": PROPERTIES | {"PaymentOption": "cash"}}
    first = deliver(broken)
    assert first.reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered")
    assert deliver(broken) == first
    assert outposts.requests == []


@pytest.mark.parametrize("operation", ["ListOrders", "GetOrder"])
def test_a_copy_of_a_request_that_could_not_read_gets_the_same_answer(
    operation: str, event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The answer was that nothing is bought: that remains true when reads work again."""
    make_identical_order(outposts)
    outposts.fail(operation, Fault.refusal("AccessDeniedException"), times=None)
    first = deliver(event)
    outposts.clear_faults()
    asked = len(outposts.requests)
    assert "nothing was bought or changed" in first.reason
    assert deliver(event) == first
    assert len(outposts.requests) == asked


def test_a_copy_of_a_refusal_before_the_purchase_gets_the_same_answer(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The identical order is cancelled now, and still nothing is bought."""
    order_id = make_identical_order(outposts)
    first = deliver(event)
    outposts.set_status(order_id, "CANCELLED")
    assert "(IdenticalOrderExists)" in first.reason
    assert deliver(event) == first
    assert outposts.posts == []


def test_a_copy_of_an_adoption_gets_the_same_answer(
    cloudformation: FakeCloudFormation, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The order has this name now, which is no obstacle."""
    adoption = PROPERTIES | {"AdoptOrderId": make_identical_order(outposts)}
    event = cloudformation.event("Create", adoption)
    first = deliver(event)
    assert (first.status, deliver(event)) == ("SUCCESS", first)
    assert outposts.posts == []


def test_an_unknown_outcome_is_not_stored_and_a_copy_says_what_was_found_since(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The order that came late is found, which contradicts nothing; that answer is stored."""
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    first, again = deliver(event), deliver(event)
    assert first.reason.endswith(f"{UNKNOWN}. Before you deploy again, {RECONCILE}")
    assert again.reason.endswith(RECONCILE)
    [order] = outposts.apply_late()
    found = deliver(event)
    assert (found.status, found.physical_id) == ("SUCCESS", order["OrderId"])
    assert deliver(event) == found
    assert len(outposts.posts) == 1


def test_of_many_answers_the_newest_twenty_are_kept(
    cloudformation: FakeCloudFormation, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """A resource that is created again and again: no copy sends anything."""
    outposts.fail("CreateOrder", Fault.refusal("ValidationException"), times=None)
    events = [cloudformation.event("Create", PROPERTIES) for _ in range(MAX_STORED_ANSWERS + 2)]
    first = {}
    for event in events:
        let_it_be_created(cloudformation, event)
        first[event["RequestId"]] = deliver(event)
    assert MAX_STORED_ANSWERS == 20
    for event in reversed(events[2:]):
        assert deliver(event) == first[event["RequestId"]]
    for event in events[:2]:
        assert "(NotConfirmed)" in deliver(event).reason
    assert len(outposts.posts) == len(events)


def test_a_copy_that_is_faster_places_the_order_for_both(
    event: dict[str, Any],
    copy: Copy,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """The slower one, at its point of no return, finds the answer of the request."""
    writes: list[str] = []
    copied: list[answers.Answer] = []

    def at_the_first_write(operation: str) -> None:
        if is_write(operation):
            writes.append(operation)
            if len(writes) == 1:
                copied.append(copy())

    with on_each_call(dynamodb, at_the_first_write):
        response = deliver(event)
    [answer] = copied
    assert (response.status, response.physical_id) == ("SUCCESS", answer.physical_id)
    assert (response.data, len(outposts.posts)) == (answer.attributes, 1)


def test_a_copy_concludes_nothing_before_the_sender_has_ended(
    event: dict[str, Any], copy: Copy, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """While the sender might run, an order in the list proves nothing; after its end it does."""
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    deliver(event)
    outposts.apply_late()
    asked = len(outposts.requests)
    assert UNKNOWN in copy().reason
    assert len(outposts.requests) == asked
    assert (copy().physical_id, len(outposts.posts)) == (outposts.orders[0]["OrderId"], 1)


def test_a_copy_beside_the_point_of_no_return_sends_nothing(
    event: dict[str, Any],
    copy: Copy,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """The copy waits for the sender, and the sender continues too late to send."""
    copied: list[answers.Answer] = []

    def after_the_first_write(operation: str) -> None:
        if is_write(operation) and not copied:
            copied.append(copy())

    with on_each_call(dynamodb, after_the_first_write, applied=True):
        response = deliver(event)
    [answer] = copied
    assert UNKNOWN in answer.reason
    assert f"(ConfirmationTooOld): {NOTHING}" in response.reason
    assert (deliver(event), outposts.posts) == (response, [])


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_a_copy_beside_the_writing_of_the_answer_contradicts_nothing(
    applied: bool,  # noqa: FBT001
    event: dict[str, Any],
    copy: Copy,
    dynamodb: DynamoDbInProcess,
    deliver: Deliver,
) -> None:
    """Before the answer is written, the outcome is unknown. Afterwards, both answers agree."""
    writes: list[str] = []
    copied: list[answers.Answer] = []

    def beside(operation: str) -> None:
        if is_write(operation):
            writes.append(operation)
            if len(writes) == 2:
                copied.append(copy())

    with on_each_call(dynamodb, beside, applied=applied):
        response = deliver(event)
    assert response.status == "SUCCESS"
    [answer] = copied
    if applied:
        assert (answer.physical_id, answer.attributes) == (response.physical_id, response.data)
    else:
        assert UNKNOWN in answer.reason
    assert deliver(event) == response


@pytest.mark.parametrize("is_refused", [False, True], ids=["placed", "refused"])
def test_a_retry_of_cloudformation_is_a_new_request(
    is_refused: bool,  # noqa: FBT001
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """A retry with another address joins the order that was placed, or buys it."""
    if is_refused:
        outposts.fail("CreateOrder", Fault.refusal("ValidationException"))
    first = deliver(event)
    let_it_be_created(cloudformation, event)
    again = deliver(retried(event))
    assert (first.status, again.status) == ("FAILED" if is_refused else "SUCCESS", "SUCCESS")
    assert [order["OrderId"] for order in outposts.orders] == [again.physical_id]
    assert len(outposts.posts) == (2 if is_refused else 1)
    assert deliver(event) == first


def test_a_retry_with_a_corrected_template_buys_what_that_asks_for(
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """A refusal proves that there is no order."""
    outposts.fail("CreateOrder", Fault.refusal("ValidationException"))
    refused = deliver(event)
    let_it_be_created(cloudformation, event)
    corrected = PROPERTIES | {"PaymentOption": "ALL_UPFRONT"}
    placed = deliver(retried(event) | {"ResourceProperties": corrected})
    assert (refused.status, placed.status) == ("FAILED", "SUCCESS")
    assert [order["PaymentOption"] for order in outposts.orders] == ["ALL_UPFRONT"]


def test_a_refused_order_that_is_corrected_is_bought_once(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The re-created stack can use the same name."""
    outposts.fail("CreateOrder", Fault.refusal("ServiceQuotaExceededException"))
    refused = invoke("Create")
    placed = invoke("Create", PROPERTIES | {"PaymentTerm": "ONE_YEAR"}, StackId=RE_CREATED_STACK)
    assert (refused.status, placed.status) == ("FAILED", "SUCCESS")
    assert [order["OrderId"] for order in outposts.orders] == [placed.physical_id]


def test_a_re_created_stack_joins_its_order(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The same name and the same content are the same order, with its present status."""
    first = invoke("Create")
    outposts.advance(first.physical_id)
    again = invoke("Create", StackId=RE_CREATED_STACK)
    assert (again.status, again.physical_id) == ("SUCCESS", first.physical_id)
    assert again.data == first.data | {"Status": "IN_PROGRESS"}
    assert len(outposts.posts) == 1


def test_a_name_is_not_given_to_another_order(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The reason names the order that has it, what differs, and the property to change."""
    first = invoke("Create")
    other = PROPERTIES | {"PaymentTerm": "ONE_YEAR"}
    refused = invoke("Create", other, StackId=RE_CREATED_STACK)
    assert refused.reason == (
        f"AlreadyExists (OrderNameTaken): {NOTHING}: PO-4711 has {first.physical_id}, "
        "which differs in PaymentTerm. Use another order_name, then deploy again."
    )
    assert len(outposts.posts) == 1


def test_a_name_whose_order_was_cancelled_is_spent(outposts: FakeOutposts, invoke: Invoke) -> None:
    """To buy again is a decision, which a new name shows."""
    first = invoke("Create")
    outposts.set_status(first.physical_id, "CANCELLED")
    for _ in range(2):
        again = invoke("Create", StackId=RE_CREATED_STACK)
        assert again.status == "FAILED"
        assert again.reason == (
            f"AlreadyExists (OrderCancelled): {first.physical_id} of PO-4711 was cancelled, "
            "and no other order was placed. To order again, use a new order_name."
        )
    assert len(outposts.posts) == 1


def test_a_copy_whose_answer_is_forgotten_does_not_buy_after_a_later_one(
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """CloudFormation has the answer that nothing was ordered, and creates nothing any more."""
    outposts.fail("CreateOrder", Fault.refusal("ConflictException"), times=None)
    assert deliver(event).status == "FAILED"
    for _ in range(MAX_STORED_ANSWERS):
        deliver(cloudformation.event("Create", PROPERTIES, StackId=RE_CREATED_STACK))
    outposts.clear_faults()
    assert "(NotConfirmed)" in deliver(event).reason
    assert (len(outposts.posts), outposts.orders) == (1 + MAX_STORED_ANSWERS, [])
