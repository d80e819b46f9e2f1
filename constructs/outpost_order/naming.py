"""Names that stay the same when a stack is deleted and made again."""

import hashlib
import re
from itertools import takewhile
from weakref import WeakKeyDictionary

from aws_cdk import Stack
from constructs import Construct

_MAX_ORDER_NAME = 64


# For each stack, the path of the order that has a name.
_OWNERS: WeakKeyDictionary[Stack, dict[str, str]] = WeakKeyDictionary()


def claim_order_name(order: Construct, order_name: str) -> str | None:
    """Take a name for an order, or return the path of the one in its stack that has it."""
    owner = _OWNERS.setdefault(Stack.of(order), {}).setdefault(order_name, order.node.path)
    return None if owner == order.node.path else owner


def default_order_name(order: Construct) -> str:
    """Return the stack's name and the construct's path, joined by `-`.

    Where that is no order name as it stands, a hash of it keeps it unique.
    """
    stack = Stack.of(order)
    while stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    name = "-".join([stack.stack_name, *_ids_below(stack, order)])
    safe = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    if safe == name and len(name) <= _MAX_ORDER_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{safe[: _MAX_ORDER_NAME - len(digest) - 1]}-{digest}"


def output_prefix(order: Construct) -> str:
    """Return the construct's path below its stack, without separators."""
    return re.sub(r"[^A-Za-z0-9]", "", "".join(_ids_below(Stack.of(order), order)))


def _ids_below(stack: Stack, order: Construct) -> list[str]:
    scopes = reversed(order.node.scopes)
    return [s.node.id for s in takewhile(lambda s: s != stack, scopes)][::-1]
