"""An Update never buys; an outage never fails it; only changed content is compared and refused."""

from typing import Any

import boto3
import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.contract import Attribute
from outpost_order_handler.ledger.records import State
from outpost_order_handler.ledger.table import Ledger, LedgerUnavailable
from tests.fakes.cloudformation import FakeCloudFormation, Response
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import (
    LEDGER,
    NAME,
    OTHER_NAME,
    OUTPOST_ID,
    PROPERTIES,
    Context,
    Deliver,
    Invoke,
    Time,
    make_identical_order,
)
from tests.handler.ledger_faults import READ, WRITE, denied, failing, missing, outage

RACK, CABLE = (
    {"CatalogItemId": "OR-ABCDEFG", "Quantity": "2"},
    {"CatalogItemId": "OR-1234567", "Quantity": "1"},
)
BOTH = PROPERTIES | {"LineItems": [RACK, CABLE]}
NO_TERM = {name: value for name, value in BOTH.items() if name != "PaymentTerm"}
SETTINGS = BOTH | {"ServiceTimeout": "1200", "Preflight": "SKIP"}
ARN = f"arn:aws:outposts:us-west-2:111122223333:outpost/{OUTPOST_ID}"
CANNOT_READ = [
    Fault.refusal("NotFoundException"),
    Fault.refusal("AccessDeniedException"),
    Fault.refusal("InternalServerException"),
    Fault.reply("{}"),
    Fault.throttled(),
]
CANNOT_READ_IDS = ["not found", "denied", "500", "empty", "throttled"]


@pytest.fixture
def order_id(invoke: Invoke) -> str:
    """Give the ID of the order of PO-4711, of two kinds of line items."""
    return invoke("Create", BOTH).physical_id


@pytest.fixture
def foreign_id(outposts: FakeOutposts) -> str:
    """Give the ID of the same order, which this ledger doesn't know."""
    return make_identical_order(
        outposts, line_items=[each | {"Quantity": int(each["Quantity"])} for each in (RACK, CABLE)]
    )


@pytest.fixture
def update(
    cloudformation: FakeCloudFormation, outposts: FakeOutposts, deliver: Deliver, time: Time
) -> Invoke:
    """Give a sender of Updates with what the resource held before; none of them may buy."""

    def send(properties: object, held: str, old: object = BOTH, limit: float = 240.0) -> Response:
        before = len(outposts.posts)
        event = cloudformation.event(
            "Update", properties, PhysicalResourceId=held, OldResourceProperties=old
        )
        response = deliver(event, Context(time, limit))
        assert response.physical_id == held
        assert len(outposts.posts) == before
        return response

    return send


def not_updatable(order_id: str, *changes: str) -> str:
    return (
        f"NotUpdatable (NotUpdatable): {order_id} is unchanged, and nothing was bought. "
        f"You can't change an order: {', '.join(changes)}. "
        "Restore this property, or add another OutpostOrder to buy another order."
    )


# The same order


@pytest.mark.parametrize(
    "changes",
    [
        {"LineItems": [CABLE, RACK]},
        {"LineItems": [RACK | {"Quantity": "1"}, CABLE, RACK | {"Quantity": "1"}]},
        {"OutpostIdentifier": ARN},
        {"PaymentTerm": None},
        {"ServiceTimeout": "1200"},
        {"Preflight": "SKIP"},
        {"InAdditionTo": ["PO-4712"]},
        {"Ledger": "outpost-orders-2"},
    ],
    ids=["reordered", "split", "ARN", "no term", "timeout", "preflight", "beside", "ledger"],
)
@pytest.mark.parametrize("known", [True, False], ids=["in the ledger", "not in the ledger"])
def test_the_same_order_is_success(
    *,
    changes: dict[str, Any],
    known: bool,
    outposts: FakeOutposts,
    update: Invoke,
    request: pytest.FixtureRequest,
) -> None:
    """The template still asks for it, and the answer has its status of today."""
    order_id = request.getfixturevalue("order_id" if known else "foreign_id")
    outposts.advance(order_id)
    properties = {key: value for key, value in (BOTH | changes).items() if value is not None}
    response = update(properties, order_id)
    assert (response.status, response.data["Status"]) == ("SUCCESS", "IN_PROGRESS")
    assert len(outposts.orders) == 1


