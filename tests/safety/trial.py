"""One schedule of one scenario, run by the product's own code and judged by the invariants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from outpost_order_handler import lifecycle
from outpost_order_handler.answers import Answer
from outpost_order_handler.delivery import World
from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger import Ledger
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.records import Witness
from outpost_order_handler.table import Table
from tests.safety.invariants import UNKNOWN, Judge, Violation
from tests.safety.scenarios import PROPERTIES, Delivery, Scenario
from tests.safety.schedules import Bound, Chooser, Schedule
from tests.safety.services import SimulatedClock, SimulatedDynamoDb, SimulatedOutposts
from tests.safety.simulation import Process, Universe

STACK_ID = "arn:aws:cloudformation:us-west-2:111122223333:stack/{}/0f0e0d0c"


@dataclass(frozen=True)
class Design:
    """How the product is put together; a wrong one is a negative control."""

    name: str = "the product"
    attempts: int = 1
    table: type[SimulatedDynamoDb] = SimulatedDynamoDb
    create: Callable[[Mapping[str, Any], World], Answer] = lifecycle.create


@dataclass(frozen=True)
class Milestone:
    """How everything stood at the beginning of a stage, after these choices."""

    taken: list[int]
    ways: list[int]
    universe: Universe
    answers: list[tuple[Delivery, Answer | None]]
    broken: list[Violation]
    log: list[tuple[str, str]]
    counts: tuple[int, int]


@dataclass
class Trial:
    """Runs the stages of a scenario and collects what went wrong."""

    scenario: Scenario
    chooser: Chooser
    bound: Bound
    design: Design
    answers: list[tuple[Delivery, Answer | None]] = field(default_factory=list)
    broken: list[Violation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._furnish(Universe())
        if self.scenario.made_by_hand:
            self.universe.order(_parameters(PROPERTIES), None)
            self.universe.now += timedelta(days=1)

    def _furnish(self, universe: Universe) -> None:
        self.universe = universe
        self.judge = Judge(universe, self.answers, self.broken)
        universe.after_write = self.judge.check_ledger
        universe.before_post = self.judge.check_post
        self.schedule = Schedule(universe, self.chooser, self.bound)

    def run(self, milestones: list[Milestone]) -> "Trial":
        """Run the schedule to its end, and judge it.

        Args:
            milestones: Where schedules before came by that chose the same so far: this one
                goes on from the last, and adds those of its own way.
        """
        if milestones:
            self._go_on_from(milestones.pop())
        for stage in self.scenario.stages[len(milestones) :]:
            milestones.append(self._milestone())
            self.universe.now += timedelta(seconds=stage.after)
            late = any(post.is_pending for post in self.universe.posts)
            if late and (not stage.is_dirty or self.chooser.choose(2) == 0):
                self.universe.settle()
            works = [self._work(delivery) for delivery in stage.deliveries]
            self.schedule.run(works, dirty=stage.is_dirty)
            self.judge.check_duplicates()
        self.universe.settle()
        clean = not self.schedule.faults
        self.judge.check_end(self.scenario.succeeds if clean else (), self.scenario.stands)
        return self

    def _milestone(self) -> "Milestone":
        schedule = self.schedule
        return Milestone(
            self.chooser.taken[:],
            self.chooser.ways[:],
            self.universe.copy(),
            self.answers[:],
            self.broken[:],
            schedule.log[:],
            (schedule.faults, schedule.preemptions),
        )

    def _go_on_from(self, milestone: "Milestone") -> None:
        self.chooser.taken[:], self.chooser.ways[:] = milestone.taken, milestone.ways
        self.answers[:], self.broken[:] = milestone.answers, milestone.broken
        self._furnish(milestone.universe.copy())
        self.schedule.log[:] = milestone.log
        self.schedule.faults, self.schedule.preemptions = milestone.counts

    @property
    def violations(self) -> list[Violation]:
        """The invariants that did not hold."""
        return self.broken

    @property
    def is_unknown(self) -> bool:
        """Whether CloudFormation was told, at first, that the outcome is unknown."""
        told = [answer for delivery, answer in self.answers if delivery.request == "C1" and answer]
        return bool(told) and UNKNOWN in told[0].reason

    def story(self) -> str:
        """Tell what happened, for a report."""
        answers = [
            f"{delivery.request}: {answer and (answer.reason or answer.physical_id)}"
            for delivery, answer in self.answers
        ]
        orders = [
            f"{order.order_id} {order.status} by {order.sender and order.sender.name}"
            for order in self.universe.orders
        ]
        lines = [
            self.scenario.name,
            *map(str, self.violations),
            *(f"{name}: {what}" for name, what in self.schedule.log),
        ]
        return "\n  ".join([*lines, *answers, *orders])

    def _work(self, delivery: Delivery) -> tuple[Process, Callable[[], None]]:
        copy = sum(told[0] is delivery for told in self.answers)
        process = self.schedule.process(f"{delivery.request}/{copy}", delivery.request)
        slot = len(self.answers)
        self.answers.append((delivery, None))

        def answer() -> None:
            self.answers[slot] = (delivery, self._answer(delivery, process))

        act = {"console": self._order_by_hand, "person": self._resolve}.get(delivery.kind)
        return process, (lambda: act(delivery, process)) if act else answer

    def _world(self, process: Process) -> World:
        clock: Any = SimulatedClock(process)

        def make_client(_timeout: float, attempts: int) -> SimulatedOutposts:
            return SimulatedOutposts(process, self.design.attempts if attempts == 1 else 1)

        table = Table("Ledger", self.design.table(process))
        return World(Outposts(make_client), Ledger(table, clock), clock)

    def _answer(self, delivery: Delivery, process: Process) -> Answer:
        event = self._event(delivery)
        works = {"Create": self.design.create, "Update": lifecycle.update}
        work = works.get(delivery.kind, lifecycle.delete)
        try:
            return work(event, self._world(process))
        except OrderError as error:
            return Answer(str(event.get("PhysicalResourceId", "")), reason=str(error))

    def _event(self, delivery: Delivery) -> dict[str, Any]:
        event = {
            "RequestType": delivery.kind,
            "RequestId": delivery.request,
            "ResponseURL": "https://localhost",
            "StackId": STACK_ID.format(delivery.stack),
            "LogicalResourceId": delivery.resource,
            "ResourceProperties": dict(delivery.properties),
        }
        if delivery.kind != "Create":
            event["PhysicalResourceId"] = self._physical_id(delivery)
        return event

    def _physical_id(self, delivery: Delivery) -> str:
        for told, answer in self.answers:
            same = told.kind == "Create" and told.where == delivery.where
            if same and answer and not delivery.overtakes:
                return answer.physical_id
        return "City_Rack05B0A054_made_up"

    def _order_by_hand(self, delivery: Delivery, process: Process) -> None:
        process.step("console")
        self.universe.order(_parameters(delivery.properties), None)

    def _resolve(self, delivery: Delivery, process: Process) -> None:
        """Do what a person does who knows the truth."""
        ledger = self._world(process).ledger
        row = ledger.row(delivery.order_name)
        if not row.is_unresolved:
            return
        for post in self.universe.posts:
            if post.order and post.order.is_live and post.sender.request == "C1":
                order = self._world(process).outposts.get_order(post.order.order_id)
                ledger.placed(row, order, Witness.PERSON)
                return
        ledger.not_placed(row, "the Outposts console does not show it")
        for post in self.universe.posts:
            post.was_refused = True


def _parameters(properties: Mapping[str, Any]) -> dict[str, Any]:
    items = [{**item, "Quantity": int(item["Quantity"])} for item in properties["LineItems"]]
    return {**properties, "LineItems": items}
