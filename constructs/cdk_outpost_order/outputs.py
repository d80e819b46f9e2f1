"""The outputs of a stack, with the ID and the status of its orders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from aws_cdk import CfnOutput, CfnResource, Stack, Token
from constructs import Construct

from cdk_outpost_order.content import shown
from cdk_outpost_order.names import Child, output_prefix, stack_of
from outpost_order_handler.contract import MAX_STACK_OUTPUTS, Attribute, purchase_line

"""CloudFormation's own limit."""

_READ_WHEN = "when last created or updated"


@dataclass(frozen=True)
class OrderOutputs:
    """The two outputs of an order."""

    order: Child
    outputs: tuple[CfnOutput, CfnOutput]


# By stack, and by the beginning of their logical IDs.
_OUTPUTS: WeakKeyDictionary[Stack, dict[str, OrderOutputs]] = WeakKeyDictionary()


def output_problems(scope: Construct, order_id: str) -> Iterator[str]:
    """Yield why an order can't have outputs: those of another order have their names."""
    prefix = output_prefix(scope, order_id)
    other = _OUTPUTS.get(stack_of(scope), {}).get(prefix)
    if other is not None and other.order.is_there:
        yield (
            f"its outputs must not have the names of another order's, got {prefix}OrderId and "
            f"{prefix}Status, which {other.order.path} has: use another id, or stack_outputs=False"
        )


def add_outputs(
    order: Construct, child: Child, resource: CfnResource, properties: Mapping[str, Any]
) -> tuple[CfnOutput, CfnOutput]:
    """Add the outputs of an order, which also say what is bought, and return them."""
    prefix, status = output_prefix(child.scope, child.id), resource.get_att(Attribute.STATUS)
    outputs = (
        CfnOutput(
            order, "OrderId", value=resource.ref, description=purchase_line(properties, shown)
        ),
        CfnOutput(order, "Status", value=Token.as_string(status), description=_READ_WHEN),
    )
    outputs[0].override_logical_id(f"{prefix}OrderId")
    outputs[1].override_logical_id(f"{prefix}Status")
    _OUTPUTS.setdefault(stack_of(child.scope), {})[prefix] = OrderOutputs(child, outputs)
    return outputs


def stack_output_problems(stack: Stack) -> Iterator[str]:
    """Yield what is wrong with all outputs of a stack: of orders, of others, of references."""
    orders = _OUTPUTS.get(stack, {})
    if not orders:
        return
    own = {output for each in orders.values() for output in each.outputs}
    found = [each for each in stack.node.find_all() if isinstance(each, CfnOutput)]
    others = [each for each in found if each not in own and each.stack is stack]
    number = len(others) + sum(each in own for each in found)
    if number > MAX_STACK_OUTPUTS:
        yield (
            f"a stack must have at most {MAX_STACK_OUTPUTS} outputs, got {number}: "
            "leave out those of some orders with stack_outputs=False"
        )
    names = {
        f"{prefix}{suffix}": each.order
        for prefix, each in orders.items()
        for suffix in ("OrderId", "Status")
    }
    for output in others:
        name = stack.resolve(output.logical_id)
        if name in names and names[name].is_there:
            yield (
                f"the outputs of an order must have names of their own, got {name} of "
                f"{output.node.path} and of {names[name].path}: rename one of them, or set "
                "stack_outputs=False"
            )
