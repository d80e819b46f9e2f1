"""One schedule of one scenario, run by the product's own code and judged by the invariants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from outpost_order_handler import lifecycle
from outpost_order_handler.delivery import World
from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger import Ledger
from outpost_order_handler.lifecycle import Answer
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.records import Lock, Row, State, Witness
from outpost_order_handler.table import Item, Table
from tests.safety.scenarios import OUTPOST, PROPERTIES, Delivery, Scenario
from tests.safety.schedules import Bound, Chooser, Schedule
from tests.safety.simulation import (
    CANCELLED,
    Post,
    Process,
    SimulatedClock,
    SimulatedDynamoDb,
    SimulatedOrder,
    SimulatedOutposts,
    Universe,
)

STACK_ID = "arn:aws:cloudformation:us-west-2:111122223333:stack/{}/0f0e0d0c"
RESOURCE = "Rack05B0A054"
UNKNOWN = "outcome unknown"
NOTHING = ("nothing was ordered", "nothing was bought")


@dataclass(frozen=True)
class Design:
    """How the product is put together; a wrong one is a negative control."""

    name: str = "the product"
    attempts: int = 1
    table: type[SimulatedDynamoDb] = SimulatedDynamoDb
    create: Callable[[Mapping[str, Any], World], Answer] = lifecycle.create


@dataclass(frozen=True)
class Violation:
    """An invariant that did not hold."""

    kind: str
    what: str


@dataclass
class Trial:
    """Runs the stages of a scenario and collects what went wrong."""

    scenario: Scenario
    chooser: Chooser
    bound: Bound
    design: Design
    answers: list[tuple[Delivery, Answer | None]] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    def run(self) -> "Trial":
        """Run the schedule to its end, and judge it."""
        self.universe = Universe(after_write=self._check_ledger, before_post=self._check_post)
        self.schedule = Schedule(self.universe, self.chooser, self.bound)
        if self.scenario.made_by_hand:
            self.universe.order(_parameters(PROPERTIES), None)
            self.universe.now += timedelta(days=1)
        for stage in self.scenario.stages:
            self.universe.now += timedelta(seconds=stage.after)
            late = any(post.is_pending for post in self.universe.posts)
            if late and (not stage.is_dirty or self.chooser.choose(2) == 0):
                self.universe.settle()
            works = [self._work(delivery) for delivery in stage.deliveries]
            self.schedule.run(works, dirty=stage.is_dirty)
            self._check_duplicates()
        self.universe.settle()
        self._check_end()
        return self

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
        lines = [self.scenario.name, *map(str, self.violations), *self.schedule.log]
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
            "LogicalResourceId": RESOURCE,
            "ResourceProperties": dict(delivery.properties),
        }
        if delivery.kind != "Create":
            event["PhysicalResourceId"] = self._physical_id(delivery)
        return event

    def _physical_id(self, delivery: Delivery) -> str:
        for told, answer in self.answers:
            same = told.kind == "Create" and told.stack == delivery.stack
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

    def _violate(self, kind: str, what: str) -> None:
        self.violations.append(Violation(kind, what))

    # The invariants, by their numbers in the docs.

    def _check_post(self, process: Process) -> None:
        """2: one POST for each request, and none while an earlier one is live or unknown."""
        name = self._name_of(process)
        for post in self.universe.posts:
            if self._name_of(post.sender) != name:
                continue
            if post.sender.request == process.request:
                self._violate("duplicate", f"{process.request} is sent twice")
            elif not _is_over(post):
                self._violate("duplicate", f"{name} is sent again, {post.sender.request} stands")

    def _name_of(self, process: Process) -> str:
        return next(d.order_name for d, _ in self.answers if d.request == process.request)

    def _check_duplicates(self) -> None:
        """1: no name has two live orders."""
        live: dict[str, int] = {}
        for post in self.universe.posts:
            if post.is_pending or (post.order and post.order.is_live):
                name = self._name_of(post.sender)
                live[name] = live.get(name, 0) + 1
        for name, orders in live.items():
            if orders > 1:
                self._violate("duplicate", f"{name} has {orders} live orders")

    def _check_ledger(self) -> None:
        """5 and 6: an order has one name; an Outpost is locked while an attempt is unresolved."""
        rows = self._rows()
        claimed = [row.order_id for row in rows if row.has_order]
        if len(claimed) != len(set(claimed)):
            self._violate("ledger", f"an order is claimed twice: {claimed}")
        stored = self.universe.items.get(Lock.key_of(OUTPOST))
        held = stored["HeldBy"]["S"] if stored else ""
        unresolved = [row.name for row in rows if row.is_unresolved]
        if unresolved != ([held] if held else []):
            self._violate("ledger", f"{unresolved} unresolved, the Outpost held by {held!r}")

    def _rows(self) -> list[Row]:
        return [
            _row(key, stored)
            for key, stored in self.universe.items.items()
            if key.startswith(f"{Row.PREFIX}#")
        ]

    def _check_end(self) -> None:
        self._check_duplicates()
        self._check_answers()
        self._check_deletes()
        for row in self._rows():
            if row.state == State.SUBMITTING:
                self._violate("ledger", f"{row.name} is SUBMITTING after a clean delivery")
        if not self.schedule.faults:
            self._check_success()

    def _check_answers(self) -> None:
        """3 and 4: each request is answered, without contradiction, and what is told is true."""
        for request in {d.request for d, _ in self.answers if d.kind not in ("console", "person")}:
            told = [answer for d, answer in self.answers if d.request == request and answer]
            if not told:
                self._violate("unanswered", request)
        for request in {d.request for d, _ in self.answers if d.kind == "Create"}:
            told = [answer for d, answer in self.answers if d.request == request and answer]
            placed = {answer.physical_id for answer in told if not answer.reason}
            refused = [a for a in told if any(word in a.reason for word in NOTHING)]
            if len(placed) > 1 or (placed and refused):
                self._violate("false answer", f"{request} was told {told}")
        for delivery, answer in self.answers:
            if delivery.kind == "Create" and answer:
                self._check_truth(delivery, answer)

    def _check_truth(self, delivery: Delivery, answer: Answer) -> None:
        if not answer.reason:
            order = self._order(answer.physical_id)
            if order is None or not self._is_ours(order, delivery):
                self._violate(
                    "false answer", f"{delivery.request}: {answer.physical_id} is not ours"
                )
        elif UNKNOWN not in answer.reason:
            for post in self.universe.posts:
                if post.sender.request == delivery.request and post.order and post.order.is_live:
                    self._violate("false answer", f"{delivery.request}: {answer.reason}")

    def _order(self, order_id: str) -> SimulatedOrder | None:
        return next((o for o in self.universe.orders if o.order_id == order_id), None)

    def _is_ours(self, order: SimulatedOrder, delivery: Delivery) -> bool:
        if order.sender is None:
            return delivery.properties.get("ExistingOrder") == "ADOPT"
        return self._name_of(order.sender) == delivery.order_name

    def _check_deletes(self) -> None:
        """After a Delete that cancels was told as done, nothing of its resource is live."""
        for position, (delivery, answer) in enumerate(self.answers):
            cancels = delivery.properties.get("OnDelete") == "CANCEL"
            if delivery.kind != "Delete" or not cancels or not answer or answer.reason:
                continue
            taken = [a.physical_id for d, a in self.answers if a and d.stack != delivery.stack]
            for post in self.universe.posts:
                mine = self._stack_of(post.sender) == delivery.stack
                if mine and post.order and post.order.is_live and post.order.order_id not in taken:
                    self._violate("false answer", f"{delivery.request} at {position}: it stands")

    def _stack_of(self, process: Process) -> str:
        return next(d.stack for d, _ in self.answers if d.request == process.request)

    def _check_success(self) -> None:
        """7: where nothing goes wrong, the answer is SUCCESS."""
        for request in self.scenario.succeeds:
            told = [answer for d, answer in self.answers if d.request == request and answer]
            if not told or told[0].reason:
                self._violate("false answer", f"{request} fails without a fault: {told}")


def _is_over(post: Post) -> bool:
    """Whether an earlier request is known to hold no order."""
    return post.was_refused or (post.order is not None and post.order.status == CANCELLED)


def _parameters(properties: Mapping[str, Any]) -> dict[str, Any]:
    items = [{**item, "Quantity": int(item["Quantity"])} for item in properties["LineItems"]]
    return {**properties, "LineItems": items}


def _row(key: str, stored: Mapping[str, Any]) -> Row:
    shown = {name: stored[name]["S"] for name in ("State", "OrderId")}
    return Row.of(Item(key, shown))
