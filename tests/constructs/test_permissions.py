"""The role gets a permission with the first order that needs it."""

from typing import Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam

from cdk_outpost_order import OutpostOrderProvider
from tests.constructs.conftest import MakeOrder, granted_by, only, policies_in, template_of
from tests.constructs.test_quote import FROM_QUOTE

ORDER_ID = "oo-0123456789abcdef0"
READING = {"outposts:GetOrder", "outposts:ListOrders"}
BUYING = READING | {"outposts:CreateOrder"}
CATALOG = {"outposts:GetCatalogItem", "outposts:ListCatalogItems"}


def outposts_actions(stack: Stack) -> set[str]:
    return {each for each in granted_by(template_of(stack)) if each.startswith("outposts:")}


@pytest.mark.parametrize(
    ("props", "actions"),
    [
        ({}, BUYING | CATALOG | {"outposts:GetOutpost"}),
        ({"preflight": False}, BUYING),
        ({"in_addition_to": ["PO-1"]}, BUYING | CATALOG | {"outposts:GetOutpost"}),
        (FROM_QUOTE, BUYING | {"outposts:GetOutpost", "outposts:GetQuote"}),
        (FROM_QUOTE | {"preflight": False}, BUYING | {"outposts:GetQuote"}),
        ({"adopt_order_id": ORDER_ID}, READING),
    ],
)
def test_the_role_may_do_what_the_order_can_lead_to(
    props: dict[str, Any], actions: set[str], stack: Stack, make_order: MakeOrder
) -> None:
    """The role has each permission that the order needs, and no other."""
    make_order(**props)
    assert outposts_actions(stack) == actions


def test_buying_and_looking_share_one_statement(stack: Stack, make_order: MakeOrder) -> None:
    """The policy names each Outpost once, with all its actions."""
    make_order()
    [document] = policies_in(template_of(stack))
    assert [
        each["Action"] for each in document["Statement"] if "outposts:GetOutpost" in each["Action"]
    ] == [["outposts:CreateOrder", "outposts:GetOutpost"]]


def test_the_orders_of_a_stack_add_up(stack: Stack, make_order: MakeOrder) -> None:
    """An order's settings don't remove another order's permissions."""
    make_order("Quoted", **FROM_QUOTE)
    make_order("Adopted", adopt_order_id=ORDER_ID)
    make_order("Unchecked", preflight=False)
    assert outposts_actions(stack) == BUYING | {"outposts:GetOutpost", "outposts:GetQuote"}


def test_the_preflight_is_left_out_only_where_it_was_asked_for(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The template shows a reviewer that the check is skipped."""
    make_order(preflight=False)
    assert only(template_of(stack), "Custom::OutpostOrder")["Properties"]["Preflight"] == "SKIP"


@pytest.mark.parametrize("props", [{}, FROM_QUOTE, {"adopt_order_id": ORDER_ID}])
def test_the_role_never_cancels(props: dict[str, Any], stack: Stack, make_order: MakeOrder) -> None:
    """Only a person cancels an order."""
    make_order(**props)
    assert "CancelOrder" not in str(template_of(stack))


def test_the_function_asks_about_its_own_stack_only(stack: Stack, make_order: MakeOrder) -> None:
    """Each stack of an app has its own function."""
    stacks = (stack, Stack(App(), "Town"))
    for each in stacks:
        make_order(scope=each)
    for each in stacks:
        granted = granted_by(template_of(each))
        assert granted["cloudformation:DescribeStackResource"] == {"Ref": "AWS::StackId"}


def test_the_template_has_what_was_declared_until_it_was_made(
    stack: Stack, make_order: MakeOrder
) -> None:
    """A read of the policy freezes nothing: an order that is declared later counts, too."""
    make_order("Rack", preflight=False)
    provider = OutpostOrderProvider.of(stack)
    [policy] = [each for each in provider.node.children if isinstance(each, iam.Policy)]
    stack.resolve(policy.document)
    stack.resolve(cast("iam.CfnPolicy", policy.node.default_child).policy_document)
    make_order("Quoted", **FROM_QUOTE)
    assert "outposts:GetQuote" in outposts_actions(stack)
