"""The history of a schedule: the judge gets nothing else.

An entry is a fact at its moment. Nothing here decides what is right.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

CANCELLED, PREPARING, REPLACEMENT = "CANCELLED", "PREPARING", "REPLACEMENT"

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Content:
    """The content of an order, from a template or from the service."""

    outpost_id: str
    goods: frozenset[tuple[str, int]] | str
    payment_option: str
    payment_term: str

    @classmethod
    def of(cls, properties: Properties) -> "Content":
        """Read it from properties of a template or parameters of CreateOrder."""
        goods: Counter[str] = Counter()
        for item in properties.get("LineItems") or ():
            goods[item["CatalogItemId"]] += int(item["Quantity"])
        option = properties.get("QuoteOptionIdentifier")
        return cls(
            properties["OutpostIdentifier"].rpartition("/")[2],
            option or frozenset(goods.items()),
            "" if option else properties["PaymentOption"],
            "" if option else properties.get("PaymentTerm") or "",
        )

    def is_identical_to(self, other: "Content") -> bool:
        """Whether both are one purchase; an omitted term equals every term."""
        same = (self.outpost_id, self.goods, self.payment_option) == (
            other.outpost_id,
            other.goods,
            other.payment_option,
        )
        return same and (self.payment_term == other.payment_term or not self._both_terms(other))

    def _both_terms(self, other: "Content") -> bool:
        return bool(self.payment_term and other.payment_term)


@dataclass(frozen=True)
class Order:
    """An order in its true state, with the request that placed it, which only the world knows."""

    order_id: str
    parameters: Properties
    submitted_at: datetime
    made_by: str = ""
    order_name: str = ""
    status: str = PREPARING
    order_type: str = "OUTPOST"
    is_dated: bool = True

    @property
    def content(self) -> Content:
        """The content that was bought."""
        return Content.of(self.parameters)

    @property
    def is_live(self) -> bool:
        """Whether it must be paid."""
        return self.status != CANCELLED


@dataclass(frozen=True)
class Request:
    """One request of CloudFormation; its copies are the same request."""

    request_id: str
    kind: str
    stack: str
    resource: str
    properties: Properties = field(hash=False)
    old_properties: Properties = field(default_factory=dict, hash=False)
    physical_id: str = ""
    asked_at: datetime | None = None

    @property
    def where(self) -> tuple[str, str]:
        """The resource that it is for."""
        return self.stack, self.resource

    @property
    def order_name(self) -> str:
        """The name of the order."""
        return str(self.properties["OrderName"])

    @property
    def content(self) -> Content:
        """The requested content."""
        return Content.of(self.properties)

    @property
    def changes_nothing(self) -> bool:
        """Whether an Update asks for the same order as before."""
        old = self.old_properties
        return bool(old) and _order_in(old) == _order_in(self.properties)


class Outcome(StrEnum):
    """The order's outcome in the answer to a Create."""

    PLACED = "placed"
    NOT_PLACED = "not placed"
    UNKNOWN = "unknown"
    NOTHING = "neither placed, nor not placed, nor unknown"


@dataclass(frozen=True)
class Answer:
    """The answer that reached CloudFormation."""

    physical_id: str
    reason: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_success(self) -> bool:
        """Whether it says SUCCESS."""
        return not self.reason

    @property
    def outcome(self) -> Outcome:
        """The outcome of a Create's order."""
        if self.is_success:
            return Outcome.PLACED
        if "outcome unknown" in self.reason:
            return Outcome.UNKNOWN
        if re.search(r"nothing was (ordered|bought)|no other order was placed", self.reason):
            return Outcome.NOT_PLACED
        return Outcome.NOTHING

    @property
    def order_id(self) -> str:
        """The order that it reports as placed."""
        found = re.search(r"oo-[0-9a-f]{17}", self.reason)
        if self.outcome is not Outcome.PLACED:
            return ""
        return found[0] if found else self.physical_id


