"""The JSON document that a script reads.

Names are in snake_case, times in ISO 8601, and an unknown value is null. If a member changes
its meaning, the number of the schema changes.
"""

import json
from typing import Any

from outpost_order_cli.location import Location, region_in_use
from outpost_order_cli.orders import KnownOrder
from outpost_order_handler.contract import Attribute
from outpost_order_handler.ledger.records import Attempt
from outpost_order_handler.order import OrderRequest

SCHEMA = 1


def document(location: Location, **content: Any) -> str:  # noqa: ANN401 (whatever JSON has)
    """Return the document of a command that reads."""
    ledger = {"table": location.table, "region": region_in_use()}
    return json.dumps({"schema": SCHEMA, "ledger": ledger, **content}, indent=2)


def summary(order: KnownOrder) -> dict[str, Any]:
    """Return what a list has of an order."""
    request, sent_at = order.record.request, order.sent_at
    return {
        "name": order.record.name,
        "state": order.state,
        "needs": order.needs or None,
        "order_id": order.record.order_id or None,
        "outpost_id": order.outpost_id or None,
        "in_stack": None if order.stack is None else bool(order.stack),
        "stack_id": order.stack or None,
        "status": order.attribute(Attribute.STATUS) or None,
        "status_read_at": order.now.isoformat() if order.is_live else None,
        "sent_at": sent_at.isoformat() if sent_at else None,
        "submitted_at": order.attribute(Attribute.ORDER_SUBMISSION_DATE) or None,
        "asked_for": _asked_for(request) if request else None,
    }


def details(order: KnownOrder) -> dict[str, Any]:
    """Return everything that is known of an order."""
    attempt = order.record.attempt
    return {
        **summary(order),
        "order_type": order.attribute(Attribute.ORDER_TYPE) or None,
        "attempt": _attempt(attempt) if attempt else None,
        "history": [
            {key: entry.get(key.capitalize()) for key in ("at", "state", "who", "why")}
            for entry in order.record.history
        ],
    }


def _asked_for(request: OrderRequest) -> dict[str, Any]:
    content, price = request.content, request.quote_price
    return {
        "line_items": [
            {"catalog_item_id": item, "quantity": quantity} for item, quantity in content.line_items
        ],
        "quote_id": content.quote_id or None,
        "quote_option_id": content.option_id or None,
        "quote_price": price
        and {
            "upfront_price": f"{price.upfront:f}",
            "monthly_recurring_price": f"{price.monthly_recurring:f}",
            "currency": price.currency,
        },
        "payment_option": content.payment_option or None,
        "payment_term": content.payment_term or None,
        "in_addition_to": list(request.in_addition_to),
        "adopt_order_id": request.adopt_order_id or None,
        "preflight": str(request.preflight),
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    stack, _, logical_id = attempt.resource.rpartition("|")
    return {
        "stack_id": stack,
        "logical_id": logical_id,
        "started_at": attempt.started_at.isoformat(),
        "ends_at": attempt.sender_end.isoformat(),
        "earlier_orders": list(attempt.baseline),
    }
