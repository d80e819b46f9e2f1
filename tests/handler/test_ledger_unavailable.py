from collections.abc import Callable
from itertools import count, product
from typing import Any

import pytest
from botocore.exceptions import ClientError

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler import contract
from tests.fakes.cloudformation import FakeCloudFormation, Response
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import (
    NOTHING,
    OUTPOST_ID,
    PROPERTIES,
    RE_CREATED_STACK,
    RECONCILE,
    UNKNOWN,
    Deliver,
    Invoke,
    Time,
)
from tests.handler.ledger_faults import (
    OnCall,
    breaks,
    denies,
    for_seconds,
    is_gone,
    is_write,
    on_each_call,
    when,
)

SENT_NOTHING = "outcome unknown. This request sent nothing: the ledger is unavailable: "
INVALID = PROPERTIES | {"PaymentOption": "cash"}
CHANGED = PROPERTIES | {"PaymentTerm": "ONE_YEAR"}
PHASES: dict[str, Callable[[FakeOutposts], Callable[[str], bool]]] = {
    "before": lambda _: lambda _: True,
    "at the point of no return": lambda _: is_write,
    "after": lambda outposts: lambda _: bool(outposts.posts),
}

Outage = Callable[..., Response]


@pytest.fixture
def event(cloudformation: FakeCloudFormation) -> dict[str, Any]:
    """Give the event of a Create."""
    return cloudformation.event("Create", PROPERTIES)


@pytest.fixture
def create(event: dict[str, Any], dynamodb: DynamoDbInProcess, deliver: Deliver) -> Outage:
    """Give what delivers the event while something happens to each call."""

    def send(do: OnCall, *, applied: bool = False) -> Response:
        with on_each_call(dynamodb, do, applied=applied):
            return deliver(event)

    return send


@pytest.fixture
def after_the_post(outposts: FakeOutposts) -> Callable[[OnCall], OnCall]:
    """Give what happens only after the order was sent."""
    return lambda do: when(lambda _: bool(outposts.posts), do)


