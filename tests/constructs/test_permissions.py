"""What the role may do comes with the first order that can lead to it."""

from typing import Any

import pytest
from aws_cdk import RemovalPolicy, Stack

from outpost_order import ExistingOrder
from tests.constructs.conftest import MakeOrder, granted_by, only, template_of
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
        (
            {"existing_order": ExistingOrder.ADOPT},
            BUYING | CATALOG | {"outposts:GetOutpost"},
        ),
        (FROM_QUOTE, BUYING | {"outposts:GetOutpost", "outposts:GetQuote"}),
        (FROM_QUOTE | {"preflight": False}, BUYING | {"outposts:GetQuote"}),
        ({"adopt_order_id": ORDER_ID}, READING),
        ({"adopt_order_id": ORDER_ID, "removal_policy": RemovalPolicy.DESTROY}, READING),
        (
            {"preflight": False, "removal_policy": RemovalPolicy.DESTROY},
            BUYING | {"outposts:CancelOrder"},
        ),
    ],
)
def test_the_role_may_do_what_the_order_can_lead_to(
    props: dict[str, Any], actions: set[str], stack: Stack, make_order: MakeOrder
) -> None:
    """Nothing is allowed beforehand, and nothing that is needed is missing."""
    make_order(**props)
    assert outposts_actions(stack) == actions


def test_buying_and_looking_share_one_statement(stack: Stack, make_order: MakeOrder) -> None:
    """The policy names each Outpost once, whatever is done on it."""
    make_order()
    role = only(template_of(stack), "AWS::IAM::Role")
    [orders] = [p for p in role["Properties"]["Policies"] if p["PolicyName"] == "Orders"]
    [actions] = [
        statement["Action"]
        for statement in orders["PolicyDocument"]["Statement"]
        if statement["Resource"] != "*"
    ]
    assert actions == ["outposts:CreateOrder", "outposts:GetOutpost"]


def test_the_orders_of_a_stack_add_up(stack: Stack, make_order: MakeOrder) -> None:
    """One order's choice takes nothing from another's."""
    make_order("Quoted", **FROM_QUOTE)
    make_order("Adopted", adopt_order_id=ORDER_ID)
    make_order("Unchecked", preflight=False)
    assert outposts_actions(stack) == BUYING | {"outposts:GetOutpost", "outposts:GetQuote"}


def test_the_preflight_is_left_out_only_where_it_was_asked_for(
    stack: Stack, make_order: MakeOrder
) -> None:
    """Skipping it stands where a reviewer sees it."""
    make_order(preflight=False)
    assert only(template_of(stack), "Custom::OutpostOrder")["Properties"]["Preflight"] == "SKIP"


def test_an_order_that_is_taken_over_by_name_is_never_cancelled(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The template does not pretend that it would be."""
    make_order(adopt_order_id=ORDER_ID, removal_policy=RemovalPolicy.DESTROY)
    assert "OnDelete" not in only(template_of(stack), "Custom::OutpostOrder")["Properties"]


@pytest.mark.parametrize(
    ("props", "policy"),
    [({"removal_policy": RemovalPolicy.DESTROY}, "Cancelling"), (FROM_QUOTE, "Quotes")],
)
def test_what_a_deletion_needs_goes_after_the_order(
    props: dict[str, Any], policy: str, stack: Stack, make_order: MakeOrder
) -> None:
    """CloudFormation changes a role first, and only then deletes what left the template."""
    make_order("Kept")
    lost = make_order("Lost", **props)
    resources = template_of(stack)["Resources"]
    [beside] = [name for name, each in resources.items() if each["Type"] == "AWS::IAM::Policy"]
    waiting = [
        each["Properties"]["OrderName"]
        for each in resources.values()
        if each["Type"] == "Custom::OutpostOrder" and beside in each["DependsOn"]
    ]
    assert policy in beside
    assert waiting == [lost.order_name]
