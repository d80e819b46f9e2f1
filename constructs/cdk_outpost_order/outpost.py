"""The Outpost that an order is for: an id, an ARN, a token, or a construct."""

from typing import Protocol

from aws_cdk import Aws, Fn, Stack

from cdk_outpost_order.names import holds_token


class OutpostReference(Protocol):
    """A reference to an Outpost, such as CDK's `OutpostReference`."""

    @property
    def outpost_arn(self) -> str:
        """The ARN of the Outpost."""
        ...


class IOutpostRef(Protocol):
    """A construct of an Outpost, such as an `aws_outposts.CfnOutpost`."""

    @property
    def outpost_ref(self) -> OutpostReference:
        """The reference to the Outpost, which has its ARN as `outpost_arn`."""
        ...


def arn_of(outpost: object) -> str | None:
    """Return the ARN that an Outpost of CDK refers to, or None where there is none."""
    arn = getattr(getattr(outpost, "outpost_ref", None), "outpost_arn", None)
    return arn if isinstance(arn, str) else None


def arn_in(stack: Stack, outpost_identifier: str) -> str:
    """Return the ARN of an Outpost that is given by its id, its ARN, or a token."""
    if outpost_identifier.startswith("arn:"):
        return outpost_identifier
    if not holds_token(outpost_identifier):
        return local_arn("outposts", "outpost", outpost_identifier)
    if "{{resolve:" in str(stack.resolve(outpost_identifier)):
        # CloudFormation would split the reference before it resolves it: it must be an id.
        return local_arn("outposts", "outpost", outpost_identifier)
    # Whether an id or an ARN hides in the token, what follows the one op- is the same.
    digits = Fn.select(1, Fn.split("op-", outpost_identifier))
    return local_arn("outposts", "outpost", f"op-{digits}")


def local_arn(service: str, resource: str, name: str) -> str:
    """Return the ARN of a resource in the partition, Region and account of its stack."""
    prefix = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}/"
    if holds_token(name):
        return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}/{name}"
    return Fn.sub(prefix + name)
