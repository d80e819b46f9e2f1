"""Sudden death: an instance is killed at each of its messages, and the event comes again.

An instance is a process with the real handler. SIGKILL ends it right before or right after
its n-th message to DynamoDB, the Outposts service or CloudFormation, for every n.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from outpost_order_handler.records import UNRESOLVED, State
from tests.edge.instances import Instances, Kill
from tests.edge.surroundings import NOTHING, UNKNOWN, Event, is_true
from tests.fakes.cloudformation import Response
from tests.fakes.outposts import Fault
from tests.handler.conftest import PROPERTIES

CANCELLING = {"OnDelete": "CANCEL"}


@dataclass(frozen=True)
class Scenario:
    """What happens to an order, and which event meets the killed instances.

    Attributes:
        name: What it is called where something is wrong.
        best: What the last answer says, where it gives up nothing that can be known.
        changes: What is asked for, beside the usual.
        fault: What the service does with every CreateOrder, or None where it does as asked;
            what it does late, it does after all.
        is_there: Whether an equal order was made in the console before.
        deleting: Whether the Delete is killed, after a Create that went well.
        withdrawn: Whether the resource is deleted before the killed Create comes again.
    """

    name: str
    best: str = "SUCCESS"
    changes: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    is_there: bool = False
    deleting: bool = False
    withdrawn: bool = False


SCENARIOS = (
    Scenario("create"),
    Scenario("create, 500 and made", fault=Fault.status(500, applied=True)),
    Scenario("create, 500 and made late", UNKNOWN, fault=Fault.status(500, applied="late")),
    Scenario("create, refused", NOTHING, fault=Fault.refusal("ConflictException")),
    Scenario("adopt", changes={"ExistingOrder": "ADOPT"}, is_there=True),
    Scenario("delete", changes=CANCELLING, deleting=True),
    Scenario("create, withdrawn and kept", withdrawn=True),
    Scenario("create, withdrawn and cancelled", changes=CANCELLING, withdrawn=True),
)


@dataclass(frozen=True)
class KillFigures:
    """What the kills showed.

    Attributes:
        kills: How many instances were killed.
        orders_at_most: Orders of the schedule with the most.
        posts_at_most: CreateOrder requests of the schedule with the most.
        successes: Schedules that ended in SUCCESS.
        unknown: Schedules that ended in "outcome unknown".
        false_answers: Answers that were not true, or contradicted another one.
        given_up: Schedules that ended in less than could be known.
        submitting: Schedules that left a row SUBMITTING.
        wrong: The names of the schedules in which something of this was wrong.
    """

    kills: int = 0
    orders_at_most: int = 0
    posts_at_most: int = 0
    successes: int = 0
    unknown: int = 0
    false_answers: int = 0
    given_up: int = 0
    submitting: int = 0
    wrong: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was wrong."""
        return not self.wrong


