"""What CloudFormation asks: strings in, validated values out.

The one module that knows that CloudFormation turns every number and boolean in
ResourceProperties into a string.
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from outpost_order_handler import contract, rules
from outpost_order_handler.contract import Attribute, Preflight, Property
from outpost_order_handler.failures import OrderError
from outpost_order_handler.order import OrderContent, OrderRequest, Price

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """One event of CloudFormation, as it was delivered."""

    request_type: str
    stack_id: str
    logical_id: str
    request_id: str
    response_url: str
    physical_id: str
    properties: object
    old_properties: object

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        """Read an event whose envelope was checked."""
        return cls(
            request_type=event["RequestType"],
            stack_id=event["StackId"],
            logical_id=event["LogicalResourceId"],
            request_id=event["RequestId"],
            response_url=event["ResponseURL"],
            physical_id=str(event.get("PhysicalResourceId", "")),
            properties=event.get("ResourceProperties"),
            old_properties=event.get("OldResourceProperties"),
        )

    @property
    def key(self) -> str:
        """What all copies of a request share, and no other request has.

        A stack that is tried again can repeat a RequestId, with a corrected template; the
        address for its answer is another one. That address is a secret, so only a hash is kept.
        """
        return hashlib.sha256(f"{self.request_id}\n{self.response_url}".encode()).hexdigest()[:32]

    @property
    def order_name(self) -> str:
        """The order name, even if all else is invalid; empty without one."""
        name = self._given.get(Property.ORDER_NAME)
        return str(name) if rules.ORDER_NAME.accepts(name) else ""

    @property
    def fallback_physical_id(self) -> str:
        """The physical ID to answer with if there is no order.

        On Update and Delete it is the one that CloudFormation holds: another one would ask for
        a replacement. On Create it is the order name.
        """
        if self.request_type != "Create":
            return self.physical_id
        return self.order_name or self.logical_id

    @cached_property
    def request(self) -> OrderRequest:
        """The order that is asked for.

        Raises:
            OrderError: InvalidRequest, with every problem.
        """
        return parse(self.properties)

    @cached_property
    def old_request(self) -> OrderRequest | None:
        """The order that was asked for before; None if that isn't valid."""
        try:
            return parse(self.old_properties)
        except OrderError:
            return None

    @property
    def is_same_as_before(self) -> bool:
        """Whether an Update asks for the order that was asked for before."""
        if self.properties == self.old_properties:
            return True
        old, new = self.old_request, self.request
        return (
            old is not None
            and (old.order_name, old.quote_price)
            == (
                new.order_name,
                new.quote_price,
            )
            and old.content == new.content
            and new.adopt_order_id in ("", self.physical_id)
        )

    @property
    def order_line(self) -> str:
        """The purchase in one line, composed as the construct composed it."""
        return contract.order_line(self._given)

    @property
    def known_attributes(self) -> dict[str, str]:
        """What the event alone knows of the attributes of the order that the resource has."""
        content = self.request.content
        return dict.fromkeys(map(str, Attribute), "") | {
            str(Attribute.ORDER_ID): self.physical_id,
            str(Attribute.STATUS): contract.UNKNOWN_STATUS,
            str(Attribute.OUTPOST_ID): content.outpost_id,
            str(Attribute.PAYMENT_OPTION): content.payment_option,
            str(Attribute.PAYMENT_TERM): content.payment_term,
        }

    @property
    def _given(self) -> Mapping[str, Any]:
        return self.properties if isinstance(self.properties, Mapping) else {}


def parse(properties: object) -> OrderRequest:
    """Turn ResourceProperties into a request, or raise with every problem at once.

    Raises:
        OrderError: InvalidRequest: nothing was sent; the details name every problem found.
    """
    if not isinstance(properties, Mapping):
        raise OrderError("InvalidRequest", "the event has no ResourceProperties")
    properties = _with_numbers(properties)
    problems = list(rules.problems(properties))
    if problems:
        logger.error("this cannot be ordered:\n%s", "\n".join(problems))
        raise OrderError("InvalidRequest", *problems)
    items = properties.get(Property.LINE_ITEMS, ())
    price = properties.get(Property.QUOTE_PRICE)
    return OrderRequest(
        order_name=properties[Property.ORDER_NAME],
        content=OrderContent(
            outpost_id=contract.bare_id(properties[Property.OUTPOST_IDENTIFIER]),
            line_items=OrderContent.totals(
                (item[Property.CATALOG_ITEM_ID], item[Property.QUANTITY]) for item in items
            ),
            quote_id=contract.bare_id(properties.get(Property.QUOTE_IDENTIFIER, "")),
            option_id=properties.get(Property.QUOTE_OPTION_IDENTIFIER, ""),
            payment_option=properties[Property.PAYMENT_OPTION],
            payment_term=properties.get(Property.PAYMENT_TERM, ""),
        ),
        quote_price=None if price is None else _price(price),
        preflight=properties.get(Property.PREFLIGHT, Preflight.CHECK),
        in_addition_to=tuple(properties.get(Property.IN_ADDITION_TO, ())),
        adopt_order_id=properties.get(Property.ADOPT_ORDER_ID, ""),
    )


def _price(given: Mapping[str, Any]) -> Price:
    return Price(
        upfront=Decimal(given[Property.UPFRONT_PRICE]),
        monthly_recurring=Decimal(given[Property.MONTHLY_RECURRING_PRICE]),
        currency=given[Property.CURRENCY],
    )


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