@pytest.mark.parametrize("status", ["CANCELLED", "ERROR", "ON_THE_MOON"])
def test_every_status_is_shown(
    status: str, order_id: str, outposts: FakeOutposts, update: Invoke
) -> None:
    """AWS, or a person, cancelled it; or the service has a new status: no Update fails of it."""
    outposts.set_status(order_id, status)
    response = update(SETTINGS, order_id)
    assert (response.status, response.data["Status"]) == ("SUCCESS", status)


def test_a_cancelled_order_is_shown_as_the_ledger_has_it(
    order_id: str, outposts: FakeOutposts, invoke: Invoke, update: Invoke
) -> None:
    """The order can't be read any more, but its end was recorded."""
    outposts.set_status(order_id, "CANCELLED")
    assert "(OrderCancelled)" in invoke("Create", BOTH).reason
    outposts.fail("GetOrder", Fault.refusal("NotFoundException"), times=None)
    response = update(SETTINGS, order_id)
    assert (response.status, response.data["Status"]) == ("SUCCESS", "CANCELLED")


def test_an_order_in_error_is_in_the_log(
    order_id: str, outposts: FakeOutposts, update: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    """Only the log reports an order in ERROR."""
    outposts.set_status(order_id, "ERROR")
    update(SETTINGS, order_id)
    assert f"the status of {order_id} is ERROR" in caplog.text


@pytest.mark.parametrize(
    "shown",
    [
        {"LineItems": [{"CatalogItemId": "OR-7654321", "Quantity": 2, "Status": "PREPARING"}]},
        {"PaymentTerm": None},
        {"OutpostId": None},
    ],
    ids=["replaced", "no term", "no Outpost"],
)
def test_details_that_aws_added_do_not_matter(
    shown: dict[str, Any], order_id: str, outposts: FakeOutposts, update: Invoke
) -> None:
    """The template is compared with what was bought; AWS replaces line items."""
    outposts.set_order(order_id, **shown)
    assert update(SETTINGS, order_id).status == "SUCCESS"
    assert update(BOTH | {"LineItems": [CABLE, RACK]}, order_id).status == "SUCCESS"


# Another order


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"LineItems": [RACK | {"Quantity": "3"}, CABLE]}, ["LineItems"]),
        ({"LineItems": [RACK]}, ["LineItems"]),
        ({"OutpostIdentifier": "op-fedcba98765432100"}, ["OutpostIdentifier"]),
        ({"PaymentOption": "ALL_UPFRONT"}, ["PaymentOption"]),
        ({"PaymentTerm": "ONE_YEAR"}, ["PaymentTerm"]),
        (
            {"PaymentTerm": "ONE_YEAR", "PaymentOption": "ALL_UPFRONT"},
            ["PaymentOption", "PaymentTerm"],
        ),
        ({"AdoptOrderId": "oo-0123456789abcdef0"}, ["AdoptOrderId"]),
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["in the ledger", "not in the ledger"])
def test_another_order_is_refused(
    *,
    changes: dict[str, Any],
    named: list[str],
    known: bool,
    outposts: FakeOutposts,
    update: Invoke,
    request: pytest.FixtureRequest,
) -> None:
    """The reason names the order, what differs, and the way to buy another."""
    order_id = request.getfixturevalue("order_id" if known else "foreign_id")
    response = update(BOTH | changes, order_id)
    assert (response.status, response.reason) == ("FAILED", not_updatable(order_id, *named))
    assert len(outposts.orders) == 1


@pytest.mark.parametrize("shown", ["THREE_YEARS", None], ids=["shown", "not shown"])
def test_the_term_that_the_service_shows_counts(
    shown: str | None, outposts: FakeOutposts, invoke: Invoke, update: Invoke
) -> None:
    """The template left the term out, and the service chose one."""
    order_id = invoke("Create", NO_TERM).physical_id
    outposts.set_order(order_id, PaymentTerm=shown)
    other = BOTH | {"PaymentTerm": "ONE_YEAR"}
    response = update(other, order_id, NO_TERM)
    assert response.status == ("FAILED" if shown else "SUCCESS")
    assert update(BOTH, order_id, NO_TERM).status == "SUCCESS"


def test_a_changed_name_is_refused(order_id: str, update: Invoke, ledger: Ledger) -> None:
    """The ledger knows the order by the name that it was bought under."""
    response = update(BOTH | {"OrderName": "PO-4712"}, order_id)
    assert response.reason == not_updatable(order_id, "OrderName")
    assert ledger.record("PO-4712").state == State.NONE