@dataclass
class Schedule:
    """One scenario, with some kills before the event comes to an instance that lives."""

    instances: Instances
    scenario: Scenario
    number: int
    was_unresolved: bool = False
    deleted: list[Response] = field(default_factory=list)
    orders_when_deleted: int = 0

    def run(self, kills: Sequence[Kill]) -> bool:
        """Let it happen; tell whether every kill met an instance that came that far."""
        outposts, scenario = self.instances.outposts, self.scenario
        outposts.reset()
        if scenario.is_there:
            self._order_in_the_console()
        if scenario.fault:
            outposts.fail("CreateOrder", scenario.fault, times=None)
        self.event = self._event("Create")
        if scenario.deleting:
            self.instances.deliver(self.event)
            self.event = self._event("Delete", PhysicalResourceId=self.answers[0].physical_id)
        if not all(self.instances.was_killed(self.event, kill) for kill in kills):
            return False
        self.was_unresolved = self.state in UNRESOLVED
        if scenario.withdrawn:
            self._withdraw()
        self.instances.deliver(self.event, sender_is_dead=True)
        outposts.apply_late()
        return True

    @property
    def answers(self) -> list[Response]:
        """Every answer to the event that met the kills."""
        return self.instances.cloudformation.responses.get(self.event["RequestId"], [])

    @property
    def outcome(self) -> Response:
        """What the one who deploys is told in the end."""
        return [*self.answers, *self.deleted][-1]

    @property
    def state(self) -> State:
        """How far the order came, as the ledger knows it."""
        return self.instances.ledger().row(str(self._properties()["OrderName"])).state

    @property
    def gave_up(self) -> bool:
        """Whether less was told in the end than could be known."""
        could_know = bool(self.instances.outposts.orders) or not self.was_unresolved
        outcome = self.outcome
        return could_know and self.scenario.best not in f"{outcome.status} {outcome.reason}"

    @property
    def false_answers(self) -> int:
        """How many answers are not true, or contradict another one."""
        deletes = self.answers if self.scenario.deleting else self.deleted
        creates = [] if self.scenario.deleting else self.answers
        orders = self.instances.outposts.orders
        contradictions = len({(each.status, each.reason) for each in self.answers}) - 1
        false = sum(not is_true(each, orders) for each in creates)
        return contradictions + false + sum(not self._is_let_go(each) for each in deletes)

    def _is_let_go(self, deleted: Response) -> bool:
        """Tell whether a Delete that went well left nothing behind, and nothing came after it."""
        if deleted.status != "SUCCESS":
            return UNKNOWN in deleted.reason
        outposts = self.instances.outposts
        if self.scenario.changes == CANCELLING:
            return not outposts.live_orders
        return len(outposts.orders) == self.orders_when_deleted

    def _withdraw(self) -> None:
        """Delete the resource, by the id that it got or by one that CloudFormation makes up."""
        held = [each.physical_id for each in self.answers] or ["City_Rack_X1Y2Z3W4"]
        event = self._event("Delete", PhysicalResourceId=held[0])
        self.instances.deliver(event, sender_is_dead=True)
        self.deleted = [self.instances.cloudformation.response_to(event)]
        self.orders_when_deleted = len(self.instances.outposts.orders)

    def _order_in_the_console(self) -> None:
        wanted = self._properties()
        [item] = wanted["LineItems"]
        self.instances.outposts.make_order(
            outpost_id=wanted["OutpostIdentifier"],
            line_items=[item | {"Quantity": int(item["Quantity"])}],
            payment_option=wanted["PaymentOption"],
            payment_term=wanted["PaymentTerm"],
        )

    def _event(self, request_type: str, **more: str) -> Event:
        resource = f"Rack{self.number}"
        return self.instances.cloudformation.event(
            request_type, self._properties(), LogicalResourceId=resource, **more
        )

    def _properties(self) -> dict[str, Any]:
        own = {"OrderName": f"PO-{self.number}", "OutpostIdentifier": f"op-{self.number:017x}"}
        return {**PROPERTIES, **own, **self.scenario.changes}


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
    outposts, outcome = schedule.instances.outposts, schedule.outcome
    orders, posts = len(outposts.orders), len(outposts.posts)
    false, gave_up = schedule.false_answers, schedule.gave_up
    submitting = schedule.state == State.SUBMITTING
    is_fine = orders <= 1 and posts <= 1 and not (false or gave_up or submitting)
    name = f"{schedule.scenario.name}, killed " + ", then ".join(map(str, plan))
    return KillFigures(
        kills=figures.kills + len(plan),
        orders_at_most=max(figures.orders_at_most, orders),
        posts_at_most=max(figures.posts_at_most, posts),
        successes=figures.successes + (outcome.status == "SUCCESS"),
        unknown=figures.unknown + (UNKNOWN in outcome.reason),
        false_answers=figures.false_answers + false,
        given_up=figures.given_up + gave_up,
        submitting=figures.submitting + submitting,
        wrong=figures.wrong if is_fine else (*figures.wrong, name),
    )
