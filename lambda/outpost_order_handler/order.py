"""An order as the Outposts API reports it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from outpost_order_handler import contract
from outpost_order_handler.contract import Attribute

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


def order_in(response: object) -> Order | None:
    """Return the order that a response of CreateOrder or GetOrder holds.

    botocore calls a 200 with an empty or foreign body a success: no order id,
    no order.
    """
    members = response.get("Order") if isinstance(response, Mapping) else None
    if not isinstance(members, Mapping) or not contract.ORDER_ID.accepts(members.get("OrderId")):
        return None
    return Order(
        order_id=members["OrderId"],
        status=_text(members.get("Status")),
        outpost_id=contract.outpost_id_of(_text(members.get("OutpostId"))),
        order_type=_text(members.get("OrderType")),
        payment_option=_text(members.get("PaymentOption")),
        payment_term=_text(members.get("PaymentTerm")),
        submitted_at=_text(members.get("OrderSubmissionDate")),
        line_items=tuple(_line_items(members)),
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
