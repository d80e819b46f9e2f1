"""The records of an order and of an Outpost, and the steps between their states.

    NONE, NOT_PLACED --> SUBMITTING --> PLACED --> CANCELLED
                              |
                              +--> NOT_PLACED

The step into SUBMITTING is the point of no return. "In doubt" isn't a state: it is
SUBMITTING after the end of the sender. Each step is a pure method that returns the next
record. Nothing is written before `Ledger.write`.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self, get_args, get_origin, get_type_hints

from outpost_order_handler.failures import OrderError, Outcome
from outpost_order_handler.order import OrderContent, OrderRequest

MAX_STORED_ANSWERS, MAX_HISTORY = 20, 50
_NOT_STORED = ("Name", "Version", "Unknown")
CLOCK_SKEW = timedelta(seconds=10)  # the clocks of two invocations differ by less


class State(StrEnum):
    """The state of an order name."""

    NONE = "NONE"
    SUBMITTING = "SUBMITTING"
    PLACED = "PLACED"
    NOT_PLACED = "NOT_PLACED"
    CANCELLED = "CANCELLED"


MAY_BUY = frozenset({State.NONE, State.NOT_PLACED})  # an allowlist: an unknown state never buys


@dataclass(frozen=True, kw_only=True)
class Record:
    """One item of the table."""

    PREFIX: ClassVar[str]
    ESSENTIAL: ClassVar[frozenset[str]]

    name: str  # the order name, or the ID of the Outpost
    version: str = ""  # of the write that it was read from; empty if it was never written
    unknown: Mapping[str, Any] = field(
        default_factory=dict
    )  # the attributes of a newer version, which remain

    @classmethod
    def of(cls, name: str, version: str, attributes: Mapping[str, Any]) -> Self:
        """Read an item, without its key and version, or raise; an absent one has no attributes."""
        try:
            if missing := attributes and cls.ESSENTIAL - attributes.keys():
                raise KeyError(*missing)  # noqa: TRY301 (one error for every other form)
            record: Self = from_form(cls, {**attributes, "Name": name, "Version": version})
        except Exception as error:
            detail = f"record {cls.PREFIX}#{name} has an unknown format: {error!r}"
            raise OrderError("FunctionTooOld", detail, outcome=Outcome.UNKNOWN) from error
        known = set(map(_key, _kinds(cls)))  # type: ignore[arg-type]
        unknown = {key: each for key, each in attributes.items() if key not in known}
        return replace(record, unknown=unknown)

    def attributes(self) -> dict[str, Any]:
        """Return the item, without its key and version."""
        form = {**self.unknown, **to_form(replace(self, unknown={}))}
        return {key: each for key, each in form.items() if key not in _NOT_STORED}


@dataclass(frozen=True)
class Attempt:
    """One try to place an order: at most one HTTP request."""

    resource: str  # that it is for, `<StackId>|<LogicalResourceId>`
    baseline: tuple[str, ...]  # the IDs of the Outpost's orders before it
    started_at: datetime  # when it passed the point of no return
    sender: str  # the one invocation that sends
    sender_end: datetime  # when Lambda ends this invocation at the latest

    def sender_has_ended(self, now: datetime) -> bool:
        """Return whether nothing more comes of the sender, by any clock."""
        return now >= self.sender_end + CLOCK_SKEW


@dataclass(frozen=True, kw_only=True)
class OrderRecord(Record):
    """Everything that is known of one order name."""

    PREFIX: ClassVar[str] = "order"
    ESSENTIAL: ClassVar[frozenset[str]] = frozenset({"State"})

    state: str = State.NONE  # might be a state of a newer version
    request: OrderRequest | None = None  # the request of the last attempt
    attempt: Attempt | None = None  # the last one
    order_id: str = ""
    order_attributes: Mapping[str, str] = field(default_factory=dict)  # when it was last read
    answers: tuple[Mapping[str, Any], ...] = ()  # the definite ones, by request, the newest last
    history: tuple[Mapping[str, str], ...] = ()  # each step: when, to which state, who, why

    @property
    def content(self) -> OrderContent | None:
        """The requested content; if it has no term, the one that the service shows."""
        if self.request is None:
            return None
        content = self.request.content
        term = content.payment_term or self.order_attributes.get("PaymentTerm", "")
        return replace(content, payment_term=term)

    @property
    def outpost_id(self) -> str:
        """The Outpost of the last request; empty before the first."""
        return self.request.content.outpost_id if self.request else ""

    @property
    def unresolved(self) -> tuple[OrderContent, Attempt]:
        """The content and the attempt of a SUBMITTING record; raises if it has none."""
        if self.request is None or self.attempt is None:
            raise OrderError.unknown()
        return self.request.content, self.attempt

    def submitting(self, request: OrderRequest, attempt: Attempt) -> Self:
        """Pass the point of no return: from here on, an order might be placed."""
        step = self.to(State.SUBMITTING, attempt.started_at, why=attempt.resource)
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
        step = self.to(State.PLACED, at, who, why) if is_new else self
        return replace(step, order_id=order_id, order_attributes=attributes)

    def to(self, state: State, at: datetime, who: str = "", why: str = "") -> Self:
        """Take a step, which the history keeps."""
        entry = {"At": at.isoformat(), "State": str(state)}
        entry |= {key: value for key, value in (("Who", who), ("Why", why)) if value}
        return replace(self, state=state, history=(*self.history, entry)[-MAX_HISTORY:])

    def answered(self, request: str, answer: Mapping[str, Any]) -> Self:
        """Keep the definite answer to a request."""
        answers = (*self.answers, {**answer, "Request": request})
        return replace(self, answers=answers[-MAX_STORED_ANSWERS:])

    def answer_to(self, request: str) -> Mapping[str, Any] | None:
        """Return the definite answer that a request got, if it got one."""
        return next((each for each in self.answers if each["Request"] == request), None)


@dataclass(frozen=True, kw_only=True)
class OutpostRecord(Record):
    """The facts that the orders of one Outpost share."""

    PREFIX: ClassVar[str] = "outpost"
    ESSENTIAL: ClassVar[frozenset[str]] = frozenset({"Attempts", "Orders"})

    attempts: Mapping[str, OrderContent] = field(default_factory=dict)  # unresolved, by order name
    orders: Mapping[str, str] = field(default_factory=dict)  # the order name of each order ID

    def with_attempt(self, name: str, content: OrderContent) -> Self:
        """List an attempt until it is resolved."""
        return replace(self, attempts={**self.attempts, name: content})

    def without_attempt(self, name: str) -> Self:
        """Drop an attempt that is resolved."""
        return replace(self, attempts={k: v for k, v in self.attempts.items() if k != name})

    def with_order(self, order_id: str, name: str) -> Self:
        """Give an order to a name, whose attempt is resolved by that."""
        return replace(self.without_attempt(name), orders={**self.orders, order_id: name})


def to_form(value: Any) -> Any:  # noqa: ANN401 (whatever a field holds)
    """Return a value in the form of the table."""
    if is_dataclass(value):
        return {_key(name): to_form(getattr(value, name)) for name in _kinds(type(value))}  # type: ignore[arg-type]
    if isinstance(value, Mapping):
        return {str(key): to_form(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_form(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None else str(value)


def from_form(kind: Any, stored: Any) -> Any:  # noqa: ANN401 (a type, and its value)
    """Return the value of a type that has this form."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is types.UnionType:  # X | None
        return None if stored is None else from_form(arguments[0], stored)
    if origin is tuple:
        kinds = (arguments[0],) * len(stored) if arguments[-1] is ... else arguments
        return tuple(map(from_form, kinds, stored))
    if origin is not None:  # a mapping by text
        return {key: from_form(arguments[1], each) for key, each in stored.items()}
    if hasattr(kind, "__dataclass_fields__"):
        known = {name: _key(name) for name in _kinds(kind) if _key(name) in stored}
        return kind(**{name: from_form(_kinds(kind)[name], stored[known[name]]) for name in known})
    if kind is datetime:
        return datetime.fromisoformat(stored)
    if kind is str and not isinstance(stored, str):
        raise TypeError(f"{stored!r} isn't a text")
    return stored if kind is Any else kind(stored)


@cache
def _kinds(kind: Any) -> dict[str, Any]:  # noqa: ANN401
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


@cache
def _key(field_name: str) -> str:
    return "".join(part.capitalize() for part in field_name.split("_"))
