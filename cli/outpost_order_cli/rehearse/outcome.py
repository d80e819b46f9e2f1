"""The outcome of a rehearsal: of each stack, each order, and all, in the words of a review."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from outpost_order_cli.review.changes import Change, Failure
from outpost_order_cli.review.report import Report
from outpost_order_handler import rules
from outpost_order_rehearsal.engine import StackEvent

SCHEMA = 1
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
    events: Sequence[StackEvent] = ()

    @property
    def is_done(self) -> bool:
        """Whether it is deployed."""
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


@dataclass(frozen=True)
class Outcome:
    """The outcome of a rehearsal.

    Attributes:
        predicted: The review of the app.
        stacks: The outcome of each stack.
        received: The bodies of the CreateOrder requests.
        in_force: The IDs of the orders that are in force.
        hosts: How often each host outside of this machine was tried.
        is_sealed: Whether the kernel kept everything on this machine.
        not_rehearsed: The parts that weren't rehearsed.
    """

    predicted: Report
    stacks: Sequence[StackOutcome]
    received: Sequence[str]
    in_force: Sequence[str]
    hosts: Mapping[str, int]
    is_sealed: bool
    not_rehearsed: Sequence[str]

    @property
    def verdict(self) -> str:
        """The purchases of the rehearsal, in the words of `review`."""
        return self.rehearsed.verdict

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
    def is_as_predicted(self) -> bool:
        """Whether the rehearsal bought what `review` says, and failed where it says."""
        return self.rehearsed.verdict == self.predicted.verdict

    @property
    def is_done(self) -> bool:
        """Whether all stacks are deployed."""
        return all(each.is_done for each in self.stacks)

    def order_of(self, change: Change) -> str:
        """Return the order that a change got; empty if it got none."""
        for stack in self.stacks:
            for each in change.orders:
                found = stack.orders.get(f"{each.stack.name}/{each.logical_id}", "")
                if rules.ORDER_ID.accepts(found):
                    return found
        return ""

    def document(self) -> dict[str, Any]:
        """Return the outcome as a document for programs."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "predicted": self.predicted.verdict,
            "is_as_predicted": self.is_as_predicted,
            "sealed": self.is_sealed,
            "hosts_tried": dict(self.hosts),
            "not_rehearsed": list(self.not_rehearsed),
            "stacks": [
                {
                    "name": each.name,
                    "account": each.account,
                    "region": each.region,
                    "status": each.status or None,
                    "reason": each.reason or None,
                    "seconds": round(each.seconds, 1),
                }
                for each in self.stacks
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
            "create_order_requests": list(self.received),
            "orders_in_force": list(self.in_force),
        }

    def _as_it_happened(self, change: Change) -> Change:
        reasons = [
            Failure(_name_in(reason), reason, each)
            for stack in self.stacks
            for each in change.orders
            if (reason := stack.failures.get(f"{each.stack.name}/{each.logical_id}"))
        ]
        if not reasons and not self.order_of(change):
            reasons = [Failure("NotDeployed", "The order wasn't deployed.", change.order)]
        return replace(change, failures=tuple(reasons))


def _name_in(reason: str) -> str:
    found = NAME_OF_REASON.search(reason)
    return found.group(1) if found else ""
