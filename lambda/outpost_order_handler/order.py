"""An order: what is bought, and what a template asks for."""

import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from outpost_order_handler.contract import Preflight, Property


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of a quote: an amount at once, and one each month of the term."""

    upfront: Decimal
    monthly_recurring: Decimal
    currency: str

    def is_equal_to(self, other: "Price") -> bool:
        """Tell whether both are the same as far as the API can tell.

        The API's prices are 32-bit floats: 750000.33 arrives as 750000.3.
        """
        return self._single_precision() == other._single_precision()  # noqa: SLF001 (its own)

    def _single_precision(self) -> tuple[bytes, bytes, str]:
        amounts = (self.upfront, self.monthly_recurring)
        upfront, monthly = (struct.pack("<f", float(amount)) for amount in amounts)
        return upfront, monthly, self.currency

    def __str__(self) -> str:
        return f"{self.currency} {self.upfront:f} upfront and {self.monthly_recurring:f} monthly"


@dataclass(frozen=True, kw_only=True)
class OrderContent:
    """What is bought, in one form for a request, a record, and an order of the service.

    Attributes:
        outpost_id: The ID of the Outpost, never its ARN.
        line_items: Each catalog item once, sorted, with its total quantity.
        quote_id: The ID of the quote; empty without one.
        option_id: The option of the quote; empty without one.
        payment_option: As in the API.
        payment_term: As in the API; empty if it isn't given.
    """

    outpost_id: str
    line_items: tuple[tuple[str, int], ...] = ()
    quote_id: str = ""
    option_id: str = ""
    payment_option: str
    payment_term: str = ""

    @staticmethod
    def totals(line_items: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
        """Return the line items in the form that they have here."""
        totals: Counter[str] = Counter()
        for item, quantity in line_items:
            totals[item] += quantity
        return tuple(sorted(totals.items()))

    def is_identical_to(self, other: "OrderContent") -> bool:
        """Tell whether both buy the same. One quote option serves one order, and identifies it."""
        if self.option_id or other.option_id:
            return self.option_id == other.option_id
        return not self.differences(other)

    def differences(self, other: "OrderContent") -> list[str]:
        """Name the properties that differ; a term that isn't given equals every term."""
        terms = {self.payment_term, other.payment_term}
        same = {
            Property.OUTPOST_IDENTIFIER: self.outpost_id == other.outpost_id,
            Property.PAYMENT_OPTION: self.payment_option == other.payment_option,
            Property.PAYMENT_TERM: "" in terms or len(terms) == 1,
        }
        if self.option_id or other.option_id:
            same[Property.QUOTE_OPTION_IDENTIFIER] = self.option_id == other.option_id
        else:
            same[Property.LINE_ITEMS] = self.line_items == other.line_items
        return [str(name) for name, equal in same.items() if not equal]

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of CreateOrder."""
        parameters: dict[str, Any] = {
            Property.OUTPOST_IDENTIFIER: self.outpost_id,
            Property.PAYMENT_OPTION: self.payment_option,
        }
        if self.line_items:
            parameters[Property.LINE_ITEMS] = [
                {Property.CATALOG_ITEM_ID.value: item, Property.QUANTITY.value: quantity}
                for item, quantity in self.line_items
            ]
        if self.quote_id:
            parameters[Property.QUOTE_IDENTIFIER] = self.quote_id
            parameters[Property.QUOTE_OPTION_IDENTIFIER] = self.option_id
        if self.payment_term:
            parameters[Property.PAYMENT_TERM] = self.payment_term
        return {str(name): value for name, value in parameters.items()}

    def __str__(self) -> str:
        items = ", ".join(f"{quantity} x {item}" for item, quantity in self.line_items)
        what = f"{self.option_id} of {self.quote_id}" if self.option_id else items
        paid = ", ".join(filter(None, [self.payment_option, self.payment_term]))
        return f"{what} for {self.outpost_id}, {paid}"


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """One order as a template asks for it, every rule of the API kept.

    Attributes:
        order_name: The purchase order's number, the key of everything.
        content: What is bought.
        quote_price: The agreed price of the quote; None accepts every price.
        preflight: Whether to check the Outpost and the catalog items first.
        in_addition_to: The names and IDs of identical orders that this one is bought beside.
        adopt_order_id: An order that gets this name; empty buys.
    """

    order_name: str
    content: OrderContent
    quote_price: Price | None = None
    preflight: str = Preflight.CHECK
    in_addition_to: tuple[str, ...] = ()
    adopt_order_id: str = ""
