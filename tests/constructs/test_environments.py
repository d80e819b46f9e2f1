"""An order in whatever stack, stage and environment it is put."""

from typing import Any

from aws_cdk import App, Environment, NestedStack, Stack, Tags
from aws_cdk import aws_ssm as ssm

from tests.constructs.conftest import (
    OUTPOST_ID,
    MakeOrder,
    granted_by,
    local_arn,
    only,
    resources_of,
    template_of,
)

US_WEST_2 = Environment(account="111122223333", region="us-west-2")
EU_WEST_1 = Environment(account="111122223333", region="eu-west-1")


def order_in(stack: Stack) -> dict[str, Any]:
    return only(template_of(stack), "Custom::OutpostOrder")


def test_tags_reach_what_can_have_some_and_not_the_order(
    stack: Stack, make_order: MakeOrder
) -> None:
    """Orders have no tags, and the function refuses an unknown property."""
    make_order()
    Tags.of(stack).add("cost-center", "4711")
    template = template_of(stack)
    assert "cost-center" not in str(only(template, "Custom::OutpostOrder"))
    for resource_type in ("Lambda::Function", "IAM::Role", "Logs::LogGroup"):
        [tag] = only(template, f"AWS::{resource_type}")["Properties"]["Tags"]
        assert tag == {"Key": "cost-center", "Value": "4711"}


def test_an_environment_of_its_own_changes_no_permission(make_order: MakeOrder) -> None:
    """The role is allowed what is in the account and Region of the stack, in the same words."""
    stack = Stack(App(), "City", env=US_WEST_2)
    make_order(scope=stack)
    wanted = local_arn("outposts", f"outpost/{OUTPOST_ID}")
    assert granted_by(template_of(stack))["outposts:CreateOrder"] == wanted


def test_a_stack_of_another_region_can_use_the_order(make_order: MakeOrder) -> None:
    """CDK's own references between Regions carry the order's id."""
    app = App()
    here = Stack(app, "City", env=US_WEST_2, cross_region_references=True)
    there = Stack(app, "Town", env=EU_WEST_1, cross_region_references=True)
    order = make_order(scope=here)
    ssm.StringParameter(there, "Order", string_value=order.order_id)
    assert len(resources_of(template_of(there), "AWS::SSM::Parameter")) == 1


def test_an_order_in_a_nested_stack_keeps_its_own_outputs(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The template of the nested stack has the outputs, named from there."""
    nested = NestedStack(stack, "Hall")
    make_order("Rack", scope=nested)
    assert sorted(template_of(nested)["Outputs"]) == ["RackOrderId", "RackStatus"]
    assert "Outputs" not in template_of(stack)
