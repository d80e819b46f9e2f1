"""Sudden death: an instance is killed at each of its messages, and the event is delivered again.

An instance is a process with the real handler. SIGKILL ends it right before or right after
its n-th message to DynamoDB, the Outposts service or CloudFormation, for every n.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from outpost_order_fake import Fault
from outpost_order_handler.ledger.records import OrderRecord, OutpostRecord, State
from tests.edge.instances import Instances, Kill
from tests.edge.surroundings import (
    NOTHING,
    UNKNOWN,
    Event,
    contradictions,
    is_true,
    is_unknown,
)
from tests.fakes.cloudformation import Response
from tests.handler.conftest import PROPERTIES, RE_CREATED_STACK

DONE = "SUCCESS"
BESIDE_ANOTHER = {"InAdditionTo": ["PO-4709"]}


@dataclass(frozen=True)
class Scenario:
    """The history of an order, and the event that meets the killed instances.

    Attributes:
        name: Its name in a failure.
        best: The last answer, if it says everything that can be known.
        killed: The type of the event that meets the kills.
        changes: The properties of that event that aren't the usual ones.
        fault: The service's fault in every CreateOrder, or None if it does as asked.
            A late action still happens.
        adopts: Whether the event adopts an order that was made in the console before.
        is_placed: Whether a Create that went well comes before; another one is of a new stack.
        withdrawn: Whether the resource is deleted before the killed Create comes again.
    """

    name: str
    best: str = DONE
    killed: str = "Create"
    changes: Mapping[str, object] = field(default_factory=dict)
    fault: Fault | None = None
    adopts: bool = False
    is_placed: bool = False
    withdrawn: bool = False


SCENARIOS = (
    Scenario("create"),
    Scenario("create, 500 and made", fault=Fault.status(500, applied=True)),
    Scenario("create, 500 and made late", UNKNOWN, fault=Fault.status(500, applied="late")),
    Scenario("create, refused", NOTHING, fault=Fault.refusal("ConflictException")),
    Scenario("create, withdrawn", withdrawn=True),
    Scenario("adopt", adopts=True),
    Scenario("join", is_placed=True),
    Scenario("update", killed="Update", changes=BESIDE_ANOTHER, is_placed=True),
    Scenario("delete", killed="Delete", is_placed=True),
)


@dataclass(frozen=True)
class KillFigures:
    """The result of the kills.

    Attributes:
        kills: How many instances were killed.
        orders_at_most: Orders of the schedule with the most.
        posts_at_most: CreateOrder requests of the schedule with the most.
        successes: Schedules that ended in SUCCESS.
        unknown: Schedules that ended in "outcome unknown".
        false_answers: Answers that were not true, or contradicted another one.
        given_up: Schedules whose last answer says less than can be known.
        torn: Schedules whose records contradict the last answer.
        cancelled: Schedules with an order that was cancelled, or should be.
        deletes_that_call: Schedules in which a Delete called the service.
        late_orders: Schedules in which an order was made after the Delete of its resource.
        wrong: The names of the schedules with a wrong result.
    """

    kills: int = 0
    orders_at_most: int = 0
    posts_at_most: int = 0
    successes: int = 0
    unknown: int = 0
    false_answers: int = 0
    given_up: int = 0
    torn: int = 0
    cancelled: int = 0
    deletes_that_call: int = 0
    late_orders: int = 0
    wrong: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was wrong."""
        return not self.wrong


