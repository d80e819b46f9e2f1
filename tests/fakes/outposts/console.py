"""What somebody sees and does in the console, without a request."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Any

from tests.fakes.outposts.models import OutpostsBackend
from tests.fakes.outposts.orders import CANCELLED

OUTPOST_ID = "op-0123456789abcdef0"
LINE_ITEMS = ({"CatalogItemId": "OR-ABCDEFG", "Quantity": 1},)


class Console:
    """Show, make and change what a customer has."""

    _backend: OutpostsBackend
    _lock: RLock

    @property
    def orders(self) -> list[dict[str, Any]]:
        """Every order ever made, in the order of making."""
        with self._lock:
            return [order.described() for order in self._backend.orders.values()]

    @property
    def live_orders(self) -> list[dict[str, Any]]:
        """The orders that are not cancelled: what the customer pays."""
        return [order for order in self.orders if order["Status"] != CANCELLED.order]

    def make_order(
        self,
        *,
        outpost_id: str = OUTPOST_ID,
        line_items: Sequence[dict[str, Any]] = LINE_ITEMS,
        payment_option: str = "ALL_UPFRONT",
        payment_term: str | None = None,
        submitted: datetime | None = None,
    ) -> dict[str, Any]:
        """Make an order without a request, as somebody does in the console."""
        params = {
            "OutpostIdentifier": outpost_id,
            "LineItems": list(line_items),
            "PaymentOption": payment_option,
            "PaymentTerm": payment_term,
        }
        with self._lock:
            order = self._backend.create_order(params)
            order = replace(order, submitted=submitted or order.submitted)
            return self._backend.keep(order).described()

    def advance(self, order_id: str, to: str | None = None) -> dict[str, Any]:
        """Move an order one stage on, or to the stage with an order or line item status."""
        with self._lock:
            return self._backend.keep(self._backend.orders[order_id].advanced(to)).described()

    def set_status(self, order_id: str, status: str) -> dict[str, Any]:
        """Give an order any status, such as ERROR or one that the API has yet to invent."""
        with self._lock:
            order = replace(self._backend.orders[order_id], status=status)
            return self._backend.keep(order).described()
