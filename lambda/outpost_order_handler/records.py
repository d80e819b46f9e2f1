"""The records of the ledger, each one item of its table."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self

from outpost_order_handler import contract
from outpost_order_handler.table import Item


class State(StrEnum):
    """How far the order of a name came."""

    NONE = "NONE"
    SUBMITTING = "SUBMITTING"
    PLACED = "PLACED"
    REJECTED = "REJECTED"
    IN_DOUBT = "IN_DOUBT"
    NOT_PLACED = "NOT_PLACED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    CANCEL_REFUSED = "CANCEL_REFUSED"


UNRESOLVED = frozenset({State.SUBMITTING, State.IN_DOUBT})
WITH_AN_ORDER = frozenset({State.PLACED, State.CANCELLING, State.CANCEL_REFUSED})


class Witness(StrEnum):
    """Who says that an order is the one that was asked for."""

    RESPONSE = "RESPONSE"
    QUOTE = "QUOTE"
    ORDERS_OF_THE_OUTPOST = "ORDERS_OF_THE_OUTPOST"
    ADOPTED = "ADOPTED"
    PERSON = "PERSON"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One item of the table, its attributes by name."""

    PREFIX: ClassVar[str]

    name: str
    version: str = ""

    @classmethod
    def key_of(cls, name: str) -> str:
        """Return the key of the item."""
        return f"{cls.PREFIX}#{name}"

    @classmethod
    def of(cls, item: Item) -> Self:
        """Read an item; what it lacks is as in a record that was never written."""
        names = {field.name: _attribute_name(field.name) for field in dataclasses.fields(cls)}
        known = {
            name: item.attributes[key] for name, key in names.items() if key in item.attributes
        }
        return cls(**{**known, "name": item.key.partition("#")[2], "version": item.version})

    def item(self) -> Item:
        """Return the item that replaces the version this record was read from."""
        values = {
            _attribute_name(field.name): getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("name", "version")
        }
        return Item(self.key_of(self.name), values, self.version)


@cache
def _attribute_name(field_name: str) -> str:
    return "".join(part.capitalize() for part in field_name.split("_"))


@dataclass(frozen=True, kw_only=True)
class Row(Record):
    """What is known of the order of one name.

    Attributes:
        state: How far it came.
        attempt: The write that began the last attempt; the Outpost's lock has it as version.
        request: The request that began the last attempt.
        ended: The requests that began the attempts before, the latest last.
        resource: The resource, `<StackId>|<LogicalResourceId>`, that the order belongs to.
        former: The resources that it belonged to before, the latest last.
        taken_over_at: When it was taken over from the last of them, ISO 8601.
        properties: What was asked for, as in a template.
        baseline: The ids of the Outpost's orders before the attempt.
        submitted_at: When the attempt began, ISO 8601.
        order_id: The order; empty where there is none.
        attributes: The attributes of the order when it was last read.
        witness: Who says that it is ours.
        reason: Why the last attempt failed.
        history: Each step: when, to which state, which person said so, and why.
    """

    PREFIX = "order"

    state: State = State.NONE
    attempt: str = ""
    request: str = ""
    ended: list[str] = field(default_factory=list)
    resource: str = ""
    former: list[str] = field(default_factory=list)
    taken_over_at: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    baseline: list[str] = field(default_factory=list)
    submitted_at: str = ""
    order_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    witness: str = ""
    reason: str = ""
    history: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def is_unresolved(self) -> bool:
        """Whether an order may stand that nobody knows the id of."""
        return self.state in UNRESOLVED

    @property
    def has_order(self) -> bool:
        """Whether an order stands, or its cancelling was not confirmed."""
        return self.state in WITH_AN_ORDER

    @property
    def outpost_id(self) -> str:
        """The Outpost of the last attempt."""
        return contract.bare_id(self.properties.get("OutpostIdentifier", ""))


@dataclass(frozen=True, kw_only=True)
class Lock(Record):
    """Which name has an unresolved attempt on an Outpost; empty is none."""

    PREFIX = "outpost"

    held_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim(Record):
    """Which name an order belongs to; empty is none."""

    PREFIX = "claim"

    order_name: str = ""
    claimed_at: str = ""


@dataclass(frozen=True, kw_only=True)
class Receipt(Record):
    """What CloudFormation was told about one resource.

    Attributes:
        answers: What was answered to which request, the newest last.
        is_open: Whether a Create was answered that no Delete has closed yet.
        withdrawn_at: When a Delete came before its Create was answered, ISO 8601.
    """

    PREFIX = "resource"

    answers: list[Mapping[str, Any]] = field(default_factory=list)
    is_open: bool = False
    withdrawn_at: str = ""

    def answer_to(self, request_id: str) -> Mapping[str, Any] | None:
        """Return what a request was answered, if it was."""
        return next((each for each in self.answers if each["Request"] == request_id), None)
