"""An order: its content, and the request of a template."""

import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from outpost_order_handler.contract import Preflight, Property, bare_id


@dataclass(frozen=True)
class Price:
    """The price of a quote: an amount at once, and one each month of the term."""

    upfront: Decimal
    monthly_recurring: Decimal
    currency: str

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Read a valid price of a template."""
        names = (Property.UPFRONT_PRICE, Property.MONTHLY_RECURRING_PRICE)
        upfront, monthly = (Decimal(given[each]) for each in names)
        return cls(upfront, monthly, given[Property.CURRENCY])

    def is_equal_to(self, other: "Price") -> bool:
        """Return whether both are the same as far as the API can tell.

        The API's prices are 32-bit floats: 750000.33 arrives as 750000.3.
        """
        single = [struct.pack("<2f", p.upfront, p.monthly_recurring) for p in (self, other)]
        return single[0] == single[1] and self.currency == other.currency

    def __str__(self) -> str:
        return f"{self.currency} {self.upfront:f} upfront and {self.monthly_recurring:f} monthly"


@dataclass(frozen=True, kw_only=True)
class OrderContent:
    """The content of an order, the same for a request, a record, and an order of the service."""

    outpost_id: str  # never an ARN
    line_items: tuple[tuple[str, int], ...] = ()  # each catalog item once, sorted, with its total
    quote_id: str = ""  # never an ARN; empty without a quote
    option_id: str = ""  # empty without a quote
    payment_option: str
    payment_term: str = ""  # empty if it isn't given

    @classmethod
    def of(cls, given: Mapping[str, Any], outpost: object) -> Self:
        """Read the members that the API and a template have in common; an absent one is empty."""

        def text(name: str) -> str:
            return str(given.get(name) or "")

        totals: Counter[str] = Counter()
        for item in given.get(Property.LINE_ITEMS) or ():
            totals[str(item.get(Property.CATALOG_ITEM_ID))] += int(item.get(Property.QUANTITY) or 0)
        return cls(
            outpost_id=bare_id(str(outpost or "")),
            line_items=tuple(sorted(totals.items())),
            quote_id=bare_id(text(Property.QUOTE_IDENTIFIER)),
            option_id=text(Property.QUOTE_OPTION_IDENTIFIER),
            payment_option=text(Property.PAYMENT_OPTION),
            payment_term=text(Property.PAYMENT_TERM),
        )

    def is_identical_to(self, other: "OrderContent") -> bool:
        """Return whether both buy the same. One quote option serves one order, and is enough."""
        if self.option_id or other.option_id:
            return self.option_id == other.option_id
        return not self.differences(other)

    def differences(self, other: "OrderContent") -> list[str]:
        """Name the properties that differ; a term that isn't given equals every term."""
        terms = {self.payment_term, other.payment_term}
        is_same_quote = self.option_id == other.option_id
        has_quote = self.option_id or other.option_id
        same = {
            Property.OUTPOST_IDENTIFIER: self.outpost_id == other.outpost_id,
            Property.LINE_ITEMS: has_quote or self.line_items == other.line_items,
            Property.QUOTE_OPTION_IDENTIFIER: is_same_quote,
            Property.PAYMENT_OPTION: self.payment_option == other.payment_option,
            Property.PAYMENT_TERM: "" in terms or len(terms) == 1,
        }
        return [str(name) for name, is_same in same.items() if not is_same]

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of CreateOrder, without empty ones."""
        items = [
            {Property.CATALOG_ITEM_ID.value: item, Property.QUANTITY.value: quantity}
            for item, quantity in self.line_items
        ]
        parameters = {
            Property.OUTPOST_IDENTIFIER: self.outpost_id,
            Property.LINE_ITEMS: items,
            Property.QUOTE_IDENTIFIER: self.quote_id,
            Property.QUOTE_OPTION_IDENTIFIER: self.option_id,
            Property.PAYMENT_OPTION: self.payment_option,
            Property.PAYMENT_TERM: self.payment_term,
        }
        return {str(name): value for name, value in parameters.items() if value}


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """One valid request of a template."""

    order_name: str  # the purchase order's number, the key of everything
    content: OrderContent
    quote_price: Price | None = None  # the agreed price; None accepts every price
    preflight: str = Preflight.CHECK
    in_addition_to: tuple[str, ...] = ()  # names and IDs of identical orders beside this one
    adopt_order_id: str = ""  # an order that gets this name; empty buys

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> Self:
        """Read valid properties of a template."""
        price = properties.get(Property.QUOTE_PRICE)
        return cls(
            order_name=properties[Property.ORDER_NAME],
            content=OrderContent.of(properties, properties[Property.OUTPOST_IDENTIFIER]),
            quote_price=None if price is None else Price.of(price),
            preflight=properties.get(Property.PREFLIGHT, Preflight.CHECK),
            in_addition_to=tuple(properties.get(Property.IN_ADDITION_TO, ())),
            adopt_order_id=properties.get(Property.ADOPT_ORDER_ID, ""),
        )

    def differences(self, content: OrderContent, order_id: str) -> list[str]:
        """Name the properties that differ from those of an order."""
        is_meant = self.adopt_order_id in ("", order_id)
        return self.content.differences(content) + ([] if is_meant else [Property.ADOPT_ORDER_ID])
