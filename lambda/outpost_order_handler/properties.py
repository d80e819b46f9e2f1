"""What a template asks for: strings in, one validated value out.

The one module that knows that CloudFormation turns every number and boolean
in ResourceProperties into a string.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from outpost_order_handler import contract
from outpost_order_handler.contract import ExistingOrder, OnDelete, Preflight, Property
from outpost_order_handler.failures import InvalidRequest
from outpost_order_handler.request import OrderRequest, Price, QuoteChoice

logger = logging.getLogger(__name__)

# The two that CloudFormation itself puts beside ours.
_CLOUDFORMATION_PROPERTIES = frozenset({"ServiceToken", "ServiceTimeout"})
_LINE_ITEM_PROPERTIES = frozenset({Property.CATALOG_ITEM_ID, Property.QUANTITY})
_QUOTE_PROPERTIES = frozenset({Property.QUOTE_IDENTIFIER, Property.QUOTE_OPTION_IDENTIFIER})
_PRICES = {
    Property.UPFRONT_PRICE: contract.PRICE,
    Property.MONTHLY_RECURRING_PRICE: contract.PRICE,
    Property.CURRENCY: contract.CURRENCY,
}
_ORDER_PROPERTIES = frozenset(Property) - _LINE_ITEM_PROPERTIES - frozenset(_PRICES)
_REQUIRED = {
    Property.OUTPOST_IDENTIFIER: contract.OUTPOST_IDENTIFIER,
    Property.PAYMENT_OPTION: contract.PAYMENT_OPTION,
    Property.ORDER_NAME: contract.ORDER_NAME,
}
_OPTIONAL = {
    Property.PAYMENT_TERM: contract.PAYMENT_TERM,
    Property.PREFLIGHT: contract.PREFLIGHT,
    Property.EXISTING_ORDER: contract.EXISTING_ORDER,
    Property.ADOPT_ORDER_ID: contract.ORDER_ID,
    Property.ON_DELETE: contract.ON_DELETE,
    Property.LEDGER: contract.LEDGER_NAME,
}


def order_name_in(properties: object) -> str | None:
    """Return the order's name, even where all else is broken."""
    name = properties.get(Property.ORDER_NAME) if isinstance(properties, Mapping) else None
    return str(name) if contract.ORDER_NAME.accepts(name) else None


def cancels_on_delete(properties: object) -> bool:
    """Tell whether the order is to be cancelled when its resource is deleted.

    One that the template names was made elsewhere, or is to be treated as such.
    """
    return (
        isinstance(properties, Mapping)
        and properties.get(Property.ON_DELETE) == OnDelete.CANCEL
        and Property.ADOPT_ORDER_ID not in properties
    )


def parse(properties: object) -> OrderRequest:
    """Turn ResourceProperties into a request, or raise with every problem at once.

    Raises:
        InvalidRequest: Nothing was sent; the message names every problem found.
    """
    if not isinstance(properties, Mapping):
        raise InvalidRequest(["the event holds no ResourceProperties"])
    problems = list(_problems(properties))
    if problems:
        logger.error("this cannot be ordered:\n%s", "\n".join(problems))
        raise InvalidRequest(problems)
    return OrderRequest(
        order_name=properties[Property.ORDER_NAME],
        outpost_identifier=properties[Property.OUTPOST_IDENTIFIER],
        line_items=tuple(
            (item[Property.CATALOG_ITEM_ID], int(item[Property.QUANTITY]))
            for item in properties.get(Property.LINE_ITEMS, ())
        ),
        payment_option=properties[Property.PAYMENT_OPTION],
        payment_term=properties.get(Property.PAYMENT_TERM),
        quote=_quote(properties),
        preflight=properties.get(Property.PREFLIGHT, Preflight.CHECK),
        existing_order=properties.get(Property.EXISTING_ORDER, ExistingOrder.REFUSE),
        adopt_order_id=properties.get(Property.ADOPT_ORDER_ID),
    )


