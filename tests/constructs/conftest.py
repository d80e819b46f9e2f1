"""The fixtures of the construct's tests: an order to vary, and its template."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match, Template

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption

OUTPOST_ID = "op-0123456789abcdef0"
OUTPOST_ARN = f"arn:aws:outposts:us-west-2:111122223333:outpost/{OUTPOST_ID}"

MakeOrder = Callable[..., OutpostOrder]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make templates` write the stored files instead of comparing them."""
    parser.addoption("--store-templates", action="store_true", help="update what is stored")


@pytest.fixture
def stack() -> Stack:
    """Give an empty stack called City."""
    return Stack(App(), "City")


@pytest.fixture
def make_order(stack: Stack) -> MakeOrder:
    """Give a maker of orders that are valid except for a test's changes, and never identical."""
    numbers = count()

    def make(construct_id: str = "Rack", scope: Any = stack, **changes: Any) -> OutpostOrder:  # noqa: ANN401
        number = next(numbers)
        props: dict[str, Any] = {
            "order_name": f"PO-{4711 + number}",
            "outpost_identifier": OUTPOST_ID,
            "line_items": [LineItem("OR-ABCDEFG", quantity=2 + number)],
            "payment_option": PaymentOption.NO_UPFRONT,
        }
        return OutpostOrder(scope, construct_id, **(props | changes))

    return make


def template_of(stack: Stack) -> dict[str, Any]:
    """Return the synthesized template."""
    return dict(Template.from_stack(stack).to_json())


def resources_of(template: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    """Return all resources of a type."""
    return [r for r in template["Resources"].values() if r["Type"] == resource_type]


def only(template: dict[str, Any], resource_type: str) -> dict[str, Any]:
    """Return the one resource of a type."""
    (resource,) = resources_of(template, resource_type)
    return resource


def policies_in(template: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the documents of all policies."""
    found = resources_of(template, "AWS::IAM::Policy")
    return [each["Properties"]["PolicyDocument"] for each in found]


def granted_by(template: dict[str, Any]) -> dict[str, Any]:
    """Return the permissions of the function's role: the resources, by action."""
    return {
        action: statement["Resource"]
        for document in policies_in(template)
        for statement in document["Statement"]
        for action in _list(statement["Action"])
    }


def local_arn(service: str, resource: str) -> dict[str, Any]:
    """Return an ARN in the stack's own partition, Region and account."""
    prefix = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}"
    return {"Fn::Sub": f"{prefix}:{resource}"}


def _list(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]


def warnings(stack: Stack) -> list[str]:
    """Return the warnings of synthesis."""
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(each.entry.data) for each in found]
