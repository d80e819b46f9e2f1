"""The outcome of an attempt: the sender's response, or evidence after the sender's end.

Evidence is an order without a response. The proof that it is ours is strict. The
order is identical, for the same Outpost, live, without a name, new since the baseline,
and submitted in the attempt's time, and it is the only such order. The objection to
"not placed" is wide: any identical order that is new and has no name.
"""

import logging
from datetime import timedelta
from typing import NoReturn

from outpost_order_handler.failures import NotReadable, OrderError, Outcome, full_text
from outpost_order_handler.outposts.responses import Order
from outpost_order_handler.placement.context import RequestContext

logger = logging.getLogger(__name__)
EVIDENCE_PATIENCE = 30  # seconds that evidence is searched for
_EARLIEST = timedelta(minutes=1)  # the clocks of the service and of the function differ by less
_LATEST = timedelta(minutes=5)  # the service can place an order after the connection has ended


def conclude(context: RequestContext) -> None:
    """End SUBMITTING: record the order, or raise; if the outcome is unknown, nothing changes."""
    order, (_, attempt) = context.order, context.order.unresolved
    response: Order | OrderError = OrderError.unknown()
    if attempt.sender == context.sender:
        response = context.response or OrderError("NotSent", "nothing was sent")
    elif not attempt.sender_has_ended(context.services.clock.now()):
        context.start_over_or(OrderError.unknown())
    if isinstance(response, Order):
        real = response
    elif response.outcome is Outcome.NOT_PLACED:
        context.not_placed(why=str(response))
        raise response
    else:
        real = find_evidence(context) or _search_again_or_raise(context, response)
    if context.outpost.orders.get(real.order_id, order.name) != order.name:
        raise OrderError.unknown()  # the service gave this request an order that another name has
    context.placed(real)


def find_evidence(context: RequestContext) -> Order | None:
    """Return the one order that can only have come of the attempt; None without proof."""
    try:
        proven = [real for real in strangers(context) if is_proof(real, context)]
    except NotReadable as error:
        subject = context.outpost.name
        logger.info("the orders of %s can't be read now: %s", subject, full_text(error))
        return None
    logger.info("orders that might be %s: %s", context.order.name, [o.order_id for o in proven])
    return proven[0] if len(proven) == 1 else None


def strangers(context: RequestContext) -> list[Order]:
    """Return the identical orders, cancelled ones too, that are new and that no name has."""
    outposts, (content, attempt) = context.services.outposts, context.order.unresolved
    listed = context.read_in_time(outposts.list_orders, content.outpost_id)
    if content.option_id:  # one quote serves one order, and names it
        quote = context.read_in_time(outposts.get_quote, content.quote_id)
        listed = [*listed, quote.submitted_order_id]
    known = {"", *attempt.baseline, *context.outpost.orders}
    new = [order_id for order_id in dict.fromkeys(listed) if order_id not in known]
    read = [context.read_in_time(outposts.get_order, order_id) for order_id in new]
    return [
        real for real in read if not real.is_replacement and real.content.is_identical_to(content)
    ]


def is_proof(real: Order, context: RequestContext) -> bool:
    """Return whether one of the strangers is evidence, if it is the only one."""
    content, attempt = context.order.unresolved
    if not real.counts or real.content.outpost_id != content.outpost_id:
        return False  # a quote without an Outpost can serve an order for another Outpost
    if real.content.option_id:
        return True
    earliest, latest = attempt.started_at - _EARLIEST, attempt.sender_end + _LATEST
    return real.submitted_at is not None and earliest <= real.submitted_at <= latest


def _search_again_or_raise(context: RequestContext, error: OrderError) -> NoReturn:
    clock = context.services.clock
    context.searching_since = context.searching_since or clock.now()
    searched = (clock.now() - context.searching_since).total_seconds()
    context.start_over_or(error, patience=clock.elapsed() - searched + EVIDENCE_PATIENCE)
