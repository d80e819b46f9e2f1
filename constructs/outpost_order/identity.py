"""Which two orders are identical, as far as synthesis knows."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from outpost_order.request import is_hidden
from outpost_order_handler.contract import Property, bare_id

Content = Mapping[Property, object]
"""What an order is for, in a form that can be compared; None if only the deployment knows it."""


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
    return totals
