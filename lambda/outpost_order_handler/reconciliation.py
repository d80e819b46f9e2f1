"""Finding out what became of an order whose answer never came.

Evidence is an order that was not on the Outpost before, that nobody claims, that
was submitted when ours was, and that is equal in content. One such order is ours.
None proves nothing: a list may be stale, and a request may be carried out late.

A quote serves one order, and names it: that one needs no list.
"""

import logging
from datetime import datetime, timedelta

from outpost_order_handler.delivery import World
from outpost_order_handler.failures import NotReadable
from outpost_order_handler.order import Order, OrderSummary
from outpost_order_handler.properties import parse
from outpost_order_handler.records import Row, State, Witness
from outpost_order_handler.request import QuoteChoice
from outpost_order_handler.table import Lost, TableUnavailable

logger = logging.getLogger(__name__)

# The longest a request can be on its way: connecting, and waiting for the answer.
SENDER_MAY_LIVE = timedelta(seconds=70)
# The clocks of the service and of the function may differ by this much.
_SKEW = timedelta(minutes=1)
# The service may carry out a request after it stopped to answer.
_LATEST_SUBMISSION = timedelta(minutes=5)

PAUSES = (1.0, 2.0, 4.0, 8.0)  # seconds between the looks
_PAUSE_FOR_A_SENDER = 5.0  # seconds
_TIME_TO_LOOK = 15  # seconds that must be left


def reconcile(row: Row, world: World, *, reason: str = "") -> Row:
    """Return the row as soon as it is resolved, or as it is when looking no longer helps.

    Args:
        row: An unresolved row.
        world: Where to look.
        reason: Why the sender itself doubts; empty where somebody else asks, who
            gives a sender that may still live the time to tell.
    """
    pauses = iter(PAUSES)
    while row.is_unresolved:
        try:
            if reason:
                row = _noted(row, reason, world)
            row = _placed_if_found(row, world)
        except Lost:
            row = world.ledger.row(row.name)
            continue
        except TableUnavailable:
            logger.exception("the ledger cannot be used now")
        if not row.is_unresolved:
            break
        waiting = not reason and _sender_may_live(row, world)
        pause = _PAUSE_FOR_A_SENDER if waiting else next(pauses, None)
        if pause is None or world.clock.remaining() < _TIME_TO_LOOK + pause:
            return _noted(row, reason or "its sender did not tell", world)
        world.clock.wait(pause)
        row = world.ledger.row(row.name)
    return row


def _placed_if_found(row: Row, world: World) -> Row:
    order = _found(row, world)
    if order is None:
        return row
    return world.ledger.placed(row, order, witness_of(row))


def witness_of(row: Row) -> Witness:
    """Return who says that an order which is found is the one that was asked for."""
    return Witness.ORDERS_OF_THE_OUTPOST if parse(row.properties).quote is None else Witness.QUOTE


def evidence(row: Row, world: World) -> list[Order]:
    """Return every order that may have come of the row's attempt.

    Raises:
        NotReadable: Not all of the Outpost's orders can be read now.
    """
    wanted = parse(row.properties)
    orders = [
        world.outposts.get_order(order_id)
        for order_id in _candidates(row, wanted.quote, world)
        if order_id not in row.baseline and not world.ledger.claim(order_id).order_name
    ]
    return [order for order in orders if not wanted.differences(order)]


def _candidates(row: Row, quote: QuoteChoice | None, world: World) -> list[str]:
    if quote is not None:
        submitted = world.outposts.get_quote(quote.quote_id).submitted_order_id
        if submitted:
            return [submitted]
    summaries = world.outposts.orders_on(row.outpost_id)
    return [summary.order_id for summary in summaries if _was_submitted_with(summary, row)]


def _found(row: Row, world: World) -> Order | None:
    try:
        orders = evidence(row, world)
    except NotReadable:
        logger.exception("the orders of %s cannot be read now", row.outpost_id)
        return None
    logger.info("orders that may be %s: %s", row.name, [order.order_id for order in orders])
    return orders[0] if len(orders) == 1 else None


def _was_submitted_with(summary: OrderSummary, row: Row) -> bool:
    begun = datetime.fromisoformat(row.submitted_at)
    earliest, latest = begun - _SKEW, begun + _LATEST_SUBMISSION
    return summary.submitted_at is not None and earliest <= summary.submitted_at <= latest


def _sender_may_live(row: Row, world: World) -> bool:
    begun = datetime.fromisoformat(row.submitted_at)
    return row.state == State.SUBMITTING and world.clock.now() < begun + SENDER_MAY_LIVE


def _noted(row: Row, reason: str, world: World) -> Row:
    """Note the doubt; where somebody else was first, return what they found."""
    while row.state == State.SUBMITTING:
        try:
            return world.ledger.in_doubt(row, reason)
        except Lost:
            row = world.ledger.row(row.name)
    return row