class Fate(StrEnum):
    """The fate of a CreateOrder request."""

    REFUSED = "refused"
    MADE = "made"
    LOST = "lost"  # or still on its way: the world knows that, the handler can't
    UNKNOWN = "of a state that this function doesn't know"


@dataclass(frozen=True)
class Look:
    """The resource as CloudFormation described it to a process before it sent."""

    asked_at: datetime
    status: str
    order_name: str
    content: Content


@dataclass(frozen=True)
class Asked:
    """CloudFormation sent a request."""

    request: Request


@dataclass(frozen=True)
class GivenUp:
    """CloudFormation no longer waits for the answer."""

    request: Request


@dataclass(frozen=True)
class Answered:
    """An answer reached CloudFormation, wanted or not."""

    request: Request
    answer: Answer


@dataclass(frozen=True)
class Died:
    """A run of the function for a request died."""

    request: Request


@dataclass(frozen=True)
class Raised:
    """A run of the function for a request raised an error that nothing in it expects."""

    request: Request
    error: str


@dataclass(frozen=True)
class Sent:
    """A CreateOrder request reached the service.

    Attributes:
        request: The Create that it is for.
        process: The run of the function that sent it.
        at: The time at which it reached the network; from there on, nothing can stop it.
        fate: Its fate.
        order_id: The order that it made.
        response_arrived: Whether the sender got the response.
        listed: The orders in the last list that the sender read.
        ledger: The table of the sender.
        look: CloudFormation's last answer to the sender.
    """

    request: Request
    process: str
    at: datetime
    fate: Fate
    order_id: str = ""
    response_arrived: bool = True
    listed: frozenset[str] = frozenset()
    ledger: str = ""
    look: Look | None = None


@dataclass(frozen=True)
class Became:
    """An order was placed, or has changed; `by` is a request, the service or a person."""

    order: Order
    by: str


@dataclass(frozen=True)
class CancelSent:
    """A CancelOrder request was sent."""

    order_id: str
    by: str


@dataclass(frozen=True)
class CutShort:
    """The function has too little time for a request."""

    request: Request


@dataclass(frozen=True, eq=False)
class Wrote:
    """A ledger was written: its current items."""

    ledger: str
    items: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Ruled:
    """An operator said that an attempt became this order."""

    order_name: str
    order_id: str


@dataclass(frozen=True)
class Turned:
    """A resource of a stack has a new status in CloudFormation."""

    where: tuple[str, str]
    status: str


Entry = (
    Asked
    | GivenUp
    | CutShort
    | Answered
    | Died
    | Raised
    | Sent
    | Became
    | CancelSent
    | Wrote
    | Ruled
    | Turned
)
E = TypeVar("E", bound=Entry)


@dataclass
class History:
    """The entries, in order.

    Attributes:
        entries: Facts, each at its moment.
        faults: How many faults the schedule had.
    """

    entries: list[Entry] = field(default_factory=list)
    faults: int = 0

    def add(self, entry: Entry) -> None:
        """Note a fact."""
        self.entries.append(entry)

    def of(self, kind: type[E]) -> Iterator[E]:
        """Return the facts of one kind, in order."""
        return (entry for entry in self.entries if isinstance(entry, kind))

    def orders(self, before: Entry | None = None) -> dict[str, Order]:
        """Return the orders at the end, or before a fact."""
        orders: dict[str, Order] = {}
        for entry in self.entries:
            if entry is before:
                break
            if isinstance(entry, Became):
                orders[entry.order.order_id] = entry.order
        return orders


def purchase(properties: Properties) -> tuple[object, ...]:
    """Return all that a template says of an order; beside a quote, some of it is refused."""
    given = properties.get("OrderName"), properties.get("PaymentOption")
    return *given, bool(properties.get("LineItems")), Content.of(properties)


def _order_in(properties: Properties) -> tuple[object, ...]:
    return properties.get("AdoptOrderId"), purchase(properties)
