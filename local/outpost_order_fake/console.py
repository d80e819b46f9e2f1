"""The view and the actions of the console, without a request."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Any

from outpost_order_fake.orders import CANCELLED
from outpost_order_fake.quotes import Price, Quote
from outpost_order_fake.scopes import ACCOUNT, REGION, Scope
from outpost_order_fake.service import OutpostsService, State

OUTPOST_ID = "op-0123456789abcdef0"
LINE_ITEMS = ({"CatalogItemId": "OR-ABCDEFG", "Quantity": 1},)


class Console:
    """Show, make and change what a customer has."""

    _state: State
    _lock: RLock

    @property
    def orders(self) -> list[dict[str, Any]]:
        """Every order ever made, in the order of making."""
        with self._lock:
            return [order.described() for order in self._state.orders.values()]

    @property
    def live_orders(self) -> list[dict[str, Any]]:
        """The orders that are not cancelled: what the customer pays."""
        return [order for order in self.orders if order["Status"] != CANCELLED.order]

    @property
    def quotes(self) -> list[dict[str, Any]]:
        """Every quote ever made, in the shape of GetQuote; a lag does not hide orders here."""
        with self._lock:
            return [
                quote.described(self._state.clock.now()) for quote in self._state.quotes.values()
            ]

    def make_order(
        self,
        *,
        outpost_id: str = OUTPOST_ID,
        line_items: Sequence[dict[str, Any]] = LINE_ITEMS,
        payment_option: str = "ALL_UPFRONT",
        payment_term: str | None = None,
        submitted: datetime | None = None,
        quote_identifier: str | None = None,
        quote_option_identifier: str | None = None,
        account: str = ACCOUNT,
        region: str = REGION,
        order_id: str | None = None,
    ) -> dict[str, Any]:
        """Make an order without a request; one from a quote has no line items of yours."""
        params = {
            "OutpostIdentifier": outpost_id,
            "LineItems": None if quote_identifier else list(line_items),
            "PaymentOption": payment_option,
            "PaymentTerm": payment_term,
            "QuoteIdentifier": quote_identifier,
            "QuoteOptionIdentifier": quote_option_identifier,
        }
        with self._lock:
            service = OutpostsService(self._state, Scope(account, region))
            order = service.create_order(params, order_id)
            order = replace(order, submitted=submitted or order.submitted)
            return self._state.keep(order).described()

    def advance(self, order_id: str, to: str | None = None) -> dict[str, Any]:
        """Move an order one stage on, or to the stage with an order or line item status."""
        with self._lock:
            order = self._state.orders[order_id].advanced(self._state.clock.now(), to)
            return self._state.keep(order).described()

    def set_status(self, order_id: str, status: str) -> dict[str, Any]:
        """Give an order any status, such as ERROR or one that the API has yet to invent."""
        with self._lock:
            order = replace(self._state.orders[order_id], status=status)
            return self._state.keep(order).described()

    def set_order(self, order_id: str, **members: object) -> dict[str, Any]:
        """Replace members of an order as the API shows them; None hides one."""
        with self._lock:
            order = self._state.orders[order_id]
            order = replace(order, changed={**order.changed, **members})
            return self._state.keep(order).described()

    def make_quote(
        self,
        *,
        outpost_id: str = OUTPOST_ID,
        options: int | Sequence[str] = 1,
        upfront_price: float = 169000.0,
        monthly_recurring_price: float = 0.0,
        currency: str = "USD",
        expires: datetime | None = None,
        requirements: Sequence[Mapping[str, str]] = (),
        account: str = ACCOUNT,
        region: str = REGION,
        quote_id: str | None = None,
    ) -> dict[str, Any]:
        """Make a quote, which expires in 30 days; requirements have the shape of GetQuote.

        The options are a number of them, or their IDs.
        """
        with self._lock:
            quote = Quote.made(
                Scope(account, region),
                outpost_id,
                Price(upfront_price, monthly_recurring_price, currency),
                created=self._state.clock.now(),
                options=options,
                expires=expires,
                requirements=requirements,
                quote_id=quote_id,
            )
            return self._state.keep_quote(quote).described(self._state.clock.now())

    def set_quote(self, quote_id: str, **members: object) -> dict[str, Any]:
        """Replace members of a quote, named as in GetQuote; None removes one."""
        with self._lock:
            quote = self._state.quotes[quote_id].changed(**members)
            return self._state.keep_quote(quote).described(self._state.clock.now())
