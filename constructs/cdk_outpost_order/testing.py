"""For your own tests: what a stack or a template would buy."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Stack
from aws_cdk.assertions import Template

from outpost_order_cli.review.assembly import StackTemplate
from outpost_order_cli.review.declared import Commitment, Order, orders_of

__all__ = ["Commitment", "Order", "orders_in"]


def orders_in(source: Stack | Template | Mapping[str, Any]) -> list[Order]:
    """Return the orders of a stack or a template, as `outpost-order review` reads them.

    Args:
        source: A stack, which is synthesized; a template of `aws_cdk.assertions`; or a template
            as a mapping.
    """
    template = Template.from_stack(source) if isinstance(source, Stack) else source
    declared = template.to_json() if isinstance(template, Template) else template
    return list(orders_of(StackTemplate("", declared)))
