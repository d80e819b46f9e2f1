"""What a template asks for: strings in, one validated value out.

The one module that knows that CloudFormation turns every number and boolean
in ResourceProperties into a string.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from outpost_order_handler import contract
from outpost_order_handler.contract import ExistingOrder, OnDelete, Property
from outpost_order_handler.failures import InvalidRequest
from outpost_order_handler.order import Order

logger = logging.getLogger(__name__)

# The two that CloudFormation itself puts beside ours.
_CLOUDFORMATION_PROPERTIES = frozenset({"ServiceToken", "ServiceTimeout"})
_ORDER_PROPERTIES = frozenset(Property) - {Property.CATALOG_ITEM_ID, Property.QUANTITY}
_OPTIONAL = {
    Property.PAYMENT_TERM: contract.PAYMENT_TERM,
    Property.EXISTING_ORDER: contract.EXISTING_ORDER,
    Property.ADOPT_ORDER_ID: contract.ORDER_ID,
    Property.ON_DELETE: contract.ON_DELETE,
}
_LINE_ITEM_PROPERTIES = frozenset({Property.CATALOG_ITEM_ID, Property.QUANTITY})


@dataclass(frozen=True)
class OrderRequest:
    """One order as a template asks for it, every rule of the API kept."""

    order_name: str
    outpost_identifier: str
    line_items: tuple[tuple[str, int], ...]
    payment_option: str
    payment_term: str | None = None
    existing_order: str = ExistingOrder.REFUSE
    adopt_order_id: str | None = None

    @property
    def outpost_id(self) -> str:
        """The bare id, whether the template gave the id or the ARN."""
        return contract.bare_id(self.outpost_identifier)

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of CreateOrder."""
        parameters: dict[str, Any] = {
            Property.OUTPOST_IDENTIFIER: self.outpost_identifier,
            Property.LINE_ITEMS: [
                {Property.CATALOG_ITEM_ID: item, Property.QUANTITY: quantity}
                for item, quantity in self.line_items
            ],
            Property.PAYMENT_OPTION: self.payment_option,
        }
        if self.payment_term is not None:
            parameters[Property.PAYMENT_TERM] = self.payment_term
        return parameters

    def properties(self) -> dict[str, Any]:
        """Return the order as a template says it, which `parse` understands again."""
        line_items = [
            {Property.CATALOG_ITEM_ID.value: item, Property.QUANTITY.value: str(quantity)}
            for item, quantity in self.line_items
        ]
        properties = {
            Property.ORDER_NAME: self.order_name,
            Property.OUTPOST_IDENTIFIER: self.outpost_identifier,
            Property.LINE_ITEMS: line_items,
            Property.PAYMENT_OPTION: self.payment_option,
            Property.PAYMENT_TERM: self.payment_term,
        }
        return {name.value: value for name, value in properties.items() if value is not None}

    def differences(self, order: Order) -> list[str]:
        """Name the properties in which a real order is not what is asked for.

        The order of line items does not count, nor whether one item's quantity
        is split over several. Where no term is asked for, the service's own
        choice is as asked.
        """
        wanted = {
            Property.OUTPOST_IDENTIFIER: self.outpost_id == order.outpost_id,
            Property.LINE_ITEMS: _totals(self.line_items) == _totals(order.line_items),
            Property.PAYMENT_OPTION: self.payment_option == order.payment_option,
            Property.PAYMENT_TERM: self.payment_term in (None, order.payment_term),
            Property.ADOPT_ORDER_ID: self.adopt_order_id in (None, order.order_id),
        }
        return [name for name, same in wanted.items() if not same]


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


def _totals(line_items: tuple[tuple[str, int], ...]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for item, quantity in line_items:
        totals[item] += quantity
    return totals


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
            for item in properties[Property.LINE_ITEMS]
        ),
        payment_option=properties[Property.PAYMENT_OPTION],
        payment_term=properties.get(Property.PAYMENT_TERM),
        existing_order=properties.get(Property.EXISTING_ORDER, ExistingOrder.REFUSE),
        adopt_order_id=properties.get(Property.ADOPT_ORDER_ID),
    )


def _problems(properties: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown_properties(
        "the order", properties, _ORDER_PROPERTIES | _CLOUDFORMATION_PROPERTIES
    )
    rules = {
        Property.OUTPOST_IDENTIFIER: contract.OUTPOST_IDENTIFIER,
        Property.PAYMENT_OPTION: contract.PAYMENT_OPTION,
        Property.ORDER_NAME: contract.ORDER_NAME,
    }
    rules |= {name: rule for name, rule in _OPTIONAL.items() if name in properties}
    for name, rule in rules.items():
        yield from rule.problems(f"'{name}'", properties.get(name))
    yield from _line_items_problems(properties.get(Property.LINE_ITEMS))


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
