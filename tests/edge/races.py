"""Races: many at once, on a DynamoDB whose writes are atomic.

Threads share a process, each with a world of its own, and some rounds use processes with
the real entry. The service is a little slow, so that they meet where it matters.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from secrets import token_hex

from outpost_order_handler.table import Lost, Table
from tests.edge.behaviours import Known, behaving, behaviours
from tests.edge.instances import Instances, create_ledger
from tests.edge.surroundings import UNKNOWN, Event, Function, is_true
from tests.edge.threads import at_once, told, world
from tests.fakes.cloudformation import FakeCloudFormation, Response
from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import LEDGER, PROPERTIES
from tests.rehearsal.embedded_aws import EmbeddedAws

COPIES = 8
WRITERS = 16
SLOW = Fault.slow(0.05)
BEHAVIOURS = tuple(behaviours().values())
LATENESS = {"Create": 0.1, "Delete": 0.3}  # seconds, at most, in a race of both
PATIENCE = "outpost_order_handler.placement.PATIENCE_WITH_NEIGHBOURS"
DOUBT = (UNKNOWN, "may or may not be", "it is not known whether")

Race = Callable[[Function, int], "RaceFigures"]


@dataclass(frozen=True)
class RaceFigures:
    """What the races showed.

    Attributes:
        rounds: How many races were run.
        overlaps: Races of copies in which more than one came as far as to look for orders.
        orders_at_most: Orders of the name with the most.
        posts_at_most: CreateOrder requests of the name with the most.
        false_answers: Answers that were not true, or contradicted another one.
        given_up: Answers that were no success where nothing was in the way.
        standing: Orders that stood after their Delete had gone well.
        draws: Rounds of writers that had no winner, or more than one.
    """

    rounds: int = 0
    overlaps: int = 0
    orders_at_most: int = 0
    posts_at_most: int = 0
    false_answers: int = 0
    given_up: int = 0
    standing: int = 0
    draws: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing was wrong."""
        twice = max(self.orders_at_most, self.posts_at_most) > 1
        wrong = self.false_answers or self.given_up or self.standing or self.draws
        return self.overlaps > 0 and not twice and not wrong

    def __add__(self, other: "RaceFigures") -> "RaceFigures":
        return RaceFigures(
            rounds=self.rounds + other.rounds,
            overlaps=self.overlaps + other.overlaps,
            orders_at_most=max(self.orders_at_most, other.orders_at_most),
            posts_at_most=max(self.posts_at_most, other.posts_at_most),
            false_answers=self.false_answers + other.false_answers,
            given_up=self.given_up + other.given_up,
            standing=self.standing + other.standing,
            draws=self.draws + other.draws,
        )


