import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_handler import contract
from tests.fakes.cloudformation import STACK_ID, FakeCloudFormation, Response, StackResource
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import (
    NOTHING,
    PROPERTIES,
    RE_CREATED_STACK,
    Deliver,
    Invoke,
    Time,
    make_identical_order,
)
from tests.handler.ledger_faults import (
    denies,
    for_seconds,
    is_gone,
    is_write,
    on_each_call,
    when,
)

LOGICAL_ID = "Rack05B0A054"
NOT_CONFIRMED = (
    "ResourceConflict (NotConfirmed): nothing was ordered: "
    "CloudFormation isn't creating this resource: "
)
WRONG_METADATA = "ResourceConflict (NotConfirmed): nothing was ordered: Metadata.Order must be "
ORDER = "PO-4711: 2 x OR-ABCDEFG for op-0123456789abcdef0, NO_UPFRONT, THREE_YEARS"
OTHER_ORDER = ORDER.replace("2 x", "3 x")
# The answers of AWS, with the texts that distinguish the cases.
FAILURES = {
    "no stack": (400, "ValidationError", f"Stack '{STACK_ID}' does not exist"),
    "no resource": (
        400,
        "ValidationError",
        f"Resource {LOGICAL_ID} does not exist for stack {STACK_ID}",
    ),
    "denied": (403, "AccessDenied", "User is not authorized to perform this action"),
    "throttled": (400, "Throttling", "Rate exceeded"),
    "expired": (403, "ExpiredToken", "The security token included in the request is expired"),
    "unsigned": (403, "SignatureDoesNotMatch", "The request signature does not match"),
    "opt-in": (403, "OptInRequired", "The AWS Access Key Id needs a subscription"),
    "internal": (500, "InternalFailure", "An internal failure"),
    "unavailable": (503, "ServiceUnavailable", "The service is unavailable"),
}
# Those of a stack's resource, without the one that permits a purchase.
STATUSES = [
    *("CREATE_FAILED", "CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_FAILED"),
    *("DELETE_COMPLETE", "DELETE_SKIPPED", "UPDATE_IN_PROGRESS", "UPDATE_FAILED"),
    *("UPDATE_COMPLETE", "IMPORT_FAILED", "IMPORT_COMPLETE", "IMPORT_IN_PROGRESS"),
    *("IMPORT_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_FAILED", "IMPORT_ROLLBACK_COMPLETE"),
    *("EXPORT_FAILED", "EXPORT_COMPLETE", "EXPORT_IN_PROGRESS", "EXPORT_ROLLBACK_IN_PROGRESS"),
    *("EXPORT_ROLLBACK_FAILED", "EXPORT_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_IN_PROGRESS"),
    *("UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "ROLLBACK_IN_PROGRESS"),
    *("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "create_in_progress"),
]

Shown = Callable[..., None]
Slowly = Callable[[float], Response]


@pytest.fixture
def event(cloudformation: FakeCloudFormation) -> dict[str, Any]:
    """Give the event of a Create."""
    return cloudformation.event("Create", PROPERTIES)


@pytest.fixture
def show(cloudformation: FakeCloudFormation, event: dict[str, Any]) -> Shown:
    """Give what lets CloudFormation describe the event's resource."""

    def resource(status: str = "CREATE_IN_PROGRESS", metadata: object = None) -> None:
        text = metadata if isinstance(metadata, str) else json.dumps(metadata)
        key = (event["StackId"], event["LogicalResourceId"])
        cloudformation.resources[key] = StackResource(status, "" if metadata is None else text)

    return resource


def fail(cloudformation: FakeCloudFormation, name: str) -> None:
    """Let DescribeStackResource fail from now on."""
    status, code, message = FAILURES[name]
    cloudformation.failure, cloudformation.failure_message = (status, code), message


def test_cloudformation_is_asked_about_this_resource_by_the_arn_of_its_stack(
    invoke: Invoke, cloudformation: FakeCloudFormation
) -> None:
    """Another stack of the same name has another ARN. A clear answer is enough."""
    invoke("Create")
    assert cloudformation.described == [(STACK_ID, LOGICAL_ID)]


@pytest.mark.parametrize("status", STATUSES)
def test_only_a_resource_that_is_being_created_gets_an_order(
    status: str, event: dict[str, Any], show: Shown, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """CloudFormation gave up, the stack is rolled back, or the event is a late copy."""
    show(status)
    response = deliver(event)
    assert (response.status, response.physical_id) == ("FAILED", "PO-4711")
    assert response.reason == f"{NOT_CONFIRMED}{status}. Deploy again."
    assert outposts.posts == []


def test_a_forged_event_gets_no_order(
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """A forged event names a stack or a resource that doesn't exist."""
    cloudformation.resources.clear()
    reason = deliver(event).reason
    assert reason.startswith(NOT_CONFIRMED)
    assert "does not exist" in reason
    assert outposts.posts == []


def test_a_copy_after_an_answer_that_is_not_stored_gets_no_order(
    event: dict[str, Any], dynamodb: DynamoDbInProcess, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The ledger was missing when the first one came, and is there now."""
    with on_each_call(dynamodb, is_gone):
        assert "(LedgerNotFound)" in deliver(event).reason
    assert deliver(event).reason == f"{NOT_CONFIRMED}CREATE_FAILED. Deploy again."
    assert outposts.posts == []


@pytest.mark.parametrize("status", ["CREATE_FAILED", "DELETE_IN_PROGRESS", ""])
def test_a_request_whose_deployment_is_given_up_while_it_waits_gets_no_order(
    *,
    status: str,
    event: dict[str, Any],
    show: Shown,
    cloudformation: FakeCloudFormation,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    deliver: Deliver,
    time: Time,
) -> None:
    """Another resource fails, and the stack is rolled back; or a person deletes the stack."""
    wait = for_seconds(50, time, denies)

    def give_up(operation: str) -> None:
        show(status) if status else cloudformation.resources.clear()
        wait(operation)

    with on_each_call(dynamodb, give_up):
        reason = deliver(event).reason
    assert time.passed >= 50
    assert reason.startswith(NOT_CONFIRMED)
    assert outposts.posts == []


@pytest.mark.parametrize("failure", FAILURES)
def test_an_error_of_cloudformation_confirms_nothing(
    failure: str,
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """The function asks for half a minute, then it has CloudFormation's words in its reason."""
    fail(cloudformation, failure)
    reason = deliver(event).reason
    _, code, message = FAILURES[failure]
    assert reason.startswith(f"{NOT_CONFIRMED}{code}: {message[:30]}")
    assert reason.endswith(". Deploy again.")
    assert len(cloudformation.described) == 7
    assert outposts.posts == []


def test_cloudformation_that_is_down_confirms_nothing(
    invoke: Invoke, outposts: FakeOutposts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFormation's endpoint refuses each connection."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", "http://127.0.0.1:9")
    assert invoke("Create").reason.startswith(NOT_CONFIRMED)
    assert outposts.posts == []


@pytest.mark.parametrize("number", [2, 4, 7])
def test_a_status_that_is_stale_for_some_seconds_is_asked_for_again(
    number: int,
    event: dict[str, Any],
    show: Shown,
    cloudformation: FakeCloudFormation,
    deliver: Deliver,
) -> None:
    """CloudFormation invokes a function before it shows that."""
    show("DELETE_COMPLETE")
    questions = count(1)
    cloudformation.on_describe = lambda: show() if next(questions) == number else None
    assert deliver(event).status == "SUCCESS"
    assert len(cloudformation.described) == number


@pytest.mark.parametrize("failure", ["denied", "throttled", "unavailable", "no resource"])
def test_an_error_that_passes_is_no_obstacle(
    failure: str,
    event: dict[str, Any],
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """A new role gets its permissions some seconds late, and calls are throttled."""
    fail(cloudformation, failure)
    questions = count(1)

    def recover() -> None:
        if next(questions) == 5:
            cloudformation.failure = None

    cloudformation.on_describe = recover
    assert deliver(event).status == "SUCCESS"
    assert len(outposts.posts) == 1


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"aws:cdk:path": "City/Rack/Resource"},
        {"Order": ORDER},
        {"Order": ""},
        {"Order": None},
        {"Order": OTHER_ORDER.replace("3", "{{resolve:ssm:/racks}}")},
        ["Order"],
    ],
    ids=str,
)
def test_metadata_that_does_not_contradict_the_event_is_no_obstacle(
    metadata: object, event: dict[str, Any], show: Shown, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The line can be absent, or contain a dynamic reference that isn't resolved."""
    show(metadata=metadata)
    assert deliver(event).status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_an_order_that_was_replaced_in_the_template_since_is_not_sent(
    event: dict[str, Any], show: Shown, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """CloudFormation creates the same logical ID for another order."""
    show(metadata={"Order": OTHER_ORDER})
    assert deliver(event).reason == f"{WRONG_METADATA}{ORDER}, not {OTHER_ORDER}. Deploy again."
    assert outposts.posts == []


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "3"}]}, OTHER_ORDER),
        ({"PaymentOption": "ALL_UPFRONT"}, ORDER.replace("NO_UP", "ALL_UP")),
        ({"PaymentTerm": "ONE_YEAR"}, ORDER.replace("THREE_YEARS", "ONE_YEAR")),
    ],
)
def test_the_reason_says_what_to_do_about_a_property_that_is_overridden_alone(
    *,
    change: dict[str, Any],
    shown: str,
    event: dict[str, Any],
    show: Shown,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """The reason has the line to paste into Metadata.Order, and the current one."""
    show(metadata={"Order": ORDER})
    reason = deliver(event | {"ResourceProperties": PROPERTIES | change}).reason
    assert reason == f"{WRONG_METADATA}{shown}, not {ORDER}. Deploy again."
    assert outposts.posts == []


def test_long_lines_are_whole_in_the_log(
    event: dict[str, Any],
    show: Shown,
    deliver: Deliver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The reason has the beginning of the line that Metadata.Order must be."""
    items = [{"CatalogItemId": f"OR-ABCDEF{digit}", "Quantity": "1"} for digit in range(10)]
    properties = PROPERTIES | {"LineItems": items}
    show(metadata={"Order": ORDER})
    reason = deliver(event | {"ResourceProperties": properties}).reason
    assert reason.startswith(f"{WRONG_METADATA}PO-4711: 1 x OR-ABCDEF0, 1 x OR-ABCDEF1")
    assert reason.endswith("... Deploy again.")
    assert f"{contract.order_line(properties)}, not {ORDER}" in caplog.text


@pytest.mark.parametrize("metadata", ["{", "Order", '{"Order": '])
def test_metadata_that_is_not_readable_confirms_nothing(
    metadata: str, event: dict[str, Any], show: Shown, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The function can't compare it."""
    show(metadata=metadata)
    assert deliver(event).reason.startswith(NOT_CONFIRMED)
    assert outposts.posts == []


def test_the_line_of_the_metadata_is_made_of_the_properties_as_they_are() -> None:
    """The line isn't normalized, so construct and function compose the same text."""
    assert contract.order_line(PROPERTIES) == ORDER
    items = [{"CatalogItemId": f"OR-{letter * 7}", "Quantity": "02"} for letter in "BA"]
    arn = "arn:aws:outposts:us-west-2:111122223333:outpost/op-0123456789abcdef0"
    given = PROPERTIES | {"LineItems": items, "OutpostIdentifier": arn}
    del given["PaymentTerm"]
    line = f"PO-4711: 02 x OR-BBBBBBB, 02 x OR-AAAAAAA for {arn}, NO_UPFRONT"
    assert contract.order_line(given) == line
    quote = {"QuoteIdentifier": "oq-1", "QuoteOptionIdentifier": "oqo-2"}
    line = f"PO-4711: oqo-2 of oq-1 for {arn}, NO_UPFRONT"
    assert contract.order_line(given | quote) == line


@pytest.fixture
def create_slowly(time: Time, dynamodb: DynamoDbInProcess, invoke: Invoke) -> Slowly:
    """Give a Create whose write of the point of no return takes some seconds."""

    def create(seconds: float) -> Response:
        is_first = when(
            lambda call: is_write(call) and not time.passed, lambda _: time.sleep(seconds)
        )
        with on_each_call(dynamodb, is_first, applied=True):
            return invoke("Create")

    return create


@pytest.mark.parametrize("seconds", [0, 29])
def test_a_confirmation_is_good_for_thirty_seconds(
    seconds: int, create_slowly: Slowly, outposts: FakeOutposts
) -> None:
    """The write of the point of no return can take some time."""
    assert create_slowly(seconds).status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_an_older_confirmation_sends_nothing(
    create_slowly: Slowly, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """CloudFormation could have given up since; the next deployment buys."""
    reason = create_slowly(31).reason
    assert reason.startswith(f"NotStabilized (ConfirmationTooOld): {NOTHING}")
    assert outposts.posts == []
    assert invoke("Create", StackId=RE_CREATED_STACK).status == "SUCCESS"


def test_the_age_of_a_confirmation_counts_from_the_question(
    time: Time, cloudformation: FakeCloudFormation, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The status can be as old as the question when the answer comes."""
    cloudformation.on_describe = lambda: time.sleep(31)
    assert "(ConfirmationTooOld)" in invoke("Create").reason
    assert outposts.posts == []


def test_a_request_that_was_not_confirmed_gets_the_same_answer_again(
    event: dict[str, Any], show: Shown, outposts: FakeOutposts, deliver: Deliver, invoke: Invoke
) -> None:
    """The answer is the same even if CloudFormation confirms the request now."""
    show("CREATE_FAILED")
    first = deliver(event)
    show()
    assert (deliver(event), outposts.posts) == (first, [])
    assert invoke("Create", StackId=RE_CREATED_STACK).status == "SUCCESS"


@pytest.mark.parametrize("way", ["joined", "adopted", "refused"])
def test_a_request_that_sends_nothing_needs_no_confirmation(
    way: str, cloudformation: FakeCloudFormation, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An order that was placed is joined or adopted while CloudFormation is down, too."""
    if way == "joined":
        invoke("Create")
        cloudformation.described.clear()
    order_id = outposts.orders[0]["OrderId"] if outposts.orders else make_identical_order(outposts)
    fail(cloudformation, "unavailable")
    more = {"AdoptOrderId": order_id} if way == "adopted" else {}
    response = invoke("Create", PROPERTIES | more, StackId=RE_CREATED_STACK)
    assert response.status == ("FAILED" if way == "refused" else "SUCCESS")
    assert cloudformation.described == []
