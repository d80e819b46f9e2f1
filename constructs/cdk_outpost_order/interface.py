"""The interface of orders, those of this app and others, and the error of the constructs."""

from collections.abc import Iterable
from typing import Protocol

from aws_cdk import IResource, Resource
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_outpost_order.content import is_hidden
from outpost_order_handler import contract, rules
from outpost_order_handler.rules import TextRule


class InvalidOrderError(ValueError):
    """The arguments of a construct break rules. The text lists every problem.

    Attributes:
        problems: Each problem as a text, without the path of the construct.
    """

    def __init__(self, path: str, problems: Iterable[str], cannot: str = "be ordered") -> None:
        """Take the path of the construct, its problems, and what the construct can't do."""
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n  - ".join([f"{path} cannot {cannot}:", *self.problems]))


class IOutpostOrder(IResource, Protocol):
    """An order, placed by this app or referred to by its ID."""

    @property
    def order_id(self) -> str:
        """The ID of the order, `oo-` and 17 hexadecimal digits, or a token."""
        ...

    @property
    def outpost_id(self) -> str | None:
        """The ID of the order's Outpost, or a token. None if it isn't known."""
        ...

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a principal to read every order of the account, this one included."""
        ...

    def grant_cancel(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a principal to cancel every order of the account, this one included."""
        ...


class OutpostOrderBase(Resource):
    """The methods that all orders have."""

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a principal to read every order of the account, this one included.

        The Outposts API doesn't support resource-level permissions for orders.

        Args:
            grantee: The principal, such as a role.
        """
        return _grant(grantee, "outposts:GetOrder")

    def grant_cancel(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a principal to cancel and read **every order of the account**.

        The Outposts API doesn't support resource-level permissions for orders.

        Args:
            grantee: The principal, such as a role.
        """
        return _grant(grantee, "outposts:CancelOrder", "outposts:GetOrder")


class ImportedOrder(OutpostOrderBase):
    """An order that another stack, app or person placed."""

    def __init__(self, scope: Construct, id: str, *, order_id: str, outpost_id: str | None) -> None:
        """Check the IDs, and keep them."""
        super().__init__(scope, id)
        problems = _problems(rules.ORDER_ID, "'order_id'", order_id)
        if outpost_id is not None:
            problems += _problems(rules.OUTPOST_IDENTIFIER, "'outpost_id'", outpost_id)
        if problems:
            raise InvalidOrderError(self.node.path, problems, cannot="be referred to")
        self.order_id = order_id
        self.outpost_id = outpost_id and contract.bare_id(outpost_id)


def _problems(rule: TextRule, subject: str, value: object) -> list[str]:
    return [] if is_hidden(value) else list(rule.problems(subject, value))


def _grant(grantee: iam.IGrantable, *actions: str) -> iam.Grant:
    return iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=["*"])