def run(rounds: int = 50) -> RaceFigures:
    """Run so many rounds of each race, more of a quick one, and a tenth with processes."""
    figures = RaceFigures()
    races: list[Race] = [_copies, _neighbours, _writers, *[_create_and_delete] * 5]
    with (
        EmbeddedAws(outposts_url="http://127.0.0.1:9") as aws,
        Function.started(aws.client("dynamodb")) as function,
    ):
        create_ledger(function.dynamodb)
        for number, race in enumerate(races * rounds):
            function.outposts.reset()
            function.outposts.fail("CreateOrder", SLOW, times=None)
            figures += race(function, number)
    with Instances.started() as instances:
        for number in range(-(-rounds // 10)):
            instances.outposts.reset()
            instances.outposts.fail("CreateOrder", SLOW, times=None)
            figures += _instances(instances, number)
    return figures


def _copies(function: Function, number: int) -> RaceFigures:
    """Let copies of one Create come at once."""
    event = _event(function.cloudformation, "Create", f"copies-{number}")
    answers = at_once([partial(told, event)] * COPIES)
    return _judged(answers, function.outposts)


def _instances(instances: Instances, number: int) -> RaceFigures:
    """Let copies of one Create come at once, each to a process of its own."""
    event = _event(instances.cloudformation, "Create", f"copies-{number}")
    instances.deliver(event, copies=COPIES)
    return _judged(instances.cloudformation.responses[event["RequestId"]], instances.outposts)


def _neighbours(function: Function, number: int) -> RaceFigures:
    """Let orders of equal content and other names come at once, for one Outpost."""
    outpost_id = f"op-{number:017x}"
    names = [f"neighbour-{number}-{each}" for each in range(COPIES)]
    events = [_event(function.cloudformation, "Create", name, outpost_id) for name in names]
    answers = at_once([partial(told, event) for event in events])
    ledger, orders = world().ledger, function.outposts.orders
    placed = [ledger.row(name).order_id for name in names]
    return RaceFigures(
        rounds=1,
        orders_at_most=1 + len(orders) - len(set(placed)),
        posts_at_most=1 + len(function.outposts.posts) - len(names),
        false_answers=sum(
            not is_true(answer, orders) or answer.physical_id != order_id
            for answer, order_id in zip(answers, placed, strict=True)
        ),
        given_up=sum(answer.status != "SUCCESS" for answer in answers),
    )


def _create_and_delete(function: Function, number: int) -> RaceFigures:
    """Let a Delete come at about the same time as copies of its Create, then a last Delete."""
    outposts, name = function.outposts, f"brief-{number}"
    behaviour = BEHAVIOURS[number % len(BEHAVIOURS)]
    outposts.list_lag = random.randrange(3)  # noqa: S311 - no secret
    create = _event(function.cloudformation, "Create", name)
    deletes = [
        _event(function.cloudformation, "Delete", name, PhysicalResourceId="City_Rack_X1Y2Z3W4")
        for _ in range(2)
    ]
    events = [*[create] * 3, deletes[0]]
    with behaving(function, "CreateOrder", behaviour), function.patch.context() as patch:
        patch.setattr(PATIENCE, 0.5)
        *created, deleted = at_once([partial(_told_late, event) for event in events])
    outposts.apply_late()
    figures = _judged(created, outposts)
    standing = _standing_after(deleted, outposts)
    end = told(deletes[1])
    could_end = behaviour.known != Known.NOT_KNOWN or bool(outposts.orders)
    return replace(
        figures,
        overlaps=0,
        false_answers=figures.false_answers + sum(not _is_honest(e) for e in (deleted, end)),
        given_up=int(end.status != "SUCCESS" and could_end),
        standing=standing + _standing_after(end, outposts),
    )


def _writers(*_: object) -> RaceFigures:
    """Let writers replace the same version of the same two items."""
    table = Table(LEDGER)
    items = [table.read(f"race#{each}") for each in "ab"]

    def write(writer: str) -> str:
        try:
            table.write(*(replace(item, attributes={"Writer": writer}) for item in items))
        except Lost:
            return ""
        return writer

    writers = [str(each) for each in range(WRITERS)]
    winners = [name for name in at_once([partial(write, writer) for writer in writers]) if name]
    stands = [table.read(item.key).attributes.get("Writer") for item in items]
    return RaceFigures(rounds=1, draws=int(stands != winners * 2))


def _judged(answers: Sequence[Response], outposts: FakeOutposts) -> RaceFigures:
    """Judge the answers to copies of one Create."""
    lists = [request for request in outposts.requests if request.operation == "ListOrders"]
    contradictions = len({(each.status, each.reason, each.physical_id) for each in answers}) - 1
    return RaceFigures(
        rounds=1,
        overlaps=int(len(lists) > 1),
        orders_at_most=len(outposts.orders),
        posts_at_most=len(outposts.posts),
        false_answers=contradictions + sum(not is_true(each, outposts.orders) for each in answers),
        given_up=sum(each.status != "SUCCESS" for each in answers),
    )


def _standing_after(deleted: Response, outposts: FakeOutposts) -> int:
    return len(outposts.live_orders) if deleted.status == "SUCCESS" else 0


def _is_honest(deleted: Response) -> bool:
    return deleted.status == "SUCCESS" or any(word in deleted.reason for word in DOUBT)


def _told_late(event: Event) -> Response:
    time.sleep(random.uniform(0, LATENESS[event["RequestType"]]))  # noqa: S311 - no secret
    return told(event)


def _event(
    cloudformation: FakeCloudFormation,
    request_type: str,
    name: str,
    outpost_id: str = "",
    **more: str,
) -> Event:
    """Make an event of an order of this name, by default for an Outpost of its own."""
    own = {"OrderName": name, "OutpostIdentifier": outpost_id or f"op-{token_hex(9)[:17]}"}
    properties = PROPERTIES | own | {"OnDelete": "CANCEL"}
    return cloudformation.event(request_type, properties, LogicalResourceId=name, **more)
