"""An attempt whose outcome isn't recorded: what is known of it, and how a command ends it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from outpost_order_cli.confirmation import print_question
from outpost_order_cli.orders import KnownOrder
from outpost_order_cli.output import best_effort, say
from outpost_order_cli.problem import Problem
from outpost_order_cli.problems import UPGRADE_FIRST
from outpost_order_cli.progress import progress
from outpost_order_cli.show import print_order
from outpost_order_handler.ledger.records import CLOCK_SKEW, Attempt, OrderRecord, State
from outpost_order_handler.ledger.table import VersionConflict
from outpost_order_handler.outposts.responses import Order
from outpost_order_handler.placement.context import RequestContext, Services
from outpost_order_handler.placement.evidence import strangers

# A request is on its way for little more than a minute, and can take effect some minutes
# later. After this long, an order that isn't there won't appear.
NOT_PLACED_AFTER = timedelta(minutes=15)


def load_context(record: OrderRecord, services: Services) -> RequestContext:
    """Read the record again, together with that of its Outpost.

    Raises:
        Problem: The record has a form that this version doesn't know.
        VersionConflict: The record was changed since it was read.
    """
    is_incomplete = record.state == State.SUBMITTING and record.attempt is None
    if record.request is None or is_incomplete:
        raise Problem(f"The record of {record.name} has an unknown form. {UPGRADE_FIRST}")
    context = RequestContext(record.request, services, uuid.uuid4().hex)
    context.load()
    if context.order.version != record.version:
        raise VersionConflict
    return context


@dataclass(frozen=True)
class Unresolved:
    """An attempt whose outcome no record has, and what a command does about it.

    Attributes:
        context: Its records, as they were read.
    """

    context: RequestContext

    @classmethod
    def load(cls, record: OrderRecord, services: Services) -> Self:
        """Read a record that is SUBMITTING again; raises as `load_context` does."""
        return cls(load_context(record, services))

    @property
    def attempt(self) -> Attempt:
        """The attempt of the order's record."""
        return self.context.order.unresolved[1]

    @property
    def name(self) -> str:
        """The order name."""
        return self.context.order.name

    @property
    def now(self) -> datetime:
        """The time."""
        return self.context.services.clock.now()

    @property
    def still_running(self) -> str:
        """Until when the deployment can still record the outcome; empty after that."""
        if self.attempt.sender_has_ended(self.now):
            return ""
        until = self.attempt.sender_end + CLOCK_SKEW
        return f"The deployment might still be running (until {until:%H:%M:%S} UTC)."

    @property
    def not_placed_from(self) -> datetime:
        """When it can be known at the earliest that no order was placed."""
        attempt = self.attempt
        return max(attempt.started_at + NOT_PLACED_AFTER, attempt.sender_end + CLOCK_SKEW)

    def matching_orders(self) -> list[Order]:
        """Return the identical orders that are new since the attempt and belong to no name."""
        with progress(f"Searching the orders of {self.context.outpost.name}"):
            return strangers(self.context)

    def record(self, what: str) -> None:
        """Write both records, and print what was recorded."""
        self.context.commit(outpost_decided=True)
        with best_effort():
            say(f"Recorded: {what}.\n")
            print_order(KnownOrder(self.context.order, self.now, is_live=True))

    def print_question(self, who: str) -> None:
        """Print what was asked for, on the stream that a pipe leaves alone."""
        print_question(self.name, self.context.outpost.name, who, self.context.request)
