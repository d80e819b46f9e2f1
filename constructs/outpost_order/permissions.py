"""What the function may do: what the orders of its stack can lead to, and nothing more."""

import json

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from outpost_order.outpost import arn_in
from outpost_order.request import OrderRequest
from outpost_order.role import PermittedRole

MAX_OUTPOSTS = 90
"""How many fit, in every partition, into the 10,240 characters of a role's inline policies."""


class OrderPermissions:
    """The statements about orders, which grow with each order that is declared."""

    def __init__(self, scope: Construct, role: PermittedRole) -> None:
        """Write them into the policy of a role."""
        self._scope = scope
        self._role = role
        self._outposts: set[str] = set()
        self._buying = iam.PolicyStatement(actions=["outposts:CreateOrder"])
        # These know no resource-level permission.
        self._everywhere = iam.PolicyStatement(
            actions=["outposts:GetOrder", "outposts:ListOrders"], resources=["*"]
        )
        role.orders.add_statements(self._everywhere)

    def allow(self, request: OrderRequest) -> None:
        """Allow what this order can lead to."""
        if request.may_buy:
            self._allow_orders_on(self._outpost_arn(request))
        if request.looks_first:
            _add_actions(self._buying, "outposts:GetOutpost")
        if request.looks_first and not request.is_from_quote:
            _add_actions(self._everywhere, "outposts:GetCatalogItem", "outposts:ListCatalogItems")
        if request.is_from_quote:
            _add_actions(self._everywhere, "outposts:GetQuote")

    def has_room_for(self, request: OrderRequest) -> bool:
        """Tell whether one more order leaves the policy small enough."""
        if not request.may_buy or len(self._outposts) < MAX_OUTPOSTS:
            return True
        return self._resolved(self._outpost_arn(request)) in self._outposts

    def _allow_orders_on(self, outpost_arn: str) -> None:
        resolved = self._resolved(outpost_arn)
        if resolved in self._outposts:
            return
        self._buying.add_resources(outpost_arn)
        if not self._outposts:
            self._role.orders.add_statements(self._buying)
        self._outposts.add(resolved)

    def _outpost_arn(self, request: OrderRequest) -> str:
        return request.outpost_arn or arn_in(Stack.of(self._scope), request.outpost_told)

    def _resolved(self, outpost_arn: str) -> str:
        # Each use of a token has a text of its own: only resolved are two of them equal.
        return json.dumps(Stack.of(self._scope).resolve(outpost_arn))


def log_statement(log_group: logs.ILogGroup) -> iam.PolicyStatement:
    """Return the permission to write into a log group that is there."""
    return iam.PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
    )


def stack_statement(stack: Stack) -> iam.PolicyStatement:
    """Return the permission to ask CloudFormation whether it is creating an order of the stack."""
    return iam.PolicyStatement(
        actions=["cloudformation:DescribeStackResource"], resources=[stack.stack_id]
    )


def network_statement() -> iam.PolicyStatement:
    """Return the permission that Lambda needs to run a function in a VPC.

    Source:
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    return iam.PolicyStatement(
        actions=[
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        ],
        resources=["*"],
    )


def _add_actions(statement: iam.PolicyStatement, *actions: str) -> None:
    known = statement.actions
    statement.add_actions(*(action for action in actions if action not in known))
