"""The orders and ledgers that an app declares, and which of them affect each other.

Two orders share a ledger if their account, Region and table are the same. Synthesis might
not know the account or the Region: such an environment-agnostic stack surely shares its
environment only with itself and its nested stacks.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from weakref import WeakKeyDictionary

from aws_cdk import Stack, Token
from constructs import Construct, IConstruct

from outpost_order.identity import Content
from outpost_order.request import is_hidden
from outpost_order_handler.rules import ORDER_NAME

_MAX_ORDER_NAME = 64


@dataclass(frozen=True)
class Place:
    """Where a stack is deployed, as far as synthesis knows."""

    stack: str
    """The path of the stack that CloudFormation deploys: nested stacks come with their parent."""
    account: str | None
    region: str | None

    def shares_environment(self, other: "Place") -> bool | None:
        """Return whether both are in one account and Region; None if the deployment decides."""
        if self.stack == other.stack:
            return True
        here, there = (self.account, self.region), (other.account, other.region)
        return (None if None in here else True) if here == there else False


@dataclass(frozen=True)
class DeclaredOrder:
    """An order, as the other orders of its app see it."""

    path: str
    stack: str
    """The path of the stack whose template has it, which can be a nested one."""
    place: Place
    ledger: str
    order_name: str
    content: Content
    in_addition_to: Sequence[object]
    adopts: str | None

    def shares_ledger(self, other: "DeclaredOrder") -> bool | None:
        """Return whether both are recorded in one ledger; None if the deployment decides."""
        return self.ledger == other.ledger and self.place.shares_environment(other.place)

    def names(self, other: "DeclaredOrder") -> bool:
        """Return whether it is bought in addition to the other; a token might hide that one."""
        known = (other.order_name, other.adopts)
        return any(each in known or is_hidden(each) for each in self.in_addition_to)


@dataclass
class Declared:
    """All that one app declares."""

    orders: list[DeclaredOrder] = field(default_factory=list)
    ledgers: dict[str, str] = field(default_factory=dict)
    """The path of the table that a stack makes, by the path of the stack."""

    def orders_in(self, place: Place) -> Iterator[DeclaredOrder]:
        """Yield the orders of a stack and its nested stacks."""
        return (each for each in self.orders if each.place.stack == place.stack)


_PLACES: WeakKeyDictionary[Stack, Place] = WeakKeyDictionary()
# Weak, so that an app and what it declares end together.
_DECLARED: WeakKeyDictionary[IConstruct, Declared] = WeakKeyDictionary()
# An app that CDK makes for a stack without one has no lasting object in Python but this one.
_APPS: WeakKeyDictionary[Stack, IConstruct] = WeakKeyDictionary()


def declared_beside(construct: Construct) -> Declared:
    """Return what the app around a construct declares so far."""
    stack = deployed_stack(construct)
    if stack not in _APPS:
        _APPS[stack] = stack.node.root
    return _DECLARED.setdefault(_APPS[stack], Declared())


def place_of(construct: Construct) -> Place:
    """Return where a construct is deployed."""
    stack = deployed_stack(construct)
    if stack not in _PLACES:
        _PLACES[stack] = Place(stack.node.path, _known(stack.account), _known(stack.region))
    return _PLACES[stack]


def ledger_key(stack: Stack, table_name: str) -> str:
    """Return a text that is the same for the same table; a token is compared within its stack."""
    if not Token.is_unresolved(table_name):
        return table_name
    return f"{stack.node.path}:{json.dumps(stack.resolve(table_name))}"


def deployed_stack(construct: Construct) -> Stack:
    """Return the stack that CloudFormation deploys a construct with; it is not a nested one."""
    stack = Stack.of(construct)
    while stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    return stack


def suggested_order_name(order: Construct) -> str:
    """Return what an order without a name can be called: the stack's name and the path.

    If that isn't an order name, its invalid characters are replaced, and a hash is added.
    """
    stack = deployed_stack(order)
    name = "-".join([stack.stack_name, *_ids_below(stack, order)])
    if ORDER_NAME.accepts(name):
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    safe = re.sub(r"^(oo-|[^A-Za-z0-9])+", "", re.sub(r"[^A-Za-z0-9._-]", "-", name))
    return f"{safe[: _MAX_ORDER_NAME - len(digest) - 1]}-{digest}"


def output_prefix(order: Construct) -> str:
    """Return the construct's path below its stack, without separators."""
    return re.sub(r"[^A-Za-z0-9]", "", "".join(_ids_below(Stack.of(order), order)))


def _known(value: str) -> str | None:
    return None if Token.is_unresolved(value) else value


def _ids_below(stack: Stack, order: Construct) -> list[str]:
    scopes = reversed(order.node.scopes)
    return [each.node.id for each in takewhile(lambda each: each != stack, scopes)][::-1]
