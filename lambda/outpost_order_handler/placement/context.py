"""The records that one request has read and will write."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NoReturn, TypeVar

from outpost_order_handler.clock import ACCESS_PATIENCE, TIME_TO_READ, Clock, StartOver
from outpost_order_handler.failures import Code, NotReadable, OrderError
from outpost_order_handler.ledger.records import OrderRecord, OutpostRecord, State
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.order import OrderRequest
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.outposts.responses import Order
from outpost_order_handler.stacks import Stacks

logger = logging.getLogger(__name__)
POLL_INTERVAL = 5.0  # seconds between two reads of another invocation's record
_Read = TypeVar("_Read")


@dataclass(frozen=True)
class Services:
    """Everything outside of this process that can fail, wait, or be shared."""

    ledger: Ledger
    outposts: Outposts
    stacks: Stacks
    clock: Clock


@dataclass
class RequestContext:
    """One request on its way to its answer. A decision changes `order` and `outpost`."""

    request: OrderRequest
    services: Services
    sender: str  # the ID of this invocation
    resource: str = ""  # of a Create, `<StackId>|<LogicalResourceId>`
    order_line: str = ""  # the purchase in one line, composed from the event
    require_reachable: Callable[[], None] = lambda: None  # raises if no answer could be sent
    response: Order | OrderError | None = None  # of CreateOrder, the same in every try
    searching_since: datetime | None = None  # when the search for evidence began
    order: OrderRecord = field(init=False)  # the record that was read, and will be written
    outpost: OutpostRecord = field(init=False)  # same
    _read: tuple[OrderRecord, OutpostRecord] = field(init=False, repr=False)

    def load(self) -> None:
        """Read both records together."""
        name, outpost_id = self.request.order_name, self.request.content.outpost_id
        self._read = self.order, self.outpost = self.services.ledger.read(name, outpost_id)

    def commit(self, *, outpost_decided: bool = False) -> None:
        """THE conditional write: the records that changed or decided, over the versions read."""
        if (self.order, self.outpost) == self._read:
            return
        is_changed = outpost_decided or self.outpost != self._read[1]
        version = self.services.ledger.write(self.order, self.outpost if is_changed else None)
        self.order = replace(self.order, version=version)
        if is_changed:
            self.outpost = replace(self.outpost, version=version)
        self._read = self.order, self.outpost

    def placed(self, real: Order, who: str = "", why: str = "") -> None:
        """The name has this order: both records say so."""
        now = self.services.clock.now()
        self.order = self.order.placed(real.order_id, real.attributes(), now, who, why)
        self.outpost = self.outpost.with_order(real.order_id, self.order.name)

    def cancelled(self, real: Order, who: str = "", why: str = "") -> None:
        """The order of the name was cancelled: its record says so."""
        now = self.services.clock.now()
        order = self.order.placed(real.order_id, real.attributes(), now)
        self.order = order.to(State.CANCELLED, now, who, why)

    def not_placed(self, who: str = "", why: str = "") -> None:
        """The attempt placed no order: both records say so."""
        self.order = self.order.to(State.NOT_PLACED, self.services.clock.now(), who, why)
        self.outpost = self.outpost.without_attempt(self.order.name)

    def start_over_or(self, error: OrderError, patience: float = float("inf")) -> NoReturn:
        """Wait for others and start over; without time or patience, raise the error."""
        clock = self.services.clock
        has_time = clock.remaining() > TIME_TO_READ + POLL_INTERVAL
        if has_time and clock.elapsed() + POLL_INTERVAL < patience:
            raise StartOver(POLL_INTERVAL)
        raise error

    def read_in_time(self, read: Callable[[str], _Read], what: str) -> _Read:
        """Read something by its ID if there is time to wait for it."""
        clock = self.services.clock
        if clock.remaining() < TIME_TO_READ:
            fact = f"no time was left to read {what}, and nothing was bought or changed"
            raise NotReadable("TimeoutTooShort" if clock.is_too_short else "NoTimeLeft", fact=fact)
        return read(what)

    def reading(self, read: Callable[[str], _Read], what: str, patience: float = 0) -> _Read:
        """Read something by its ID; wait if a new role isn't allowed to yet."""
        try:
            return self.read_in_time(read, what)
        except NotReadable as error:
            is_denied = error.code == Code.ACCESS_DENIED
            self.start_over_or(error, max(patience, ACCESS_PATIENCE if is_denied else 0))

    def require_time(self, seconds: float) -> None:
        """Raise if less than this is left of the invocation."""
        clock, detail = self.services.clock, "the function had too little time left"
        if clock.remaining() < seconds:
            raise OrderError("TimeoutTooShort" if clock.is_too_short else "NoTimeLeft", detail)

    def order_or_none(self, order_id: str) -> Order | None:
        """Read an order; None if it can't be read, for any reason."""
        try:
            real = self.read_in_time(self.services.outposts.get_order, order_id)
        except NotReadable:
            return None
        if real.status == "ERROR":
            logger.warning("the status of %s is ERROR: ask AWS Support about it", order_id)
        return real
