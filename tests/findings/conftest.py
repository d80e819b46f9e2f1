"""The handler and the commands as AWS and an operator run them, for one scenario of each finding.

Templates come from the construct, events from a fake CloudFormation, and orders are counted in
a fake Outposts API; time is virtual.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from aws_cdk import App, Stack
from constructs import Construct
from moto import mock_aws

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption, PaymentTerm
from outpost_order_fake import FakeOutposts
from outpost_order_handler.clock import Clock
from outpost_order_handler.cloudformation import answers
from outpost_order_handler.cloudformation.event import Event
from outpost_order_handler.contract import LEDGER_TABLE
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import Services
from outpost_order_handler.stacks import Stacks
from tests.cli.conftest import Done, make_ledger, run
from tests.constructs.conftest import only, template_of
from tests.fakes.cloudformation import STACK_ID, FakeCloudFormation, Response, StackResource
from tests.handler.conftest import (
    LEDGER,
    NAME,
    OUTPOST_ID,
    PROPERTIES,
    Context,
    Deliver,
    Time,
    cloudformation,
    cloudformation_server,
    deliver,
    dynamodb,
    environment,
    invoke,
    ledger,
    time,
)

__all__ = [
    "cloudformation",
    "cloudformation_server",
    "deliver",
    "dynamodb",
    "environment",
    "invoke",
    "ledger",
    "run",
    "time",
]

COPY_LIMIT = 65.0  # seconds of an instance that waits for others for half a minute at most


def count(outposts: FakeOutposts, operation: str) -> int:
    """Count the requests of an operation that came over HTTP."""
    return [request.operation for request in outposts.requests].count(operation)


def ids(outposts: FakeOutposts) -> list[str]:
    """Return the IDs of the orders that are not cancelled: what the customer pays."""
    return [order["OrderId"] for order in outposts.live_orders]


def rack(scope: Construct, construct_id: str = "Rack", **changes: Any) -> OutpostOrder:  # noqa: ANN401
    """Declare PO-4711, two racks."""
    given: dict[str, Any] = {
        "order_name": NAME,
        "outpost_identifier": OUTPOST_ID,
        "line_items": [LineItem("OR-ABCDEFG", quantity=2)],
        "payment_option": PaymentOption.NO_UPFRONT,
        "payment_term": PaymentTerm.THREE_YEARS,
    }
    return OutpostOrder(scope, construct_id, **given | changes)


Orders = dict[str, dict[str, Any]]


def orders_in(stack: Stack) -> Orders:
    """Return the orders of a stack's template, by logical ID, as CloudFormation sends them.

    The tests run the function with one ledger, so each template must name that one.
    """
    template = template_of(stack)
    function = only(template, "AWS::Lambda::Function")
    assert function["Properties"]["Environment"]["Variables"][LEDGER_TABLE] == LEDGER
    found = {
        logical_id: resource
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "Custom::OutpostOrder"
    }
    for resource in found.values():
        properties = resource["Properties"]
        [service_token] = properties["ServiceToken"].values()  # Fn::GetAtt
        properties["ServiceToken"] = f"{PROPERTIES['ServiceToken']}-{service_token[0]}"
        for item in properties["LineItems"]:
            item["Quantity"] = str(item["Quantity"])
    return found


@pytest.fixture(scope="session")
def city() -> Orders:
    """Give the template of a stack with the order."""
    stack = Stack(App(), "City")
    rack(stack)
    return orders_in(stack)


@pytest.fixture(scope="session")
def moved() -> Orders:
    """Give the template of the same stack after a scope was put around the order."""
    stack = Stack(App(), "City")
    rack(Construct(stack, "Site"))
    return orders_in(stack)


Deploy = Callable[..., Response]


@pytest.fixture
def deploy(cloudformation: FakeCloudFormation, deliver: Deliver) -> Deploy:
    """Give what creates the one order of a template, as a deployment does."""

    def deploy(orders: Orders, stack_id: str = STACK_ID) -> Response:
        [(logical_id, resource)] = orders.items()
        event = cloudformation.event(
            "Create", resource["Properties"], LogicalResourceId=logical_id, StackId=stack_id
        )
        metadata = json.dumps(resource["Metadata"])
        described = StackResource("CREATE_IN_PROGRESS", metadata)
        cloudformation.resources[stack_id, logical_id] = described
        return deliver(event)

    return deploy


Instance = Callable[[dict[str, Any]], answers.Answer]


@pytest.fixture
def instance(time: Time, ledger: Ledger) -> Instance:
    """Give another instance of the function, which works on an event at the same time."""

    def work(event: dict[str, Any]) -> answers.Answer:
        clock = Clock(Context(time, COPY_LIMIT).get_remaining_time_in_millis)
        return answers.answer(Event(event), Services(ledger, Outposts(), Stacks(), clock))

    return work


Command = Callable[..., Done]


@pytest.fixture
def command(
    environment: None,  # noqa: ARG001 (it comes first)
    ledger: Ledger,  # noqa: ARG001 (same)
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[..., Done],
) -> Iterator[Command]:
    """Give a way to run `outpost-order ...` on the ledger that the function writes."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # each command makes one of its own
    with mock_aws(config={"core": {"mock_credentials": False}}):
        make_ledger(LEDGER)
        yield run
