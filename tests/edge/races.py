"""Races: many requests at once, on a DynamoDB whose writes are atomic.

Threads share a process, each with services of its own, and some rounds use processes with
the real entry. The service is a little slow, so that they meet at the critical steps.
"""

import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from secrets import token_hex

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler import contract
from outpost_order_handler.ledger.table import VersionConflict
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.edge.behaviours import behaving, behaviours
from tests.edge.instances import Instances
from tests.edge.pauses import SENDER_IS_DEAD
from tests.edge.surroundings import NOTHING, Event, Function, Orders, contradictions, is_true
from tests.edge.threads import at_once, deliver, ledger
from tests.fakes.cloudformation import FakeCloudFormation, Response
from tests.fakes.dynamodb import create_table
from tests.handler.conftest import LEDGER, OUTPOST_ID, PROPERTIES

COPIES = 8
NEIGHBOURS = 5  # each waits for all that were faster
WRITERS = 16
SLOW = Fault.slow(0.05)
BEHAVIOURS = tuple(behaviours().values())
LATENESS = {"Create": 0.1, "Delete": 0.3}  # seconds, at most, in a race of both
HASTE = 400  # with it, who waits for a sender whose outcome is unknown gives up in half a second
DONE = "SUCCESS"
STEP = 11  # behaviours from round to round
# The failures of an order that no template names in `in_addition_to`.
IN_THE_WAY = re.compile(r"\((IdenticalOrderExists|OutpostBusy)\)")

Race = Callable[[Function, int], "RaceFigures"]


@dataclass(frozen=True)
class RaceFigures:
    """The result of the races.

    Attributes:
        rounds: How many races were run.
        overlaps: Races of copies in which more than one searched for orders.
        orders_at_most: Orders of the name with the most.
        posts_at_most: CreateOrder requests of the name with the most.
        false_answers: Answers that were not true, or contradicted another one.
        given_up: Answers that say less than can be known, or refuse without a reason.
        unrefused: Identical orders that weren't refused, although no template names the other.
        cancelled: Orders that were cancelled, or should be, and Deletes that failed.
        draws: Rounds of writers that had no winner, or more than one.
    """

    rounds: int = 0
    overlaps: int = 0
    orders_at_most: int = 0
    posts_at_most: int = 0
    false_answers: int = 0
    given_up: int = 0
    unrefused: int = 0
    cancelled: int = 0
    draws: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing was wrong."""
        twice = max(self.orders_at_most, self.posts_at_most) > 1
        is_wrong = self.false_answers or self.given_up
        wrong = is_wrong or self.unrefused or self.cancelled or self.draws
        return self.overlaps > 0 and not twice and not wrong

    def __add__(self, other: "RaceFigures") -> "RaceFigures":
        return RaceFigures(
            rounds=self.rounds + other.rounds,
            overlaps=self.overlaps + other.overlaps,
            orders_at_most=max(self.orders_at_most, other.orders_at_most),
            posts_at_most=max(self.posts_at_most, other.posts_at_most),
            false_answers=self.false_answers + other.false_answers,
            given_up=self.given_up + other.given_up,
            unrefused=self.unrefused + other.unrefused,
            cancelled=self.cancelled + other.cancelled,
            draws=self.draws + other.draws,
        )


def run(rounds: int = 50) -> RaceFigures:
    """Run so many rounds of each race, more of a quick one, and a tenth with processes."""
    figures = RaceFigures()
    races: list[Race] = [_copies, _identical_orders, _rivals, _writers, *[_create_and_delete] * 5]
    with (
        EmbeddedAws(outposts_url="http://127.0.0.1:9") as aws,
        Function.started(aws.client("dynamodb"), in_real_time=True) as function,
    ):
        create_table(function.dynamodb, LEDGER, contract.LEDGER_KEY)
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
    """Deliver copies of one Create at once."""
    event = _event(function.cloudformation, "Create", f"copies-{number}")
    answers = at_once([partial(deliver, event)] * COPIES)
    return _judged(answers, function.outposts)


def _instances(instances: Instances, number: int) -> RaceFigures:
    """Deliver copies of one Create at once, each to its own process."""
    event = _event(instances.cloudformation, "Create", f"copies-{number}")
    instances.deliver(event, copies=COPIES)
    return _judged(instances.cloudformation.responses[event["RequestId"]], instances.outposts)


def _identical_orders(function: Function, number: int) -> RaceFigures:
    """Order the same content at once; of each two orders, one names the other."""
    names = [f"neighbour-{number}-{each}" for each in range(NEIGHBOURS)]
    answers, own = _side_by_side(function, number, names, beside=True)
    orders, posts = len(function.outposts.orders), len(function.outposts.posts)
    return RaceFigures(
        rounds=1,
        orders_at_most=1 + orders - len(names),
        posts_at_most=1 + posts - len(names),
        false_answers=_false_or_shared(answers, own),
        given_up=sum(answer.status != DONE for answer in answers),
    )


def _rivals(function: Function, number: int) -> RaceFigures:
    """Order the same content at once; no order names another one."""
    names = [f"rival-{number}-{each}" for each in range(NEIGHBOURS)]
    answers, own = _side_by_side(function, number, names, beside=False)
    refused = [each for each in answers if each.status != DONE]
    return RaceFigures(
        rounds=1,
        orders_at_most=len(function.outposts.orders),
        posts_at_most=len(function.outposts.posts),
        false_answers=_false_or_shared(answers, own),
        given_up=int(len(refused) == len(names))
        + sum(not (NOTHING in each.reason and IN_THE_WAY.search(each.reason)) for each in refused),
        unrefused=max(len(names) - len(refused) - 1, 0),
    )


def _side_by_side(
    function: Function, number: int, names: Sequence[str], *, beside: bool
) -> tuple[list[Response], list[Orders]]:
    """Order the same content at once for one Outpost; return each order's answers and orders.

    Args:
        function: The function.
        number: The number of the round.
        names: The order names.
        beside: Whether each order names those before it.
    """
    outpost_id = f"op-{number:017x}"
    events = [
        _event(
            function.cloudformation,
            "Create",
            name,
            OutpostIdentifier=outpost_id,
            **{"InAdditionTo": list(names[:each])} if beside and each else {},
        )
        for each, name in enumerate(names)
    ]
    answers = at_once([partial(deliver, event) for event in events])
    ids = [ledger().record(name).order_id for name in names]
    orders = function.outposts.orders
    return answers, [[each for each in orders if each["OrderId"] == id_] for id_ in ids]


def _false_or_shared(answers: Sequence[Response], own: Sequence[Orders]) -> int:
    """Count the answers that are not true of the name's own order, or give one to two names."""
    ids = [order["OrderId"] for orders in own for order in orders]
    false = sum(not is_true(*each) for each in zip(answers, own, strict=True))
    return false + len(ids) - len(set(ids))


