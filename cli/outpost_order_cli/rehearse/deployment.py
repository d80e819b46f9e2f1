"""The deployment of an app's stacks, with the fate of each order."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol

from botocore.exceptions import ClientError

from outpost_order_cli.rehearse.machine import Machine
from outpost_order_cli.rehearse.outcome import StackOutcome
from outpost_order_cli.rehearse.steps import Step, Steps
from outpost_order_cli.review.assembly import MAX_DEPTH, NESTED_STACK
from outpost_order_cli.review.declared import Order
from outpost_order_handler import contract
from outpost_order_rehearsal.cdk_cli import CdkError
from outpost_order_rehearsal.deployable import DeployableStack
from outpost_order_rehearsal.engine import StackEvent, StackResult, events_of, status_of

UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
Operation = Callable[[DeployableStack], StackResult]


class Engine(Protocol):
    """Deploys and deletes stacks: the direct engine, or the CDK CLI."""

    def deploy(self, stack: DeployableStack) -> StackResult:
        """Create or update a stack."""

    def delete(self, stack: DeployableStack) -> StackResult:
        """Delete a stack."""


class Deployment:
    """Deploys stacks, one after the other, with a step for each."""

    def __init__(
        self,
        machine: Machine,
        steps: Steps,
        engine: Engine,
        orders: Iterable[Order],
        *,
        is_verbose: bool,
    ) -> None:
        """Take the engine, the orders of the app, and whether events are shown."""
        self._machine, self._steps, self._engine = machine, steps, engine
        self._is_verbose = is_verbose
        self._names = {f"{each.stack.name}/{each.logical_id}": each.name for each in orders}
        self._seen: dict[str, int] = {}
        self.moved: dict[str, str] = {}  # the former name of each stack with a new one

    def deploy(self, stacks: Sequence[DeployableStack], verb: str = "deploy") -> list[StackOutcome]:
        """Deploy stacks; one that depends on a stack that fails isn't deployed."""
        done = list[StackOutcome]()
        for stack in stacks:
            broken = [each.name for each in done if each.name in stack.needs and not each.is_done]
            if broken:
                done.append(not_deployed(stack, f"it depends on {', '.join(broken)}"))
            else:
                done.append(self._operate(verb, stack, self._engine.deploy))
        return done

    def delete(self, stacks: Sequence[DeployableStack]) -> list[StackOutcome]:
        """Delete stacks, in the opposite order."""
        return [self._operate("delete", each, self._engine.delete) for each in reversed(stacks)]

    def is_deployed(self, stack: DeployableStack) -> bool:
        """Return whether a stack can be updated."""
        return self._status(stack) in UPDATABLE

    def exists(self, stack: DeployableStack) -> bool:
        """Return whether a stack is there, deployed or rolled back."""
        return self._status(stack) not in ("", "DELETE_COMPLETE")

    def _status(self, stack: DeployableStack) -> str:
        client = self._machine.aws.client("cloudformation", stack.region, stack.account)
        return status_of(client, stack.name)[0]

    def _operate(self, verb: str, stack: DeployableStack, operation: Operation) -> StackOutcome:
        with self._steps.step(f"{verb} {stack.name}") as step:
            outcome = self._outcome(stack, operation)
            self._show(outcome, step)
        if self._is_verbose:
            for event in outcome.events:
                self._steps.say(f"      {event.status} {event.resource} {event.reason}".rstrip())
        return outcome

    def _show(self, outcome: StackOutcome, step: Step) -> None:
        step.result = outcome.status or "failed"
        step.lines = [
            *(
                f"{self._names.get(path, path)} -> {order_id}"
                for path, order_id in outcome.orders.items()
                if path not in outcome.failures
            ),
            *(f"{self._names.get(path, path)}: {why}" for path, why in outcome.failures.items()),
        ]
        if not outcome.failures and outcome.reason:
            step.lines.append(outcome.reason)

    def _outcome(self, stack: DeployableStack, operation: Operation) -> StackOutcome:
        began = time.monotonic()
        try:
            result = operation(stack)
        except (ClientError, CdkError, TimeoutError) as error:
            return not_deployed(stack, str(error), self._new(self._events(stack.name, stack)))
        events = self._new(result.events)
        orders: dict[str, str] = {}
        failures: dict[str, str] = {}
        root = self.moved.get(stack.name, stack.name)
        for path, event in self._order_events(root, events, stack, 0):
            if event.status.endswith("_FAILED"):
                failures[path] = event.reason
            elif event.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                orders[path] = event.physical_id
        return StackOutcome(
            stack.name,
            stack.account,
            stack.region,
            result.status,
            time.monotonic() - began,
            "" if result.is_done else _reason(result, events),
            orders,
            failures,
            result.outputs,
            events,
        )

    def _events(self, name: str, stack: DeployableStack) -> list[StackEvent]:
        client = self._machine.aws.client("cloudformation", stack.region, stack.account)
        with suppress(ClientError):
            return events_of(client, name)
        return []

    def _new(self, events: Sequence[StackEvent]) -> list[StackEvent]:
        """Return the events of a stack since the last call."""
        if not events:
            return []
        stack_id = events[0].stack_id
        known = self._seen.get(stack_id, 0)
        self._seen[stack_id] = len(events)
        return list(events[known:])

    def _order_events(
        self, path: str, events: Sequence[StackEvent], stack: DeployableStack, depth: int
    ) -> Iterator[tuple[str, StackEvent]]:
        nested: dict[str, str] = {}
        for event in events:
            if event.resource_type == contract.RESOURCE_TYPE:
                yield f"{path}/{event.resource}", event
            if event.resource_type == NESTED_STACK and event.physical_id not in (
                "",
                event.stack_id,
            ):
                nested[event.resource] = event.physical_id
        for logical_id, stack_id in nested.items():
            if depth < MAX_DEPTH:
                inner = self._new(self._events(stack_id, stack))
                yield from self._order_events(f"{path}/{logical_id}", inner, stack, depth + 1)


def not_deployed(
    stack: DeployableStack, reason: str, events: Sequence[StackEvent] = ()
) -> StackOutcome:
    """Return the outcome of a stack that wasn't deployed."""
    place = (stack.name, stack.account, stack.region)
    return StackOutcome(*place, "", 0.0, reason, {}, {}, {}, events)


def _reason(result: StackResult, events: Sequence[StackEvent]) -> str:
    for status in ("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED", result.status):
        for each in events:
            if each.status == status and each.reason:
                return each.reason
    return result.status
