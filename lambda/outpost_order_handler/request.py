"""One order as it is asked for."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from outpost_order_handler import contract
from outpost_order_handler.contract import ExistingOrder, Preflight, Property
from outpost_order_handler.order import Order


@dataclass(frozen=True)
class Price:
    """What a quote costs: an amount at once, and one each month of the term."""

    upfront: Decimal
    monthly_recurring: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.currency} {self.upfront:f} upfront and {self.monthly_recurring:f} monthly"


@dataclass(frozen=True)
class QuoteChoice:
    """One option of a quote, and what was agreed that it costs."""

    identifier: str
    option_identifier: str
    price: Price | None = None

    @property
    def quote_id(self) -> str:
        """The bare id, whether the template gave the id or the ARN."""
        return contract.bare_id(self.identifier)

    def parameters(self) -> dict[str, str]:
        """Return the parameters of CreateOrder that name it."""
        return {
            Property.QUOTE_IDENTIFIER: self.identifier,
            Property.QUOTE_OPTION_IDENTIFIER: self.option_identifier,
        }


@dataclass(frozen=True)
class OrderRequest:
    """One order as a template asks for it, every rule of the API kept.

    It is either of line items or of a quote.
    """

    order_name: str
    outpost_identifier: str
    line_items: tuple[tuple[str, int], ...]
    payment_option: str
    payment_term: str | None = None
    quote: QuoteChoice | None = None
    preflight: str = Preflight.CHECK
    existing_order: str = ExistingOrder.REFUSE
    adopt_order_id: str | None = None

    @property
    def outpost_id(self) -> str:
        """The bare id, whether the template gave the id or the ARN."""
        return contract.bare_id(self.outpost_identifier)

    @property
    def quote_id(self) -> str:
        """The bare id of the quote; empty for an order of line items."""
        return self.quote.quote_id if self.quote else ""

    @property
    def quote_option_identifier(self) -> str:
        """The option of the quote; empty for an order of line items."""
        return self.quote.option_identifier if self.quote else ""

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of CreateOrder."""
        parameters: dict[str, Any] = {
            Property.OUTPOST_IDENTIFIER: self.outpost_identifier,
            Property.PAYMENT_OPTION: self.payment_option,
        }
        if self.quote is None:
            parameters[Property.LINE_ITEMS] = [
                {Property.CATALOG_ITEM_ID: item, Property.QUANTITY: quantity}
                for item, quantity in self.line_items
            ]
        else:
            parameters |= self.quote.parameters()
        if self.payment_term is not None:
            parameters[Property.PAYMENT_TERM] = self.payment_term
        return parameters

    def properties(self) -> dict[str, Any]:
        """Return the order as a template says it, which `parse` understands again."""
        properties: dict[str, Any] = {
            **self.parameters(),
            Property.ORDER_NAME: self.order_name,
        }
        if self.quote is None:
            properties[Property.LINE_ITEMS] = [
                {Property.CATALOG_ITEM_ID.value: item, Property.QUANTITY.value: str(quantity)}
                for item, quantity in self.line_items
            ]
        return {str(name): value for name, value in properties.items()}

    def differences(self, order: Order) -> list[str]:
        """Name the properties in which a real order is not what is asked for.

        An order of a quote is known by its quote.

        The order of line items does not count, nor whether one item's quantity
        is split over several. Where no term is asked for, the service's own
        choice is as asked.
        """
        wanted = {
            Property.OUTPOST_IDENTIFIER: self.outpost_id == order.outpost_id,
            **self._same_goods(order),
            Property.PAYMENT_OPTION: self.payment_option == order.payment_option,
            Property.PAYMENT_TERM: self.payment_term in (None, order.payment_term),
            Property.ADOPT_ORDER_ID: self.adopt_order_id in (None, order.order_id),
        }
        return [name for name, same in wanted.items() if not same]

    def _same_goods(self, order: Order) -> dict[Property, bool]:
        if self.quote is None:
            return {Property.LINE_ITEMS: _totals(self.line_items) == _totals(order.line_items)}
        return {
            Property.QUOTE_IDENTIFIER: self.quote_id == order.quote_id,
            Property.QUOTE_OPTION_IDENTIFIER: (
                self.quote_option_identifier == order.quote_option_identifier
            ),
        }


def _totals(line_items: tuple[tuple[str, int], ...]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for item, quantity in line_items:
        totals[item] += quantity
    return totals
