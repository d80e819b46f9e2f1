from typing import Any

import pytest

from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import OUTPOST_ID, PROPERTIES, Invoke

RACK, CABLE = (
    {"CatalogItemId": "OR-ABCDEFG", "Quantity": "2"},
    {"CatalogItemId": "OR-1234567", "Quantity": "1"},
)


@pytest.fixture
def order_id(outposts: FakeOutposts) -> str:
    """Give the id of an order that stands, of two kinds of line items."""
    order = outposts.make_order(
        outpost_id=OUTPOST_ID,
        line_items=[
            {"CatalogItemId": item["CatalogItemId"], "Quantity": int(item["Quantity"])}
            for item in (RACK, CABLE)
        ],
        payment_option="NO_UPFRONT",
        payment_term="THREE_YEARS",
    )
    return str(order["OrderId"])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"LineItems": [CABLE, RACK]},
        {"LineItems": [RACK | {"Quantity": "1"}, CABLE, RACK | {"Quantity": "1"}]},
        {"OutpostIdentifier": f"arn:aws:outposts:us-west-2:111122223333:outpost/{OUTPOST_ID}"},
        {"PaymentTerm": None},
        {"ServiceTimeout": "1200"},
        {"OrderName": "PO-4712"},
    ],
    ids=["same", "reordered", "split", "arn", "no term", "timeout", "name"],
)
def test_the_same_order_is_success(
    changes: dict[str, Any], order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """What asks for the order that stands is met, with its status of today."""
    outposts.advance(order_id)
    properties = PROPERTIES | {"LineItems": [RACK, CABLE]} | changes
    properties = {key: value for key, value in properties.items() if value is not None}
    response = invoke("Update", properties, PhysicalResourceId=order_id)
    assert (response.status, response.physical_id) == ("SUCCESS", order_id)
    assert response.data["Status"] == "IN_PROGRESS"
    assert (outposts.posts, len(outposts.orders)) == ([], 1)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"LineItems": [RACK | {"Quantity": "3"}, CABLE]}, "LineItems"),
        ({"LineItems": [RACK]}, "LineItems"),
        ({"OutpostIdentifier": "op-fedcba98765432100"}, "OutpostIdentifier"),
        ({"PaymentOption": "ALL_UPFRONT"}, "PaymentOption"),
        ({"PaymentTerm": "ONE_YEAR"}, "PaymentTerm"),
        (
            {"PaymentTerm": "ONE_YEAR", "PaymentOption": "ALL_UPFRONT"},
            "PaymentOption, PaymentTerm",
        ),
    ],
)
def test_another_order_is_refused(
    changes: dict[str, Any], named: str, order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The reason names the order, what differs, and the way to buy another."""
    properties = PROPERTIES | {"LineItems": [RACK, CABLE]} | changes
    response = invoke("Update", properties, PhysicalResourceId=order_id)
    assert (response.status, response.physical_id) == ("FAILED", order_id)
    assert response.reason == (
        f"NotUpdatable (NotUpdatable): {order_id} stays as it is, nothing was bought; an order "
        f"cannot be changed: {named}; restore this property, or to buy another add a new "
        "OutpostOrder"
    )
    assert (outposts.posts, len(outposts.orders)) == ([], 1)


def test_the_rollback_of_a_refused_update_succeeds(order_id: str, invoke: Invoke) -> None:
    """CloudFormation sends old and new swapped: the real order decides, so it passes."""
    old = PROPERTIES | {"LineItems": [RACK, CABLE]}
    new = PROPERTIES | {"LineItems": [RACK]}
    there = invoke("Update", new, PhysicalResourceId=order_id, OldResourceProperties=old)
    back = invoke("Update", old, PhysicalResourceId=order_id, OldResourceProperties=new)
    assert (there.status, back.status) == ("FAILED", "SUCCESS")


def test_an_invalid_update_is_refused(
    order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A broken rule is told before anything is asked of the service."""
    response = invoke("Update", PROPERTIES | {"PaymentOption": "CASH"}, PhysicalResourceId=order_id)
    assert response.reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered")
    assert (response.physical_id, outposts.requests) == (order_id, [])


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        (Fault.refusal("NotFoundException"), "NotFound (NotFoundException)"),
        (Fault.refusal("AccessDeniedException"), "AccessDenied (AccessDeniedException)"),
        (Fault.refusal("InternalServerException"), "ServiceInternalError (InternalServerException"),
        (Fault.reply("{}"), "GeneralServiceException (NoOrderId)"),
        (Fault.throttled(), "Throttling (TooManyRequestsException)"),
    ],
    ids=["not found", "denied", "500", "empty", "throttled"],
)
def test_an_order_that_cannot_be_read_decides_nothing(
    fault: Fault, start: str, order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Not to know is told as such: nothing was bought or changed."""
    outposts.fail("GetOrder", fault, times=None)
    response = invoke("Update", PhysicalResourceId=order_id)
    assert (response.status, response.physical_id) == ("FAILED", order_id)
    assert response.reason.startswith(start)
    assert f"{order_id} could not be read, nothing was bought or changed" in response.reason
    assert outposts.posts == []


def test_a_read_is_tried_again(order_id: str, outposts: FakeOutposts, invoke: Invoke) -> None:
    """Reading twice costs nothing, so a passing fault is passed over."""
    outposts.fail("GetOrder", Fault.status(503), times=2)
    response = invoke(
        "Update", PROPERTIES | {"LineItems": [RACK, CABLE]}, PhysicalResourceId=order_id
    )
    assert response.status == "SUCCESS"


def test_an_update_without_an_order_buys_nothing(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Where no order id is known there is nothing to compare with, and no excuse to buy."""
    response = invoke("Update", PhysicalResourceId="PO-4711")
    assert (response.status, response.physical_id) == ("FAILED", "PO-4711")
    assert response.reason.startswith("NotFound (NoOrderId): PO-4711 could not be read")
    assert outposts.requests == []


def test_an_unknown_status_passes_through(
    order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A status that the service adds is shown, not rejected."""
    outposts.set_status(order_id, "ON_THE_MOON")
    properties = PROPERTIES | {"LineItems": [RACK, CABLE]}
    assert invoke("Update", properties, PhysicalResourceId=order_id).data["Status"] == "ON_THE_MOON"