def _create_and_delete(function: Function, number: int) -> RaceFigures:
    """Deliver a Delete at about the same time as copies of its Create, then a last copy."""
    outposts, name = function.outposts, f"brief-{number}"
    # In steps, so that some rounds too show different ones.
    behaviour = BEHAVIOURS[number * STEP % len(BEHAVIOURS)]
    outposts.list_lag = random.randrange(3)  # noqa: S311 - no secret
    create = _event(function.cloudformation, "Create", name)
    with behaving(function, "CreateOrder", behaviour):
        *created, deleted = at_once(
            [*[partial(_deliver_late, create)] * 3, partial(_deleted_late, function, create)]
        )
    outposts.apply_late()
    outposts.list_every_order()
    with function.patch.context() as patch:
        for constant, value in SENDER_IS_DEAD.items():
            patch.setattr(constant, value)
        created.append(deliver(create))
    return replace(
        _judged(created, outposts),
        overlaps=0,
        given_up=int(bool(outposts.orders) and created[-1].status != DONE),
        cancelled=_cancelled(outposts) + (deleted.status != DONE),
    )


def _writers(*_: object) -> RaceFigures:
    """Let writers replace the same version of the same two records."""
    table = ledger()
    order, outpost = table.read("race", OUTPOST_ID)

    def write(writer: str) -> str:
        by_it = {"Writer": writer}
        try:
            table.write(replace(order, unknown=by_it), replace(outpost, unknown=by_it))
        except VersionConflict:
            return ""
        return writer

    writers = [str(each) for each in range(WRITERS)]
    winners = [name for name in at_once([partial(write, writer) for writer in writers]) if name]
    stands = [record.unknown.get("Writer") for record in table.read("race", OUTPOST_ID)]
    return RaceFigures(rounds=1, draws=int(stands != winners * 2))


def _judged(answers: Sequence[Response], outposts: FakeOutposts) -> RaceFigures:
    """Judge the answers to copies of one Create."""
    lists = [request for request in outposts.requests if request.operation == "ListOrders"]
    false = sum(not is_true(each, outposts.orders) for each in answers)
    return RaceFigures(
        rounds=1,
        overlaps=int(len(lists) > 1),
        orders_at_most=len(outposts.orders),
        posts_at_most=len(outposts.posts),
        false_answers=contradictions(answers) + false,
        given_up=sum(each.status != DONE for each in answers),
        cancelled=_cancelled(outposts),
    )


def _cancelled(outposts: FakeOutposts) -> int:
    asked = [request for request in outposts.requests if request.operation == "CancelOrder"]
    return len(asked) + len(outposts.orders) - len(outposts.live_orders)


def _deliver_late(event: Event) -> Response:
    _come_late(event)
    return deliver(event, HASTE)


def _deleted_late(function: Function, create: Event) -> Response:
    """Delete the resource of a Create: from then on, CloudFormation doesn't create it."""
    delete = create | {"RequestType": "Delete"}
    _come_late(delete)
    held = "City_Rack_X1Y2Z3W4"
    return deliver(
        function.cloudformation.event(
            "Delete",
            create["ResourceProperties"],
            LogicalResourceId=create["LogicalResourceId"],
            PhysicalResourceId=held,
        )
    )


def _come_late(event: Event) -> None:
    time.sleep(random.uniform(0, LATENESS[event["RequestType"]]))  # noqa: S311 - no secret


def _event(
    cloudformation: FakeCloudFormation, request_type: str, name: str, **changes: object
) -> Event:
    """Return an event of an order of this name, by default for its own Outpost."""
    own = {"OrderName": name, "OutpostIdentifier": f"op-{token_hex(9)[:17]}"}
    properties = PROPERTIES | own | changes
    return cloudformation.event(request_type, properties, LogicalResourceId=name)
