"""The outcome of a rehearsal: of each stack, each order, and all, in the words of a review."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from outpost_order_cli.review.changes import Change, Failure
from outpost_order_cli.review.report import Report
from outpost_order_handler import rules
from outpost_order_rehearsal.engine import StackEvent

SCHEMA = 1
UNKNOWN = "outcome unknown"
NAME_OF_REASON = re.compile(r"\(([A-Za-z]+)\)")


@dataclass(frozen=True)
class StackOutcome:
    """How the deployment of a stack ended.

    Attributes:
        name: The stack.
        account: Its account.
        region: Its Region.
        status: Its status in CloudFormation; empty if it wasn't deployed.
        seconds: How long it took.
        reason: Why it failed; empty if it didn't.
        orders: The physical ID of each order's resource by path, such as ``Stack/LogicalId``.
        failures: The reason of each order's resource that failed.
        outputs: The outputs of the stack.
        events: Its events, the oldest first.
    """

    name: str
    account: str
    region: str
    status: str
    seconds: float
    reason: str
    orders: Mapping[str, str]
    failures: Mapping[str, str]
    outputs: Mapping[str, str] = field(default_factory=dict)
    events: Sequence[StackEvent] = ()

    @property
    def is_done(self) -> bool:
        """Whether it is deployed."""
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")

    @property
    def failed(self) -> list[str]:
        """The reason of each failure: those of orders, or that of the stack."""
        return list(self.failures.values()) or ([] if self.is_done else [self.reason])


@dataclass(frozen=True)
class Phase:
    """One operation of a rehearsal on the stacks.

    Attributes:
        name: The operation.
        stacks: The outcome of each stack.
        problems: The differences from the expected result.
        is_deployment: Whether the stacks are as the app says afterwards.
    """

    name: str
    stacks: Sequence[StackOutcome]
    problems: tuple[str, ...] = ()
    is_deployment: bool = True


@dataclass(frozen=True)
class Outcome:
    """The outcome of a rehearsal.

    Attributes:
        predicted: The review of the app.
        phases: The operations, of which the first is the deployment.
        expected: The failure of each order name that was asked for.
        received: The bodies of the CreateOrder requests.
        in_force: The IDs of the orders that are in force.
        hosts: How often each host outside of this machine was tried.
        is_sealed: Whether the kernel kept everything on this machine.
        not_rehearsed: The parts that weren't rehearsed.
    """

    predicted: Report
    phases: Sequence[Phase]
    expected: frozenset[tuple[str, str]]
    received: Sequence[str]
    in_force: Sequence[str]
    hosts: Mapping[str, int]
    is_sealed: bool
    not_rehearsed: Sequence[str]

    @property
    def stacks(self) -> Sequence[StackOutcome]:
        """The outcome of each stack in the last deployment."""
        return [each for each in self.phases if each.is_deployment][-1].stacks

    @property
    def verdict(self) -> str:
        """The purchases of the rehearsal, in the words of `review`."""
        unknown = ", ".join(self.unknown)
        return self.rehearsed.verdict + (f" The outcome of {unknown} is unknown." * bool(unknown))

    @property
    def rehearsed(self) -> Report:
        """The review, with what happened instead of what is predicted."""
        changes = tuple(map(self._as_it_happened, self.predicted.changes))
        failed = tuple(
            (each.name, each.reason)
            for each in self.stacks
            if not each.is_done and not each.failures
        )
        return replace(self.predicted, changes=changes, stacks=failed)

    @property
    def unknown(self) -> list[str]:
        """The order names of which it isn't known whether an order was placed."""
        return [
            each.order.name
            for each in self.rehearsed.changes
            if any(UNKNOWN in failure.text for failure in each.failures)
        ]

    @property
    def happened(self) -> frozenset[tuple[str, str]]:
        """The name of each failure, of all phases, with its order name."""
        return frozenset(
            (change.order.name, _name_in(reason))
            for phase in self.phases
            for change in self.predicted.changes
            for reason in _reasons(phase.stacks, change)
        )

    @property
    def problems(self) -> list[str]:
        """The differences from the expected results."""
        found = [problem for phase in self.phases for problem in phase.problems]
        if self.unknown:
            return found
        known = {each.order.adopts for each in self.predicted.changes}
        for change in self.predicted.changes:
            orders = {each for phase in self.phases for each in _orders_of(phase.stacks, change)}
            known |= orders
            if len(orders) > 1:
                found.append(f"{change.order.name} has {', '.join(sorted(orders))}")
        nameless = [each for each in self.in_force if each not in known]
        return [*found, *(f"{each} is in force, and no name has it" for each in nameless)]

    @property
    def is_as_predicted(self) -> bool:
        """Whether the rehearsal bought what `review` says, and failed where it says."""
        return self.verdict == self.predicted.verdict and not self.problems

    @property
    def is_done(self) -> bool:
        """Whether all stacks are deployed."""
        return all(each.is_done for each in self.stacks)

    @property
    def is_as_wanted(self) -> bool:
        """Whether the command succeeds."""
        if self.expected:
            return self.happened == self.expected and not self.problems
        return self.is_done and self.is_as_predicted

    def order_of(self, change: Change) -> str:
        """Return the order that a change got last; empty if it got none.

        A deployment of a stack that hasn't changed doesn't show its orders.
        """
        deployments = [each.stacks for each in self.phases if each.is_deployment]
        found = [each for stacks in deployments for each in _orders_of(stacks, change)]
        return found[-1] if found else ""

    def document(self) -> dict[str, Any]:
        """Return the outcome as a document for programs."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "predicted": self.predicted.verdict,
            "is_as_predicted": self.is_as_predicted,
            "is_as_wanted": self.is_as_wanted,
            "problems": self.problems,
            "sealed": self.is_sealed,
            "hosts_tried": dict(self.hosts),
            "not_rehearsed": list(self.not_rehearsed),
            "stacks": [_document_of(each) for each in self.stacks],
            "phases": [
                {"name": phase.name, "stacks": [_document_of(each) for each in phase.stacks]}
                for phase in self.phases
            ],
            "orders": [
                {
                    "order_name": each.order.name,
                    "stack": each.order.stack.name,
                    "order_id": self.order_of(each) or None,
                    "failures": [failure.text for failure in each.failures],
                }
                for each in self.rehearsed.changes
            ],
            "failures": [
                {"order_name": order_name, "name": name}
                for order_name, name in sorted(self.happened)
            ],
            "create_order_requests": list(self.received),
            "orders_in_force": list(self.in_force),
        }

    def _as_it_happened(self, change: Change) -> Change:
        reasons = [
            Failure(_name_in(reason), reason, change.order)
            for reason in _reasons(self.stacks, change)
        ]
        if not reasons and not self.order_of(change):
            reasons = [Failure("NotDeployed", "The order wasn't deployed.", change.order)]
        return replace(change, failures=tuple(reasons))


def _orders_of(stacks: Sequence[StackOutcome], change: Change) -> list[str]:
    paths = [f"{each.stack.name}/{each.logical_id}" for each in change.orders]
    found = [stack.orders.get(path, "") for stack in stacks for path in paths]
    return list(filter(rules.ORDER_ID.accepts, found))


def _reasons(stacks: Sequence[StackOutcome], change: Change) -> list[str]:
    paths = [f"{each.stack.name}/{each.logical_id}" for each in change.orders]
    return [reason for stack in stacks for each in paths if (reason := stack.failures.get(each))]


def _document_of(stack: StackOutcome) -> dict[str, Any]:
    return {
        "name": stack.name,
        "account": stack.account,
        "region": stack.region,
        "status": stack.status or None,
        "reason": stack.reason or None,
        "seconds": round(stack.seconds, 1),
        "outputs": dict(stack.outputs),
    }


def _name_in(reason: str) -> str:
    found = NAME_OF_REASON.search(reason)
    return found.group(1) if found else ""