@dataclass
class Schedule:
    """One scenario, with some kills before the event reaches an instance that lives."""

    instances: Instances
    scenario: Scenario
    number: int
    first: Response | None = None
    deleted: list[Response] = field(default_factory=list)
    was_unresolved: bool = False
    late_orders: int = 0
    calls_of_deletes: int = 0

    def run(self, kills: Sequence[Kill]) -> bool:
        """Run the scenario; return whether every kill met an instance that came that far."""
        outposts, scenario = self.instances.outposts, self.scenario
        outposts.reset()
        if scenario.is_placed:
            self.first = self._place_before()
        self.event = self._killed_event()
        if scenario.fault:
            outposts.fail("CreateOrder", scenario.fault, times=None)
        calls = len(outposts.requests)
        if not all(self.instances.was_killed(self.event, kill) for kill in kills):
            return False
        self.was_unresolved = self.record.state == State.SUBMITTING
        if scenario.withdrawn:
            self._withdraw()
        orders = len(outposts.orders)
        self.instances.deliver(self.event, sender_is_dead=True)
        if scenario.withdrawn:
            self.late_orders = len(outposts.orders) - orders
        if scenario.killed == "Delete":
            self.calls_of_deletes += len(outposts.requests) - calls
        outposts.apply_late()
        return True

    @property
    def answers(self) -> list[Response]:
        """Every answer to the event that met the kills."""
        return self.instances.cloudformation.responses.get(self.event["RequestId"], [])

    @property
    def record(self) -> OrderRecord:
        """The ledger's record of the order."""
        return self._records[0]

    @property
    def gave_up(self) -> bool:
        """Whether the last answer says less than can be known."""
        could_know = bool(self.instances.outposts.orders) or not self.was_unresolved
        outcome, best = self.answers[-1], self.scenario.best
        if self.scenario.withdrawn and not self.instances.outposts.orders:
            best = NOTHING
        return could_know and best not in f"{outcome.status} {outcome.reason}"

    @property
    def false_answers(self) -> int:
        """How many answers are not true, or contradict another one."""
        creates, others = [self.first] if self.first else [], [*self.deleted]
        (creates if self.scenario.killed == "Create" else others).extend(self.answers)
        orders = self.instances.outposts.orders
        false = sum(not is_true(each, orders) for each in creates)
        return contradictions(self.answers) + false + sum(each.status != DONE for each in others)

    @property
    def is_torn(self) -> bool:
        """Whether the records contradict the last answer."""
        order, outpost = self._records
        outcome = self.answers[-1]
        is_unresolved = order.state == State.SUBMITTING
        names = {outcome.physical_id: order.name} if outcome.status == DONE else {}
        is_as_answered = (
            is_unresolved == is_unknown(outcome)
            and (order.state == State.PLACED) == (outcome.status == DONE)
            and order.order_id == next(iter(names), "")
        )
        return not is_as_answered or (order.name in outpost.attempts, outpost.orders) != (
            is_unresolved,
            names,
        )

    @property
    def is_cancelled(self) -> bool:
        """Whether the order was cancelled, or should be."""
        outposts = self.instances.outposts
        is_asked = any(request.operation == "CancelOrder" for request in outposts.requests)
        return is_asked or outposts.live_orders != outposts.orders

    @property
    def _records(self) -> tuple[OrderRecord, OutpostRecord]:
        own = self._properties()
        return self.instances.ledger().read(own["OrderName"], own["OutpostIdentifier"])

    def _place_before(self) -> Response:
        event = self._event("Create", self._properties())
        self.instances.deliver(event)
        return self.instances.cloudformation.response_to(event)

    def _killed_event(self) -> Event:
        scenario, asked = self.scenario, self._properties() | dict(self.scenario.changes)
        if scenario.adopts:
            asked["AdoptOrderId"] = self._order_in_the_console()
        if self.first is None:
            return self._event(scenario.killed, asked)
        if scenario.killed == "Create":
            return self._event("Create", asked, StackId=RE_CREATED_STACK)
        held: dict[str, object] = {"PhysicalResourceId": self.first.physical_id}
        if scenario.killed == "Update":
            held["OldResourceProperties"] = self._properties()
        return self._event(scenario.killed, asked, **held)

    def _withdraw(self) -> None:
        """Delete the resource, by its ID, or by one that CloudFormation invents."""
        held = [each.physical_id for each in self.answers] or ["City_Rack_X1Y2Z3W4"]
        event = self._event("Delete", self._properties(), PhysicalResourceId=held[0])
        calls = len(self.instances.outposts.requests)
        self.instances.deliver(event, sender_is_dead=True)
        self.calls_of_deletes += len(self.instances.outposts.requests) - calls
        self.deleted = [self.instances.cloudformation.response_to(event)]

    def _order_in_the_console(self) -> str:
        wanted = self._properties()
        [item] = wanted["LineItems"]
        order = self.instances.outposts.make_order(
            outpost_id=wanted["OutpostIdentifier"],
            line_items=[item | {"Quantity": int(item["Quantity"])}],
            payment_option=wanted["PaymentOption"],
            payment_term=wanted["PaymentTerm"],
        )
        return str(order["OrderId"])

    def _event(self, request_type: str, properties: Mapping[str, Any], **more: Any) -> Event:  # noqa: ANN401
        resource = f"Rack{self.number}"
        return self.instances.cloudformation.event(
            request_type, properties, LogicalResourceId=resource, **more
        )

    def _properties(self) -> dict[str, Any]:
        own = {"OrderName": f"PO-{self.number}", "OutpostIdentifier": f"op-{self.number:017x}"}
        return {**PROPERTIES, **own}


def run(
    once: tuple[Scenario, ...] = SCENARIOS, twice: tuple[Scenario, ...] = SCENARIOS[:1]
) -> KillFigures:
    """Kill one instance at each of its points, or two, one after the other.

    Args:
        once: The scenarios with one kill.
        twice: The scenarios with each pair of kills.
    """
    figures = KillFigures()
    numbers = count()
    with Instances.started() as instances:
        for scenarios, kills in ((once, 1), (twice, 2)):
            for scenario in scenarios:
                for plan, schedule in _schedules(instances, scenario, numbers, kills):
                    figures = _with(figures, schedule, plan)
    return figures


def _schedules(
    instances: Instances,
    scenario: Scenario,
    numbers: Iterator[int],
    kills: int,
    before: tuple[Kill, ...] = (),
) -> Iterator[tuple[tuple[Kill, ...], Schedule]]:
    for kill in Kill.points():
        plan, schedule = (*before, kill), Schedule(instances, scenario, next(numbers))
        if not schedule.run(plan):
            return
        if len(plan) == kills:
            yield plan, schedule
        else:
            yield from _schedules(instances, scenario, numbers, kills, plan)


def _with(figures: KillFigures, schedule: Schedule, plan: tuple[Kill, ...]) -> KillFigures:
    outposts, outcome = schedule.instances.outposts, schedule.answers[-1]
    orders, posts = len(outposts.orders), len(outposts.posts)
    false, gave_up, is_torn = schedule.false_answers, schedule.gave_up, schedule.is_torn
    harm = (schedule.is_cancelled, schedule.calls_of_deletes > 0, schedule.late_orders > 0)
    is_fine = orders <= 1 and posts <= 1 and not (false or gave_up or is_torn or any(harm))
    name = f"{schedule.scenario.name}, killed " + ", then ".join(map(str, plan))
    return KillFigures(
        kills=figures.kills + len(plan),
        orders_at_most=max(figures.orders_at_most, orders),
        posts_at_most=max(figures.posts_at_most, posts),
        successes=figures.successes + (outcome.status == DONE),
        unknown=figures.unknown + is_unknown(outcome),
        false_answers=figures.false_answers + false,
        given_up=figures.given_up + gave_up,
        torn=figures.torn + is_torn,
        cancelled=figures.cancelled + harm[0],
        deletes_that_call=figures.deletes_that_call + harm[1],
        late_orders=figures.late_orders + harm[2],
        wrong=figures.wrong if is_fine else (*figures.wrong, name),
    )
