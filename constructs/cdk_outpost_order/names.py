"""The orders and ledgers that an app declares, and which of them affect each other.

Two orders share a ledger if their account, Region and table are the same. Synthesis might
not know the account or the Region: such an environment-agnostic stack surely shares its
environment only with itself and its nested stacks.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from weakref import WeakKeyDictionary

from aws_cdk import Stack, Token
from constructs import Construct, IConstruct

from outpost_order_handler.contract import Property
from outpost_order_handler.rules import ORDER_NAME

Content = Mapping[Property, object]
"""The properties of an order's content; a value is None if only the deployment knows it."""

_MAX_ORDER_NAME = 64


@dataclass(frozen=True)
class Place:
    """The environment of a stack, as far as synthesis knows it."""

    stack: str
    """The path of the stack that CloudFormation deploys: nested stacks come with their parent."""
    account: str | None
    region: str | None

    def contradictions(self, other: "Place") -> Iterator[tuple[str, str]]:
        """Yield account and Region where both are known and differ, each with the other's."""
        for here, there in ((self.account, other.account), (self.region, other.region)):
            if here and there and here != there:
                yield here, there

    def shares_environment(self, other: "Place") -> bool | None:
        """Return whether both are in one account and Region; None if the deployment decides."""
        if self.stack == other.stack:
            return True
        here, there = (self.account, self.region), (other.account, other.region)
        return (None if None in here else True) if here == there else False


@dataclass(frozen=True)
class Child:
    """A construct that was made in a scope, and might have been removed since."""

    scope: Construct
    id: str
    construct: Construct

    @property
    def path(self) -> str:
        """Its path."""
        return f"{self.scope.node.path}/{self.id}".lstrip("/")

    @property
    def is_there(self) -> bool:
        """Whether the app still has it: neither it nor a scope around it was removed."""
        return is_in_its_app(self.construct)


@dataclass(frozen=True)
class DeclaredOrder:
    """An order, as the other orders of its app see it."""

    child: Child
    stack: Stack
    """The stack whose template has it, which can be a nested one."""
    place: Place
    ledger: str
    outpost: str
    """A text that is the same for the same Outpost."""
    order_name: str
    content: Content
    in_addition_to: Sequence[object]
    adopts: str | None

    def shares_ledger(self, other: "DeclaredOrder") -> bool | None:
        """Return whether both are recorded in one ledger; None if the deployment decides."""
        return self.ledger == other.ledger and self.place.shares_environment(other.place)

    def names(self, other: "DeclaredOrder") -> bool:
        """Return whether it is bought in addition to the other."""
        return any(each in (other.order_name, other.adopts) for each in self.in_addition_to)


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
_STACKS: WeakKeyDictionary[IConstruct, Stack] = WeakKeyDictionary()
_DEPLOYED: WeakKeyDictionary[Stack, Stack] = WeakKeyDictionary()
# Weak, so that an app and what it declares end together.
_DECLARED: WeakKeyDictionary[IConstruct, Declared] = WeakKeyDictionary()
# CDK creates an app for a stack without one; in Python, only this reference keeps it.
_APPS: WeakKeyDictionary[Stack, IConstruct] = WeakKeyDictionary()


def declared_beside(scope: Construct) -> Declared:
    """Return what the app around a scope declares so far."""
    stack = deployed_stack(stack_of(scope))
    if stack not in _APPS:
        _APPS[stack] = stack.node.root
    return _DECLARED.setdefault(_APPS[stack], Declared())


def is_in_its_app(construct: IConstruct) -> bool:
    """Return whether a construct and all that are around it are where they were made."""
    scope = construct.node.scope
    if scope is None:
        return True
    return scope.node.try_find_child(construct.node.id) is construct and is_in_its_app(scope)


def place_of(scope: Construct) -> Place:
    """Return where a scope is deployed."""
    stack = deployed_stack(stack_of(scope))
    if stack not in _PLACES:
        _PLACES[stack] = Place(stack.node.path, _known(stack.account), _known(stack.region))
    return _PLACES[stack]


def ledger_key(stack: Stack, table_name: str) -> str:
    """Return a text that is the same for the same table; a token is compared within its stack."""
    return key_of(stack, table_name) if holds_token(table_name) else table_name


def holds_token(text: str) -> bool:
    """Return whether a text holds a token; CDK itself would need a round trip to Node."""
    return "${Token[" in text


def key_of(stack: Stack, token: str) -> str:
    """Return a text that is the same for the same token of a stack: each use has its own text."""
    return f"{stack.node.path}:{json.dumps(stack.resolve(token))}"


def stack_of(scope: Construct) -> Stack:
    """Return the stack around a scope, which is asked for once."""
    if isinstance(scope, Stack):
        return scope
    if scope not in _STACKS:
        _STACKS[scope] = Stack.of(scope)
    return _STACKS[scope]


def deployed_stack(stack: Stack) -> Stack:
    """Return the stack that CloudFormation deploys a stack with: the outermost parent."""
    if stack not in _DEPLOYED:
        parent = stack.nested_stack_parent
        _DEPLOYED[stack] = stack if parent is None else deployed_stack(parent)
    return _DEPLOYED[stack]


def suggested_order_name(child: Child) -> str:
    """Return what an order without a name can be called: the stack's name and the path.

    If that isn't an order name, its invalid characters are replaced, and a hash is added.
    """
    stack = deployed_stack(stack_of(child.scope))
    name = "-".join([stack.stack_name, *_ids_below(stack, child.scope), child.id])
    if ORDER_NAME.accepts(name):
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    safe = re.sub(r"^(oo-|[^A-Za-z0-9])+", "", re.sub(r"[^A-Za-z0-9._-]", "-", name))
    return f"{safe[: _MAX_ORDER_NAME - len(digest) - 1]}-{digest}"


def output_prefix(scope: Construct, id: str) -> str:
    """Return a construct's path below its stack, without separators; a hash if that is empty."""
    path = "/".join([*_ids_below(stack_of(scope), scope), id])
    return re.sub(r"[^A-Za-z0-9]", "", path) or hashlib.sha256(path.encode()).hexdigest()[:8]


def _known(value: str) -> str | None:
    return None if Token.is_unresolved(value) else value


def _ids_below(stack: Stack, scope: Construct) -> list[str]:
    if scope is stack:
        return []
    scopes = reversed(scope.node.scopes)
    return [each.node.id for each in takewhile(lambda each: each != stack, scopes)][::-1]
