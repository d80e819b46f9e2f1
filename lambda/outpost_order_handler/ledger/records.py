"""What is known of an order: two kinds of records, and the steps between their states.

    NONE, NOT_PLACED --> SUBMITTING --> PLACED --> CANCELLED
                              |
                              +--> NOT_PLACED

The step into SUBMITTING is the point of no return. "In doubt" is no state: it is SUBMITTING
whose sender has ended. Each step is a pure method that returns the next record; nothing is
written before `Ledger.write`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

from outpost_order_handler.order import OrderContent, OrderRequest

MAX_STORED_ANSWERS = 20
MAX_HISTORY = 50
CLOCK_SKEW = timedelta(seconds=10)  # the clocks of two invocations differ by less


@dataclass(frozen=True)
class Item:
    """What the table has under a key; an item that was never written has no version."""

    key: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


class State(StrEnum):
    """How far the order of a name has come."""

    NONE = "NONE"
    SUBMITTING = "SUBMITTING"
    PLACED = "PLACED"
    NOT_PLACED = "NOT_PLACED"
    CANCELLED = "CANCELLED"


MAY_BUY = frozenset({State.NONE, State.NOT_PLACED})
"""An allowlist: a state that this version doesn't know never buys."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try to place an order: at most one HTTP request.

    Attributes:
        resource: The resource it is for, `<StackId>|<LogicalResourceId>`.
        baseline: The IDs of the Outpost's orders before it.
        started_at: When it passed the point of no return.
        sender: The one invocation that sends.
        sender_end: When Lambda ends this invocation at the latest.
    """

    resource: str
    baseline: tuple[str, ...]
    started_at: datetime
    sender: str
    sender_end: datetime

    def sender_has_ended(self, now: datetime) -> bool:
        """Tell whether nothing more comes of the sender, by any clock."""
        return now >= self.sender_end + CLOCK_SKEW

    def attributes(self) -> dict[str, Any]:
        """Return what a record keeps."""
        return {
            "Resource": self.resource,
            "Baseline": list(self.baseline),
            "StartedAt": self.started_at.isoformat(),
            "Sender": self.sender,
            "SenderEnd": self.sender_end.isoformat(),
        }

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> Self:
        """Read what a record keeps."""
        return cls(
            resource=attributes["Resource"],
            baseline=tuple(attributes["Baseline"]),
            started_at=datetime.fromisoformat(attributes["StartedAt"]),
            sender=attributes["Sender"],
            sender_end=datetime.fromisoformat(attributes["SenderEnd"]),
        )


@dataclass(frozen=True, kw_only=True)
class OrderRecord:
    """Everything that is known of one order name.

    Attributes:
        name: The order name.
        version: The write that the record was read from; empty if it was never written.
        state: How far the order has come; may be one that this version doesn't know.
        request: What was asked for by the last attempt; None before the first.
        attempt: The last attempt; None before the first.
        order_id: The order; empty if there is none.
        order_attributes: The order's attributes when it was last read.
        answers: The definite answers to Create requests, by request, the newest last.
        history: Each step: when, to which state, who said so, and why.
        unknown: Attributes of a newer version, which survive a write.
    """

    PREFIX: ClassVar[str] = "order"
    KNOWN: ClassVar[frozenset[str]] = frozenset(
        {"State", "Request", "Attempt", "OrderId", "Attributes", "Answers", "History"}
    )

    name: str
    version: str = ""
    state: str = State.NONE
    request: OrderRequest | None = None
    attempt: Attempt | None = None
    order_id: str = ""
    order_attributes: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[Mapping[str, Any], ...] = ()
    history: tuple[Mapping[str, str], ...] = ()
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> OrderContent | None:
        """What was asked for; the term that the service shows counts, if it was not given."""
        if self.request is None:
            return None
        content = self.request.content
        term = content.payment_term or self.order_attributes.get("PaymentTerm", "")
        return replace(content, payment_term=term)

    @property
    def outpost_id(self) -> str:
        """The Outpost of the last request; empty before the first."""
        return self.request.content.outpost_id if self.request else ""

    def submitting(self, request: OrderRequest, attempt: Attempt) -> Self:
        """Pass the point of no return: from here on, an order might be placed."""
        step = self._to(State.SUBMITTING, attempt.started_at, why=attempt.resource)
        return replace(step, request=request, attempt=attempt, order_id="", order_attributes={})

    def placed(
        self,
        order_id: str,
        attributes: Mapping[str, str],
        at: datetime,
        who: str = "",
        why: str = "",
    ) -> Self:
        """The name has an order, from here on and for ever."""
        is_new = (self.state, self.order_id) != (State.PLACED, order_id)
        step = self._to(State.PLACED, at, who, why) if is_new else self
        return replace(step, order_id=order_id, order_attributes=attributes)

    def ended(self, state: State, at: datetime, who: str = "", why: str = "") -> Self:
        """The attempt placed no order, or its order was cancelled."""
        return self._to(state, at, who, why)

    def asking_for(self, request: OrderRequest) -> Self:
        """Keep what is asked for now, if no attempt is behind it."""
        return replace(self, request=request)

    def answered(self, request: str, answer: Mapping[str, Any]) -> Self:
        """Keep the definite answer to a request."""
        answers = (*self.answers, {**answer, "Request": request})
        return replace(self, answers=answers[-MAX_STORED_ANSWERS:])

    def answer_to(self, request: str) -> Mapping[str, Any] | None:
        """Return the definite answer that a request got, if it got one."""
        return next((each for each in self.answers if each["Request"] == request), None)

    def _to(self, state: State, at: datetime, who: str = "", why: str = "") -> Self:
        entry = {"At": at.isoformat(), "State": str(state)}
        entry |= {key: value for key, value in (("Who", who), ("Why", why)) if value}
        return replace(self, state=state, history=(*self.history, entry)[-MAX_HISTORY:])

    def item(self) -> Item:
        """Return the item that replaces the version this record was read from."""
        values = {
            **self.unknown,
            "State": str(self.state),
            "Request": self.request and self.request.attributes(),
            "Attempt": self.attempt and self.attempt.attributes(),
            "OrderId": self.order_id,
            "Attributes": dict(self.order_attributes),
            "Answers": list(self.answers),
            "History": list(self.history),
        }
        return Item(f"{self.PREFIX}#{self.name}", values, self.version)

    @classmethod
    def of(cls, item: Item) -> Self:
        """Read an item."""
        name, values = item.key.partition("#")[2], item.attributes
        request, attempt = values.get("Request"), values.get("Attempt")
        return cls(
            name=name,
            version=item.version,
            state=values.get("State", State.NONE),
            request=request and OrderRequest.of(name, request),
            attempt=attempt and Attempt.of(attempt),
            order_id=values.get("OrderId", ""),
            order_attributes=values.get("Attributes", {}),
            answers=tuple(values.get("Answers", ())),
            history=tuple(values.get("History", ())),
            unknown={key: value for key, value in values.items() if key not in cls.KNOWN},
        )


@dataclass(frozen=True, kw_only=True)
class OutpostRecord:
    """What the orders of one Outpost must know of each other.

    Attributes:
        outpost_id: The Outpost.
        version: The write that the record was read from; empty if it was never written.
        attempts: The content of each unresolved attempt, by order name.
        orders: The order name of each order ID.
        unknown: Attributes of a newer version, which survive a write.
    """

    PREFIX: ClassVar[str] = "outpost"
    KNOWN: ClassVar[frozenset[str]] = frozenset({"Attempts", "Orders"})

    outpost_id: str
    version: str = ""
    attempts: Mapping[str, OrderContent] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def with_attempt(self, name: str, content: OrderContent) -> Self:
        """List an attempt until it is resolved."""
        return replace(self, attempts={**self.attempts, name: content})

    def without_attempt(self, name: str) -> Self:
        """Drop an attempt that is resolved."""
        return replace(self, attempts={k: v for k, v in self.attempts.items() if k != name})

    def with_order(self, order_id: str, name: str) -> Self:
        """Give an order to a name, whose attempt is resolved by that."""
        return replace(self.without_attempt(name), orders={**self.orders, order_id: name})

    def item(self) -> Item:
        """Return the item that replaces the version this record was read from."""
        attempts = {name: content.attributes() for name, content in self.attempts.items()}
        values = {**self.unknown, "Attempts": attempts, "Orders": dict(self.orders)}
        return Item(f"{self.PREFIX}#{self.outpost_id}", values, self.version)

    @classmethod
    def of(cls, item: Item) -> Self:
        """Read an item."""
        values = item.attributes
        return cls(
            outpost_id=item.key.partition("#")[2],
            version=item.version,
            attempts={
                name: OrderContent.of(content)
                for name, content in values.get("Attempts", {}).items()
            },
            orders=values.get("Orders", {}),
            unknown={key: value for key, value in values.items() if key not in cls.KNOWN},
        )
