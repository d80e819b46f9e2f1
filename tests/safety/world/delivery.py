"""Lambda, which runs the function for an event, and the way of the answer back.

An event can be delivered more than once: as a copy at the same time or later, and again after
a crash, one minute and two minutes later, until the event is too old. The function can be
killed at its limit. The PUT of the answer can fail, which crhelper repeats, and it can hang
until crhelper's timer ends it. Left out: events that Lambda holds back because it throttles
them, and an answer that CloudFormation gets later than it was sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from outpost_order_handler import lifecycle
from outpost_order_handler.answers import Answer as HandlerAnswer
from outpost_order_handler.answers import physical_id_before
from outpost_order_handler.delivery import World as Services
from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger import Ledger
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.table import Table
from tests.safety.history import Answer, Answered, Died, Request
from tests.safety.scheduler import Crash, Process
from tests.safety.world.dynamodb import SimulatedDynamoDb
from tests.safety.world.outposts import Sight, SimulatedOutposts
from tests.safety.world.universe import FUNCTION_LIMIT, MAX_EVENT_AGE, Universe

STACK_ID = "arn:aws:cloudformation:us-west-2:111122223333:stack/{}"
PAUSES_BEFORE_A_RETRY = (60, 120)
PUT_WAYS = ("fails", "crash before", "crash after")
TIMED_OUT = "Execution timed out"

Work = Callable[[Mapping[str, Any], Services], HandlerAnswer]


def account_ledger(_: str) -> str:
    """Return the one ledger that all stacks share."""
    return "outpost-orders"


@dataclass(frozen=True)
class Design:
    """How the product is put together; a wrong design differs in one part.

    Attributes:
        attempts: How often CreateOrder is sent at most, as the client's settings say.
        table: How the ledger's table writes.
        create: How a Create is answered.
        ledger_of: The ledger of a stack.
    """

    attempts: int = 1
    table: type[SimulatedDynamoDb] = SimulatedDynamoDb
    create: Work = lifecycle.create
    ledger_of: Callable[[str], str] = account_ledger


class SimulatedClock:
    """The clock of one process; the product calls it like its own."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._pauses: list[float] = []

    def now(self) -> datetime:
        """Return the time."""
        return self._process.scheduler.now

    def remaining(self) -> float:
        """Return the seconds left, and die where Lambda would have ended the process."""
        self._process.die_in_time()
        ends_at = self._process.ends_at
        return (ends_at - self.now()).total_seconds() if ends_at else float(3600)

    def wait(self, seconds: float) -> None:
        """Let others run while time passes: more of it from the third pause of a kind on.

        To look every few seconds shows nothing new, and would make each schedule longer.
        """
        self._pauses.append(seconds)
        self._process.sleep(seconds if self._pauses[-3:] != [seconds] * 3 else 6 * seconds)


@dataclass(frozen=True)
class Function:
    """The function, with what its runs share.

    Attributes:
        universe: What it acts on.
        design: How it is put together.
        ledger_can_be_down: Whether outages are among its faults.
        put_can_hang: Whether the PUT of an answer can hang.
    """

    universe: Universe
    design: Design
    ledger_can_be_down: bool = True
    put_can_hang: bool = False

    def services(self, process: Process, stack: str, request: Request | None = None) -> Services:
        """Return what one process works with."""
        design, clock = self.design, SimulatedClock(process)
        sight = Sight(design.ledger_of(stack))
        client = design.table(
            process, self.universe, sight.ledger, can_be_down=self.ledger_can_be_down
        )

        def make_client(_timeout: float, attempts: int) -> SimulatedOutposts:
            most = design.attempts if attempts == 1 else 1
            return SimulatedOutposts(process, self.universe, sight, request, most)

        table = Table(sight.ledger, client)
        return Services(Outposts(make_client), Ledger(table, clock), clock)  # type: ignore[arg-type]

    def deliver(
        self, request: Request, process: Process, limit: timedelta = FUNCTION_LIMIT
    ) -> None:
        """Run the function for an event, again where a run dies and the event isn't too old."""
        delivered_at = process.scheduler.now
        for pause in (*PAUSES_BEFORE_A_RETRY, None):
            process.ends_at = process.scheduler.now + limit
            try:
                self._run(request, process)
            except Crash:
                process.scheduler.tell(process.name, "dies")
                self.universe.history.add(Died(request))
            else:
                return
            process.ends_at = None
            if pause is None:
                return
            process.sleep(pause)
            if process.scheduler.now - delivered_at >= MAX_EVENT_AGE:
                process.scheduler.tell(process.name, "isn't run again, its event is too old")
                return

    def _run(self, request: Request, process: Process) -> None:
        event = event_of(request)
        answer = self._answer(event, self.services(process, request.stack, request))
        more = ("hangs",) if self.put_can_hang else ()
        while (way := process.step("PUT", *more, *PUT_WAYS)) == "fails":
            process.sleep(2)
        if way == "hangs":
            self._time_out(request, event, process)
        self._arrive(request, answer)
        if way == "crash after":
            raise Crash

    def _answer(self, event: Mapping[str, Any], services: Services) -> HandlerAnswer:
        works = {"Create": self.design.create, "Update": lifecycle.update}
        try:
            return works.get(event["RequestType"], lifecycle.delete)(event, services)
        except OrderError as error:
            return HandlerAnswer.failed(physical_id_before(event), error)

    def _time_out(self, request: Request, event: Mapping[str, Any], process: Process) -> None:
        """Let crhelper's timer answer, half a second before Lambda ends the run."""
        assert process.ends_at is not None
        left = (process.ends_at - process.scheduler.now).total_seconds()
        process.sleep(max(left - 0.5, 0))
        self._arrive(request, HandlerAnswer(physical_id_before(event), reason=TIMED_OUT))
        process.sleep(0.5)

    def _arrive(self, request: Request, answered: HandlerAnswer) -> None:
        answer = Answer(answered.physical_id, answered.reason, answered.attributes)
        self.universe.history.add(Answered(request, answer))
        self.universe.answers.setdefault(request.request_id, answer)


def event_of(request: Request) -> dict[str, Any]:
    """Return the event that CloudFormation sends."""
    event = {
        "RequestType": request.kind,
        "RequestId": request.request_id,
        "ResponseURL": f"https://localhost/{request.request_id}",
        "StackId": STACK_ID.format(request.stack),
        "LogicalResourceId": request.resource,
        "ResourceProperties": dict(request.properties),
    }
    if request.kind == "Update":
        event["OldResourceProperties"] = dict(request.old_properties)
    if request.kind != "Create":
        event["PhysicalResourceId"] = request.physical_id
    return event
