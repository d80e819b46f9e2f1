"""What became of a request? The findings about evidence, the record and its commands."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.contract import DEFAULT_LEDGER, LEDGER_TABLE
from outpost_order_handler.ledger.records import State
from outpost_order_handler.ledger.table import Ledger
from tests.cli.conftest import make_ledger
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.dynamodb import DynamoDbInProcess, SessionWithLedger
from tests.findings.conftest import Command, Instance, ids
from tests.handler.conftest import (
    NAME,
    NOTHING,
    OTHER_NAME,
    OUTPOST_ID,
    PROPERTIES,
    RE_CREATED_STACK,
    UNKNOWN,
    Invoke,
    Time,
    make_identical_order,
)
from tests.handler.ledger_faults import is_write, on_each_call

TWENTY_MINUTES = 20 * 60.0
NOT_PLACED = ("--not-placed", "--why", "Support case 42", "--confirm", NAME)


@pytest.mark.parametrize("is_copy", [True, False], ids=["a copy", "another stack"])
def test_f07_no_evidence_counts_while_the_sender_lives(
    *,
    is_copy: bool,
    cloudformation: FakeCloudFormation,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    ledger: Ledger,
    instance: Instance,
    invoke: Invoke,
) -> None:
    """An order of the console was taken for ours, while our own was still being sent."""
    more = {"RequestId": "one", "StackId": RE_CREATED_STACK} if not is_copy else {}
    reasons: list[str] = []
    foreign: list[str] = []

    def after_the_point_of_no_return(operation: str) -> None:
        if is_write(operation) and not reasons:
            foreign.append(make_identical_order(outposts))
            other = cloudformation.event("Create", PROPERTIES, **more)
            reasons.append(instance(other).reason)

    with on_each_call(dynamodb, after_the_point_of_no_return, applied=True):
        own = invoke("Create")
    assert UNKNOWN in reasons[0]
    assert (own.status, ids(outposts)) == ("SUCCESS", [*foreign, own.physical_id])
    assert ledger.read(NAME, OUTPOST_ID)[1].orders == {own.physical_id: NAME}
    assert len(outposts.posts) == 1


def _without_date(outposts: FakeOutposts) -> str:
    order_id = make_identical_order(outposts)
    outposts.set_order(order_id, OrderSubmissionDate=None)
    return order_id


def _seven_minutes_late(outposts: FakeOutposts) -> str:
    order_id = make_identical_order(outposts)
    submitted = outposts.orders[-1]["OrderSubmissionDate"] + timedelta(minutes=11)
    outposts.set_order(order_id, OrderSubmissionDate=submitted)
    return order_id


def _cancelled(outposts: FakeOutposts) -> str:
    order_id = make_identical_order(outposts)
    outposts.set_status(order_id, "CANCELLED")
    return order_id


@pytest.mark.parametrize("make", [_without_date, _seven_minutes_late, _cancelled])
def test_f13_not_placed_is_refused_while_an_order_might_be_it(
    *,
    make: Callable[[FakeOutposts], str],
    outposts: FakeOutposts,
    command: Command,
    invoke: Invoke,
    time: Time,
) -> None:
    """`--not-placed` was recorded beside an identical new order without a date of the attempt."""
    outposts.fail("CreateOrder", Fault.status(500))
    assert UNKNOWN in invoke("Create").reason
    order_id = make(outposts)
    early = command("resolve", NAME, *NOT_PLACED)
    assert (early.exit_code, "--not-placed is allowed from" in early.stderr) == (1, True)
    time.passed += TWENTY_MINUTES
    refused = command("resolve", NAME, *NOT_PLACED)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Error: {order_id} might be the order of {NAME}. ")
    assert UNKNOWN in invoke("Create", StackId=RE_CREATED_STACK).reason
    assert len(outposts.posts) == 1
    assert command("resolve", NAME, *NOT_PLACED, "--exclude", order_id).exit_code == 0


def test_f14_an_order_id_of_another_name_ends_the_request(
    dynamodb: DynamoDbInProcess, outposts: FakeOutposts, ledger: Ledger, invoke: Invoke
) -> None:
    """If the service answered with another name's order, the function wrote again without end."""
    other = OTHER_NAME | {"InAdditionTo": [NAME]}
    other_id = invoke("Create", other, LogicalResourceId="Spare").physical_id
    outposts.fail("CreateOrder", Fault.reply(f'{{"Order": {{"OrderId": "{other_id}"}}}}'))
    calls: list[str] = []
    with on_each_call(dynamodb, calls.append):
        response = invoke("Create")
    assert UNKNOWN in response.reason
    assert len([each for each in calls if is_write(each)]) == 1
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    assert (order.state, order.order_id, outpost.orders) == (
        State.SUBMITTING,
        "",
        {other_id: "PO-4712"},
    )
    assert (ids(outposts), len(outposts.posts)) == ([other_id], 2)


