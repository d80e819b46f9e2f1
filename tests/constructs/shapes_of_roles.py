"""Shapes of the place of a function: the role that it runs as, and its VPC.

Each function builds one shape, and returns what is found in it and what must be found.
"""

import json
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from cdk_outpost_order import OutpostOrderProvider
from tests.constructs.conftest import granted_by, only, resources_of, template_of
from tests.constructs.shapes import (
    FUNCTION,
    ONE_ORDER,
    US_WEST_2,
    Found,
    city,
    order,
    types_in,
    warning_ids,
)
from tests.constructs.test_role import ACTIONS

ROLE_ARN = "arn:aws:iam::111122223333:role/Buyer"


def _with_role(stack: Stack, role: iam.IRole) -> Found:
    """Return whom the policy is attached to, and of what synthesis warns."""
    order(stack, provider=OutpostOrderProvider(stack, "Buyer", role=role))
    policies = resources_of(template_of(stack), "AWS::IAM::Policy")
    return [each["Properties"]["Roles"] for each in policies], warning_ids(stack)


def _own_role(stack: Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def a_mutable_role() -> Found:
    """A role of the app gets the policy."""
    stack = city()
    role = _own_role(stack)
    return _with_role(stack, role), ([[stack.resolve(role.role_name)]], [])


def an_imported_role() -> Found:
    """A role that exists gets the policy by its name."""
    stack = city()
    return _with_role(stack, iam.Role.from_role_arn(stack, "Role", ROLE_ARN)), ([["Buyer"]], [])


def a_role_of_another_account() -> Found:
    """No stack can change the role, so synthesis warns of what the role must allow."""
    stack = city(env=Environment(account="444455556666", region="us-west-2"))
    role = iam.Role.from_role_arn(stack, "Role", ROLE_ARN)
    return _with_role(stack, role), ([], ["roleNotChanged"])


def a_role_without_updates() -> Found:
    """A role that takes no updates gets no policy, and synthesis warns."""
    stack = city()
    role = _own_role(stack).without_policy_updates()
    return _with_role(stack, role), ([], ["roleNotChanged"])


def precreated_roles() -> Found:
    """The policy report names every action, and the template has no role."""
    app, path = App(), "City/OutpostOrderProvider/Role"
    iam.Role.customize_roles(app, use_precreated_roles={path: "outposts-buyer"})
    stack = Stack(app, "City")
    order(stack)
    types = types_in(template_of(stack))
    report = json.loads(Path(app.outdir, "iam-policy-report.json").read_text())
    [role] = [each for each in report["roles"] if each["roleConstructPath"] == path]
    statements = [*role["identityPolicyStatements"]]
    actions = {action for each in statements for action in _list_of(each["Action"])}
    return (actions, types), ({*ACTIONS}, ONE_ORDER[2:])


def _list_of(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]


def a_vpc_of_the_stack() -> Found:
    """The function is in the private subnets, and its role can have network interfaces."""
    stack = city()
    vpc = ec2.Vpc(stack, "Vpc")
    order(stack, provider=OutpostOrderProvider(stack, "Buyer", vpc=vpc))
    [network] = _networks(template_of(stack))
    found = network["SubnetIds"], "ec2:CreateNetworkInterface" in granted_by(template_of(stack))
    return found, ([stack.resolve(each.subnet_id) for each in vpc.private_subnets], True)


def a_vpc_that_is_looked_up() -> Found:
    """The first synthesis has the subnets that CDK makes up."""
    stack = city(env=US_WEST_2)
    vpc = ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-12345")
    order(stack, provider=OutpostOrderProvider(stack, "Buyer", vpc=vpc))
    [network] = _networks(template_of(stack))
    return network["SubnetIds"], ["p-12345", "p-67890"]


def isolated_subnets() -> Found:
    """The function is in the isolated subnets that it is given."""
    stack = city()
    isolated = ec2.SubnetType.PRIVATE_ISOLATED
    subnets = ec2.SubnetConfiguration(name="Inner", subnet_type=isolated)
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0, subnet_configuration=[subnets])
    selection = ec2.SubnetSelection(subnet_type=isolated)
    order(stack, provider=OutpostOrderProvider(stack, "Buyer", vpc=vpc, vpc_subnets=selection))
    [network] = _networks(template_of(stack))
    return network["SubnetIds"], [stack.resolve(each.subnet_id) for each in vpc.isolated_subnets]


def connections_of_a_provider() -> Found:
    """An endpoint of the VPC can let the function in."""
    stack = city()
    vpc = ec2.Vpc(stack, "Vpc")
    provider = OutpostOrderProvider(stack, "Buyer", vpc=vpc)
    endpoint = vpc.add_interface_endpoint(
        "Stacks", service=ec2.InterfaceVpcEndpointAwsService.CLOUDFORMATION
    )
    endpoint.connections.allow_default_port_from(provider)
    template = template_of(stack)
    rule = only(template, "AWS::EC2::SecurityGroupIngress")["Properties"]
    [network] = _networks(template)
    return [rule["SourceSecurityGroupId"]], network["SecurityGroupIds"]


def _networks(template: dict[str, Any]) -> list[dict[str, Any]]:
    functions = [each["Properties"] for each in resources_of(template, FUNCTION)]
    return [each["VpcConfig"] for each in functions if "VpcConfig" in each]
