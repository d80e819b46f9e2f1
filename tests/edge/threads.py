"""Many at once in this process: each thread works in a world of its own, on one ledger."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from outpost_order_handler import lifecycle
from outpost_order_handler.answers import Answer, physical_id_before
from outpost_order_handler.clock import Clock
from outpost_order_handler.delivery import World
from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger import Ledger
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.table import Table
from tests.edge.surroundings import Event
from tests.fakes.cloudformation import Response
from tests.handler.conftest import LEDGER

CLOCK = Clock(lambda: 240_000)
WORK = {"Create": lifecycle.create, "Delete": lifecycle.delete}

T = TypeVar("T")


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """Let works begin at the same moment, each in a thread, and return what they return."""
    start = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def told(event: Event) -> Response:
    """Work on an event as the entry does, whose crhelper is one for all; return what is told."""
    try:
        answer = WORK[event["RequestType"]](event, world())
    except OrderError as error:
        answer = Answer(physical_id_before(event), reason=str(error))
    status = "FAILED" if answer.reason else "SUCCESS"
    return Response(status, answer.reason, answer.physical_id, dict(answer.attributes), 0)


def world() -> World:
    """Make everything anew, as for each event."""
    return World(Outposts(), Ledger(Table(LEDGER), CLOCK), CLOCK)
