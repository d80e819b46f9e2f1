"""Cancelling an order with its resource, where that was asked for."""

import logging

from outpost_order_handler.delivery import World
from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.failures import NotCancelled, NotReadable
from outpost_order_handler.order import Order
from outpost_order_handler.records import Row

logger = logging.getLogger(__name__)

PAUSES = (1.0, 2.0, 4.0)  # seconds between the looks whether it is cancelled


def cancel(row: Row, world: World, *, also_of: str = "") -> None:
    """Cancel the order, and believe only what the service then shows.

    Args:
        row: The row of the order.
        world: Where to cancel it.
        also_of: Another resource that had the order, and never let go of it: while that
            may live, the order is not cancelled behind its back.

    Raises:
        NotCancelled: The order stands, or may stand.
        Lost: Somebody else was first: start again from the top.
    """
    if also_of and not _read(row.order_id, world).is_cancelled:
        fact = f"{row.order_id} also belongs to another resource, and was not cancelled"
        raise NotCancelled(Code.RESOURCE_CONFLICT, "OrderShared", fact, also_of.partition("/")[2])
    row = world.ledger.cancelling(row)
    logger.warning("cancelling %s, order %s", row.order_id, row.name)
    refusal = _asked(row, world)
    status = _status_when_settled(row, world, patient=refusal is None)
    if status == "":
        world.ledger.cancelled(row)
        return
    problem = refusal or NotCancelled(
        Code.NOT_STABILIZED, "StillOpen", f"{row.order_id} was to be cancelled, and is {status}"
    )
    world.ledger.cancel_refused(row, str(problem))
    raise problem


def _asked(row: Row, world: World) -> NotCancelled | None:
    try:
        world.outposts.cancel_order(row.order_id)
    except NotCancelled as refusal:
        logger.exception("%s was not cancelled at once", row.order_id)
        return refusal
    return None


def _status_when_settled(row: Row, world: World, *, patient: bool) -> str:
    """Return the status of an order that stands, or nothing once it is cancelled."""
    for pause in (*(PAUSES if patient else ()), None):
        order = _read(row.order_id, world)
        if order.is_cancelled:
            return ""
        if pause is not None:
            world.clock.wait(pause)
    return order.status or "of unknown status"


def _read(order_id: str, world: World) -> Order:
    try:
        return world.outposts.get_order(order_id)
    except NotReadable as error:
        fact = f"{order_id} was to be cancelled, and may or may not be"
        raise NotCancelled(Code.GENERAL_SERVICE_EXCEPTION, "NotReadable", fact) from error
