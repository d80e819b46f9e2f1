"""The findings about cancelling and ownership: a Delete sends nothing, and a name is joined."""

import json
import logging
from collections.abc import Iterator

import pytest
from aws_cdk import App, RemovalPolicies, Stack

from outpost_order_fake import FakeOutposts, Fault
from tests.fakes.cloudformation import STACK_ID, FakeCloudFormation, Response, StackResource
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.findings.conftest import Command, Instance, Orders, count, ids, orders_in, rack
from tests.handler.conftest import (
    NAME,
    OTHER_NAME,
    OTHER_STACK,
    PROPERTIES,
    RE_CREATED_STACK,
    UNKNOWN,
    Deliver,
    Invoke,
    Time,
)
from tests.handler.ledger_faults import is_write, on_each_call

DESTROY = PROPERTIES | {"OnDelete": "CANCEL"}  # the property that once asked for a cancellation
LOGICAL_ID = "Rack05B0A054"


@pytest.fixture(autouse=True)
def nothing_is_cancelled(outposts: FakeOutposts) -> Iterator[None]:
    """Count the requests of every test of this file."""
    yield
    assert count(outposts, "CancelOrder") == 0


def delete(
    invoke: Invoke, outposts: FakeOutposts, held: str, properties: object = DESTROY, **more: object
) -> Response:
    """Delete a resource: success, and not one request."""
    before = len(outposts.requests)
    response = invoke("Delete", properties, PhysicalResourceId=held, **more)
    assert (response.status, response.physical_id) == ("SUCCESS", held)
    assert len(outposts.requests) == before
    return response


def test_f04_a_delete_leaves_the_order_that_another_stack_just_got(
    cloudformation: FakeCloudFormation,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    instance: Instance,
    invoke: Invoke,
) -> None:
    """A Delete that waited cancelled the order which another stack had got while it waited."""
    deletion = cloudformation.event("Delete", DESTROY, PhysicalResourceId=NAME)
    deleted: list[object] = []

    def beside(operation: str) -> None:
        if is_write(operation):
            deleted.append(instance(deletion))

    outposts.fail("CreateOrder", Fault.status(500, applied=True))
    with on_each_call(dynamodb, beside, applied=True):  # after each write
        joined = invoke("Create", StackId=RE_CREATED_STACK)
    assert len(deleted) == 2
    delete(invoke, outposts, joined.physical_id)
    assert (joined.status, ids(outposts)) == ("SUCCESS", [joined.physical_id])
    assert len(outposts.posts) == 1


