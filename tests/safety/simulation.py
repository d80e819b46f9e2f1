"""A world in memory in which the product's own code runs, one I/O at a time.

Every I/O of the handler passes through `Process.io`: there the scheduler decides
whether it works, how it fails, whether the process dies, and who runs next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
FUNCTION_LIMIT = timedelta(minutes=4)
CANCELLED, OPEN = "CANCELLED", "PREPARING"


class Crash(BaseException):
    """The process dies here; no handler of ours can catch it."""


@dataclass
class SimulatedOrder:
    """An order of the service, with what only the simulation knows: who sent it."""

    order_id: str
    parameters: Mapping[str, Any]
    submitted_at: datetime
    sender: "Process | None"
    status: str = OPEN

    @property
    def is_live(self) -> bool:
        """Whether it costs money."""
        return self.status != CANCELLED

    def described(self) -> dict[str, Any]:
        """Return the order as GetOrder shows it."""
        return {
            "OrderId": self.order_id,
            "OutpostId": self.parameters["OutpostIdentifier"],
            "Status": self.status,
            "QuoteIdentifier": self.parameters.get("QuoteIdentifier"),
            "QuoteOptionIdentifier": self.parameters.get("QuoteOptionIdentifier"),
            "LineItems": self.parameters.get("LineItems"),
            "PaymentOption": self.parameters["PaymentOption"],
            "PaymentTerm": self.parameters.get("PaymentTerm"),
            "OrderSubmissionDate": self.submitted_at,
            "OrderType": "OUTPOST",
        }


@dataclass
class Post:
    """One CreateOrder request that reached the service."""

    sender: "Process"
    order: SimulatedOrder | None = None
    is_pending: bool = False
    was_refused: bool = False


@dataclass
class Universe:
    """All that is shared by the processes: the time, the service, the table."""

    now: datetime = START
    orders: list[SimulatedOrder] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    after_write: Callable[[], None] = lambda: None
    before_post: Callable[["Process"], None] = lambda _: None

    def order(self, parameters: Mapping[str, Any], sender: "Process | None") -> SimulatedOrder:
        """Make an order."""
        order_id = f"oo-{len(self.orders) + 1:017x}"
        order = SimulatedOrder(order_id, parameters, self.now, sender)
        self.orders.append(order)
        return order

    def copy(self) -> "Universe":
        """Return a universe that goes its own way from here."""
        orders = {order.order_id: replace(order) for order in self.orders}
        posts = [
            replace(post, order=orders[post.order.order_id] if post.order else None)
            for post in self.posts
        ]
        return Universe(self.now, list(orders.values()), posts, dict(self.items))

    def settle(self) -> None:
        """Carry out what the service took and has not done yet."""
        for post in self.posts:
            if post.is_pending:
                post.is_pending = False
                post.order = self.order(_parameters(post), post.sender)


def _parameters(post: Post) -> Mapping[str, Any]:
    sent: Mapping[str, Any] = post.sender.sent
    return sent


@dataclass
class Process:
    """One run of the function for one event.

    Attributes:
        name: How it is called in a report.
        request: What all copies of its request share.
        io: Asks the scheduler: an I/O's kind and the ways it can go; answers the way.
        sent: The parameters of its last CreateOrder.
    """

    name: str
    request: str
    universe: Universe
    io: Callable[[str, tuple[str, ...]], str]
    pause: Callable[[float], None]
    started: datetime = START
    sent: Mapping[str, Any] = field(default_factory=dict)

    def step(self, kind: str, *ways: str) -> str:
        """Let the scheduler choose how an I/O goes, and die here where it says so."""
        way = self.io(kind, ways)
        if way == "crash before":
            raise Crash
        return way

    def remaining_millis(self) -> int:
        """Return what Lambda would, and die where Lambda would have ended it."""
        left = self.started + FUNCTION_LIMIT - self.universe.now
        if left <= timedelta(0):
            raise Crash
        return int(left.total_seconds() * 1000)
