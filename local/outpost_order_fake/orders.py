"""An order, and the stages that it passes through on its way to the customer."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_hex
from typing import Any, NamedTuple, Self

from outpost_order_fake.scopes import Scope

CARRIER = "UPS"
QUOTED_LINE_ITEMS = ({"CatalogItemId": "OR-QUOTED0", "Quantity": 1},)
"""The line items of an order from a quote."""


class Stage(NamedTuple):
    """A status of an order, and the one of its line items at that time."""

    order: str
    items: str


STAGES = (
    Stage("PREPARING", "PREPARING"),
    Stage("IN_PROGRESS", "BUILDING"),
    Stage("IN_PROGRESS", "SHIPPED"),
    Stage("DELIVERED", "DELIVERED"),
    Stage("DELIVERED", "INSTALLING"),
    Stage("COMPLETED", "INSTALLED"),
)
CANCELLED = Stage("CANCELLED", "CANCELLED")
CANCELLABLE = {"PREPARING"}
FULFILLED = {"COMPLETED"}


def new_id(prefix: str) -> str:
    """Make an id of the service's form: a prefix and 17 hexadecimal digits."""
    return f"{prefix}-{token_hex(9)[:17]}"


@dataclass(frozen=True)
class LineItem:
    """Hold one line of an order."""

    line_item_id: str
    catalog_item_id: str
    quantity: int
    status: str = STAGES[0].items
    tracking_number: str | None = None

    @classmethod
    def requested(cls, params: Mapping[str, Any]) -> Self:
        """Take a validated line of a CreateOrder request."""
        return cls(new_id("ooi"), params["CatalogItemId"], params["Quantity"])

    def at(self, status: str) -> Self:
        """Move to a status; shipping gives a tracking number, which stays."""
        shipped = self.tracking_number or (token_hex(9) if status == "SHIPPED" else None)
        return replace(self, status=status, tracking_number=shipped)

    def described(self) -> dict[str, Any]:
        """Answer the line as GetOrder shows it."""
        shipment = {
            "ShipmentTrackingNumber": self.tracking_number,
            "ShipmentCarrier": CARRIER,
        }
        return {
            "CatalogItemId": self.catalog_item_id,
            "LineItemId": self.line_item_id,
            "Quantity": self.quantity,
            "Status": self.status,
        } | ({"ShipmentInformation": shipment} if self.tracking_number else {})


@dataclass(frozen=True)
class Order:
    """Hold one order; every change makes a new value."""

    order_id: str
    outpost_id: str
    line_items: tuple[LineItem, ...]
    payment_option: str
    payment_term: str | None
    scope: Scope
    submitted: datetime
    quote_id: str | None = None
    quote_option_id: str | None = None
    fulfilled: datetime | None = None
    status: str = STAGES[0].order
    listings_until_shown: int = 1
    """Which ListOrders call from now on is the first to show the order."""
    changed: Mapping[str, Any] = field(default_factory=dict)
    """Members that are shown instead; None hides one."""

    @property
    def stage(self) -> Stage:
        """Where the order and its line items are."""
        return Stage(self.status, self.line_items[0].status)

    def advanced(self, now: datetime, to: str | None = None) -> Self:
        """Move one stage on, or to the next stage with the given order or line item status."""
        ahead = STAGES[STAGES.index(self.stage) + 1 :] if self.stage in STAGES else ()
        reached = [stage for stage in ahead if to is None or to in stage]
        if not reached:
            raise ValueError(
                f"{self.order_id} at {self.stage} cannot advance to {to or 'a next stage'}"
            )
        moved = self
        for stage in ahead[: ahead.index(reached[0]) + 1]:
            moved = moved.at(stage, now)
        return moved

    def at(self, stage: Stage, now: datetime) -> Self:
        """Move the order and all its line items to a stage."""
        fulfilled = now if stage.order in FULFILLED else None
        items = tuple(item.at(stage.items) for item in self.line_items)
        return replace(self, status=stage.order, line_items=items, fulfilled=fulfilled)

    def summarised(self) -> dict[str, Any]:
        """Answer the order as ListOrders shows it."""
        summary = self._summary()
        changed = {name: self.changed[name] for name in summary.keys() & self.changed.keys()}
        return _shown(summary | changed)

    def described(self) -> dict[str, Any]:
        """Answer the order as GetOrder shows it."""
        described = self._summary() | {
            "LineItems": [item.described() for item in self.line_items],
            "PaymentOption": self.payment_option,
            "PaymentTerm": self.payment_term,
            "QuoteIdentifier": self.quote_id,
            "QuoteOptionIdentifier": self.quote_option_id,
        }
        del described["LineItemCountsByStatus"]
        return _shown({**described, **self.changed})

    def _summary(self) -> dict[str, Any]:
        return {
            "OrderId": self.order_id,
            "OutpostId": self.outpost_id,
            "OrderType": "OUTPOST",
            "Status": self.status,
            "LineItemCountsByStatus": dict(Counter(item.status for item in self.line_items)),
            "OrderSubmissionDate": self.submitted,
            "OrderFulfilledDate": self.fulfilled,
        }


def _shown(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
