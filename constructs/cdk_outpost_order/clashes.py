"""Which two orders are identical, and which can't be together in an app."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from cdk_outpost_order.content import is_hidden, prop_name
from cdk_outpost_order.ledger import NOT_BESIDE_ORDERS
from cdk_outpost_order.names import Content, Declared, DeclaredOrder
from outpost_order_handler.contract import Property, bare_id


def content_of(properties: Mapping[str, Any]) -> Content:
    """Return the content of an order. A quote serves one order, so its option says all."""
    if Property.QUOTE_OPTION_IDENTIFIER in properties:
        option = properties[Property.QUOTE_OPTION_IDENTIFIER]
        return {Property.QUOTE_OPTION_IDENTIFIER: _literal(option)}
    outpost = _literal(properties.get(Property.OUTPOST_IDENTIFIER))
    content = {
        Property.OUTPOST_IDENTIFIER: outpost and bare_id(outpost),
        Property.LINE_ITEMS: _totals(properties.get(Property.LINE_ITEMS)),
        Property.PAYMENT_OPTION: _literal(properties.get(Property.PAYMENT_OPTION)),
    }
    if Property.PAYMENT_TERM in properties:
        content[Property.PAYMENT_TERM] = _literal(properties[Property.PAYMENT_TERM])
    return content


def differences(one: Content, other: Content) -> list[Property]:
    """Return the properties in which two orders surely differ; no term equals every term."""
    if (one.keys() ^ other.keys()) - {Property.PAYMENT_TERM}:
        return [Property.QUOTE_OPTION_IDENTIFIER]  # only one of them is from a quote
    return [each for each in one if _differ(one[each], other.get(each, one[each]))]


def are_identical(one: Content, other: Content) -> bool:
    """Return whether two orders are surely identical."""
    goods = Property.LINE_ITEMS  # the value that differs most often comes first
    if one.get(goods) != other.get(goods):
        return False
    return None not in (*one.values(), *other.values()) and not differences(one, other)


def _differ(one: object, other: object) -> bool:
    return None not in (one, other) and one != other


def _literal(value: object) -> str | None:
    return value if isinstance(value, str) and not is_hidden(value) else None


def _totals(line_items: object) -> Mapping[str, int] | None:
    totals: Counter[str] = Counter()
    for item in line_items if isinstance(line_items, list) else [None]:
        if is_hidden(item) or not isinstance(item, Mapping):
            return None
        item_id, quantity = _literal(item[Property.CATALOG_ITEM_ID]), item[Property.QUANTITY]
        if item_id is None or is_hidden(quantity) or not isinstance(quantity, int):
            return None
        totals[item_id] += quantity
    return dict(totals)


_IF_TOGETHER = "if both stacks are deployed to one account and Region"
_APART = "otherwise, set 'env' on the stacks"


def clash_problems(order: DeclaredOrder, declared: Declared) -> Iterator[str]:
    """Yield why an order can't be in an app with the ledgers and orders that it has."""
    ledger = declared.ledgers.get(order.place.stack)
    if ledger is not None:
        yield f"its stack must not contain an OrderLedger, got {ledger}: {NOT_BESIDE_ORDERS}"
    for other in declared.orders:
        if order.shares_ledger(other):
            problem = _clash_with(other, order)
            if problem and other.child.is_there:
                yield problem


def clash_warnings(order: DeclaredOrder, declared: Declared) -> Iterator[tuple[str, str]]:
    """Yield id and text of a warning for each order that might clash, or that no ledger joins."""
    for other in declared.orders:
        if order.shares_ledger(other) is None:
            warning = _possible_clash_with(other, order)
        elif order.ledger != other.ledger and order.outpost == other.outpost:
            warning = _two_ledgers(other, order)
        else:
            continue
        if warning and other.child.is_there:
            yield warning


def _clash_with(other: DeclaredOrder, order: DeclaredOrder) -> str:
    if order.order_name == other.order_name:
        got = f"got '{other.order_name}', which {other.child.path} has"
        differing = _differing(order, other)
        if order.stack is other.stack:
            return f"'order_name' must be unique in a stack, {got}: use another order name"
        if differing:
            return (
                f"'order_name' must be unique, {got} with other {differing}: use another order name"
            )
    elif _is_refused_beside(other, order):
        return (
            f"the order must not be identical to '{other.order_name}' of {other.child.path}: "
            f"remove one of them{_or_buy_both(other, order)}"
        )
    return ""


def _possible_clash_with(other: DeclaredOrder, order: DeclaredOrder) -> tuple[str, str] | None:
    if order.order_name == other.order_name:
        differing = _differing(order, other)
        fact = f"'{other.order_name}' is also the order name of {other.child.path}"
        fails = f"the second deployment fails, because {differing} is not the same"
        means = fails if differing else "they share one order"
        return "sameOrderName", f"{fact}: {_IF_TOGETHER}, {means}; {_APART}"
    if _is_refused_beside(other, order):
        fact = f"'{other.order_name}' of {other.child.path} is an identical order"
        means = "the second deployment fails"
        return "identicalOrder", f"{fact}: {_IF_TOGETHER}, {means}; {_APART}"
    return None


def _two_ledgers(other: DeclaredOrder, order: DeclaredOrder) -> tuple[str, str] | None:
    together = order.place.shares_environment(other.place)
    if together is False:
        return None
    condition = "" if together else f"{_IF_TOGETHER}, "
    return "twoLedgers", (
        f"'{other.order_name}' of {other.child.path} is for the same Outpost, with another ledger: "
        f"{condition}neither order is protected against the other; use one ledger for both"
    )


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
    where = "" if buying is order else f" on {buying.child.path}"
    return f', or, to buy both, set in_addition_to=["{beside.order_name}"]{where}'
