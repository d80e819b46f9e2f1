"""CloudFormation: stacks, and the order of the events that it sends for their resources.

A deployment creates new resources, updates changed ones, and then deletes removed ones. If
one of these or another resource of the stack fails, CloudFormation rolls back. Updated
resources get an Update with old and new swapped, new ones are deleted, and no removed one is
deleted. A Create that isn't answered in time is given up, and its resource has an ID of
CloudFormation's. A stack whose first deployment is rolled back is re-created by the next
one, with another StackId. Retained resources get no Delete.

Three things are left out. Resources don't depend on each other: all are created at the same
time, and updated one by one. No Update replaces a resource by answering another ID. A Delete
is tried once, not three times.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from outpost_order_handler.contract import order_line
from tests.safety.history import Answer, Asked, Content, GivenUp, Look, Request, Turned
from tests.safety.scheduler import Process
from tests.safety.world.dynamodb import THROTTLED, service_error
from tests.safety.world.outposts import Sight
from tests.safety.world.universe import (
    DESCRIPTION_IS_STALE_FOR,
    SERVICE_TIMEOUT,
    Description,
    Resource,
    Stack,
    Universe,
)

DOWN = "is down for 60 s"
DESCRIBE_WAYS = ("denied", "fails", DOWN)
MADE_UP = "City_Rack05B0A054_X1Y2Z3W4"

Send = Callable[[Request], None]


@dataclass(frozen=True)
class CloudFormation:
    """Carries out one operation on one stack.

    Attributes:
        universe: Where the stacks are.
        process: The process of the operation.
        send: Sends an event to the function.
        patience: How long an event is waited for.
    """

    universe: Universe
    process: Process
    send: Send
    patience: timedelta = SERVICE_TIMEOUT

    def deploy(self, name: str, template: Sequence[Resource], *, fails: bool) -> None:
        """Create or update a stack; if another resource of it fails, everything is rolled back."""
        stack = self._stack(name)
        is_new = not stack.resources and stack.status == "CREATE_IN_PROGRESS"
        before = stack.resources.copy()
        wanted = {resource.key: resource for resource in template}
        created = [wanted[key] for key in wanted if key not in before]
        changed = [
            (before[key], wanted[key])
            for key in wanted
            if key in before and before[key].properties != wanted[key].properties
        ]
        updated: list[tuple[Resource, Resource]] = []
        works = self._create(stack, created)
        for old, new in changed if works else ():
            updated.append((old, new))
            works = works and self._update(stack, old, new)
        if works and not fails:
            for key in before:
                if key not in wanted and not self._delete(stack, before[key]):
                    del stack.resources[key]  # after three tries, CloudFormation drops it
            self._finish(stack, "CREATE_COMPLETE" if is_new else "UPDATE_COMPLETE")
            return
        self.process.scheduler.tell("CloudFormation", f"rolls {name} back")
        undone = [self._update(stack, new, old) for old, new in reversed(updated)]
        made = [stack.resources[resource.key] for resource in reversed(created)]
        undone += [self._delete(stack, resource, is_rollback=True) for resource in made]
        end = "COMPLETE" if all(undone) else "FAILED"
        self._finish(stack, f"{'' if is_new else 'UPDATE_'}ROLLBACK_{end}")

    def destroy(self, name: str) -> None:
        """Delete a stack."""
        stack = self.universe.stacks.get(name)
        if stack is None:
            return
        resources = [*stack.resources.values()]
        deleted = [self._delete(stack, each) for each in reversed(resources)]
        works = all(deleted)
        if works:
            del self.universe.stacks[name]
        self._finish(stack, f"DELETE_{'COMPLETE' if works else 'FAILED'}")

    def _stack(self, name: str) -> Stack:
        stack = self.universe.stacks.get(name)
        if stack is not None and stack.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED"):
            self.process.scheduler.tell("CloudFormation", f"deletes {name}, to create it again")
            self.destroy(name)
            stack = None
        if stack is None:
            stack = Stack(name, self.universe.next(f"stack {name}"))
            self.universe.stacks[name] = stack
        return stack

    def _finish(self, stack: Stack, status: str) -> None:
        stack.status = status
        self.process.scheduler.tell("CloudFormation", f"{stack.name} is {status}")

    def _create(self, stack: Stack, resources: Sequence[Resource]) -> bool:
        requests = []
        for resource in resources:
            request = self._request("Create", stack, resource)
            self._turn(stack, replace(resource, physical_id=MADE_UP), "CREATE_IN_PROGRESS")
            requests.append(self._ask(request))
        answers = [self._wait(request) for request in requests]
        for resource, answer in zip(resources, answers, strict=True):
            created = replace(resource, physical_id=answer.physical_id if answer else MADE_UP)
            works = answer is not None and answer.is_success
            self._turn(stack, created, "CREATE_COMPLETE" if works else "CREATE_FAILED")
        return all(answer is not None and answer.is_success for answer in answers)

    def _update(self, stack: Stack, old: Resource, new: Resource) -> bool:
        current = stack.resources[old.key]
        request = replace(
            self._request("Update", stack, new),
            old_properties=old.properties,
            physical_id=current.physical_id,
        )
        new = replace(new, physical_id=current.physical_id)
        self._turn(stack, new, "UPDATE_IN_PROGRESS")
        answer = self._wait(self._ask(request))
        works = answer is not None and answer.is_success
        self._turn(stack, new, "UPDATE_COMPLETE" if works else "UPDATE_FAILED")
        return works

    def _delete(self, stack: Stack, resource: Resource, *, is_rollback: bool = False) -> bool:
        if resource.policy == "Retain" or (
            resource.policy == "RetainExceptOnCreate" and not is_rollback
        ):
            works, status = True, "DELETE_SKIPPED"
        else:
            request = replace(
                self._request("Delete", stack, resource), physical_id=resource.physical_id
            )
            self._turn(stack, resource, "DELETE_IN_PROGRESS")
            answer = self._wait(self._ask(request))
            works = answer is not None and answer.is_success
            status = "DELETE_COMPLETE" if works else "DELETE_FAILED"
        self._turn(stack, resource, status)
        if works:
            del stack.resources[resource.key]
        return works

    def _request(self, kind: str, stack: Stack, resource: Resource) -> Request:
        return Request(
            f"{kind[0]}{self.universe.next(kind)}",
            kind,
            *_where(stack, resource),
            resource.properties,
            asked_at=self.process.scheduler.now,
        )

    def _turn(self, stack: Stack, resource: Resource, status: str) -> None:
        stack.resources[resource.key] = replace(resource, status=status)
        where, now = _where(stack, resource), self.process.scheduler.now
        is_gone = status in ("DELETE_COMPLETE", "DELETE_SKIPPED")
        shown = Description("" if is_gone else status, resource.properties, now)
        self.universe.turned(where, shown)
        self.universe.history.add(Turned(where, status))

    def _ask(self, request: Request) -> Request:
        self.universe.history.add(Asked(request))
        what = f"{request.kind} {request.request_id} of {request.order_name} to {request.stack}"
        self.process.scheduler.tell("CloudFormation", f"sends {what} {request.resource}")
        self.send(request)
        return request

    def _wait(self, request: Request) -> Answer | None:
        answers, process = self.universe.answers, self.process
        asked_at = request.asked_at or process.scheduler.now
        left = asked_at + self.patience - process.scheduler.now
        process.wait(lambda: request.request_id in answers, max(left.total_seconds(), 0))
        answer = answers.get(request.request_id)
        if answer is None:
            process.scheduler.tell("CloudFormation", f"gives {request.request_id} up")
            self.universe.history.add(GivenUp(request))
        else:
            said = answer.reason or f"SUCCESS {answer.physical_id}"
            process.scheduler.tell("CloudFormation", f"gets for {request.request_id}: {said}")
        return answer


def _where(stack: Stack, resource: Resource) -> tuple[str, str]:
    inside = f"{stack.name}-{resource.nested}" if resource.nested else stack.name
    return f"{inside}/{stack.number}", resource.logical_id


class SimulatedCloudFormation:
    """The CloudFormation client of one process, which describes a resource.

    The answer can be some seconds old; the call can be denied, or fail, once or for a minute.
    """

    def __init__(
        self, process: Process, universe: Universe, sight: Sight, more: tuple[str, ...] = ()
    ) -> None:
        self._process = process
        self._universe = universe
        self._sight = sight
        self._more = more

    def describe_stack_resource(self, *, StackName: str, LogicalResourceId: str) -> dict[str, Any]:  # noqa: N803
        """Describe a resource by the ARN of its stack."""
        now = self._process.scheduler.now
        where = (StackName.partition("stack/")[2], LogicalResourceId)
        shown, before = self._universe.described.get(where, (Description(), Description()))
        is_fresh = now - shown.since <= DESCRIPTION_IS_STALE_FOR
        ways = ("stale",) if is_fresh and shown != Description() else ()
        way = self._process.step("DescribeStackResource", *ways, *DESCRIBE_WAYS, *self._more)
        if way == DOWN:
            self._universe.cloudformation_is_back_at = now + timedelta(minutes=1)
        if way == "denied":
            raise service_error("AccessDenied", 403)
        if way == THROTTLED:
            raise service_error("Throttling", 400)
        if way == "fails" or now < self._universe.cloudformation_is_back_at:
            raise service_error("InternalFailure", 500)
        shown = before if way == "stale" else shown
        if not shown.status:
            raise service_error("ValidationError", 400)
        order = shown.properties
        self._sight.look = Look(now, shown.status, order["OrderName"], Content.of(order))
        metadata = json.dumps({"Order": order_line(order)})
        return {"StackResourceDetail": {"ResourceStatus": shown.status, "Metadata": metadata}}
