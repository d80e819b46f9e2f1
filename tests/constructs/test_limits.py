"""The limits of CloudFormation and IAM, and a stack that is nearly too large."""

import json
import re
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Environment, NestedStack, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

from cdk_outpost_order import (
    InvalidOrderError,
    LineItem,
    OrderLedger,
    OutpostOrder,
    OutpostOrderProvider,
    PaymentOption,
)
from tests.constructs.conftest import MakeOrder, granted_by, policies_in, resources_of, template_of
from tests.constructs.test_quote import FROM_QUOTE

GOV_CLOUD = Environment(account="111122223333", region="us-gov-west-1")
LONGEST_NAME = "n" * 60
RESOLVED = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": GOV_CLOUD.region,
    "AWS::AccountId": GOV_CLOUD.account,
    "AWS::StackId": (
        f"arn:aws-us-gov:cloudformation:us-gov-west-1:111122223333:stack/{'n' * 128}/"
        "01234567-89ab-cdef-0123-456789abcdef"
    ),
}


def outpost(number: int) -> str:
    return f"op-{number:017x}"


def resolved(value: Any) -> Any:  # noqa: ANN401
    """Return a policy as CloudFormation resolves it, with the longest names."""
    if isinstance(value, list):
        return [resolved(each) for each in value]
    return intrinsic(value) if isinstance(value, dict) else value


def intrinsic(value: dict[str, Any]) -> Any:  # noqa: ANN401
    if "Fn::Sub" in value:
        return re.sub(r"\$\{(.*?)\}", lambda found: str(RESOLVED[found[1]]), value["Fn::Sub"])
    if "Fn::Join" in value:
        return value["Fn::Join"][0].join(resolved(value["Fn::Join"][1]))
    if "Ref" in value:
        return RESOLVED[value["Ref"]]
    if "Fn::GetAtt" in value or "Fn::ImportValue" in value:
        return f"arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:{'n' * 512}:*"
    return {name: resolved(each) for name, each in value.items()}


def own_ledger(app: App) -> OrderLedger:
    """Give the ledger that needs the most permissions, with the longest name."""
    stack = Stack(app, "Books", env=GOV_CLOUD)
    key = kms.Key(stack, "Key")
    return OrderLedger(stack, "Ledger", table_name=LONGEST_NAME, encryption_key=key)


def policy_size(documents: list[dict[str, Any]]) -> int:
    """Return the characters that IAM counts: all policies of a role, without white space."""
    return sum(len(re.sub(r"\s", "", json.dumps(resolved(each)))) for each in documents)


@pytest.fixture(scope="module")
def large() -> dict[str, Any]:
    """Synthesize 450 orders for 90 Outposts, with every possible permission."""
    app = App()
    stack = Stack(app, "City", env=GOV_CLOUD)
    ledger = own_ledger(app)
    for number in range(450):
        OutpostOrder(
            stack,
            f"Rack{number}",
            outpost_identifier=outpost(number % 90),
            order_name=f"PO-{number}",
            line_items=[LineItem("OR-ABCDEFG", quantity=1 + number // 90)],
            payment_option=PaymentOption.NO_UPFRONT,
            stack_outputs=False,
            ledger=ledger,
        )
    OutpostOrder(
        stack,
        "Quoted",
        order_name="PO-Quoted",
        outpost_identifier=outpost(0),
        quote_identifier=FROM_QUOTE["quote_identifier"],
        quote_option_identifier=FROM_QUOTE["quote_option_identifier"],
        payment_option=PaymentOption.NO_UPFRONT,
        stack_outputs=False,
    )
    return template_of(stack)


def test_a_large_stack_has_few_enough_resources(large: dict[str, Any]) -> None:
    """CloudFormation takes 500."""
    assert len(resources_of(large, "Custom::OutpostOrder")) == 451
    assert len(large["Resources"]) <= 500


def test_the_template_of_a_large_stack_is_small_enough(large: dict[str, Any]) -> None:
    """CloudFormation takes 1 MB."""
    assert len(json.dumps(large, indent=1)) < 1_000_000


def test_the_role_of_a_large_stack_fits_into_iam(large: dict[str, Any]) -> None:
    """IAM takes 10,240 characters, and every Outpost is among them."""
    assert len(granted_by(large)["outposts:CreateOrder"]) == 90
    assert policy_size(policies_in(large)) <= 10_240


def test_the_largest_role_in_a_vpc_fits_into_iam(make_order: MakeOrder) -> None:
    """The permissions for network interfaces come last in a policy."""
    app = App()
    stack = Stack(app, "City", env=GOV_CLOUD)
    provider = OutpostOrderProvider(
        stack, "Buyer", vpc=ec2.Vpc(stack, "Vpc"), ledger=own_ledger(app)
    )
    for number in range(90):
        make_order(
            f"Rack{number}",
            scope=stack,
            outpost_identifier=outpost(number),
            provider=provider,
            stack_outputs=False,
        )
    make_order(
        "Quoted", scope=stack, outpost_identifier=outpost(0), provider=provider, **FROM_QUOTE
    )
    template = template_of(stack)
    documents = policies_in(template)
    assert (len(documents), policy_size(documents) <= 10_240) == (1, True)


def test_one_outpost_too_many_is_refused(stack: Stack, make_order: MakeOrder) -> None:
    """The deployment would fail; the message says where the order can go instead."""
    for number in range(90):
        make_order(f"Rack{number}", outpost_identifier=outpost(number))
    with pytest.raises(InvalidOrderError) as refused:
        make_order("Spare", outpost_identifier=outpost(90))
    assert refused.value.problems == (
        (
            "'outpost_identifier' must be one of the 90 Outposts that City/OutpostOrderProvider "
            "already orders for: the policy of its role has no more room; order it in another "
            "stack, or with another 'provider'"
        ),
    )
    make_order("More", outpost_identifier=outpost(89))
    make_order("Other", outpost_identifier=outpost(90), provider=OutpostOrderProvider(stack, "B"))


def test_outputs_can_be_left_out(stack: Stack, make_order: MakeOrder) -> None:
    """Other resources can still use the order's ID and status."""
    order = make_order(stack_outputs=False)
    assert "Outputs" not in template_of(stack)
    assert stack.resolve(order.order_id)


def test_too_many_outputs_are_refused(stack: Stack, make_order: MakeOrder) -> None:
    """The message says how to omit the outputs."""
    for number in range(199):
        CfnOutput(stack, f"Other{number}", value="other")
    make_order()
    with pytest.raises(RuntimeError) as refused:
        template_of(stack)
    assert (
        "[City] a stack must have at most 200 outputs, got 201: "
        "leave out those of some orders with stack_outputs=False"
    ) in str(refused.value)


def test_as_many_outputs_as_cloudformation_takes_pass(stack: Stack, make_order: MakeOrder) -> None:
    """The outputs of a nested stack count separately."""
    for number in range(198):
        CfnOutput(stack, f"Other{number}", value="other")
    make_order()
    make_order(scope=NestedStack(stack, "Hall"))
    assert len(template_of(stack)["Outputs"]) == 200
