"""Many at once in this process: each thread works with services of its own, on one ledger."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from outpost_order_handler.clock import Clock
from outpost_order_handler.cloudformation import answers, event
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import Services
from outpost_order_handler.stacks import Stacks
from tests.edge.pauses import WAITS
from tests.edge.surroundings import Event
from tests.fakes.cloudformation import Response
from tests.handler.conftest import LEDGER, LIMIT

T = TypeVar("T")


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """Let works begin at the same moment, each in a thread, and return what they return."""
    start = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def deliver(given: Event, haste: float = 1) -> Response:
    """Work on an event as the entry does, whose crhelper is one for all; return the answer.

    Args:
        given: The event.
        haste: How many seconds of the function's time each second takes that it waits; what it
            does takes none, however slow this machine is.
    """
    answer = answers.answer(event.Event(given), _services(haste))
    status = "FAILED" if answer.reason else "SUCCESS"
    return Response(status, answer.reason, answer.physical_id, dict(answer.attributes), 0)


def ledger() -> Ledger:
    """Give the ledger, to be looked at."""
    return Ledger(LEDGER)


def _services(haste: float) -> Services:
    began = WAITS.seconds

    def remaining() -> int:
        return int(1000 * (LIMIT - haste * (WAITS.seconds - began)))

    return Services(ledger(), Outposts(), Stacks(), Clock(remaining))
