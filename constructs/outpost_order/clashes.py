"""Which orders and ledgers can't be together in an app."""

from collections.abc import Iterator

from outpost_order.identity import are_identical, differences
from outpost_order.ledger import NOT_BESIDE_ORDERS
from outpost_order.names import Declared, DeclaredOrder
from outpost_order.request import prop_name
from outpost_order_handler.contract import Property

_IF_TOGETHER = "if both stacks are deployed to one account and Region"
_APART = "otherwise, set 'env' on the stacks"


def clash_problems(order: DeclaredOrder, declared: Declared) -> Iterator[str]:
    """Yield why an order can't be in an app with the ledgers and orders that it has."""
    ledger = declared.ledgers.get(order.place.stack)
    if ledger is not None:
        yield f"its stack must not contain an OrderLedger, got {ledger}: {NOT_BESIDE_ORDERS}"
    for other in declared.orders:
        if order.shares_ledger(other):
            yield from _clashes_with(other, order)


def clash_warnings(order: DeclaredOrder, declared: Declared) -> Iterator[tuple[str, str]]:
    """Yield id and text of a warning for each order that might share the ledger."""
    for other in declared.orders:
        if order.shares_ledger(other) is None:
            yield from _might_clash_with(other, order)


def _clashes_with(other: DeclaredOrder, order: DeclaredOrder) -> Iterator[str]:
    if order.order_name == other.order_name:
        got = f"got '{other.order_name}', which {other.path} has"
        differing = _differing(order, other)
        if order.stack == other.stack:
            yield f"'order_name' must be unique in a stack, {got}: use another order name"
        elif differing:
            yield (
                f"'order_name' must be unique, {got} with other {differing}: use another order name"
            )
    elif _is_refused_beside(other, order):
        yield (
            f"the order must not be identical to '{other.order_name}' of {other.path}: "
            f"remove one of them{_or_buy_both(other, order)}"
        )


def _might_clash_with(other: DeclaredOrder, order: DeclaredOrder) -> Iterator[tuple[str, str]]:
    differing = _differing(order, other)
    if order.order_name == other.order_name:
        fact = f"'{other.order_name}' is also the order name of {other.path}"
        fails = f"the second deployment fails, because {differing} is not the same"
        means = fails if differing else "they share one order"
        yield "sameOrderName", f"{fact}: {_IF_TOGETHER}, {means}; {_APART}"
    elif _is_refused_beside(other, order):
        fact = f"'{other.order_name}' of {other.path} is an identical order"
        means = "the second deployment fails"
        yield "identicalOrder", f"{fact}: {_IF_TOGETHER}, {means}; {_APART}"


def _differing(order: DeclaredOrder, other: DeclaredOrder) -> str:
    return ", ".join(f"'{prop_name(each)}'" for each in differences(order.content, other.content))


def _is_refused_beside(other: DeclaredOrder, order: DeclaredOrder) -> bool:
    if order.names(other) or other.names(order):
        return False
    adopt_two = order.adopts and other.adopts and order.adopts != other.adopts
    return are_identical(order.content, other.content) and not adopt_two


def _or_buy_both(other: DeclaredOrder, order: DeclaredOrder) -> str:
    if order.adopts and other.adopts:
        return ", because an order has one name"
    if Property.QUOTE_OPTION_IDENTIFIER in order.content:
        return ", or get a second quote, because one quote serves one order"
    # An order that is adopted is not bought in addition to any.
    buying, beside = (other, order) if order.adopts else (order, other)
    where = "" if buying is order else f" on {buying.path}"
    return f', or, to buy both, set in_addition_to=["{beside.order_name}"]{where}'