def test_f05_an_order_of_two_stacks_remains_after_one_of_them_is_deleted(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An Update after a move forgot the other stack, and the deletion cancelled its order."""
    order_id = invoke("Create", StackId=OTHER_STACK).physical_id
    held = {"PhysicalResourceId": order_id}
    for logical_id in ("Rack", "SiteRack"):
        joined = invoke("Create", LogicalResourceId=logical_id)
        assert (joined.status, joined.physical_id) == ("SUCCESS", order_id)
    delete(invoke, outposts, order_id, LogicalResourceId="Rack")
    new = PROPERTIES | {"ServiceTimeout": "1200"}
    moved = {"LogicalResourceId": "SiteRack", "OldResourceProperties": PROPERTIES, **held}
    assert invoke("Update", new, **moved).status == "SUCCESS"
    delete(invoke, outposts, order_id, LogicalResourceId="SiteRack")
    assert (ids(outposts), len(outposts.posts)) == ([order_id], 1)


def test_f06_a_late_copy_of_a_delete_leaves_the_next_order(
    cloudformation: FakeCloudFormation, outposts: FakeOutposts, deliver: Deliver, invoke: Invoke
) -> None:
    """A copy of the Delete of one order cancelled the order that its name had since."""
    first = invoke("Create").physical_id
    deletion = cloudformation.event("Delete", DESTROY, PhysicalResourceId=first)
    assert deliver(deletion).status == "SUCCESS"
    outposts.set_status(first, "CANCELLED")  # by a person
    assert "(OrderCancelled)" in invoke("Create").reason
    second = invoke("Create", OTHER_NAME).physical_id
    assert deliver(deletion).physical_id == first
    assert (ids(outposts), len(outposts.posts)) == ([second], 2)


def test_f09_what_a_delete_leaves_in_force_is_logged(
    outposts: FakeOutposts, invoke: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    """DESTROY was answered SUCCESS although the order remained; no setting promises that now."""
    order_id = invoke("Create").physical_id
    with caplog.at_level(logging.WARNING):
        delete(invoke, outposts, order_id)
    assert f"{order_id} remains in force: only its resource is deleted" in caplog.text
    assert ids(outposts) == [order_id]


def test_f09_the_resource_is_retained_and_has_no_removal_policy(city: Orders) -> None:
    """A template that asked for DESTROY was no promise that the order would be cancelled."""
    [resource] = city.values()
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    assert "OnDelete" not in resource["Properties"]
    with pytest.raises(TypeError, match="removal_policy"):
        rack(Stack(App(), "City"), removal_policy="DESTROY")


def test_f09_a_template_that_asks_for_a_cancellation_is_refused(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Nothing is bought in the belief that a deletion saves the money."""
    assert "unknown property 'OnDelete'" in invoke("Create", DESTROY).reason
    assert outposts.posts == []


def test_f09_a_removal_policy_for_the_whole_stack_changes_nothing_about_the_order(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """CloudFormation then sends a Delete, and the order remains in force."""
    stack = Stack(App(), "City")
    rack(stack)
    RemovalPolicies.of(stack).destroy()
    [resource] = orders_in(stack).values()
    assert resource["DeletionPolicy"] == "Delete"
    order_id = invoke("Create", resource["Properties"]).physical_id
    delete(invoke, outposts, order_id, resource["Properties"])
    assert ids(outposts) == [order_id]


def test_f12_an_order_that_is_being_cancelled_is_no_dead_end(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Between CancelOrder and CANCELLED, neither a deployment nor a command got any further."""
    order_id = invoke("Create").physical_id
    outposts.fail("GetOrder", Fault.status(500), times=None)
    delete(invoke, outposts, order_id)
    joined = invoke("Create", StackId=RE_CREATED_STACK)
    assert (joined.status, joined.physical_id) == ("SUCCESS", order_id)
    outposts.clear_faults()
    outposts.set_status(order_id, "CANCELLED")  # by a person
    for _ in range(2):
        reason = invoke("Create", StackId=OTHER_STACK).reason
        assert reason.endswith(". To order again, use a new order_name.")
    again = invoke("Create", OTHER_NAME, StackId=OTHER_STACK)
    assert (ids(outposts), len(outposts.posts)) == ([again.physical_id], 2)


def test_f12_a_command_says_that_there_is_nothing_to_do(
    outposts: FakeOutposts, command: Command, invoke: Invoke
) -> None:
    """`reconcile` asked to delete a resource that was gone already."""
    order_id = invoke("Create").physical_id
    delete(invoke, outposts, order_id)
    done = command("reconcile", NAME)
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"{NAME} is already resolved: PLACED" in done.stdout


def test_f17_a_stack_that_only_joined_can_be_rolled_back(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """OrderShared failed the rollback, and advised to cancel the order of a live stack."""
    order_id = invoke("Create").physical_id
    for stack_id in (OTHER_STACK, RE_CREATED_STACK):
        joined = invoke("Create", StackId=stack_id)
        assert joined.physical_id == order_id
        rolled_back = delete(invoke, outposts, order_id, StackId=stack_id)
        assert "cancel" not in (joined.reason + rolled_back.reason).lower()
    delete(invoke, outposts, order_id)
    assert (ids(outposts), len(outposts.posts)) == ([order_id], 1)


def test_f17_an_unknown_outcome_can_be_rolled_back(
    outposts: FakeOutposts, invoke: Invoke, time: Time
) -> None:
    """The recommended way ended in a Delete that failed for ever."""
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    assert UNKNOWN in invoke("Create").reason
    delete(invoke, outposts, NAME)
    [order] = outposts.apply_late()
    time.passed += 60
    joined = invoke("Create", StackId=RE_CREATED_STACK)
    assert (joined.status, joined.physical_id) == ("SUCCESS", order["OrderId"])
    delete(invoke, outposts, joined.physical_id, StackId=RE_CREATED_STACK)
    assert (ids(outposts), len(outposts.posts)) == ([order["OrderId"]], 1)


@pytest.mark.parametrize("before", ["a Delete that came twice", "a defect", "another ledger"])
def test_f19_no_mark_of_a_delete_blocks_the_next_create(
    *,
    before: str,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    deliver: Deliver,
    cloudformation: FakeCloudFormation,
    invoke: Invoke,
) -> None:
    """A Delete was taken for one that overtook its Create; the next one failed for 10 minutes."""
    if before == "a defect":
        outposts.fail("ListOrders", Fault.reply("[]"))
        assert invoke("Create").status == "FAILED"
    held = NAME if before == "a defect" else invoke("Create").physical_id
    deletion = cloudformation.event("Delete", PROPERTIES, PhysicalResourceId=held)
    for _ in range(2):
        assert deliver(deletion).status == "SUCCESS"
    if before == "another ledger":
        dynamodb.items.clear()
        outposts.set_status(held, "CANCELLED")
    response = invoke("Create")
    assert response.status == "SUCCESS"
    assert ids(outposts) == [response.physical_id]


def test_f19_a_create_that_its_delete_overtook_buys_nothing(
    cloudformation: FakeCloudFormation, outposts: FakeOutposts, deliver: Deliver, invoke: Invoke
) -> None:
    """CloudFormation itself says that it creates no such resource: no mark is needed."""
    late = cloudformation.event("Create", PROPERTIES)
    delete(invoke, outposts, NAME)
    assert "(NotConfirmed): nothing was ordered" in deliver(late).reason
    # The same logical ID is created again, for another order.
    metadata = json.dumps({"Order": "PO-4712: 1 x OR-ABCDEFG for op-0123456789abcdef0, NO_UPFRONT"})
    described = StackResource("CREATE_IN_PROGRESS", metadata)
    cloudformation.resources[STACK_ID, LOGICAL_ID] = described
    again = {**late, "ResponseURL": f"{late['ResponseURL']}-2"}
    assert "(NotConfirmed): nothing was ordered" in deliver(again).reason
    assert outposts.posts == []
