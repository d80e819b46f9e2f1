"""The search for identical orders, in the list of the service and in the ledger's map."""

from outpost_order_handler.clock import TIME_TO_SEND
from outpost_order_handler.failures import OrderError
from outpost_order_handler.placement.context import RequestContext


def require_no_identical_order(context: RequestContext) -> tuple[str, ...]:
    """Return the IDs of the Outpost's orders, or raise if one is identical and not named."""
    names = context.outpost.orders
    listed = context.reading(context.services.outposts.list_orders, context.outpost.name)
    # A list can be stale, the map can't: an order that is in either counts.
    identical = [
        f"{order_id} of {names[order_id]}" if order_id in names else order_id
        for order_id in dict.fromkeys((*listed, *names))
        if _is_identical(order_id, context) and not _is_named(order_id, context)
    ]
    if identical:
        has_quote = context.request.content.option_id
        detail = f"an identical order exists: {', '.join(identical)}"
        raise OrderError("QuoteUsed" if has_quote else "IdenticalOrderExists", detail)
    return tuple(listed)


def require_no_identical_attempt(context: RequestContext) -> None:
    """Wait for an identical attempt of another name; raise if it remains unresolved."""
    for name, content in context.outpost.attempts.items():
        if name != context.request.order_name and content.is_identical_to(context.request.content):
            error = OrderError("OutpostBusy", f"the outcome of {name} is unknown", about=name)
            context.start_over_or(error)


def _is_identical(order_id: str, context: RequestContext) -> bool:
    context.require_time(TIME_TO_SEND)
    real = context.reading(context.services.outposts.get_order, order_id)
    return real.counts and real.content.is_identical_to(context.request.content)


def _is_named(order_id: str, context: RequestContext) -> bool:
    """Return whether one of the two orders names the other; one quote option serves one order."""
    request, name = context.request, context.outpost.orders.get(order_id, "")
    if request.content.option_id:
        return False
    if {order_id, name} & set(request.in_addition_to):
        return True
    other = context.services.ledger.record(name).request if name else None
    return other is not None and request.order_name in other.in_addition_to
