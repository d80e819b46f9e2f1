"""An order as the Outposts API reports it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from outpost_order_handler import contract, rules
from outpost_order_handler.contract import Attribute

CANCELLED = "CANCELLED"
# What can no longer turn into a rack. Any other status, known or not, may.
_CLOSED = frozenset({"COMPLETED", "FULFILLED", CANCELLED})

# One foreign, endless text must not push the answer over CloudFormation's 4,096 bytes.
_LONGEST_ATTRIBUTE = 256


@dataclass(frozen=True)
class Order:
    """A real order, with what its answer to CloudFormation needs; unknown is empty.

    Statuses and types that the service adds later pass through as they are.
    """

    order_id: str
    status: str
    outpost_id: str
    order_type: str
    payment_option: str
    payment_term: str
    submitted_at: str
    line_items: tuple[tuple[str, int], ...]
    quote_id: str = ""
    quote_option_identifier: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the order may still bring hardware."""
        return self.status not in _CLOSED

    @property
    def is_cancelled(self) -> bool:
        """Whether the service confirms that the order was cancelled."""
        return self.status == CANCELLED

    def attributes(self) -> dict[str, str]:
        """Return the full set for `Fn::GetAtt`: strings only, every key always there."""
        values = {
            Attribute.ORDER_ID: self.order_id,
            Attribute.STATUS: self.status,
            Attribute.OUTPOST_ID: self.outpost_id,
            Attribute.ORDER_TYPE: self.order_type,
            Attribute.PAYMENT_OPTION: self.payment_option,
            Attribute.PAYMENT_TERM: self.payment_term,
            Attribute.ORDER_SUBMISSION_DATE: self.submitted_at,
        }
        return {str(name): value[:_LONGEST_ATTRIBUTE] for name, value in values.items()}


@dataclass(frozen=True)
class OrderSummary:
    """An order as a list shows it: without its line items."""

    order_id: str
    status: str
    submitted_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether the order may still bring hardware."""
        return self.status not in _CLOSED


def summaries_in(response: object) -> list[OrderSummary]:
    """Return the orders that a page of ListOrders holds.

    Raises:
        TypeError: It is no such page. No list is not the same as an empty one.
    """
    orders = response.get("Orders") if isinstance(response, Mapping) else None
    if not isinstance(orders, list):
        raise TypeError("a list of orders was asked for, and something else came")
    return [_summary_of(members) for members in orders]


def _summary_of(members: Mapping[str, Any]) -> OrderSummary:
    date = members.get("OrderSubmissionDate")
    return OrderSummary(
        order_id=_text(members.get("OrderId")),
        status=_text(members.get("Status")),
        submitted_at=date if isinstance(date, datetime) else None,
    )


def order_in(response: object) -> Order | None:
    """Return the order that a response of CreateOrder or GetOrder holds.

    botocore calls a 200 with an empty or foreign body a success: no order id,
    no order.
    """
    members = response.get("Order") if isinstance(response, Mapping) else None
    if not isinstance(members, Mapping) or not rules.ORDER_ID.accepts(members.get("OrderId")):
        return None
    return Order(
        order_id=members["OrderId"],
        status=_text(members.get("Status")),
        outpost_id=contract.bare_id(_text(members.get("OutpostId"))),
        order_type=_text(members.get("OrderType")),
        payment_option=_text(members.get("PaymentOption")),
        payment_term=_text(members.get("PaymentTerm")),
        submitted_at=_text(members.get("OrderSubmissionDate")),
        line_items=tuple(_line_items(members)),
        quote_id=contract.bare_id(_text(members.get("QuoteIdentifier"))),
        quote_option_identifier=_text(members.get("QuoteOptionIdentifier")),
    )


def _line_items(members: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [
        (_text(item.get("CatalogItemId")), item.get("Quantity") or 0)
        for item in members.get("LineItems") or ()
    ]


def _text(value: object) -> str:
    if value is None:
        return ""
    # Which zone botocore gives a time depends on the machine; ours is always UTC.
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
