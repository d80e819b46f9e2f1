"""The outputs of a stack that tell what became of its orders."""

from weakref import WeakSet

import jsii
from aws_cdk import CfnOutput, Stack
from constructs import Construct, IValidation

from outpost_order.names import output_prefix

MAX_OUTPUTS = 200
"""CloudFormation's own limit."""

_CHECKED: WeakSet[Stack] = WeakSet()


def add_outputs(order: Construct, order_id: str, status: str) -> None:
    """Tell an order's id and status in the outputs of its stack."""
    for suffix, value, description in (
        ("OrderId", order_id, "The id of the AWS Outposts order"),
        ("Status", status, "The order's status at the last deployment"),
    ):
        output = CfnOutput(order, suffix, value=value, description=description)
        output.override_logical_id(output_prefix(order) + suffix)
    _check_their_number(Stack.of(order))


def _check_their_number(stack: Stack) -> None:
    if stack not in _CHECKED:
        _CHECKED.add(stack)
        stack.node.add_validation(_NumberOfOutputs(stack))


@jsii.implements(IValidation)
class _NumberOfOutputs:
    """Counts when all of them are there: those of others, and of references between stacks."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def validate(self) -> list[str]:
        found = [each for each in self._stack.node.find_all() if isinstance(each, CfnOutput)]
        count = sum(each.stack == self._stack for each in found)
        if count <= MAX_OUTPUTS:
            return []
        return [
            (
                f"a stack must have at most {MAX_OUTPUTS} outputs, got {count}: "
                "leave out those of some orders with stack_outputs=False"
            )
        ]