def test_an_order_without_a_name_gets_the_changed_one(
    foreign_id: str, update: Invoke, ledger: Ledger
) -> None:
    """No other name has it in this ledger."""
    assert update(BOTH | {"OrderName": "PO-4712"}, foreign_id).status == "SUCCESS"
    assert ledger.record("PO-4712").order_id == foreign_id


def test_the_rollback_of_a_refused_update_succeeds(order_id: str, update: Invoke) -> None:
    """CloudFormation sends old and new swapped: the record decides."""
    new = BOTH | {"LineItems": [RACK]}
    assert update(new, order_id, BOTH).status == "FAILED"
    assert update(BOTH, order_id, new).status == "SUCCESS"


@pytest.mark.parametrize("fault", CANNOT_READ, ids=CANNOT_READ_IDS)
def test_the_rollback_succeeds_in_an_outage(
    fault: Fault, order_id: str, outposts: FakeOutposts, update: Invoke
) -> None:
    """The rollback requests the recorded order, so the service isn't needed."""
    outposts.fail("GetOrder", fault, times=None)
    assert update(BOTH, order_id, BOTH | {"LineItems": [RACK]}).status == "SUCCESS"


def test_the_rollback_succeeds_without_a_record(foreign_id: str, update: Invoke) -> None:
    """Without a record, the real order decides."""
    new = BOTH | {"PaymentOption": "ALL_UPFRONT"}
    assert update(new, foreign_id, BOTH).status == "FAILED"
    assert update(BOTH, foreign_id, new).status == "SUCCESS"


def test_an_invalid_update_is_refused(
    order_id: str, outposts: FakeOutposts, update: Invoke
) -> None:
    """A broken rule is reported before anything is asked of the service."""
    outposts.requests.clear()
    response = update(BOTH | {"PaymentOption": "cash"}, order_id)
    assert response.reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered")
    assert outposts.requests == []


def test_an_update_without_an_order_buys_nothing(outposts: FakeOutposts, update: Invoke) -> None:
    """No order ID is known, so there is nothing to compare with, and no excuse to buy."""
    response = update(BOTH, NAME, PROPERTIES)
    assert response.status == "FAILED"
    assert response.reason.startswith(
        "NotFound (NoOrderId): PO-4711 has no order, and nothing was bought or changed"
    )
    assert outposts.requests == []


# Outages


@pytest.mark.parametrize("fault", CANNOT_READ, ids=CANNOT_READ_IDS)
@pytest.mark.parametrize(
    "old", [BOTH, BOTH | {"OutpostIdentifier": ARN}], ids=["settings changed", "spelling changed"]
)
def test_an_outage_of_outposts_fails_no_update_of_settings(
    *, fault: Fault, old: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, update: Invoke
) -> None:
    """The attributes are the last known ones."""
    placed = invoke("Create", BOTH)
    outposts.fail("GetOrder", fault, times=None)
    response = update(SETTINGS, placed.physical_id, old)
    assert (response.status, response.data) == ("SUCCESS", placed.data)


@pytest.mark.parametrize("cause", [outage(), denied()], ids=["outage", "denied"])
def test_an_outage_of_the_ledger_fails_no_update_of_settings(
    cause: Exception,
    order_id: str,
    outposts: FakeOutposts,
    dynamodb: DynamoDbInProcess,
    update: Invoke,
) -> None:
    """The event says that nothing changed, and the service how the order is."""
    outposts.advance(order_id)
    with failing(dynamodb, cause, READ, WRITE):
        response = update(SETTINGS, order_id)
    assert (response.status, response.data["Status"]) == ("SUCCESS", "IN_PROGRESS")


