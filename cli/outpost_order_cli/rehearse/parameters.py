"""The parameters of templates: a rehearsal gives values only to those of Parameter Store."""

from collections.abc import Iterator, Sequence

from botocore.exceptions import ClientError

from outpost_order_cli.problem import Problem
from outpost_order_cli.review.report import counted
from outpost_order_rehearsal.deployable import DeployableStack
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.engine import BOOTSTRAP_PARAMETER

STORED_VALUE = "AWS::SSM::Parameter"
PUBLIC = "/aws/"
IMAGE, ANY_IMAGE = "AWS::EC2::Image::Id", "ami-1234"  # as the CDK has it


def require_values(stacks: Sequence[DeployableStack]) -> None:
    """Require that each parameter has a value.

    Raises:
        Problem: A parameter has neither a value of the app nor a default.
    """
    missing = [(stack.name, name) for stack in stacks for name in stack.missing_parameters]
    if missing:
        listed = "\n".join(f"  {stack}: {name}" for stack, name in missing)
        have = "has" if len(missing) == 1 else "have"
        raise Problem(
            f"{counted(len(missing), 'parameter')} {have} no value, so nothing was deployed:\n"
            f"{listed}\nA rehearsal gives no values to parameters. Give each one a default in the "
            f"app, such as CfnParameter(self, {missing[0][1]!r}, default='...'), then run this "
            "again."
        )


def make_up_values(stacks: Sequence[DeployableStack], aws: EmbeddedAws) -> Iterator[str]:
    """Make the values of Parameter Store that templates read, and yield a line for each.

    A value that a stack of the app creates is left to that stack, and a public one to AWS.
    """
    created = {
        (stack.environment, str(each.get("Properties", {}).get("Name")))
        for stack in stacks
        for each in stack.resources.values()
        if each.get("Type") == STORED_VALUE
    }
    for stack in stacks:
        client = aws.client("ssm", stack.region, stack.account)
        for name, kind in stack.stored_values.items():
            if (
                name.startswith(PUBLIC)
                or BOOTSTRAP_PARAMETER.fullmatch(name)
                or (stack.environment, name) in created
            ):
                continue
            value = ANY_IMAGE if IMAGE in kind else f"dummy-value-for-{name}"
            try:
                client.put_parameter(Name=name, Value=value, Type="String")
            except ClientError as error:  # another stack reads it too
                if error.response["Error"]["Code"] != "ParameterAlreadyExists":
                    raise
            else:
                yield f"SSM parameter {name}: a value that this rehearsal makes up"
