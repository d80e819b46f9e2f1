"""Was this bought already? The name, the ledger and the Outpost's orders all say so (F1 to F3)."""

import pytest
from aws_cdk import App, Stack

from cdk_outpost_order import InvalidOrderError, OrderLedger
from outpost_order_fake import FakeOutposts, Fault
from tests.constructs.conftest import resources_of, template_of
from tests.fakes.cloudformation import Response
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.findings.conftest import Deploy, Orders, count, ids, orders_in, rack
from tests.handler.conftest import (
    NAME,
    OTHER_NAME,
    OTHER_STACK,
    OUTPOST_ID,
    PROPERTIES,
    RE_CREATED_STACK,
    RECONCILE,
    UNKNOWN,
    Invoke,
    Time,
    make_identical_order,
)

MINUTE, DAY = 60.0, 86400.0
OTHER_CONTENT = OTHER_NAME | {"PaymentOption": "ALL_UPFRONT"}


def refused_for(response: Response, order_id: str) -> bool:
    """Return whether the identical order was the reason to buy nothing."""
    reason = response.reason
    return response.status == "FAILED" and "(IdenticalOrderExists)" in reason and order_id in reason


@pytest.mark.parametrize("status", ["COMPLETED", "DELIVERED"])
def test_f01_a_delivered_order_is_an_order(
    *,
    status: str,
    city: Orders,
    moved: Orders,
    outposts: FakeOutposts,
    dynamodb: DynamoDbInProcess,
    deploy: Deploy,
    invoke: Invoke,
) -> None:
    """A delivered order counted as gone, so the next deployment bought the same rack again."""
    assert city.keys() != moved.keys()
    order_id = deploy(city).physical_id
    outposts.set_status(order_id, status)
    for template in (city, moved):
        again = deploy(template, RE_CREATED_STACK)
        assert (again.status, again.physical_id) == ("SUCCESS", order_id)
        assert again.data["Status"] == status
    assert refused_for(invoke("Create", OTHER_NAME, StackId=OTHER_STACK), order_id)
    dynamodb.items.clear()  # as in a ledger of another name
    assert refused_for(invoke("Create", StackId=OTHER_STACK), order_id)
    assert (ids(outposts), len(outposts.posts)) == ([order_id], 1)


@pytest.mark.parametrize("is_made", [True, False], ids=["order", "no order"])
def test_f02_a_re_created_stack_reads_the_ledger_of_the_first_one(
    *, is_made: bool, city: Orders, outposts: FakeOutposts, deploy: Deploy
) -> None:
    """An unknown first deployment was rolled back, and the next one bought with a new ledger."""
    outposts.list_lag = 1000  # stale
    outposts.fail("CreateOrder", Fault.status(500, applied=is_made))
    for stack_id in (RE_CREATED_STACK, OTHER_STACK, f"{OTHER_STACK}-again"):
        unknown = deploy(city, stack_id)
        assert unknown.status == "FAILED"
        assert unknown.reason.endswith(f": {UNKNOWN}. Before you deploy again, {RECONCILE}")
    assert (len(outposts.orders), len(outposts.posts)) == (is_made, 1)


def test_f02_no_template_with_orders_makes_a_ledger() -> None:
    """Each stack made a ledger of its own, with a generated name."""
    stack = Stack(App(), "City")
    rack(stack)
    assert orders_in(stack)
    assert resources_of(template_of(stack), "AWS::DynamoDB::Table") == []
    with pytest.raises(InvalidOrderError, match="stack must not contain orders"):
        OrderLedger(stack, "Ledger")


@pytest.mark.parametrize("passed", [MINUTE, 59 * MINUTE, 400 * DAY], ids=lambda each: f"{each:g} s")
def test_f03_no_clock_decides_what_is_bought(
    passed: float, outposts: FakeOutposts, time: Time, invoke: Invoke
) -> None:
    """An identical order under another name was bought within the hour, and refused after it."""
    order_id = invoke("Create").physical_id
    time.passed += passed
    assert refused_for(invoke("Create", OTHER_NAME, LogicalResourceId="Spare"), order_id)
    assert refused_for(invoke("Create", OTHER_NAME, StackId=OTHER_STACK), order_id)
    assert (ids(outposts), len(outposts.posts)) == ([order_id], 1)


def test_f03_synthesis_knows_the_identical_orders_of_an_app() -> None:
    """A construct that was renamed bought twice; a second order must now name the first."""
    stack = Stack(App(), "City")
    rack(stack)
    with pytest.raises(InvalidOrderError, match="in_addition_to"):
        rack(stack, "Spare", order_name="PO-4712")
    rack(stack, "Second", order_name="PO-4713", in_addition_to=[NAME])
    assert len(orders_in(stack)) == 2


