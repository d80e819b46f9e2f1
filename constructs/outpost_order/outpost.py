"""The Outpost that an order is for: an id, an ARN, a token, or a construct."""

from typing import Protocol

from aws_cdk import ArnFormat, Fn, Stack, Token


class OutpostReference(Protocol):
    """What CDK's `OutpostReference` tells."""

    @property
    def outpost_arn(self) -> str:
        """The ARN of the Outpost."""
        ...


class IOutpostRef(Protocol):
    """An Outpost as CDK knows it, such as an `aws_outposts.CfnOutpost`."""

    @property
    def outpost_ref(self) -> OutpostReference:
        """What refers to the Outpost."""
        ...


def arn_of(outpost: object) -> str | None:
    """Return the ARN that an Outpost of CDK refers to, or None where there is none."""
    arn = getattr(getattr(outpost, "outpost_ref", None), "outpost_arn", None)
    return arn if isinstance(arn, str) else None


def arn_in(stack: Stack, outpost_identifier: str) -> str:
    """Return the ARN of an Outpost that is given by its id, its ARN, or a token."""
    if Token.is_unresolved(outpost_identifier):
        # Whether an id or an ARN hides in the token, what follows the one op- is the same.
        digits = Fn.select(1, Fn.split("op-", outpost_identifier))
        return _arn_of_id(stack, f"op-{digits}")
    if outpost_identifier.startswith("arn:"):
        return outpost_identifier
    return _arn_of_id(stack, outpost_identifier)


def _arn_of_id(stack: Stack, outpost_id: str) -> str:
    return stack.format_arn(
        service="outposts",
        resource="outpost",
        resource_name=outpost_id,
        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
    )
