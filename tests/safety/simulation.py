"""A world in memory in which the product's own code runs, one I/O at a time.

Every I/O of the handler passes through `Process.io`: there the scheduler decides
whether it works, how it fails, whether the process dies, and who runs next.
Nothing else is replaced: the clients below answer as botocore's do.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
FUNCTION_LIMIT = timedelta(minutes=4)
CANCELLED, OPEN = "CANCELLED", "PREPARING"


class Crash(BaseException):
    """The process dies here; no handler of ours can catch it."""


def service_error(code: str, status: int) -> ClientError:
    """Return what botocore raises for an answer that is an error."""
    response = {
        "Error": {"Code": code, "Message": "simulated"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Simulated")


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
            "LineItems": self.parameters["LineItems"],
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


WRITE_WAYS = ("fails", "is done and fails", "crash before", "crash after")
READ_WAYS = ("fails", "crash before")
CREATE_WAYS = (
    "refused",
    "lost",
    "applied and lost",
    "applied late",
    "empty answer",
    "not sent",
    "frozen",
    "crash before",
    "crash after",
)
LIST_WAYS = ("stale", "fails", "crash before")
CANCEL_WAYS = ("refused", "lost", "applied and lost", "crash before", "crash after")


class PlainTypes:
    """Stands in for boto3's types: values keep their shape, which is many times as fast."""

    def serialize(self, value: object) -> dict[str, object]:
        """Wrap a value."""
        return {"S": value}

    def deserialize(self, stored: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Unwrap a value."""
        return stored["S"]


class SimulatedDynamoDb:
    """The two calls that the ledger makes, atomic as DynamoDB's are."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._universe = process.universe

    def get_item(self, *, Key: Mapping[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401, N803
        """Read one item."""
        if self._process.step(f"read {Key['Key']['S'].split('#')[0]}", *READ_WAYS) == "fails":
            raise service_error("InternalServerError", 500)
        stored = self._universe.items.get(Key["Key"]["S"])
        return {} if stored is None else {"Item": stored}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        """Write all items, or none where a condition does not hold."""
        way = self._process.step("write", *WRITE_WAYS)
        if way == "fails":
            raise service_error("InternalServerError", 500)
        puts = [item["Put"] for item in TransactItems]
        if not all(self._holds(put) for put in puts):
            raise service_error("TransactionCanceledException", 400)
        for put in puts:
            self._universe.items[put["Item"]["Key"]["S"]] = put["Item"]
        self._universe.after_write()
        if way == "is done and fails":
            raise service_error("InternalServerError", 500)
        if way == "crash after":
            raise Crash

    def _holds(self, put: Mapping[str, Any]) -> bool:
        stored = self._universe.items.get(put["Item"]["Key"]["S"])
        if put["ConditionExpression"] == "attribute_not_exists(#version)":
            return stored is None
        wanted = put["ExpressionAttributeValues"][":version"]
        return stored is not None and stored["Version"] == wanted


class SimulatedOutposts:
    """The Outposts client of one process."""

    def __init__(self, process: Process, attempts: int) -> None:
        self._process = process
        self._universe = process.universe
        self._attempts = attempts

    def create_order(self, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Make an order, or fail in one of the ways a service and a network have.

        A client that is told to try again does so, as botocore would.
        """
        for attempt in range(self._attempts):
            try:
                return self._posted(parameters)
            except (ReadTimeoutError, ClientError) as error:
                refused = isinstance(error, ClientError) and "500" not in str(error.response)
                if refused or attempt + 1 == self._attempts:
                    raise
        raise AssertionError

    def _posted(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        process, universe = self._process, self._universe
        way = process.step("CreateOrder", *CREATE_WAYS)
        if way == "not sent":
            raise EndpointConnectionError(endpoint_url="simulated")
        if way == "frozen":
            process.pause(100)
            process.remaining_millis()
        universe.before_post(process)
        process.sent = parameters
        post = Post(process)
        universe.posts.append(post)
        if way == "refused":
            post.was_refused = True
            raise service_error("ConflictException", 409)
        if way in ("lost", "applied late"):
            post.is_pending = way == "applied late"
            process.pause(60)
            raise ReadTimeoutError(endpoint_url="simulated")
        post.order = universe.order(parameters, process)
        if way == "applied and lost":
            raise service_error("InternalServerException", 500)
        if way == "crash after":
            raise Crash
        return {} if way == "empty answer" else {"Order": post.order.described()}

    def get_order(self, *, OrderId: str) -> dict[str, Any]:  # noqa: N803
        """Show an order."""
        if self._process.step("GetOrder", *READ_WAYS) == "fails":
            raise service_error("InternalServerException", 500)
        for order in self._universe.orders:
            if order.order_id == OrderId:
                return {"Order": order.described()}
        raise service_error("NotFoundException", 404)

    def cancel_order(self, *, OrderId: str) -> None:  # noqa: N803
        """Cancel an order."""
        way = self._process.step("CancelOrder", *CANCEL_WAYS)
        if way == "refused":
            raise service_error("ConflictException", 409)
        if way == "lost":
            raise service_error("InternalServerException", 500)
        [order] = [order for order in self._universe.orders if order.order_id == OrderId]
        order.status = CANCELLED
        if way == "crash after":
            raise Crash
        if way == "applied and lost":
            raise service_error("InternalServerException", 500)

    def get_paginator(self, _operation: str) -> "SimulatedOutposts":
        """Return what pages through ListOrders."""
        return self

    def paginate(self, *, OutpostIdentifierFilter: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """List the orders of an Outpost; a stale list lacks those of this world."""
        way = self._process.step("ListOrders", *LIST_WAYS)
        if way == "fails":
            raise service_error("InternalServerException", 500)
        shown = [
            order.described()
            for order in self._universe.orders
            if order.parameters["OutpostIdentifier"] == OutpostIdentifierFilter and way != "stale"
        ]
        yield {"Orders": shown}


class SimulatedClock:
    """The clock of one process; the product calls it like its own."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def now(self) -> datetime:
        """Return the time."""
        return self._process.universe.now

    def remaining(self) -> float:
        """Return the seconds left."""
        return self._process.remaining_millis() / 1000

    def wait(self, seconds: float) -> None:
        """Let others run while time passes."""
        self._process.pause(seconds)