def test_f03_an_identical_attempt_whose_outcome_is_unknown_blocks_the_next_one(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The order of the first attempt might exist, and neither a list nor a map has it."""
    outposts.fail("CreateOrder", Fault.status(500))
    assert UNKNOWN in invoke("Create").reason
    beside = OTHER_NAME | {"InAdditionTo": [NAME]}
    for properties in (OTHER_NAME, beside):
        reason = invoke("Create", properties, StackId=OTHER_STACK).reason
        assert "(OutpostBusy): nothing was ordered" in reason
        assert reason.endswith(RECONCILE)
    assert invoke("Create", OTHER_CONTENT, StackId=OTHER_STACK).status == "SUCCESS"
    assert len(outposts.posts) == 2


def test_f08_no_setting_allows_every_identical_order(
    outposts: FakeOutposts, dynamodb: DynamoDbInProcess, invoke: Invoke
) -> None:
    """ALLOW remained in the template, so each retry of a failed first deployment bought again."""
    known = make_identical_order(outposts)
    allowed = invoke("Create", PROPERTIES | {"ExistingOrder": "ALLOW"})
    assert "unknown property 'ExistingOrder'" in allowed.reason
    assert refused_for(invoke("Create"), known)
    beside = PROPERTIES | {"InAdditionTo": [known]}
    order_id = invoke("Create", beside).physical_id
    dynamodb.items.clear()  # the next deployment has another ledger
    assert refused_for(invoke("Create", beside, StackId=RE_CREATED_STACK), order_id)
    assert (ids(outposts), len(outposts.posts)) == ([known, order_id], 1)


def test_f08_an_app_can_not_allow_identical_orders() -> None:
    """The construct has no `existing_order` any more."""
    with pytest.raises(TypeError, match="existing_order"):
        rack(Stack(App(), "City"), existing_order="ALLOW")


def test_f16_a_replacement_by_aws_is_never_our_order(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """OrderType wasn't compared, so AWS's replacement of broken hardware passed for the order."""
    replacement = make_identical_order(outposts)
    outposts.set_order(replacement, OrderType="REPLACEMENT")
    adopting = PROPERTIES | {"AdoptOrderId": replacement}
    assert "(NotAdoptable)" in invoke("Create", adopting, LogicalResourceId="Spare").reason
    assert outposts.posts == []
    outposts.fail("CreateOrder", Fault.status(500))
    assert UNKNOWN in invoke("Create").reason  # it was sent: the replacement was no obstacle
    outposts.set_order(make_identical_order(outposts), OrderType="REPLACEMENT")
    assert UNKNOWN in invoke("Create", StackId=RE_CREATED_STACK).reason  # it is no evidence
    assert len(outposts.posts) == 1


def test_dead_orders_look_well_an_order_that_aws_cancelled_is_not_bought_again(
    city: Orders, moved: Orders, outposts: FakeOutposts, deploy: Deploy, invoke: Invoke
) -> None:
    """An Update succeeded as if nothing had happened, and a moved construct bought again."""
    order_id = deploy(city).physical_id
    outposts.set_status(order_id, "CANCELLED")
    new = PROPERTIES | {"ServiceTimeout": "1200"}
    more = {"PhysicalResourceId": order_id, "OldResourceProperties": PROPERTIES}
    updated = invoke("Update", new, **more)
    assert (updated.status, updated.data["Status"]) == ("SUCCESS", "CANCELLED")
    for each in (moved, city):
        reason = deploy(each, RE_CREATED_STACK).reason
        assert f"(OrderCancelled): {order_id} of {NAME} was cancelled" in reason
    assert (ids(outposts), len(outposts.posts)) == ([], 1)


def test_dead_orders_look_well_an_order_in_error_is_reported(
    city: Orders, outposts: FakeOutposts, deploy: Deploy, caplog: pytest.LogCaptureFixture
) -> None:
    """Create succeeded without a word about an order in ERROR."""
    order_id = deploy(city).physical_id
    outposts.set_status(order_id, "ERROR")
    joined = deploy(city, RE_CREATED_STACK)
    assert (joined.physical_id, joined.data["Status"]) == (order_id, "ERROR")
    assert f"the status of {order_id} is ERROR" in caplog.text
    assert (count(outposts, "CreateOrder"), joined.data["OutpostId"]) == (1, OUTPOST_ID)
