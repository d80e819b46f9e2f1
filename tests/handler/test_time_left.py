from collections.abc import Callable, Mapping
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler import clock
from outpost_order_handler.ledger import table
from outpost_order_handler.outposts import client
from tests.fakes.cloudformation import FakeCloudFormation, Response, StackResource
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import (
    LIMIT,
    NOTHING,
    OTHER_NAME,
    PROPERTIES,
    RE_CREATED_STACK,
    RECONCILE,
    Context,
    Deliver,
    Invoke,
    Time,
)
from tests.handler.ledger_faults import breaks, hangs, is_write, on_each_call, when

NO_TIME_LEFT = (
    f"NotStabilized (NoTimeLeft): {NOTHING}: the function had too little time left. "
    "Wait a few minutes, then deploy again."
)
TOO_SHORT = (
    f"InvalidRequest (TimeoutTooShort): {NOTHING}: the function had too little time left. "
    "Set timeout of OutpostOrderProvider to 4 minutes or more, then deploy again."
)
TIME_TO_PUT = 6.2  # seconds that two tries of an answer's PUT take


@pytest.fixture
def event(cloudformation: FakeCloudFormation) -> dict[str, Any]:
    """Give the event of a Create."""
    return cloudformation.event("Create", PROPERTIES)


@pytest.fixture
def context(time: Time) -> Context:
    """Give an invocation that has just begun."""
    return Context(time)


Within = Callable[[float], Response]


@pytest.fixture
def within(event: dict[str, Any], deliver: Deliver, context: Context) -> Within:
    """Give what delivers the event to an invocation with some seconds."""

    def send(seconds: float) -> Response:
        context.limit = seconds
        return deliver(event, context)

    return send


