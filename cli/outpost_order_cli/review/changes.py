"""The meaning of a change for each order name, and the outcome of its deployment.

The function decides by the order name and the ledger, and so does this: the resource that
declares an order is beside the point, except for an update of the same resource.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from outpost_order_cli.review.assembly import Assembly, Environment
from outpost_order_cli.review.declared import CONTENT, Order, orders_of
from outpost_order_handler.contract import MAX_STACK_OUTPUTS, Property

MAX_OUTPOSTS = 100
"""The most Outposts that the policy of a function has room for."""

Key = tuple[Environment, str, str]
"""The environment, the ledger and the order name."""


class Kind(StrEnum):
    """The fate of an order name."""

    BOUGHT = "bought"
    ADOPTED = "adopted"
    MOVED = "moved"
    CHANGED = "changed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Failure:
    """Why a deployment will fail.

    Attributes:
        name: The name in the failure reason.
        text: The fact.
        order: The resource that fails.
    """

    name: str
    text: str
    order: Order


@dataclass(frozen=True)
class Change:
    """The meaning of a change of an app for one order name.

    Attributes:
        kind: Its fate.
        orders: The resources that declare it; none if it was removed.
        before: The resources that declared it; none if it is new.
        differences: The properties that differ, if they can't.
        failures: Why the deployment of it will fail.
        notes: Other facts for a reviewer.
    """

    kind: Kind
    orders: tuple[Order, ...]
    before: tuple[Order, ...] = ()
    differences: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def order(self) -> Order:
        """The order as it will be, or as it was if it is removed."""
        return (*self.orders, *self.before)[0]

    @property
    def buys(self) -> bool:
        """Whether the deployment spends money on it."""
        return self.kind is Kind.BOUGHT and not self.failures

    @property
    def will_fail(self) -> bool:
        """Whether the deployment of it will fail."""
        return bool(self.failures)

    @property
    def is_identical(self) -> bool:
        """Whether it buys what another order bought already."""
        is_refused = any(
            each.name in ("IdenticalOrderExists", "QuoteUsed") for each in self.failures
        )
        return self.kind is Kind.BOUGHT and (is_refused or bool(self.order.in_addition_to))


def compare(new: Assembly, old: Assembly | None) -> list[Change]:
    """Return what happens to each order name, in the order of the templates."""
    return list(_Comparison(_by_key(_orders(new)), _by_key(_aligned(new, old))).changes())


def stack_failures(new: Assembly) -> Iterator[tuple[str, str]]:
    """Yield each stack that CloudFormation or IAM will refuse, and why."""
    for stack in new.stacks:
        orders = list(orders_of(stack))
        outputs = stack.template.get("Outputs")
        if orders and isinstance(outputs, Mapping) and len(outputs) > MAX_STACK_OUTPUTS:
            yield stack.name, f"{len(outputs)} outputs; CloudFormation allows {MAX_STACK_OUTPUTS}"
        outposts = {order.outpost for order in orders}
        if len(outposts) > MAX_OUTPOSTS:
            yield stack.name, f"orders for {len(outposts)} Outposts; a policy has no room for them"


def are_identical(one: Order, other: Order) -> bool:
    """Return whether two orders are surely identical; a term that isn't given equals every term."""
    if one.option_id or other.option_id:
        is_same = one.option_id == other.option_id
        return is_same and one.is_known(Property.QUOTE_OPTION_IDENTIFIER)
    for name in CONTENT:
        values = [each.content.get(name) for each in (one, other)]
        if name == Property.PAYMENT_TERM and None in values:
            continue
        if values[0] != values[1] or not (one.is_known(name) or one.stack is other.stack):
            return False
    return True


def name_each_other(one: Order, other: Order) -> bool:
    """Return whether one of two orders says that it is bought in addition to the other."""
    return one.name in other.in_addition_to or other.name in one.in_addition_to


@dataclass(frozen=True)
class _Comparison:
    new: Mapping[Key, Sequence[Order]]
    old: Mapping[Key, Sequence[Order]]
    explained: set[Key] = field(default_factory=set)

    def changes(self) -> Iterator[Change]:
        changes = [self._change(key, orders) for key, orders in self.new.items()]
        for key, orders in self.old.items():
            if key not in self.new and key not in self.explained:
                changes.append(Change(Kind.REMOVED, (), tuple(orders)))
        neighbors = _Neighbors(changes)
        for index, change in enumerate(changes):
            failures = [*change.failures, *_own_failures(change)]
            if change.kind is Kind.BOUGHT:
                failures += neighbors.clashes(index)
            unique = {(each.name, each.text): each for each in failures}
            notes = (*change.notes, *_conditions(change))
            found = replace(change, failures=tuple(unique.values()), notes=notes)
            if found.buys:
                neighbors.bought.add(index)
            yield found

    @cached_property
    def _old_resources(self) -> dict[tuple[Environment, str, str], Order]:
        return {_resource(each): each for orders in self.old.values() for each in orders}

    def _change(self, key: Key, orders: Sequence[Order]) -> Change:
        order, before = orders[0], self.old.get(key, ())
        same = self._old_resources.get(_resource(order))
        if not before and same is not None:
            self.explained.add(_key(same))
            if same.name != order.name:
                fact = f"the resource has order name {same.name}; an order's name can't change"
                failure = Failure("NotUpdatable", fact, order)
                return Change(
                    Kind.CHANGED, tuple(orders), (same,), (Property.ORDER_NAME,), (failure,)
                )
            before = (same,)  # it has another ledger now
        if not before:
            kind = Kind.ADOPTED if order.adopts else Kind.BOUGHT
            return Change(kind, tuple(orders))
        return self._change_of_known(tuple(orders), tuple(before))

    def _change_of_known(self, orders: tuple[Order, ...], before: tuple[Order, ...]) -> Change:
        differences, unsure, failures = list[str](), list[str](), list[Failure]()
        for order in orders:
            same = self._old_resources.get(_resource(order))
            is_update = same is not None and same in before
            sure, not_sure = _differences(order, before[0], is_update=is_update)
            differences += sure
            unsure += not_sure
            if sure and is_update:
                fact = f"{', '.join(sure)} changed; an order can't be changed"
                failures.append(Failure("NotUpdatable", fact, order))
            elif sure:
                fact = f"the order name has an order that differs in {', '.join(sure)}"
                failures.append(Failure("OrderNameTaken", fact, order))
            if is_update and same is not None and _token(order) != _token(same):
                differences.append("ServiceToken")
                fact = "Modifying service token is not allowed"
                failures.append(Failure("ServiceToken", fact, order))
        notes = tuple(
            f"{name} can't be compared: the deployment fails if it isn't the same"
            for name in dict.fromkeys(unsure)
        )
        if differences:
            kind = Kind.CHANGED
        elif set(map(_resource, orders)) == set(map(_resource, before)):
            kind = Kind.UNCHANGED
        else:
            kind = Kind.MOVED
        unique = tuple(dict.fromkeys(differences))
        return Change(kind, orders, before, unique, tuple(failures), notes)