@pytest.fixture(params=["GetOrder answers 500", "DynamoDB is down", "AWS replaced a line item"])
def trouble(
    order_id: str,
    outposts: FakeOutposts,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> str:
    """Let it happen to the order that was placed, and return what it is."""
    if request.param == "GetOrder answers 500":
        outposts.fail("GetOrder", Fault.status(500), times=None)
    elif request.param == "DynamoDB is down":
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
        with pytest.raises(LedgerUnavailable):
            Ledger(LEDGER).record(NAME)
    else:
        items = [{"CatalogItemId": "OR-7654321", "Quantity": 2, "Status": "PREPARING"}]
        outposts.set_order(order_id, LineItems=items)
    return str(request.param)


@pytest.mark.parametrize("old_value", [None, "before"], ids=["added", "changed"])
@pytest.mark.parametrize("setting", ["ServiceTimeout", "Preflight"])
def test_a_setting_can_be_changed_at_any_time(
    *, setting: str, old_value: str | None, trouble: str, order_id: str, update: Invoke
) -> None:
    """The same holds for its rollback, which swaps old and new."""
    values = {"ServiceTimeout": ("1200", "600"), "Preflight": ("SKIP", "CHECK")}[setting]
    without = {name: value for name, value in BOTH.items() if name != setting}
    new = without | {setting: values[0]}
    old = without | ({setting: values[1]} if old_value else {})
    for properties, before in ((new, old), (old, new)):
        response = update(properties, order_id, before)
        assert (response.status, response.data["OrderId"]) == ("SUCCESS", order_id), trouble


def test_an_outage_of_everything_fails_no_update_of_settings(
    order_id: str, outposts: FakeOutposts, dynamodb: DynamoDbInProcess, update: Invoke
) -> None:
    """The attributes are what the event knows."""
    outposts.fail("GetOrder", Fault.refusal("NotFoundException"), times=None)
    with failing(dynamodb, outage(), READ, WRITE):
        response = update(SETTINGS, order_id)
    assert response.status == "SUCCESS"
    assert response.data == dict.fromkeys(map(str, Attribute), "") | {
        "OrderId": order_id,
        "Status": "UNKNOWN",
        "OutpostId": OUTPOST_ID,
        "PaymentOption": "NO_UPFRONT",
        "PaymentTerm": "THREE_YEARS",
    }


def test_a_missing_ledger_fails_no_update_of_settings(
    order_id: str, update: Invoke, dynamodb: DynamoDbInProcess
) -> None:
    """If the ledger is missing, an update of settings succeeds and nothing is bought."""
    with failing(dynamodb, missing(), READ, WRITE):
        settings = update(SETTINGS, order_id)
        content = update(BOTH | {"LineItems": [RACK]}, order_id)
    assert settings.status == "SUCCESS"
    assert content.reason.startswith("NotFound (LedgerNotFound): ")


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        (CANNOT_READ[0], "NotFound (NotFoundException)"),
        (CANNOT_READ[1], "AccessDenied (AccessDeniedException)"),
        (CANNOT_READ[2], "ServiceInternalError (InternalServerException)"),
        (CANNOT_READ[3], "NotStabilized (NotReadable)"),
        (CANNOT_READ[4], "Throttling (TooManyRequestsException)"),
    ],
    ids=CANNOT_READ_IDS,
)
def test_changed_content_waits_for_the_order_and_then_fails(
    *,
    fault: Fault,
    start: str,
    order_id: str,
    outposts: FakeOutposts,
    update: Invoke,
    time: Time,
) -> None:
    """An order that can't be read isn't compared: the reason has the service's error."""
    outposts.fail("GetOrder", fault, times=None)
    began = time.passed
    response = update(BOTH | {"LineItems": [RACK]}, order_id, limit=60)
    assert response.reason.startswith(
        f"{start}: {order_id} could not be read, and nothing was bought or changed"
    )
    assert 15 <= time.passed - began <= 40


def test_changed_content_is_compared_after_an_outage(
    foreign_id: str, outposts: FakeOutposts, update: Invoke
) -> None:
    """A passing fault is waited for."""
    outposts.fail("GetOrder", Fault.refusal("NotFoundException"), times=4)
    response = update(BOTH, foreign_id, BOTH | {"LineItems": [RACK]})
    assert response.status == "SUCCESS"


def test_changed_content_waits_for_the_ledger(
    order_id: str, dynamodb: DynamoDbInProcess, update: Invoke, time: Time
) -> None:
    """The name could belong to another order: without the ledger it isn't decided."""
    began = time.passed
    with failing(dynamodb, outage(), READ, WRITE):
        response = update(BOTH | {"LineItems": [RACK]}, order_id)
    assert response.status == "FAILED"
    assert "the order could not be compared, and nothing was bought or changed" in response.reason
    assert time.passed - began > 200


def test_a_read_is_tried_again(foreign_id: str, outposts: FakeOutposts, update: Invoke) -> None:
    """Reading twice costs nothing, so a passing fault is passed over."""
    outposts.fail("GetOrder", Fault.status(503), times=2)
    response = update(SETTINGS, foreign_id)
    assert (response.status, response.data["Status"]) == ("SUCCESS", "PREPARING")


# The ledger


