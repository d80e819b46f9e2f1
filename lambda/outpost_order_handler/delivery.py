"""One event on its way to an answer."""

from dataclasses import dataclass
from datetime import datetime

from outpost_order_handler.clock import Clock
from outpost_order_handler.failures import HandlerErrorCode, NotPlaced
from outpost_order_handler.ledger import Ledger
from outpost_order_handler.order import Order
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.records import Lock, Receipt, Row
from outpost_order_handler.request import OrderRequest

TIME_TO_SEND = 30  # seconds that must be left before an order is sent


@dataclass(frozen=True)
class World:
    """Everything outside of this process: whatever can fail, wait or be shared is here."""

    outposts: Outposts
    ledger: Ledger
    clock: Clock


@dataclass
class Delivery:
    """A request as it is worked on.

    Attributes:
        request_id: The same for every copy of a request, and for no other.
        world: What it works with.
        began_at: When it came, however often the work starts again.
        receipt: What CloudFormation was told of the resource, as last read or written.
            The answer is written over this version of it: whatever happened to the
            resource in between makes that write fail, and the work start again.
        is_in_the_row: Whether the row names this request, so that every copy of it comes to
            the same answer, even where this one is not written down.
        is_settled: Whether the ledger knows what became of it.
    """

    request_id: str
    world: World
    began_at: datetime
    receipt: Receipt
    is_in_the_row: bool = False
    is_settled: bool = True

    def begin(self, row: Row, lock: Lock, request: OrderRequest, baseline: list[str]) -> Row:
        """Pass the point of no return."""
        row, self.receipt = self.world.ledger.begin(
            row, lock, self.receipt, request, request_id=self.request_id, baseline=baseline
        )
        self.is_in_the_row = True
        return row

    def adopt(self, row: Row, lock: Lock, request: OrderRequest, order: Order) -> Row:
        """Take over an order that was made elsewhere."""
        row, self.receipt = self.world.ledger.adopted(
            row, lock, self.receipt, request, request_id=self.request_id, order=order
        )
        self.is_in_the_row = True
        return row

    def take_over(self, row: Row, order: Order) -> Row:
        """Let the order of the name belong to this resource."""
        row, self.receipt = self.world.ledger.taken_over(row, self.receipt, order)
        return row


def refuse_without_time(request: OrderRequest, world: World) -> None:
    """Raise where too little time is left to send an order and to record it."""
    if world.clock.remaining() < TIME_TO_SEND:
        raise no_time_left(request)


def no_time_left(request: OrderRequest) -> NotPlaced:
    """Return the failure of an order that was not sent, for lack of time."""
    return NotPlaced(
        HandlerErrorCode.NOT_STABILIZED,
        "NoTimeLeft",
        request.outpost_id,
        "wait some minutes",
        "too little of the function's time was left to send the order",
    )