def _quote(properties: Mapping[str, Any]) -> QuoteChoice | None:
    if Property.QUOTE_IDENTIFIER not in properties:
        return None
    price = properties.get(Property.QUOTE_PRICE)
    return QuoteChoice(
        properties[Property.QUOTE_IDENTIFIER],
        properties[Property.QUOTE_OPTION_IDENTIFIER],
        None if price is None else _price(price),
    )


def _price(given: Mapping[str, Any]) -> Price:
    upfront, monthly = given[Property.UPFRONT_PRICE], given[Property.MONTHLY_RECURRING_PRICE]
    return Price(Decimal(upfront), Decimal(monthly), given[Property.CURRENCY])


def _problems(properties: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown_properties(
        "the order", properties, _ORDER_PROPERTIES | _CLOUDFORMATION_PROPERTIES
    )
    has_quote = bool(_QUOTE_PROPERTIES & properties.keys())
    rules = _REQUIRED | {name: rule for name, rule in _OPTIONAL.items() if name in properties}
    if has_quote:
        rules[Property.QUOTE_IDENTIFIER] = contract.QUOTE_IDENTIFIER
        rules[Property.QUOTE_OPTION_IDENTIFIER] = contract.QUOTE_OPTION_IDENTIFIER
    for name, rule in rules.items():
        yield from rule.problems(f"'{name}'", properties.get(name))
    if has_quote:
        yield from _quote_problems(properties)
    else:
        yield from _line_items_problems(properties.get(Property.LINE_ITEMS))
    if Property.QUOTE_PRICE in properties:
        yield from _price_problems(properties, has_quote=has_quote)


def _quote_problems(properties: Mapping[str, Any]) -> Iterator[str]:
    if Property.LINE_ITEMS in properties:
        yield f"'{Property.LINE_ITEMS}' must not be given with a quote, which has its own"
    if properties.get(Property.EXISTING_ORDER) == ExistingOrder.ALLOW:
        yield f"'{Property.EXISTING_ORDER}' must not be ALLOW: one quote serves one order"


def _price_problems(properties: Mapping[str, Any], *, has_quote: bool) -> Iterator[str]:
    price, name = properties[Property.QUOTE_PRICE], f"'{Property.QUOTE_PRICE}'"
    if not has_quote or Property.PAYMENT_TERM not in properties:
        yield f"{name} needs a quote and a '{Property.PAYMENT_TERM}'"
    if not isinstance(price, Mapping):
        yield f"{name} must be a map, got {contract.shown(price)}"
        return
    yield from _unknown_properties(name, price, frozenset(_PRICES))
    for part, rule in _PRICES.items():
        yield from rule.problems(f"'{part}' of {name}", price.get(part))


def _line_items_problems(line_items: object) -> Iterator[str]:
    if not isinstance(line_items, list):
        yield f"'{Property.LINE_ITEMS}' must be a list, got {contract.shown(line_items)}"
        return
    yield from contract.line_item_count_problems(f"'{Property.LINE_ITEMS}'", len(line_items))
    for number, item in enumerate(line_items[: contract.MAX_LINE_ITEMS], start=1):
        yield from _line_item_problems(number, item)


def _line_item_problems(number: int, item: object) -> Iterator[str]:
    place = f"line item {number}"
    if not isinstance(item, Mapping):
        yield f"{place} must be a map, got {contract.shown(item)}"
        return
    yield from _unknown_properties(place, item, _LINE_ITEM_PROPERTIES)
    yield from contract.CATALOG_ITEM_ID.problems(
        f"'{Property.CATALOG_ITEM_ID}' of {place}", item.get(Property.CATALOG_ITEM_ID)
    )
    quantity = item.get(Property.QUANTITY)
    yield from contract.quantity_problems(f"'{Property.QUANTITY}' of {place}", _number(quantity))


def _number(value: object) -> object:
    """Return the number a plain decimal text stands for; anything else as it is."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value):
        return int(value)
    return value


def _unknown_properties(
    place: str, given: Mapping[str, Any], known: frozenset[str]
) -> Iterator[str]:
    # What we do not understand could change what is bought.
    for name in sorted(str(name) for name in given if name not in known):
        yield f"{place} has an unknown property {contract.shown(name)}"
