"""What the function runs as: a role of its own, or one that is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import jsii
from aws_cdk import Annotations, Aspects, IAspect, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

Statements = Mapping[str, iam.PolicyStatement]


@dataclass(frozen=True)
class PermittedRole:
    """A role, and the document of its policy that grows with the orders."""

    role: iam.IRole
    orders: iam.PolicyDocument
    policy: iam.Policy | None = None
    """The policy beside the role, where the permissions are not within it."""


def own_role(scope: Construct, statements: Statements) -> PermittedRole:
    """Make a role with an inline policy for each of the statements, and one for the orders.

    Inline, so that role and permissions come and go as one, before any order and after
    every order.
    """
    documents = {"Orders": iam.PolicyDocument()}
    for name, statement in statements.items():
        documents[name] = iam.PolicyDocument(statements=[statement])
    role = iam.Role(
        scope,
        "Role",
        description="Creates and reads AWS Outposts orders for the OutpostOrders of a stack",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies=documents,
    )
    return PermittedRole(role, documents["Orders"])


def given_role(scope: Construct, role: iam.IRole, statements: Statements) -> PermittedRole:
    """Attach one inline policy to a role, or warn of what it must allow where that cannot be."""
    policy = iam.Policy(scope, "Policy", statements=list(statements.values()))
    role.attach_inline_policy(policy)
    if _is_attached(policy):
        return PermittedRole(role, policy.document, policy)
    Aspects.of(policy).add(_Warning(role, policy))
    return PermittedRole(role, policy.document)


def _is_attached(policy: iam.Policy) -> bool:
    # An immutable role, or one of another account, takes no policy.
    resource = cast("iam.CfnPolicy", policy.node.default_child)
    return bool(Stack.of(policy).resolve(resource.roles))


@jsii.implements(IAspect)
class _Warning:
    """Tells what the role must allow, when all orders are known."""

    def __init__(self, role: iam.IRole, policy: iam.Policy) -> None:
        self._role = role
        self._policy = policy

    def visit(self, node: IConstruct) -> None:
        """Warn once, on the policy that is not attached."""
        if node.node.path == self._policy.node.path:
            Annotations.of(node).add_warning_v2(
                "cdk-outpost-order:roleNotChanged",
                f"the role {self._role.node.path} cannot be changed here, and no order can be "
                f"placed until it allows {', '.join(self._actions())}",
            )

    def _actions(self) -> list[str]:
        document = Stack.of(self._policy).resolve(self._policy.document)
        found: set[str] = set()
        for statement in document["Statement"]:
            actions = statement["Action"]
            found.update([actions] if isinstance(actions, str) else actions)
        return sorted(found)