def _differences(order: Order, before: Order, *, is_update: bool) -> tuple[list[str], list[str]]:
    """Return what surely differs from the order that was bought, and what can't be compared."""
    compared = [*CONTENT, *([Property.QUOTE_PRICE] if is_update else ())]
    has_quote = bool(order.option_id or before.option_id)
    sure, unsure = list[str](), list[str]()
    for name in compared:
        given, bought = order.comparable(name), before.comparable(name)
        if given == bought or (name == Property.LINE_ITEMS and has_quote):
            continue
        if name == Property.PAYMENT_TERM and name not in order.properties:
            continue
        is_chosen = name == Property.PAYMENT_TERM and name not in before.properties
        is_known = order.is_known(name) and before.is_known(name)
        (sure if is_known and not is_chosen else unsure).append(str(name))
    if order.adopts not in ("", before.adopts):
        (sure if before.adopts else unsure).append(str(Property.ADOPT_ORDER_ID))
    return sure, unsure


def _own_failures(change: Change) -> Iterator[Failure]:
    for order in change.orders:
        if order.problems and change.kind is not Kind.UNCHANGED:
            yield Failure("InvalidRequest", "; ".join(order.problems), order)
    if change.kind is Kind.CHANGED:
        return
    for other in change.orders[1:]:
        first = change.orders[0]
        sure, _ = _differences(other, first, is_update=False)
        if sure:
            fact = f"{first.place} and {other.place} differ in {', '.join(sure)}"
            yield Failure("OrderNameTaken", fact, other)


def _conditions(change: Change) -> Iterator[str]:
    for order in change.orders:
        if not order.is_known(Property.ORDER_NAME):
            yield f"only the deployment knows the order name of {order.place}"
        condition = order.resource.get("Condition")
        if condition is not None:
            yield f"{order.place} exists only under the condition {condition}"


class _Neighbors:
    """The changes that could clash with one another, found without comparing each with each."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._changes = changes
        self.bought: set[int] = set()
        self._alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for index, change in enumerate(changes):
            for key in _likenesses(change.order):
                self._alike[key].append(index)

    def clashes(self, index: int) -> Iterator[Failure]:
        """Yield why an order won't be bought beside the others of its account and Region."""
        order = self._changes[index].order
        alike = {each for key in _likenesses(order) for each in self._alike[key]} - {index}
        for each in sorted(alike):
            other = self._changes[each]
            # Of two new orders, the one that is deployed later is refused.
            if other.kind is Kind.BOUGHT and each not in self.bought:
                continue
            beside = other.order
            if order.quote_id and order.quote_id == beside.quote_id:
                fact = f"{order.quote_id} is the quote of {beside.name}"
                yield Failure("QuoteUsed", fact, order)
            elif are_identical(order, beside) and not name_each_other(order, beside):
                remains = ", which remains in force" if other.kind is Kind.REMOVED else ""
                fact = f"{beside.name} is identical{remains}"
                yield Failure("IdenticalOrderExists", fact, order)


def _likenesses(order: Order) -> Iterator[tuple[object, ...]]:
    """Yield what two orders have in common if they could clash."""
    if order.quote_id:
        yield order.environment, order.quote_id
    if order.option_id:
        yield order.environment, order.option_id
    else:
        # A term that isn't given equals every term.
        names = [each for each in CONTENT if each != Property.PAYMENT_TERM]
        yield order.environment, *(order.content.get(each) for each in names)


def _orders(assembly: Assembly) -> Iterator[Order]:
    for stack in assembly.stacks:
        yield from orders_of(stack)


def _aligned(new: Assembly, old: Assembly | None) -> Iterator[Order]:
    """Yield the old orders; a template alone doesn't say where its stack is deployed."""
    if old is None:
        return
    known = {stack.name: stack for stack in new.stacks}
    for stack in old.stacks:
        is_silent = stack.environment == Environment() and stack.name in known
        yield from orders_of(stack.placed_as(known[stack.name]) if is_silent else stack)


def _by_key(orders: Iterable[Order]) -> dict[Key, list[Order]]:
    found: dict[Key, list[Order]] = defaultdict(list)
    for order in orders:
        found[_key(order)].append(order)
    return dict(found)


def _key(order: Order) -> Key:
    return order.environment, order.ledger, order.name


def _resource(order: Order) -> tuple[Environment, str, str]:
    return order.environment, order.stack.name, order.logical_id


def _token(order: Order) -> str:
    return str(order.comparable("ServiceToken"))
