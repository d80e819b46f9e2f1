"""The state that the processes of a world share, and that outlives them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.safety.history import Answer, Became, Entry, History, Order, Properties, Wrote
from tests.safety.scheduler import START

FUNCTION_LIMIT = timedelta(minutes=4)
MAX_EVENT_AGE = timedelta(minutes=9)
SERVICE_TIMEOUT = timedelta(minutes=15)
LIST_IS_STALE_FOR = timedelta(hours=1)
DESCRIPTION_IS_STALE_FOR = timedelta(seconds=5)


@dataclass(frozen=True)
class Resource:
    """An order in a template, and what CloudFormation knows of it once it is in a stack.

    Attributes:
        logical_id: Its logical ID.
        properties: Its properties in the template.
        policy: Its DeletionPolicy.
        nested: The nested stack that it is in.
        physical_id: The ID that CloudFormation has for it.
        status: Its status.
    """

    logical_id: str
    properties: Properties = field(hash=False)
    policy: str = "Retain"
    nested: str = ""
    physical_id: str = ""
    status: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The key by which CloudFormation distinguishes resources."""
        return self.nested, self.logical_id


@dataclass(frozen=True)
class Description:
    """A resource as DescribeStackResource shows it; one that isn't there has no status."""

    status: str = ""
    properties: Properties = field(default_factory=dict, hash=False)
    since: datetime = START


@dataclass
class Stack:
    """A stack; one that is re-created has another number, so another StackId."""

    name: str
    number: int
    status: str = "CREATE_IN_PROGRESS"
    resources: dict[tuple[str, str], Resource] = field(default_factory=dict)


@dataclass
class Universe:
    """The service, the ledgers, the stacks, and the history of all that happened.

    Attributes:
        orders: The orders that exist.
        tables: The items of each ledger.
        ledger_is_back_at: Until when no ledger answers.
        cloudformation_is_back_at: Until when CloudFormation describes nothing.
        ledgers: The ledger of each stack that has one of its own.
        stacks: The stacks that exist.
        described: The current description of each resource, and the one before.
        answers: The first answer to each request.
        numbers: How many requests, copies, and so on there were.
        history: The history for the judge.
    """

    orders: dict[str, Order] = field(default_factory=dict)
    tables: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    ledger_is_back_at: datetime = START
    cloudformation_is_back_at: datetime = START
    ledgers: dict[str, str] = field(default_factory=dict)
    stacks: dict[str, Stack] = field(default_factory=dict)
    described: dict[tuple[str, str], tuple[Description, Description]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)
    history: History = field(default_factory=History)

    def copy(self) -> "Universe":
        """Return an independent copy."""
        return Universe(
            self.orders.copy(),
            {name: items.copy() for name, items in self.tables.items()},
            self.ledger_is_back_at,
            self.cloudformation_is_back_at,
            self.ledgers.copy(),
            {
                name: replace(stack, resources=stack.resources.copy())
                for name, stack in self.stacks.items()
            },
            self.described.copy(),
            self.answers.copy(),
            self.numbers.copy(),
            History(self.history.entries[:]),
        )

    def turn_into(self, other: "Universe", entries: Sequence[Entry]) -> None:
        """Take the state of another universe, with its new entries of the history."""
        history, unique = self.history, max(self.numbers["unique"], other.numbers["unique"])
        vars(self).update(vars(other))
        history.entries += entries
        self.history, self.numbers["unique"] = history, unique

    def next(self, kind: str) -> int:
        """Count one more."""
        self.numbers[kind] += 1
        return self.numbers[kind]

    def turned(self, where: tuple[str, str], description: Description) -> None:
        """Set the current description of a resource."""
        before, _ = self.described.get(where, (Description(), Description()))
        self.described[where] = (description, before)

    def became(self, order: Order, by: str) -> None:
        """Set the current state of an order."""
        self.orders[order.order_id] = order
        self.history.add(Became(order, by))

    def wrote(self, ledger: str, items: Mapping[str, Mapping[str, Any]]) -> None:
        """Set the current items of a ledger."""
        table = self.tables.setdefault(ledger, {})
        table.update(items)
        self.history.add(Wrote(ledger, table.copy()))