@pytest.mark.parametrize(
    ("properties", "old"),
    [(SETTINGS, BOTH), (BOTH, BOTH | {"LineItems": [RACK]})],
    ids=["settings", "content"],
)
def test_a_ledger_that_lacks_the_record_gets_it(
    *,
    properties: dict[str, Any],
    old: dict[str, Any],
    foreign_id: str,
    outposts: FakeOutposts,
    invoke: Invoke,
    update: Invoke,
    ledger: Ledger,
) -> None:
    """After the ledger was changed, the new one gets the record of the order."""
    update(properties, foreign_id, old)
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    assert (order.state, order.order_id) == (State.PLACED, foreign_id)
    assert outpost.orders == {foreign_id: NAME}
    assert invoke("Create", BOTH).physical_id == foreign_id
    assert outposts.posts == []


@pytest.mark.parametrize("state", [State.SUBMITTING, State.PLACED, State.CANCELLED])
def test_a_record_of_the_name_is_not_overwritten(
    state: State, outposts: FakeOutposts, invoke: Invoke, update: Invoke, ledger: Ledger
) -> None:
    """The name has an attempt or another order in this ledger: the held order isn't its own."""
    if state is State.SUBMITTING:
        outposts.fail("CreateOrder", Fault.status(500))
    named = invoke("Create").physical_id
    if state is State.CANCELLED:
        outposts.set_status(named, "CANCELLED")
        invoke("Create")
    before = ledger.read(NAME, OUTPOST_ID)
    held = make_identical_order(outposts)
    properties = PROPERTIES | {"ServiceTimeout": "1200"}
    assert update(properties, held, PROPERTIES).status == "SUCCESS"
    assert ledger.read(NAME, OUTPOST_ID) == before
    assert before[0].state == state


def test_a_record_is_written_of_what_the_service_shows(
    foreign_id: str, outposts: FakeOutposts, update: Invoke, ledger: Ledger
) -> None:
    """An order that can't be read, or is another one, isn't recorded."""
    outposts.fail("GetOrder", Fault.refusal("NotFoundException"))
    assert update(SETTINGS, foreign_id).status == "SUCCESS"
    other = PROPERTIES | {"PaymentOption": "ALL_UPFRONT"}
    assert update(other | {"Preflight": "SKIP"}, foreign_id, other).status == "SUCCESS"
    assert ledger.record(NAME).state == State.NONE


def test_the_list_of_orders_beside_is_kept_current(
    outposts: FakeOutposts, invoke: Invoke, update: Invoke, ledger: Ledger
) -> None:
    """An Update adds a name, or takes it away, for the orders to come."""
    order_id = invoke("Create").physical_id
    named = PROPERTIES | {"InAdditionTo": ["PO-4712"]}
    assert "(IdenticalOrderExists)" in invoke("Create", OTHER_NAME).reason
    assert update(named, order_id, PROPERTIES).status == "SUCCESS"
    assert invoke("Create", OTHER_NAME).status == "SUCCESS"
    assert update(PROPERTIES, order_id, named).status == "SUCCESS"
    request = ledger.record(NAME).request
    assert request is not None
    assert request.in_addition_to == ()
    assert len(outposts.orders) == 2


def test_an_update_that_changes_nothing_writes_nothing(
    order_id: str, dynamodb: DynamoDbInProcess, update: Invoke
) -> None:
    """A record is written if there is something to write."""
    before = dict(dynamodb.items)
    update(SETTINGS, order_id)
    assert dynamodb.items == before


@pytest.mark.parametrize("state", ["IN_DOUBT", "CLAIMED", ""])
def test_a_record_of_a_newer_version_fails_no_update_of_settings(
    state: str, order_id: str, dynamodb: DynamoDbInProcess, update: Invoke
) -> None:
    """An update of settings doesn't need the state."""
    item = dynamodb.items[f"order#{NAME}"]
    dynamodb.items[f"order#{NAME}"] = {**item, "State": {"S": state}}
    assert update(SETTINGS, order_id).status == "SUCCESS"


def test_a_record_in_an_unknown_form_fails_no_update_of_settings(
    order_id: str, dynamodb: DynamoDbInProcess, update: Invoke
) -> None:
    """The event says that nothing changed."""
    item = dynamodb.items[f"order#{NAME}"]
    dynamodb.items[f"order#{NAME}"] = {**item, "Request": {"S": "of tomorrow"}}
    assert update(SETTINGS, order_id).status == "SUCCESS"