def test_without_its_table_a_create_buys_nothing(
    create: Outage, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The reason ends with the command that creates it; the next deployment buys."""
    response = create(is_gone)
    assert (response.status, response.physical_id) == ("FAILED", "PO-4711")
    assert response.reason == (
        f"NotFound (LedgerNotFound): {NOTHING}: there is no table outpost-orders in us-west-2. "
        "Before you deploy again, run: outpost-order init --region us-west-2"
    )
    assert outposts.requests == []
    assert invoke("Create").status == "SUCCESS"


def test_without_another_ledger_a_create_names_the_table(
    create: Outage, outposts: FakeOutposts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No command creates it: the template has the wrong name, or the table is missing."""
    monkeypatch.setenv(contract.LEDGER_TABLE, "Books")
    reason = create(is_gone).reason
    assert reason.startswith(f"NotFound (LedgerNotFound): {NOTHING}")
    assert reason.endswith(
        ". Create table Books with key Key, or correct ledger=, then deploy again."
    )
    assert outposts.requests == []


@pytest.mark.parametrize("do", [is_gone, denies, breaks])
def test_an_invalid_request_needs_no_ledger(
    do: OnCall, dynamodb: DynamoDbInProcess, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The event alone decides it."""
    with on_each_call(dynamodb, do):
        reason = invoke("Create", INVALID).reason
    assert reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered")
    assert outposts.requests == []


@pytest.mark.parametrize("is_applied", [True, False], ids=["placed", "refused"])
def test_a_ledger_that_is_deleted_after_the_post_hides_no_order(
    is_applied: bool,  # noqa: FBT001
    create: Outage,
    after_the_post: Callable[[OnCall], OnCall],
    outposts: FakeOutposts,
) -> None:
    """Not even the service's refusal can be recorded: the outcome is unknown."""
    if not is_applied:
        outposts.fail("CreateOrder", Fault.refusal("ConflictException"))
    reason = create(after_the_post(is_gone)).reason
    assert reason.startswith(f"GeneralServiceException (LedgerNotFound): {UNKNOWN}")
    assert reason.endswith(RECONCILE)
    assert len(outposts.posts) == 1


def test_a_role_that_may_never_use_the_ledger_buys_nothing(
    create: Outage, outposts: FakeOutposts, time: Time
) -> None:
    """After a minute, the reason has DynamoDB's message."""
    reason = create(denies).reason
    assert reason.startswith(f"AccessDenied (AccessDeniedException): {SENT_NOTHING}")
    assert "no permission" in reason
    assert reason.endswith(RECONCILE)
    assert outposts.requests == []
    assert 60 <= time.passed < 70


def test_the_reason_names_the_permission_that_the_role_lacks(create: Outage) -> None:
    """DynamoDB's message is long, and has the action at its end."""
    message = (
        "User: arn:aws:sts::111122223333:assumed-role/City-OutpostOrderProviderRole3A9F4E25-X1Y2/"
        "City-OutpostOrderProviderFunctionA20DD570-X1Y2 is not authorized to perform: "
        "dynamodb:GetItem on resource: arn:aws:dynamodb:us-west-2:111122223333:table/"
        "outpost-orders because no identity-based policy allows the dynamodb:GetItem action"
    )

    def refuse(operation: str) -> None:
        raise ClientError(
            {"Error": {"Code": "AccessDeniedException", "Message": message}}, operation
        )

    reason = create(refuse).reason
    assert reason.endswith(RECONCILE)
    assert "dynamodb:GetItem" in reason


@pytest.mark.parametrize("condition", [lambda _: True, is_write], ids=["all", "writes"])
def test_a_new_role_gets_its_permissions_within_a_minute(
    condition: Callable[[str], bool], create: Outage, time: Time, outposts: FakeOutposts
) -> None:
    """CloudFormation invokes the function some seconds after it made the role's policy."""
    assert create(when(condition, for_seconds(50, time, denies))).status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_an_order_that_cannot_be_recorded_before_is_not_sent(
    create: Outage, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The next deployment buys as soon as there can be a record."""
    assert SENT_NOTHING in create(when(is_write, denies)).reason
    assert outposts.posts == []
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.posts) == 1


@pytest.mark.parametrize("seconds", [3, 30])
@pytest.mark.parametrize(
    "case", [*product(PHASES, [False]), ("before", True), ("after", True)], ids=str
)
def test_a_short_outage_is_waited_for(
    case: tuple[str, bool], seconds: int, create: Outage, time: Time, outposts: FakeOutposts
) -> None:
    """The order is placed once, and CloudFormation gets its ID."""
    phase, applied = case
    outage = when(PHASES[phase](outposts), for_seconds(seconds, time))
    response = create(outage, applied=applied)
    [order] = outposts.orders
    assert (response.status, response.physical_id) == ("SUCCESS", order["OrderId"])
    assert len(outposts.posts) == 1
    assert time.passed >= seconds


@pytest.mark.parametrize("seconds", [3, 30])
def test_an_outage_that_hides_the_point_of_no_return_sends_nothing(
    seconds: int, create: Outage, time: Time, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The write succeeded, and the record shows it too late: the next deployment buys."""
    outage = for_seconds(seconds, time)
    writes: list[str] = []

    def from_the_first_write(operation: str) -> None:
        if is_write(operation) or writes:
            writes.append(operation)
            outage(operation)

    response = create(from_the_first_write, applied=True)
    assert response.reason.startswith(f"NotStabilized (NotSent): {NOTHING}")
    assert outposts.posts == []
    assert invoke("Create", StackId=RE_CREATED_STACK).status == "SUCCESS"
    assert len(outposts.posts) == 1


@pytest.mark.parametrize("number", [1, 2], ids=["point of no return", "answer"])
def test_a_lost_acknowledgement_is_read_back(
    number: int, create: Outage, outposts: FakeOutposts, time: Time
) -> None:
    """The record has the version of this write: it is ours, and the work goes on at once."""
    writes = count(1)
    is_the_write = when(lambda call: is_write(call) and next(writes) == number, breaks)
    response = create(is_the_write, applied=True)
    assert (response.status, len(outposts.posts), time.passed) == ("SUCCESS", 1, 0)


@pytest.mark.parametrize("number", [1, 2], ids=["point of no return", "answer"])
def test_a_write_that_was_not_carried_out_is_repeated(
    number: int, create: Outage, outposts: FakeOutposts
) -> None:
    """The record doesn't have its version."""
    writes = count(1)
    response = create(when(lambda call: is_write(call) and next(writes) == number, breaks))
    assert (response.status, len(outposts.posts)) == ("SUCCESS", 1)


@pytest.mark.parametrize("phase", ["before", "at the point of no return"])
def test_an_outage_before_the_purchase_says_that_this_request_sent_nothing(
    phase: str, create: Outage, deliver: Deliver, event: dict[str, Any], outposts: FakeOutposts
) -> None:
    """An earlier request of this name might have. A copy after the answer buys nothing."""
    reason = create(when(PHASES[phase](outposts), breaks)).reason
    assert reason.startswith(f"GeneralServiceException (OSError): {SENT_NOTHING}the connection")
    assert reason.endswith(RECONCILE)
    assert "(NotConfirmed)" in deliver(event).reason
    assert outposts.posts == []


@pytest.mark.parametrize("do", [breaks, denies])
def test_a_placed_order_that_cannot_be_recorded_is_unknown(
    do: OnCall,
    event: dict[str, Any],
    create: Outage,
    after_the_post: Callable[[OnCall], OnCall],
    deliver: Deliver,
) -> None:
    """No definite answer without a record; a copy finds the order and records it."""
    reason = create(after_the_post(do)).reason
    assert f"): {UNKNOWN}" in reason
    assert reason.endswith(RECONCILE)
    again = deliver(event)
    assert (again.status, deliver(event)) == ("SUCCESS", again)


def test_an_order_that_cannot_be_recorded_is_in_the_log(
    create: Outage,
    after_the_post: Callable[[OnCall], OnCall],
    outposts: FakeOutposts,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An operator finds its ID there."""
    with caplog.at_level("INFO"):
        create(after_the_post(breaks))
    [order] = outposts.orders
    assert f"placed order PO-4711: Order(order_id='{order['OrderId']}'" in caplog.text


def test_a_copy_that_records_the_order_frees_the_outpost(
    create: Outage,
    after_the_post: Callable[[OnCall], OnCall],
    event: dict[str, Any],
    deliver: Deliver,
    invoke: Invoke,
) -> None:
    """An unresolved attempt is listed exactly while it is unresolved."""
    create(after_the_post(breaks))
    order_id = deliver(event).physical_id
    beside = PROPERTIES | {"OrderName": "PO-4712", "InAdditionTo": ["PO-4711"]}
    another = invoke("Create", beside, LogicalResourceId="Spare")
    assert another.status == "SUCCESS"
    assert another.physical_id != order_id


def test_a_refusal_that_cannot_be_recorded_is_unknown(
    create: Outage,
    after_the_post: Callable[[OnCall], OnCall],
    event: dict[str, Any],
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """A copy can't know of the refusal, so no answer may depend on it; nothing is sent again."""
    outposts.fail("CreateOrder", Fault.refusal("ServiceQuotaExceededException"))
    assert UNKNOWN in create(after_the_post(breaks)).reason
    assert UNKNOWN in deliver(event).reason
    assert (len(outposts.posts), outposts.orders) == (1, [])


def test_a_join_is_not_answered_before_it_is_recorded(
    cloudformation: FakeCloudFormation,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    invoke: Invoke,
    deliver: Deliver,
) -> None:
    """A copy that finds the order cancelled must not contradict a SUCCESS."""
    order_id = invoke("Create").physical_id
    again = cloudformation.event("Create", PROPERTIES, StackId=RE_CREATED_STACK)
    with on_each_call(dynamodb, when(is_write, breaks)):
        first = deliver(again)
    outposts.set_status(order_id, "CANCELLED")
    assert SENT_NOTHING in first.reason
    assert "(OrderCancelled)" in deliver(again).reason
    assert len(outposts.posts) == 1


CALLS = ["read", "point of no return", "answer"]


@pytest.mark.parametrize(
    "case", [c for c in product(CALLS, (False, True)) if c != ("point of no return", True)], ids=str
)
def test_wherever_dynamodb_goes_down_one_order_is_placed(
    case: tuple[str, bool],
    event: dict[str, Any],
    create: Outage,
    outposts: FakeOutposts,
    invoke: Invoke,
) -> None:
    """Some calls work, all others fail: the outcome is unknown, and the next deployment has it."""
    (call, applied), calls = case, count()
    first = create(when(lambda _: next(calls) >= CALLS.index(call), breaks), applied=applied)
    assert first.reason.endswith(RECONCILE)
    assert len(outposts.posts) == (1 if call == "answer" else 0)
    second = invoke("Create", event["ResourceProperties"], StackId=RE_CREATED_STACK)
    assert (second.status, second.physical_id) == ("SUCCESS", outposts.orders[0]["OrderId"])
    assert len(outposts.posts) == len(outposts.orders) == 1


def test_a_point_of_no_return_that_remains_hidden_is_unknown(
    event: dict[str, Any], create: Outage, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The write succeeded and nothing was sent, but no copy can know that, so none sends."""
    calls = count()
    first = create(when(lambda _: next(calls) >= 1, breaks), applied=True)
    assert SENT_NOTHING in first.reason
    assert UNKNOWN in deliver(event).reason
    assert outposts.posts == []


@pytest.mark.parametrize("do", [is_gone, denies, breaks])
def test_an_update_without_changes_needs_no_ledger(
    do: OnCall, dynamodb: DynamoDbInProcess, invoke: Invoke
) -> None:
    """An outage never fails it: GetOrder alone says how the order is."""
    created = invoke("Create")
    with on_each_call(dynamodb, do):
        response = invoke(
            "Update",
            PROPERTIES | {"Preflight": "SKIP"},
            PhysicalResourceId=created.physical_id,
            OldResourceProperties=PROPERTIES,
        )
    assert (response.status, response.physical_id) == ("SUCCESS", created.physical_id)
    assert response.data == created.data


def test_an_update_with_changes_waits_for_the_ledger(
    dynamodb: DynamoDbInProcess, invoke: Invoke, time: Time
) -> None:
    """The answer of an update with changes depends on the record."""
    order_id = invoke("Create").physical_id
    more = {"PhysicalResourceId": order_id, "OldResourceProperties": PROPERTIES}
    with on_each_call(dynamodb, for_seconds(30, time)):
        after = invoke("Update", CHANGED, **more).reason
    with on_each_call(dynamodb, breaks):
        during = invoke("Update", CHANGED, **more).reason
    assert after.startswith(f"NotUpdatable (NotUpdatable): {order_id} is unchanged")
    assert during.startswith(
        "GeneralServiceException (OSError): the order could not be compared, and nothing was bought"
    )


@pytest.mark.parametrize("properties", [PROPERTIES, None])
def test_a_delete_needs_no_ledger(
    properties: object, dynamodb: DynamoDbInProcess, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The order remains in force."""
    order_id = invoke("Create").physical_id
    with on_each_call(dynamodb, denies):
        response = invoke("Delete", properties, PhysicalResourceId=order_id)
    assert (response.status, response.physical_id) == ("SUCCESS", order_id)
    assert [order["Status"] for order in outposts.orders] == ["PREPARING"]
    assert outposts.orders[0]["OutpostId"] == OUTPOST_ID
