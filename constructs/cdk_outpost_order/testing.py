"""For your own tests: what a stack or a template would buy."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import NestedStack, Stack
from aws_cdk.assertions import Template

from outpost_order_cli.review.assembly import StackTemplate
from outpost_order_cli.review.declared import Commitment, Order, orders_of

__all__ = ["Commitment", "Order", "orders_in"]


def orders_in(source: Stack | Template | Mapping[str, Any]) -> list[Order]:
    """Return the orders of a stack or a template, as `outpost-order review` reads them.

    Args:
        source: A stack, which is synthesized, with its nested stacks; a template of
            `aws_cdk.assertions`; or a template as a mapping.
    """
    if isinstance(source, Stack):
        nested = [each for each in source.node.find_all() if isinstance(each, NestedStack)]
        stacks = dict.fromkeys([source, *nested])
        return [order for each in stacks for order in orders_in(Template.from_stack(each))]
    declared = source.to_json() if isinstance(source, Template) else source
    return list(orders_of(StackTemplate("", declared)))
