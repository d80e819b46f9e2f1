"""A given role, and the permissions for a VPC."""

from typing import Any

import pytest
from aws_cdk import Annotations, App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from cdk_outpost_order import OutpostOrderProvider
from tests.constructs.conftest import (
    MakeOrder,
    granted_by,
    only,
    policies_in,
    resources_of,
    template_of,
    warnings,
)
from tests.constructs.test_quote import FROM_QUOTE

ROLE_ARN = "arn:aws:iam::111122223333:role/Buyer"
NOT_CHANGED = "cdk-outpost-order:roleNotChanged"
ACTIONS = [
    "cloudformation:DescribeStackResource",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "outposts:CreateOrder",
    "outposts:GetCatalogItem",
    "outposts:GetOrder",
    "outposts:GetOutpost",
    "outposts:ListCatalogItems",
    "outposts:ListOrders",
]


def lambda_role(stack: Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def imported(stack: Stack, **options: Any) -> iam.IRole:  # noqa: ANN401
    return iam.Role.from_role_arn(stack, "Imported", ROLE_ARN, **options)


def actions_of(policy: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
        actions = statement["Action"]
        found += [actions] if isinstance(actions, str) else actions
    return sorted(found)


def test_a_given_role_gets_one_policy(stack: Stack, make_order: MakeOrder) -> None:
    """The policy has the permissions of all orders, in any sequence."""
    role = lambda_role(stack)
    make_order(provider=OutpostOrderProvider(stack, "Buyer", role=role))
    template = template_of(stack)
    policy = only(template, "AWS::IAM::Policy")
    assert policy["Properties"]["Roles"] == [stack.resolve(role.role_name)]
    assert actions_of(policy) == ACTIONS


def test_a_given_role_is_the_only_one(stack: Stack, make_order: MakeOrder) -> None:
    """The function runs with the given role."""
    role = lambda_role(stack)
    provider = OutpostOrderProvider(stack, "Buyer", role=role)
    make_order(provider=provider)
    template = template_of(stack)
    assert provider.role is role
    assert len(resources_of(template, "AWS::IAM::Role")) == 1
    function = only(template, "AWS::Lambda::Function")
    assert function["Properties"]["Role"] == stack.resolve(role.role_arn)


def test_orders_and_function_wait_for_the_policy(stack: Stack, make_order: MakeOrder) -> None:
    """The policy is created before the first invocation, and deleted after the last one."""
    make_order(provider=OutpostOrderProvider(stack, "Buyer", role=lambda_role(stack)))
    template = template_of(stack)
    [policy] = [n for n, r in template["Resources"].items() if r["Type"] == "AWS::IAM::Policy"]
    assert policy in only(template, "Custom::OutpostOrder")["DependsOn"]
    assert policy in only(template, "AWS::Lambda::Function")["DependsOn"]


def test_an_imported_role_gets_the_policy(stack: Stack, make_order: MakeOrder) -> None:
    """The policy is attached by name, without a warning."""
    make_order(provider=OutpostOrderProvider(stack, "Buyer", role=imported(stack)))
    assert only(template_of(stack), "AWS::IAM::Policy")["Properties"]["Roles"] == ["Buyer"]
    assert warnings(stack) == []


def test_an_immutable_role_is_left_alone(stack: Stack, make_order: MakeOrder) -> None:
    """Synthesis lists the permissions that the role needs, once, when all orders are known."""
    role = imported(stack, mutable=False)
    provider = OutpostOrderProvider(stack, "Buyer", role=role)
    for name in ("Rack", "Spare"):
        make_order(name, provider=provider)
    assert resources_of(template_of(stack), "AWS::IAM::Policy") == []
    assert warnings(stack) == [
        (
            f"the role {role.node.path} cannot be changed here, and no order can be placed until "
            f"it allows {', '.join(ACTIONS)} [ack: {NOT_CHANGED}]"
        )
    ]


def test_an_immutable_role_must_allow_reading_quotes_too(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The list of permissions has GetQuote if an order is from a quote."""
    provider = OutpostOrderProvider(stack, "Buyer", role=imported(stack, mutable=False))
    make_order(provider=provider, **FROM_QUOTE)
    assert resources_of(template_of(stack), "AWS::IAM::Policy") == []
    [needed] = [each for each in warnings(stack) if NOT_CHANGED in each]
    assert "outposts:GetQuote" in needed


def test_the_role_of_another_account_is_left_alone(make_order: MakeOrder) -> None:
    """No stack can change the role."""
    env = Environment(account="444455556666", region="us-west-2")
    stack = Stack(App(), "City", env=env)
    make_order(scope=stack, provider=OutpostOrderProvider(stack, "Buyer", role=imported(stack)))
    assert resources_of(template_of(stack), "AWS::IAM::Policy") == []
    assert len(warnings(stack)) == 1


@pytest.mark.parametrize("acknowledged_at", ["provider", "stack"])
def test_the_warning_can_be_acknowledged(
    acknowledged_at: str, stack: Stack, make_order: MakeOrder
) -> None:
    """An app that manages its roles elsewhere says so once."""
    provider = OutpostOrderProvider(stack, "Buyer", role=imported(stack, mutable=False))
    make_order(provider=provider)
    scope = provider if acknowledged_at == "provider" else stack
    Annotations.of(scope).acknowledge_warning(NOT_CHANGED, "our roles are made elsewhere")
    assert warnings(stack) == []


def test_in_a_vpc_the_role_can_create_network_interfaces(
    stack: Stack, make_order: MakeOrder
) -> None:
    """Lambda creates them for the function, and they are allowed only for that."""
    provider = OutpostOrderProvider(stack, "Buyer", vpc=ec2.Vpc(stack, "Vpc"))
    make_order(provider=provider)
    [document] = policies_in(template_of(stack))
    assert document["Statement"][-1]["Action"] == [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ]


def test_without_a_vpc_no_network_interface_is_allowed(stack: Stack) -> None:
    """The default role has no permission for EC2."""
    OutpostOrderProvider(stack, "Buyer")
    assert not [action for action in granted_by(template_of(stack)) if action.startswith("ec2:")]


def test_the_function_is_in_the_given_vpc(stack: Stack) -> None:
    """The function has the given subnets and security groups."""
    vpc = ec2.Vpc(stack, "Vpc")
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    subnets = ec2.SubnetSelection(subnets=vpc.private_subnets[:1])
    OutpostOrderProvider(stack, "Buyer", vpc=vpc, vpc_subnets=subnets, security_groups=(group,))
    functions = resources_of(template_of(stack), "AWS::Lambda::Function")
    [network] = [f["Properties"]["VpcConfig"] for f in functions if "VpcConfig" in f["Properties"]]
    assert network["SecurityGroupIds"] == [stack.resolve(group.security_group_id)]
    assert network["SubnetIds"] == [stack.resolve(vpc.private_subnets[0].subnet_id)]


def test_a_function_in_a_vpc_waits_for_its_way_out(stack: Stack) -> None:
    """The function reaches no endpoint before the route exists."""
    OutpostOrderProvider(stack, "Buyer", vpc=ec2.Vpc(stack, "Vpc"))
    template = template_of(stack)
    [function] = [
        resource
        for resource in resources_of(template, "AWS::Lambda::Function")
        if "VpcConfig" in resource["Properties"]
    ]
    waits_for = {template["Resources"][name]["Type"] for name in function["DependsOn"]}
    assert "AWS::EC2::Route" in waits_for
