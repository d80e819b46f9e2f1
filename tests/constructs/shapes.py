"""The parts that shapes of apps share: an order to vary, and reads of its template."""

import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from aws_cdk import App, CfnResource, Environment, Stack
from constructs import Construct

from cdk_outpost_order import InvalidOrderError, LineItem, OutpostOrder, PaymentOption
from tests.constructs.conftest import OUTPOST_ID, template_of, warnings

Found = tuple[object, object]
"""What is found in a shape, and what must be found."""

ORDER = "Custom::OutpostOrder"
FUNCTION = "AWS::Lambda::Function"
ONE_ORDER = [
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    FUNCTION,
    "AWS::Logs::LogGroup",
    ORDER,
]
"""The types of all resources of a stack with one order."""

US_WEST_2 = Environment(account="111122223333", region="us-west-2")
EU_WEST_1 = Environment(account="111122223333", region="eu-west-1")


def city(**props: Any) -> Stack:  # noqa: ANN401
    """Return an empty stack of its own app."""
    return Stack(App(), "City", **props)


def order(scope: Construct, id: str = "Rack", *, quantity: int = 2, **changes: Any) -> OutpostOrder:  # noqa: ANN401
    """Declare an order that is valid except for the changes."""
    props: dict[str, Any] = {
        "order_name": f"PO-{id}",
        "outpost_identifier": OUTPOST_ID,
        "line_items": [LineItem("OR-ABCDEFG", quantity=quantity)],
        "payment_option": PaymentOption.NO_UPFRONT,
    }
    return OutpostOrder(scope, id, **(props | changes))


def resource_of(order: OutpostOrder) -> CfnResource:
    """Return the resource that an escape hatch changes."""
    return cast("CfnResource", order.node.default_child)


def types_in(template: dict[str, Any]) -> list[str]:
    """Return the types of all resources."""
    return sorted(each["Type"] for each in template["Resources"].values())


def output_names(stack: Stack) -> list[str]:
    """Return the names of the stack's outputs."""
    return sorted(template_of(stack).get("Outputs", {}))


def names_of(template: dict[str, Any], resource_type: str) -> list[str]:
    """Return the logical IDs of all resources of a type."""
    return [name for name, each in template["Resources"].items() if each["Type"] == resource_type]


def reached_from(template: dict[str, Any], logical_id: str) -> set[str]:
    """Return the resources that CloudFormation creates before a resource."""
    resources, reached, left = template["Resources"], set[str](), [logical_id]
    while left:
        found = {each for each in _texts_in(resources[left.pop()]) if each in resources}
        left += found - reached
        reached |= found
    return reached


def _texts_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts_in(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts_in(each)]
    return re.findall(r"\w+", value) if isinstance(value, str) else []


def refusal(make: Callable[[], object]) -> tuple[str, ...]:
    """Return every problem for which a construct is refused."""
    with pytest.raises(InvalidOrderError) as refused:
        make()
    return refused.value.problems


def refusal_of(**changes: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return every problem of an order with these changes, in a stack without environment."""
    return refusal(lambda: order(city(), **changes))


def synthesis_refusal(stack: Stack) -> list[str]:
    """Return every problem of a template, without the path of the stack."""
    with pytest.raises(RuntimeError) as refused:
        template_of(stack)
    return re.findall(rf"\[{stack.node.path}\] (.*)", str(refused.value))


def warning_ids(stack: Stack) -> list[str]:
    """Return the construct's warnings that synthesis prints."""
    return re.findall(r"\[ack: cdk-outpost-order:(.*?)\]", " ".join(warnings(stack)))
