from datetime import timedelta
from itertools import count
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest

from outpost_order_handler import contract, placement, reconciliation
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import (
    LEDGER,
    OUTPOST_ID,
    PROPERTIES,
    STACK_MADE_AGAIN,
    Deliver,
    Invoke,
    make_equal_order,
)
from tests.handler.dynamodb_wire import (
    OnCall,
    breaks,
    denies,
    is_gone,
    is_write,
    on_each_call,
    when,
)

pytestmark = pytest.mark.usefixtures("moto")

UNKNOWN = (
    f"outcome unknown, {OUTPOST_ID} might hold this order; before you deploy again, run: "
    "outpost-order reconcile PO-4711 --region us-west-2"
)


@pytest.fixture
def event(cloudformation: FakeCloudFormation) -> dict[str, Any]:
    """Give the event of a Create."""
    return cloudformation.event("Create", PROPERTIES)


@pytest.fixture
def denies_after_the_post(outposts: FakeOutposts) -> OnCall:
    """Give a DynamoDB that works until the order was sent."""
    return when(lambda _: bool(outposts.posts), denies)


def test_without_its_table_a_create_buys_nothing(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The account has no ledger yet: the reason ends with the command that creates it."""
    boto3.client("dynamodb").delete_table(TableName=LEDGER)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("FAILED", "PO-4711")
    assert response.reason == (
        f"NotFound (LedgerNotFound): nothing was ordered on {OUTPOST_ID}: there is no table "
        "outpost-orders in us-west-2; before you deploy again, "
        "run: outpost-order init --region us-west-2"
    )
    assert outposts.requests == []


def test_without_another_ledger_a_create_names_the_table(
    outposts: FakeOutposts, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No command creates it: the template has the wrong name, or the table is missing."""
    monkeypatch.setenv(contract.LEDGER_TABLE, "Books")
    reason = invoke("Create").reason
    assert reason.startswith("NotFound (LedgerNotFound): nothing was ordered on ")
    assert reason.endswith(
        "; create table Books with key Key, or correct ledger=, then deploy again"
    )
    assert outposts.requests == []


def test_an_invalid_request_is_invalid_without_a_table_too(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """What the event alone decides needs no ledger."""
    boto3.client("dynamodb").delete_table(TableName=LEDGER)
    reason = invoke("Create", PROPERTIES | {"PaymentOption": "CASH"}).reason
    assert reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered")
    assert outposts.requests == []


def test_a_ledger_that_is_deleted_after_the_post_hides_no_order(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The order was placed: "nothing was ordered" would be false."""
    outposts.fail("CreateOrder", Fault.refusal("InternalServerException"))
    with on_each_call(when(lambda _: bool(outposts.posts), is_gone)):
        assert UNKNOWN in invoke("Create").reason
    assert len(outposts.posts) == 1


def test_what_the_role_may_not_read_buys_nothing(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The reason has DynamoDB's own word for it."""
    with on_each_call(denies):
        reason = invoke("Create").reason
    assert reason == f"GeneralServiceException (Ledger AccessDeniedException): {UNKNOWN}"
    assert outposts.requests == []


def test_what_cannot_be_written_down_before_is_not_sent(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """No record, no purchase; once there can be a record, a copy buys."""
    with on_each_call(when(is_write, denies)):
        assert UNKNOWN in deliver(event).reason
    assert outposts.posts == []
    assert deliver(event).status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_an_invalid_request_is_told_without_a_ledger(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """What can never have been sent is no doubt."""
    with on_each_call(denies):
        reason = invoke("Create", PROPERTIES | {"PaymentOption": "CASH"}).reason
    assert reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered")
    assert outposts.requests == []


def test_a_point_of_no_return_without_acknowledgement_is_passed(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The record stands, and it is ours: the order is sent."""
    writes = count(1)

    def is_the_first_write(request: AWSPreparedRequest) -> bool:
        return is_write(request) and next(writes) == 1

    with on_each_call(when(is_the_first_write, breaks), applied=True):
        response = invoke("Create")
    assert (response.status, len(outposts.orders)) == ("SUCCESS", 1)


def test_a_placed_order_is_told_even_where_it_cannot_be_written_down(
    event: dict[str, Any], denies_after_the_post: OnCall, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """The truth does not need a record; a copy finds the order and writes it down."""
    with on_each_call(denies_after_the_post):
        first = deliver(event)
    [order] = outposts.orders
    assert (first.status, first.physical_id) == ("SUCCESS", order["OrderId"])
    again = deliver(event)
    assert (again.status, again.physical_id) == ("SUCCESS", order["OrderId"])
    assert len(outposts.posts) == 1


def test_a_copy_writes_down_what_could_not_be_written_before(
    event: dict[str, Any],
    outposts: FakeOutposts,
    deliver: Deliver,
    invoke: Invoke,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DynamoDB came back too late for the order, not for the answer: the Outpost gets free."""
    monkeypatch.setattr(placement, "PATIENCE_WITH_NEIGHBOURS", 0)
    writes = count()
    tries = 1 + len(placement.PAUSES_FOR_THE_LEDGER)

    def writes_down_the_order(request: AWSPreparedRequest) -> bool:
        return bool(outposts.posts) and is_write(request) and next(writes) < tries

    with on_each_call(when(writes_down_the_order, breaks)):
        first = deliver(event)
    assert (first.status, deliver(event)) == ("SUCCESS", first)
    neighbour = PROPERTIES | {"OrderName": "PO-4712", "PaymentOption": "ALL_UPFRONT"}
    assert invoke("Create", neighbour, LogicalResourceId="Spare").status == "SUCCESS"


def test_a_refusal_is_told_even_where_it_cannot_be_written_down(
    denies_after_the_post: OnCall, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The service took nothing, and that is what CloudFormation is told."""
    outposts.fail("CreateOrder", Fault.refusal("ServiceQuotaExceededException"))
    with on_each_call(denies_after_the_post):
        reason = invoke("Create").reason
    assert reason.startswith("ServiceLimitExceeded (ServiceQuotaExceededException): nothing was")


def test_a_takeover_is_not_told_before_it_is_written_down(
    cloudformation: FakeCloudFormation, outposts: FakeOutposts, invoke: Invoke, deliver: Deliver
) -> None:
    """A copy that cannot read the order later must not find that another was told SUCCESS."""
    invoke("Create")
    again = cloudformation.event("Create", PROPERTIES, StackId=STACK_MADE_AGAIN)
    writes = count(1)
    after_the_first = when(lambda call: is_write(call) and next(writes) > 1, breaks)
    with on_each_call(after_the_first):
        first = deliver(again)
    outposts.fail("GetOrder", Fault.refusal("AccessDeniedException"))
    second = deliver(again)
    assert UNKNOWN in first.reason
    assert "nothing was bought or changed" in second.reason
    assert len(outposts.posts) == 1


def test_an_unknown_outcome_is_told_even_where_it_cannot_be_written_down(
    event: dict[str, Any], denies_after_the_post: OnCall, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """Nothing is sent again; a copy finds the order."""
    outposts.fail("CreateOrder", Fault.refusal("InternalServerException", applied=True))
    with on_each_call(denies_after_the_post):
        first = deliver(event)
    assert first.reason == f"ServiceInternalError (InternalServerException): {UNKNOWN}"
    assert deliver(event).physical_id == outposts.orders[0]["OrderId"]
    assert len(outposts.posts) == 1


CALLS = ["receipt", "row", "lock", "point of no return", "placed", "answered"]


@pytest.mark.parametrize(
    ("works", "applied"),
    [
        pytest.param(CALLS.index(call), applied, id=f"{call}, {'done' if applied else 'not done'}")
        for call in CALLS
        for applied in (False, True)
        if (call, applied) != ("point of no return", True)
    ],
)
def test_wherever_dynamodb_goes_down_one_order_is_made(
    works: int,
    applied: bool,  # noqa: FBT001
    event: dict[str, Any],
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """Some calls work, all others fail: what is told is true, and a copy has the one order."""
    calls = count()
    with on_each_call(when(lambda _: next(calls) >= works, breaks), applied=applied):
        first = deliver(event)
    placed = [order["OrderId"] for order in outposts.orders]
    assert (first.status, first.physical_id) == (
        ("SUCCESS", placed[0]) if placed else ("FAILED", "PO-4711")
    )
    assert placed or UNKNOWN in first.reason
    second = deliver(event)
    assert (second.status, second.physical_id) == ("SUCCESS", outposts.orders[0]["OrderId"])
    assert len(outposts.posts) == len(outposts.orders) == 1


def test_a_point_of_no_return_that_nobody_saw_is_a_doubt(
    event: dict[str, Any],
    outposts: FakeOutposts,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was passed and nothing was sent, but no copy can know that: none sends."""
    monkeypatch.setattr(reconciliation, "SENDER_MAY_LIVE", timedelta(0))
    was_written: list[AWSPreparedRequest] = []

    def goes_down(request: AWSPreparedRequest) -> None:
        if was_written or is_write(request):
            was_written.append(request)
            breaks(request)

    with on_each_call(goes_down, applied=True):
        assert UNKNOWN in deliver(event).reason
    assert UNKNOWN in deliver(event).reason
    assert outposts.posts == []


def test_the_order_is_kept_without_a_ledger(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Letting go of an order needs no record."""
    order_id = make_equal_order(outposts)
    with on_each_call(denies):
        assert invoke("Delete", PhysicalResourceId=order_id).status == "SUCCESS"
    assert [order["Status"] for order in outposts.orders] == ["PREPARING"]


def test_a_delete_without_properties_is_answered_without_a_ledger(
    cloudformation: FakeCloudFormation, deliver: Deliver
) -> None:
    """Nothing asks for cancelling: the order is kept."""
    event = cloudformation.event("Delete", None, PhysicalResourceId="oo-0123456789abcdef0")
    del event["ResourceProperties"]
    with on_each_call(denies):
        assert deliver(event).status == "SUCCESS"


@pytest.mark.parametrize("physical_id", ["oo-0123456789abcdef0", "City_Rack05B0A054_X1Y2Z3W4"])
def test_nothing_is_cancelled_without_a_ledger(
    physical_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Whether there is an order, and whose, is not known: the resource does not go silently."""
    with on_each_call(denies):
        response = invoke(
            "Delete", PROPERTIES | {"OnDelete": "CANCEL"}, PhysicalResourceId=physical_id
        )
    assert (response.status, response.physical_id) == ("FAILED", physical_id)
    assert response.reason.startswith(
        "GeneralServiceException (Ledger AccessDeniedException): it is not known whether "
        f"{physical_id} has an order; "
    )
    assert outposts.requests == []


def test_an_update_decides_nothing_without_a_ledger(invoke: Invoke) -> None:
    """Whether the order is another name's cannot be read now."""
    order_id = invoke("Create").physical_id
    with on_each_call(denies):
        response = invoke("Update", PhysicalResourceId=order_id)
    assert (response.status, response.physical_id) == ("FAILED", order_id)
    assert response.reason.startswith(
        "GeneralServiceException (AccessDeniedException): the ledger could not be read, nothing "
        "was bought or changed"
    )
