"""Which resource an order belongs to, where more than one had it.

A construct that moves in the app is a new resource, which takes the order over.
Where that deployment is rolled back, the new resource is deleted and the old one
stays: then the order goes back, and is not cancelled.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from outpost_order_handler.delivery import World
from outpost_order_handler.records import Row
from outpost_order_handler.table import Lost

# A deployment that is rolled back so long after it took an order over is none we know of.
_ONE_OPERATION = timedelta(hours=24)


def heir_of(row: Row, world: World) -> str:
    """Return the resource that had the order before, and never let go of it."""
    heirs = (each for each in reversed(row.former) if world.ledger.receipt(each).is_open)
    return next(heirs, "")


def is_undoing_a_move(row: Row, heir: str, world: World) -> bool:
    """Tell whether the deletion of the row's resource is the rollback of taking over."""
    moved_at = datetime.fromisoformat(row.taken_over_at)
    recently = world.clock.now() - moved_at < _ONE_OPERATION
    return recently and _stack_of(heir) == _stack_of(row.resource)


def settle_a_move(resource: str, order_name: str, world: World) -> None:
    """Note, on an update, that the deployment which moved the order was not rolled back."""
    row = world.ledger.row(order_name) if order_name else None
    if row is None or row.resource != resource:
        return
    if any(_stack_of(each) == _stack_of(resource) for each in row.former):
        with suppress(Lost):  # then whoever was first decides
            world.ledger.moved_for_good(row)


def _stack_of(resource: str) -> str:
    return resource.partition("|")[0]
