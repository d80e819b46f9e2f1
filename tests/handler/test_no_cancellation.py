"""CloudFormation places, a person cancels: no event leads to a CancelOrder request."""

from typing import Any

import boto3
import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_handler import entry
from tests.fakes.cloudformation import FakeCloudFormation
from tests.handler.conftest import (
    NAME,
    PROPERTIES,
    Context,
    Invoke,
    Time,
    make_identical_order,
    retried,
)

PHYSICAL_IDS = {
    "an order ID that exists": "",
    "a foreign order ID": "",
    "the ID of a cancelled order": "",
    "an order ID that doesn't exist": "oo-ffffffffffffffff0",
    "an order name": NAME,
    "a made-up ID": "City_Rack05B0A054_X1Y2Z3W4",
    "an empty ID": "",
    "1,000 characters": "x" * 1000,
    "an order ID in 1,000 characters": "oo-" + "0" * 997,
}
CONTENT: list[dict[str, Any]] = [
    PROPERTIES,
    PROPERTIES | {"PaymentOption": "ALL_UPFRONT"},
    PROPERTIES | {"OnDelete": "CANCEL", "RemovalPolicy": "CANCEL"},
    PROPERTIES | {"LineItems": "none"},
]


def cancellations(outposts: FakeOutposts) -> int:
    """Count the CancelOrder requests that came over HTTP."""
    return [request.operation for request in outposts.requests].count("CancelOrder")


@pytest.fixture
def physical_id(request: pytest.FixtureRequest, outposts: FakeOutposts, invoke: Invoke) -> str:
    """Give an ID of a kind, in an account with an order of PO-4711 and two others."""
    placed = invoke("Create").physical_id
    foreign = make_identical_order(outposts)
    cancelled = make_identical_order(outposts)
    outposts.set_status(cancelled, "CANCELLED")
    made = {
        "an order ID that exists": placed,
        "a foreign order ID": foreign,
        "the ID of a cancelled order": cancelled,
    }
    return made.get(request.param, PHYSICAL_IDS[request.param])


def test_a_cancellation_would_be_counted(outposts: FakeOutposts) -> None:
    """The count sees the request that no event may lead to."""
    order_id = make_identical_order(outposts)
    boto3.client("outposts").cancel_order(OrderId=order_id)
    assert cancellations(outposts) == 1
    assert outposts.live_orders == []


@pytest.mark.parametrize("physical_id", PHYSICAL_IDS, indirect=True)
@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
def test_no_event_leads_to_a_cancellation(
    *,
    request_type: str,
    physical_id: str,
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    time: Time,
) -> None:
    """An event, its copy and CloudFormation's retry: all orders in force remain so."""
    live = [order["OrderId"] for order in outposts.live_orders]
    more = {"PhysicalResourceId": physical_id, "OldResourceProperties": PROPERTIES}
    for content in CONTENT:
        event = cloudformation.event(request_type, content, **more)
        for each in (event, event, retried(event)):
            entry.handler(dict(each), Context(time))
    assert cancellations(outposts) == 0
    assert [order["OrderId"] for order in outposts.live_orders][: len(live)] == live


@pytest.mark.parametrize("request_type", ["Update", "Delete"])
def test_an_event_with_an_empty_physical_id_gets_a_valid_answer(
    request_type: str, invoke: Invoke
) -> None:
    """CloudFormation refuses an answer without a PhysicalResourceId, and waits until it gives up.

    It always sends an ID with these events; a forged or damaged event might have none.
    """
    more = {"PhysicalResourceId": "", "OldResourceProperties": PROPERTIES}
    assert invoke(request_type, **more).physical_id
