"""The actions of a scenario, one after the other or at the same time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from tests.safety.history import CANCELLED, Asked, CutShort, Fate, Order, Request, Sent
from tests.safety.scheduler import Process, Scheduler
from tests.safety.world import people
from tests.safety.world.cloudformation import CloudFormation
from tests.safety.world.delivery import Function
from tests.safety.world.endings import Endings
from tests.safety.world.people import Verdict
from tests.safety.world.universe import (
    FUNCTION_LIMIT,
    MAX_EVENT_AGE,
    SERVICE_TIMEOUT,
    Resource,
    Universe,
)

OUTPOST = "op-0123456789abcdef0"
RACK: Mapping[str, Any] = {
    "OutpostIdentifier": OUTPOST,
    "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "2"}],
    "PaymentOption": "NO_UPFRONT",
    "Preflight": "SKIP",  # more reads in each schedule would hide what matters
}
A_DAY = 86_400.0
LONG_ENOUGH = 360.0  # seconds after which no sender runs and no order comes that is evidence


def rack(
    name: str = "PO-1",
    *,
    logical_id: str = "Rack",
    nested: str = "",
    policy: str = "Retain",
    **properties: object,
) -> Resource:
    """Return an order in a template; a property that is None is left out."""
    values: dict[str, object] = {**RACK, "OrderName": name, **properties}
    values = {key: value for key, value in values.items() if value is not None}
    return Resource(logical_id, values, policy, nested)


@dataclass(frozen=True)
class Moment:
    """The state of a schedule at the beginning of an action, with everything at rest."""

    taken: list[int]
    ways: list[int]
    results: list[object]
    scheduler: Scheduler
    universe: Universe


class World:
    """Runs actions in a universe.

    An action that is called by a scenario runs until it is over, and what it leaves under
    way goes on beside the next one. Inside `at_once`, actions run side by side.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        function: Function,
        results: list[object],
        moments: list[Moment] | None,
        endings: Endings | None,
    ) -> None:
        """Take what earlier schedules did up to a moment, which isn't done again.

        Args:
            scheduler: Decides how all goes.
            function: Runs for each event.
            results: The results of the actions up to the moment.
            moments: The list that collects the moments, if any.
            endings: How the actions of earlier schedules ended, if that is used.
        """
        self.scheduler = scheduler
        self.function = function
        self.universe = function.universe
        self._results = results[:]
        self._moments = moments
        self._endings = endings
        self._number = 0

    def deploy(
        self,
        stack: str,
        *template: Resource,
        fails: bool = False,
        copies: int = 0,
        gives_up_after: float = SERVICE_TIMEOUT.total_seconds(),
        held_back: float = 0,
        limit: float = FUNCTION_LIMIT.total_seconds(),
        is_faulty: bool = True,
        clock_error: float = 0,
    ) -> tuple[Request, ...]:
        """Create or update a stack, and return the requests that CloudFormation sent.

        Args:
            stack: Its name.
            template: The orders in its template.
            fails: Whether another resource fails at the end, so that all is rolled back.
            copies: How many more copies of each event are delivered at the same time.
            gives_up_after: After how many seconds CloudFormation no longer waits.
            held_back: For how many seconds Lambda holds each event back.
            limit: How many seconds a run of the function has.
            is_faulty: Whether something can go wrong in the function.
            clock_error: By how many seconds the function's clock is fast.
        """

        def work(process: Process) -> None:
            patience = timedelta(seconds=gives_up_after)

            def send(request: Request) -> None:
                if limit < FUNCTION_LIMIT.total_seconds():
                    self.universe.history.add(CutShort(request))
                for _ in range(1 + copies):
                    copy = self._deliver(request, held_back, limit, is_faulty=is_faulty)
                    copy.clock_error = timedelta(seconds=clock_error)

            cloudformation = CloudFormation(self.universe, process, send, patience)
            cloudformation.deploy(stack, template, fails=fails)

        return self._requests_of(f"deployment of {stack}", work)

    def update(self, stack: str, **changes: object) -> tuple[Request, ...]:
        """Deploy a stack again with other properties of all orders; None leaves one out."""
        changes = changes or {"ServiceTimeout": "1200"}
        resources = self.universe.stacks[stack].resources if stack in self.universe.stacks else {}
        template = []
        for each in resources.values():
            values = {**each.properties, **changes}.items()
            kept = {key: value for key, value in values if value is not None}
            template.append(replace(each, properties=kept))
        return self.deploy(stack, *template)

    def destroy(self, stack: str, *, copies: int = 0) -> tuple[Request, ...]:
        """Delete a stack."""

        def work(process: Process) -> None:
            def send(request: Request) -> None:
                for _ in range(1 + copies):
                    self._deliver(request)

            CloudFormation(self.universe, process, send).destroy(stack)

        return self._requests_of(f"deletion of {stack}", work)

    def refactor(self, stack: str, other: str) -> None:
        """Move all resources of a stack to another one, for which no event is sent."""

        def work() -> None:
            stacks = self.universe.stacks
            moved = stacks.pop(stack)
            stacks[other] = replace(moved, name=other, number=self.universe.next(f"stack {other}"))

        self._act(work)

    def redeliver(
        self, requests: tuple[Request, ...], *, after: float = 0, is_faulty: bool = True
    ) -> None:
        """Deliver copies of events, now or while the next actions run."""

        def work() -> None:
            copies = [self._deliver(each, after, is_faulty=is_faulty) for each in requests]
            if not after:
                self._join(*copies)

        self._act(work)

    def at_once(self, *works: Callable[[], object]) -> None:
        """Run several actions side by side."""

        def work() -> None:
            self._join(
                *[
                    self.scheduler.spawn(f"actor {number}", partial(_call, each))
                    for number, each in enumerate(works, start=1)
                ]
            )

        self._act(work)

    def later(self, seconds: float, work: Callable[[], object]) -> Callable[[], None]:
        """Return what lets something happen some seconds later, for `at_once`."""

        def wait_and_work() -> None:
            self.pass_time(seconds)
            work()

        return wait_and_work

    def either(self) -> bool:
        """Go on with no in one schedule, and with yes in another."""
        chosen: bool = self.choose(*(False, True))
        return chosen

    def choose(self, *options: Any) -> Any:  # noqa: ANN401 - whatever the options are
        """Go on with each of the options in another schedule; one that can be called, is."""
        chosen = options[self._act(lambda: self.scheduler.choices.choose(len(options)))]
        return chosen() if callable(chosen) else chosen

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        current = self.scheduler.current
        if current is not None:
            current.sleep(seconds)
        else:
            self._act(lambda: self.scheduler.pass_time(seconds))

    def order_elsewhere(
        self, *, is_dated: bool = True, kind: str = "OUTPOST", **properties: object
    ) -> Order:
        """Let a person order in the console; by default, the content that `rack` asks for."""

        def work(process: Process) -> Order:
            process.step("orders in the console")
            wanted = {**RACK, **properties}
            return people.order_elsewhere(
                self.universe, process, wanted, is_dated=is_dated, kind=kind
            )

        order: Order = self._perform("a buyer", work)
        return order

    def turn(self, status: str, *, by: str = "the service", **changes: Any) -> None:  # noqa: ANN401
        """Give every live order another status, and the other changes of AWS."""

        def work(process: Process) -> None:
            process.step(f"turns the orders {status}")
            for order in [*self.universe.orders.values()]:
                if order.status != CANCELLED:
                    self.universe.became(replace(order, status=status, **changes), by)

        self._perform(by, work)

    def operate(self, verdict: Verdict, name: str = "PO-1", *, is_faulty: bool = True) -> str:
        """Let an operator reconcile, resolve or cancel an order, as the command line does."""

        def work(process: Process) -> str:
            stacks = [each.request.stack for each in self.universe.history.of(Asked)] or [""]
            services = self.function.services(process, stacks[-1])
            account = self.function.account(process)
            said = people.operate(name, verdict, people.Desk(services, account, self.universe))
            self.scheduler.tell(process.name, f"{verdict.__name__} {name}: {said}")
            return said

        said: str = self._perform("an operator", work, is_faulty=is_faulty)
        return said

    def keep_in(self, ledger: str, stack: str) -> None:
        """Let a stack use another ledger from now on, as its provider says."""
        self._act(lambda: self.universe.ledgers.update({stack: ledger}))

    def write_as_a_newer_version(self, name: str, state: str) -> None:
        """Let a newer function leave a record in a state that this one doesn't know."""
        asked = Request("a newer version's", "Create", "A/0", "Rack", rack(name).properties)

        def work() -> None:
            item = {"Key": f"order#{name}", "Version": "1", "State": state}
            stored = {key: {"S": value} for key, value in item.items()}
            ledger = self.function.design.ledger_of("A/1")
            self.universe.wrote(ledger, {item["Key"]: stored})
            self.universe.history.add(Sent(asked, "elsewhere", self.scheduler.now, Fate.UNKNOWN))

        self._act(work)

    def finish(self) -> None:
        """Bring everything to rest: copies of young Creates, then an operator, without faults."""

        def work(process: Process) -> None:
            requests = [each.request for each in self.universe.history.of(Asked)]
            for request in requests:
                young = (request.asked_at or self.scheduler.now) + MAX_EVENT_AGE
                if request.kind == "Create" and self.scheduler.now < young:
                    self.redeliver((request,), is_faulty=False)
            process.sleep(LONG_ENOUGH)
            for name in dict.fromkeys(request.order_name for request in requests):
                self.operate(people.reconcile, name)

        self._act(self.scheduler.run)
        self._perform("the end", work, is_faulty=False)

    def _requests_of(self, name: str, work: Callable[[Process], None]) -> tuple[Request, ...]:
        asked = len([*self.universe.history.of(Asked)])

        def all_of(process: Process) -> tuple[Request, ...]:
            work(process)
            return tuple(each.request for each in self.universe.history.of(Asked))[asked:]

        requests: tuple[Request, ...] = self._perform(name, all_of, is_faulty=False)
        return requests

    def _deliver(
        self,
        request: Request,
        after: float = 0,
        limit: float = FUNCTION_LIMIT.total_seconds(),
        *,
        is_faulty: bool = True,
    ) -> Process:
        copy = self.universe.next(f"copy of {request.request_id}")

        def work() -> None:
            self.function.deliver(request, process, timedelta(seconds=limit))

        process = self.scheduler.spawn(
            f"{request.request_id}/{copy}", work, is_faulty=is_faulty, after=after
        )
        return process

    def _perform(self, name: str, work: Callable[[Process], Any], *, is_faulty: bool = True) -> Any:  # noqa: ANN401 - whatever the work returns
        """Do something as a process: the current one, or one of its own."""
        current = self.scheduler.current
        if current is not None:
            return work(current)
        results: list[object] = []

        def act() -> object:
            def run() -> None:
                results.append(work(process))

            process = self.scheduler.spawn(name, run, is_faulty=is_faulty)
            self._join(process)
            return results[0] if results else None

        return self._act(act)

    def _join(self, *processes: Process) -> None:
        current = self.scheduler.current
        if current is None:
            self.scheduler.run(*processes)
        else:
            current.wait(lambda: all(each.is_done for each in processes), A_DAY)

    def _act(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - same
        """Do something, unless an earlier schedule did the same up to the last moment."""
        scheduler = self.scheduler
        if scheduler.current is not None:
            return work()
        self._number += 1
        if self._number <= len(self._results):
            return self._results[self._number - 1]
        is_at_rest = scheduler.is_idle
        if is_at_rest and self._moments is not None:
            self._moments.append(
                Moment(
                    scheduler.choices.taken[:],
                    scheduler.choices.ways[:],
                    self._results[:],
                    scheduler.branch(),
                    self.universe.copy(),
                )
            )
        if is_at_rest and self._endings is not None:
            action = self._number, repr(self._results)
            result = self._endings.act(action, work, scheduler, self.universe)
        else:
            result = work()
        self._results.append(result)
        return result


def _call(work: Callable[[], object]) -> None:
    work()
