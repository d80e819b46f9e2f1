"""The permissions of the function: those that its orders need, and no other.

The statements are made when the template is: whatever is declared until then counts, and
constructs can be declared in any order.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import jsii
from aws_cdk import Annotations, Aspects, IAnyProducer, IAspect, IResolveContext, Lazy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from cdk_outpost_order.content import OrderRequest, is_hidden
from cdk_outpost_order.ledger import OrderLedger
from cdk_outpost_order.names import deployed_stack, key_of, stack_of
from cdk_outpost_order.outpost import arn_in, local_arn

MAX_OUTPOSTS = 90
"""How many fit, in every partition, into the 10,240 characters of a role's inline policies."""

# As CDK grants them for reading and writing an encrypted table.
_KEY_ACTIONS = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
)
# The permissions that Lambda needs to run a function in a VPC:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
_NETWORK_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)

_Statement = Mapping[str, Any]


def own_role(scope: Construct) -> iam.Role:
    """Make a role that only the function can take."""
    return iam.Role(
        scope,
        "Role",
        description="Creates and reads AWS Outposts orders for the OutpostOrders of a stack",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
    )


@dataclass(frozen=True)
class AllowedOrder:
    """An order, as the policy sees it."""

    construct: IConstruct
    request: OrderRequest
    outpost_key: str
    is_nested: bool
    """Whether it is in a stack that is nested in the role's."""


class Permissions:
    """The policy of a role, which grows with each order that is declared.

    A role that can't be changed gets no policy: synthesis warns of what it must allow.
    """

    def __init__(
        self,
        scope: Construct,
        role: iam.IRole,
        *,
        ledger: OrderLedger,
        log_group: logs.ILogGroup,
        in_vpc: bool,
    ) -> None:
        """Attach the policy, with what every order needs."""
        self.role = role
        self._stack = stack_of(scope)
        self._ledger, self._log_group, self._in_vpc = ledger, log_group, in_vpc
        self._outposts: dict[str, str] = {}
        """The ARN of each Outpost that is ordered for."""
        self._orders: list[AllowedOrder] = []
        # CDK checks that a policy isn't empty, and what is in it; the template has all of it.
        self.policy = iam.Policy(scope, "Policy", statements=[_made(_everywhere(()))])
        role.attach_inline_policy(self.policy)
        resource = cast("iam.CfnPolicy", self.policy.node.default_child)
        resource.policy_document = Lazy.uncached_any(_Document(self))
        # An immutable role, or one of another account, takes no policy.
        self.is_attached = bool(self._stack.resolve(resource.roles))
        if not self.is_attached:
            Aspects.of(self.policy).add(_RoleWarning(self))

    def allow(self, order: IConstruct, request: OrderRequest, *, is_nested: bool) -> None:
        """Allow what this order can lead to."""
        key = self.outpost_key(request)
        if request.may_buy and key not in self._outposts:
            self._outposts[key] = self._outpost_arn(request)
        self._orders.append(AllowedOrder(order, request, key, is_nested))

    def has_room_for(self, request: OrderRequest) -> bool:
        """Return whether one more order leaves the policy small enough."""
        if not request.may_buy or len(self._outposts) < MAX_OUTPOSTS:
            return True
        return self.outpost_key(request) in self._outposts

    def outpost_key(self, request: OrderRequest) -> str:
        """Return a text that is the same for the same Outpost."""
        reference = request.outpost_reference
        return key_of(self._stack, reference) if is_hidden(reference) else reference

    def statements(self) -> Iterator[_Statement]:
        """Yield all statements, as a policy document has them; an order can have been removed."""
        present = set(deployed_stack(self._stack).node.find_all())
        orders = [each for each in self._orders if each.construct in present]
        requests = [each.request for each in orders]
        outposts = dict.fromkeys(each.outpost_key for each in orders if each.request.may_buy)
        if outposts:
            looks_first = any(each.looks_first for each in requests)
            buying = ["outposts:CreateOrder", *(["outposts:GetOutpost"] if looks_first else [])]
            yield _allowed(buying, *(self._outposts[key] for key in outposts))
        yield _everywhere(requests)
        yield _allowed(
            ["dynamodb:GetItem", "dynamodb:PutItem"],
            # The name says which table it is, so no stack must export it, nor keep the export.
            local_arn("dynamodb", "table", self._ledger.table_name),
        )
        key = self._ledger.encryption_key
        if key is not None:
            via = {"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}}
            yield {**_allowed(_KEY_ACTIONS, key.key_arn), "Condition": via}
        yield _allowed(["cloudformation:DescribeStackResource"], *self._stacks(orders))
        logging = ["logs:CreateLogStream", "logs:PutLogEvents"]
        yield _allowed(logging, self._log_group.log_group_arn)
        if self._in_vpc:
            yield _allowed(_NETWORK_ACTIONS, "*")

    def _stacks(self, orders: Iterable[AllowedOrder]) -> Iterator[str]:
        yield self._stack.stack_id
        if any(each.is_nested for each in orders):
            # CloudFormation names a nested stack after its parent. Its ID would be a cycle.
            yield local_arn("cloudformation", "stack", "${AWS::StackName}-*")

    def _outpost_arn(self, request: OrderRequest) -> str:
        return request.outpost_arn or arn_in(self._stack, request.outpost_reference)


@jsii.implements(IAnyProducer)
class _Document:
    """The document of the policy, made when the template is."""

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions

    def produce(self, _context: IResolveContext) -> Any:  # noqa: ANN401
        """Return the document."""
        return {"Statement": list(self._permissions.statements()), "Version": "2012-10-17"}


@jsii.implements(IAspect)
class _RoleWarning:
    """Warns of what a role must allow that can't be changed, once all orders are known."""

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions
        self._is_done = False

    def visit(self, node: IConstruct) -> None:
        """Warn once, on the policy that isn't attached."""
        if self._is_done:
            return
        self._is_done = True
        permissions, actions = self._permissions, set[str]()
        for statement in permissions.statements():
            # CDK reports these statements, for a role that is created from its report.
            permissions.role.add_to_principal_policy(_made(statement))
            action = statement["Action"]
            actions.update([action] if isinstance(action, str) else action)
        Annotations.of(node).add_warning_v2(
            "cdk-outpost-order:roleNotChanged",
            f"the role {permissions.role.node.path} cannot be changed here, and no order can be "
            f"placed until it allows {', '.join(sorted(actions))}",
        )


def _everywhere(requests: Collection[OrderRequest]) -> _Statement:
    """Return what knows no permission for a single resource."""
    actions = ["outposts:GetOrder", "outposts:ListOrders"]
    if any(each.looks_first and not each.is_from_quote for each in requests):
        actions += ["outposts:GetCatalogItem", "outposts:ListCatalogItems"]
    if any(each.is_from_quote for each in requests):
        actions += ["outposts:GetQuote"]
    return _allowed(actions, "*")


def _allowed(actions: Iterable[str], *resources: str) -> _Statement:
    return {"Action": _one_or_all(actions), "Effect": "Allow", "Resource": _one_or_all(resources)}


def _one_or_all(values: Iterable[str]) -> Any:  # noqa: ANN401
    """Return the one value, or all of them, as a policy document has them."""
    found = list(values)
    return found[0] if len(found) == 1 else found


def _made(statement: _Statement) -> iam.PolicyStatement:
    return iam.PolicyStatement.from_json(dict(statement))
