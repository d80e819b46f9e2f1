"""What a template asks for: strings in, one validated value out.

The one module that knows that CloudFormation turns every number and boolean
in ResourceProperties into a string.
"""

import logging
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from outpost_order_handler import rules
from outpost_order_handler.contract import ExistingOrder, OnDelete, Preflight, Property
from outpost_order_handler.failures import InvalidRequest
from outpost_order_handler.request import OrderRequest, Price, QuoteChoice

logger = logging.getLogger(__name__)


def order_name_in(properties: object) -> str | None:
    """Return the order's name, even where all else is broken."""
    name = properties.get(Property.ORDER_NAME) if isinstance(properties, Mapping) else None
    return str(name) if rules.ORDER_NAME.accepts(name) else None


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
    properties = _with_numbers(properties)
    problems = list(rules.problems(properties))
    if problems:
        logger.error("this cannot be ordered:\n%s", "\n".join(problems))
        raise InvalidRequest(problems)
    return OrderRequest(
        order_name=properties[Property.ORDER_NAME],
        outpost_identifier=properties[Property.OUTPOST_IDENTIFIER],
        line_items=tuple(
            (item[Property.CATALOG_ITEM_ID], item[Property.QUANTITY])
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


def _with_numbers(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties with numbers for the quantities that CloudFormation sends as text."""
    items = properties.get(Property.LINE_ITEMS)
    if not isinstance(items, list):
        return properties
    return {**properties, Property.LINE_ITEMS: [_with_number(item) for item in items]}


def _with_number(item: object) -> object:
    if not isinstance(item, Mapping):
        return item
    quantity = item.get(Property.QUANTITY)
    if not isinstance(quantity, str) or not re.fullmatch(r"[0-9]{1,10}", quantity):
        return item
    return {**item, Property.QUANTITY: int(quantity)}