@pytest.mark.parametrize("state", ["IN_TRANSIT", "IN_DOUBT", "none"])
def test_f15_a_state_that_is_not_known_never_buys(
    state: str, dynamodb: DynamoDbInProcess, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Every state that was not listed permitted a purchase, those of a newer version too."""
    order_id = invoke("Create").physical_id
    item = dynamodb.items[f"order#{NAME}"]
    outposts.set_order(order_id, PaymentOption="ALL_UPFRONT")  # the list doesn't protect it
    newer = {**item, "State": {"S": state}, "OfTomorrow": {"S": "kept"}}
    dynamodb.items[f"order#{NAME}"] = newer
    response = invoke("Create", StackId=RE_CREATED_STACK)
    assert (response.status, "(FunctionTooOld)" in response.reason) == ("FAILED", True)
    assert dynamodb.items[f"order#{NAME}"]["OfTomorrow"] == {"S": "kept"}
    assert (ids(outposts), len(outposts.posts)) == ([order_id], 1)


@pytest.mark.parametrize("table", [DEFAULT_LEDGER, "racks"])
def test_f18_the_command_of_the_reason_works_after_a_rollback(
    *,
    table: str,
    outposts: FakeOutposts,
    command: Command,
    invoke: Invoke,
    time: Time,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a first deployment, the command couldn't find the ledger of the deleted function."""
    if table != DEFAULT_LEDGER:
        make_ledger(table)
        monkeypatch.setenv(LEDGER_TABLE, table)
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    reason = invoke("Create").reason
    assert UNKNOWN in reason
    monkeypatch.delenv(LEDGER_TABLE)  # of the function, not of the operator
    pasted = reason.partition("run: outpost-order ")[2].split()
    assert pasted[:2] == ["reconcile", NAME]
    time.passed += TWENTY_MINUTES
    assert command(*pasted).exit_code == 3
    [order] = outposts.apply_late()
    found = command(*pasted)
    assert (found.exit_code, order["OrderId"] in found.stdout) == (0, True)
    monkeypatch.setenv(LEDGER_TABLE, table)
    joined = invoke("Create", StackId=RE_CREATED_STACK)
    assert (joined.status, joined.physical_id) == ("SUCCESS", order["OrderId"])
    assert len(outposts.posts) == 1


class _SessionWithoutSender(SessionWithLedger):
    """A session that can't make the client which sends an order once."""

    def client(self, service_name: str, **more: Any) -> Any:  # noqa: ANN401
        if service_name == "outposts" and more["config"].retries["total_max_attempts"] == 1:
            raise OSError("too many open files")
        return super().client(service_name, **more)


def test_f21_the_client_exists_before_the_point_of_no_return(
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    ledger: Ledger,
    invoke: Invoke,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client that couldn't be created left an unknown outcome, although nothing was sent."""
    with monkeypatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", _SessionWithoutSender(dynamodb))
        reason = invoke("Create").reason
    assert f"(OSError): {NOTHING}" in reason
    assert (ledger.record(NAME).state, outposts.posts) == (State.NONE, [])
    placed = invoke("Create", StackId=RE_CREATED_STACK)
    assert (placed.status, len(outposts.posts)) == ("SUCCESS", 1)
