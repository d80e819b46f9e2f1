"""What users see of an order, placed by this app or not, and what the constructs raise."""

from collections.abc import Iterable
from typing import Protocol

from aws_cdk import IResource, Resource
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_outpost_order.content import is_hidden
from outpost_order_handler import contract, rules
from outpost_order_handler.rules import TextRule


class InvalidOrderError(ValueError):
    """What a construct was given cannot be ordered; the text lists every problem."""

    def __init__(self, path: str, problems: Iterable[str], cannot: str = "be ordered") -> None:
        """Take the path of the construct, all that is wrong, and what it prevents."""
        self.problems = tuple(problems)
        super().__init__("\n  - ".join([f"{path} cannot {cannot}:", *self.problems]))


class IOutpostOrder(IResource, Protocol):
    """An order, placed by this app or known by its id."""

    @property
    def order_id(self) -> str:
        """The id of the order, `oo-` and 17 hexadecimal digits, or a token."""
        ...

    @property
    def outpost_id(self) -> str | None:
        """The id of its Outpost, or a token; None where nobody told it."""
        ...

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow to read the order, and every other of the account."""
        ...

    def grant_cancel(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow to cancel the order, and every other of the account."""
        ...


class OutpostOrderBase(Resource):
    """What all orders have in common."""

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow to read the order, and every other of the account.

        The API knows no permission for a single order.

        Args:
            grantee: Who may.
        """
        return _grant(grantee, "outposts:GetOrder")

    def grant_cancel(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow to cancel the order and to see whether that worked.

        **And to cancel every other order of the account**: the API knows no permission
        for a single order.

        Args:
            grantee: Who may.
        """
        return _grant(grantee, "outposts:CancelOrder", "outposts:GetOrder")


class ImportedOrder(OutpostOrderBase):
    """An order that another stack, app or person placed."""

    def __init__(self, scope: Construct, id: str, *, order_id: str, outpost_id: str | None) -> None:
        """Take what is known of it."""
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
