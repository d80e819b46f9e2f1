"""The parameters of templates: a rehearsal gives no values to them."""

from collections.abc import Sequence

from outpost_order_cli.problem import Problem
from outpost_order_cli.review.report import counted
from outpost_order_rehearsal.deployable import DeployableStack


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