def test_the_longest_call_fits_into_the_time_that_is_kept_for_it() -> None:
    """The clients' timeouts and the time that must be left depend on each other."""
    config = table._CONFIG  # noqa: SLF001 (its timeouts)
    ledger = (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"]
    backoff = 1
    assert ledger + backoff == 7
    assert 2 * (ledger + backoff) + TIME_TO_PUT <= clock.TIME_TO_RECORD + 0.2
    read = (client.CONNECT_TIMEOUT + client.READ_TIMEOUT) * client.READ_ATTEMPTS + 3 * backoff
    assert read + TIME_TO_PUT <= clock.TIME_TO_READ


@pytest.mark.parametrize("seconds", [59, 30, 25, 5])
def test_a_function_with_a_short_timeout_sends_nothing(
    seconds: int, within: Within, outposts: FakeOutposts
) -> None:
    """The function could never wait for the response, so the reason names the timeout."""
    response = within(seconds)
    assert (response.status, response.reason) == ("FAILED", TOO_SHORT)
    assert outposts.requests == []


def test_a_short_timeout_is_the_reason_if_nothing_can_be_compared(
    within: Within, context: Context, cloudformation: FakeCloudFormation, deliver: Deliver
) -> None:
    """An Update of an order that its record doesn't describe needs the order."""
    order_id = within(LIMIT).physical_id
    changed = PROPERTIES | {"PaymentOption": "ALL_UPFRONT"}
    event = cloudformation.event("Update", changed, PhysicalResourceId=order_id)
    event["OldResourceProperties"] = PROPERTIES
    context.limit = 30
    assert deliver(event, context).reason == (
        f"InvalidRequest (TimeoutTooShort): no time was left to read {order_id}, "
        "and nothing was bought or changed. "
        "Set timeout of OutpostOrderProvider to 4 minutes or more, then deploy again."
    )


def test_a_run_that_begins_with_enough_time_can_be_tried_again(
    within: Within, time: Time, dynamodb: DynamoDbInProcess, outposts: FakeOutposts
) -> None:
    """The ledger was slow: it can be faster in some minutes."""
    with on_each_call(dynamodb, lambda _: time.sleep(0 if time.passed else 45)):
        assert within(90).reason == NO_TIME_LEFT
    assert outposts.posts == []


def test_enough_time_sends(within: Within, outposts: FakeOutposts) -> None:
    """A minute is enough for an order whose checks are fast."""
    assert within(60).status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_an_order_that_was_not_sent_for_lack_of_time_is_not_sent_later(
    event: dict[str, Any], within: Within, outposts: FakeOutposts, deliver: Deliver, invoke: Invoke
) -> None:
    """A copy gets the same answer; the next deployment buys."""
    first = within(25)
    assert deliver(event) == first
    assert outposts.posts == []
    assert invoke("Create", StackId=RE_CREATED_STACK).status == "SUCCESS"


def test_a_function_that_was_suspended_before_it_sent_does_not_send(
    within: Within,
    time: Time,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    invoke: Invoke,
) -> None:
    """The function passed the point of no return in time, but continued too late to send."""
    suspended = when(is_write, lambda _: time.sleep(0 if time.passed else 200))
    with on_each_call(dynamodb, suspended, applied=True):
        response = within(LIMIT)
    assert response.status == "FAILED"
    assert response.reason.startswith(f"NotStabilized (ConfirmationTooOld): {NOTHING}")
    assert outposts.posts == []
    assert invoke("Create", StackId=RE_CREATED_STACK).status == "SUCCESS"


def test_time_that_passes_at_the_point_of_no_return_is_missing_for_the_response(
    within: Within,
    context: Context,
    time: Time,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
) -> None:
    """CloudFormation's word is fresh, but the response couldn't be recorded."""

    def takes_long(_: str) -> None:
        if not outposts.posts and time.passed == 0:
            time.sleep(29)
            context.limit -= 5  # Lambda's clock is the one that counts

    with on_each_call(dynamodb, when(is_write, takes_long), applied=True):
        response = within(62)
    assert (response.status, response.reason) == ("FAILED", NO_TIME_LEFT)
    assert outposts.posts == []


def test_slow_checks_leave_no_time_to_send(
    within: Within, context: Context, outposts: FakeOutposts
) -> None:
    """The function looks at Lambda's clock again after the checks."""
    remaining = context.get_remaining_time_in_millis

    def after_the_checks() -> int:
        is_late = any(request.operation == "ListOrders" for request in outposts.requests)
        return 59_000 if is_late else remaining()

    context.get_remaining_time_in_millis = after_the_checks  # type: ignore[method-assign]
    response = within(LIMIT)
    assert (response.status, response.reason) == ("FAILED", NO_TIME_LEFT)
    assert outposts.posts == []


@pytest.mark.parametrize("seconds", [60, 61, 90, 240])
def test_a_response_that_never_comes_leaves_time_to_answer(
    seconds: int, within: Within, outposts: FakeOutposts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function waits for it as long as it can still record what it knows."""
    waited: list[float] = []
    make = client._client  # noqa: SLF001 (the edge of the process)

    def hurried(read_timeout: float, attempts: int) -> object:
        waited.append(read_timeout)
        return make(0.2, attempts)

    monkeypatch.setattr(client, "_client", hurried)
    outposts.fail("CreateOrder", Fault.hang())
    assert within(seconds).reason.endswith(RECONCILE)
    sends = [timeout for timeout in waited if timeout != client.READ_TIMEOUT]
    assert sends == [min(60, seconds - 50)]
    assert len(outposts.posts) == 1


Unresolved = Callable[[Mapping[str, Any]], FakeOutposts]


@pytest.fixture
def unresolved(outposts: FakeOutposts, invoke: Invoke) -> Unresolved:
    """Give what leaves the attempt of another resource unresolved."""

    def leave(properties: Mapping[str, Any]) -> FakeOutposts:
        outposts.fail("CreateOrder", Fault.status(500))
        assert invoke("Create", properties, StackId=RE_CREATED_STACK).status == "FAILED"
        return outposts

    return leave


@pytest.mark.parametrize("properties", [PROPERTIES, OTHER_NAME], ids=["same", "other"])
@pytest.mark.parametrize("seconds", [240, 61, 30, 10])
def test_a_wait_for_an_unresolved_attempt_ends_before_the_limit(
    properties: Mapping[str, Any],
    seconds: int,
    within: Within,
    context: Context,
    unresolved: Unresolved,
) -> None:
    """Of this name or of another one: it can take longer than the function has."""
    outposts = unresolved(properties)
    context.__post_init__()
    assert within(seconds).reason.partition(": ")[2]
    assert context.get_remaining_time_in_millis() > 1000 * min(TIME_TO_PUT, seconds - 1)
    assert len(outposts.posts) == 1


def test_cloudformation_is_asked_for_some_time_only(
    event: dict[str, Any],
    within: Within,
    time: Time,
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
) -> None:
    """Half a minute, and some seconds between two questions."""
    key = (event["StackId"], event["LogicalResourceId"])
    cloudformation.resources[key] = StackResource("CREATE_COMPLETE")
    assert "(NotConfirmed)" in within(LIMIT).reason
    assert len(cloudformation.described) == 7
    assert time.waits == [5] * 6
    assert outposts.posts == []


def test_a_wait_for_cloudformation_leaves_time_to_answer(
    within: Within,
    context: Context,
    cloudformation: FakeCloudFormation,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
) -> None:
    """Each of its answers comes late, and the ledger hangs when the refusal is written."""
    cloudformation.failure = (503, "ServiceUnavailable")
    cloudformation.on_describe = lambda: context.time.sleep(7)
    with on_each_call(dynamodb, when(is_write, hangs(context.time))):
        assert within(60).reason.endswith(RECONCILE)
    assert context.get_remaining_time_in_millis() >= 1000 * TIME_TO_PUT
    assert outposts.posts == []


@pytest.fixture
def answered_without_ledger(
    dynamodb: DynamoDbInProcess, context: Context, deliver: Deliver
) -> Callable[..., float]:
    """Give what delivers an event while the ledger is down, and returns what time was left."""

    def send(event: dict[str, Any], do: str, seconds: float) -> float:
        context.limit = seconds
        with on_each_call(dynamodb, hangs(context.time) if do == "hangs" else breaks):
            assert deliver(event, context).status == "FAILED"
        return context.get_remaining_time_in_millis() / 1000

    return send


@pytest.mark.parametrize("seconds", [240, 60, 30, 20])
@pytest.mark.parametrize("do", ["breaks", "hangs"])
@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_ledger_that_is_down_for_ever_leaves_time_to_answer(
    seconds: int,
    do: str,
    request_type: str,
    cloudformation: FakeCloudFormation,
    answered_without_ledger: Callable[..., float],
) -> None:
    """The fallback comes some seconds before the limit, however long each call takes."""
    changed = PROPERTIES | {"PaymentTerm": "ONE_YEAR"}
    event = cloudformation.event(request_type, changed, PhysicalResourceId="PO-4711")
    event["OldResourceProperties"] = PROPERTIES
    assert answered_without_ledger(event, do, seconds) >= TIME_TO_PUT


@pytest.mark.parametrize("seconds", [240, 90, 60])
def test_a_ledger_that_hangs_after_the_post_leaves_time_to_answer(
    seconds: int,
    within: Within,
    context: Context,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
) -> None:
    """A write, its read-back and the answer fit into the time that was left."""
    after = when(lambda _: bool(outposts.posts), hangs(context.time))
    with on_each_call(dynamodb, after):
        assert within(seconds).reason.endswith(RECONCILE)
    assert context.get_remaining_time_in_millis() >= 5900
    assert len(outposts.posts) == 1
