"""Lambda, which runs the function for an event, and the way of the answer back.

An event can be delivered more than once: as a copy at the same time, or as a later one. After
a crash, Lambda delivers it again after one minute and after two, until the event is too old.
The function can be killed at its limit. The host of the answer can be out of reach. The PUT
of the answer can fail, and is then repeated once. It can also hang, received or not: then
Lambda runs the event again. Left out: events that Lambda throttles, and an answer that
CloudFormation gets late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from outpost_order_handler.clock import Clock
from outpost_order_handler.cloudformation import answers
from outpost_order_handler.cloudformation.answers import Answer as HandlerAnswer
from outpost_order_handler.cloudformation.event import Event
from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import Services
from outpost_order_handler.stacks import Stacks
from tests.safety.history import Answer, Answered, Died, Raised, Request
from tests.safety.scheduler import Crash, Process
from tests.safety.world.cloudformation import SimulatedCloudFormation
from tests.safety.world.dynamodb import THROTTLED, SimulatedDynamoDb
from tests.safety.world.outposts import Sight, SimulatedOutposts
from tests.safety.world.universe import FUNCTION_LIMIT, MAX_EVENT_AGE, Universe

STACK_ID = "arn:aws:cloudformation:us-west-2:111122223333:stack/{}"
PAUSES_BEFORE_A_RETRY = (60, 120)
PUT_WAYS = ("fails", "crash before", "crash after")
HANGING = ("hangs", "is taken and hangs")
TIME_OF_A_HANGING_PUT = 12  # seconds, for two tries

Work = Callable[[Event, Services, Callable[[], None]], HandlerAnswer]


def account_ledger(_: str) -> str:
    """Return the one ledger that all stacks share."""
    return "outpost-orders"


@dataclass(frozen=True)
class Design:
    """The parts of the product; a wrong design differs in one of them.

    Attributes:
        attempts: How often CreateOrder is sent at most, as the client's settings say.
        table: How the ledger's table writes.
        answer: How a Create or an Update is answered.
        delete: How a Delete is answered.
        ledger_of: The ledger of a stack.
    """

    attempts: int = 1
    table: type[SimulatedDynamoDb] = SimulatedDynamoDb
    answer: Work = answers.answer
    delete: Callable[[Event, Services], HandlerAnswer] = lambda event, _: answers.answer_delete(
        event
    )
    ledger_of: Callable[[str], str] = account_ledger


class SimulatedClock(Clock):
    """The clock of one process; the product calls it like its own."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._pauses: list[float] = []
        super().__init__(lambda: 0)  # `remaining` is its own

    def now(self) -> datetime:
        """Return the time, as the clock of this process shows it."""
        return self._process.scheduler.now + self._process.clock_error

    def remaining(self) -> float:
        """Return the seconds left, and die where Lambda would have ended the process."""
        self._process.die_in_time()
        ends_at = self._process.ends_at
        now = self._process.scheduler.now
        return (ends_at - now).total_seconds() if ends_at else float(3600)

    def wait(self, seconds: float) -> None:
        """Let others run while time passes: more of it from the third pause of a kind on.

        A read every few seconds shows nothing new, and would make each schedule longer.
        """
        self._pauses.append(seconds)
        self._process.sleep(seconds if self._pauses[-3:] != [seconds] * 3 else 6 * seconds)


@dataclass(frozen=True)
class Function:
    """The function, with the parts that its runs share.

    Attributes:
        universe: The universe that it acts on.
        design: Its parts.
        ledger_can_be_down: Whether outages are among its faults.
        put_can_hang: Whether the PUT of an answer can hang.
        can_be_throttled: Whether AWS throttles requests.
    """

    universe: Universe
    design: Design
    ledger_can_be_down: bool = True
    put_can_hang: bool = False
    can_be_throttled: bool = False

    def services(self, process: Process, stack: str, request: Request | None = None) -> Services:
        """Return the services of one process."""
        design, clock, more = self.design, SimulatedClock(process), self._more
        name = stack.partition("/")[0]
        sight = Sight(self.universe.ledgers.get(name) or design.ledger_of(stack))
        client = design.table(
            process, self.universe, sight.ledger, can_be_down=self.ledger_can_be_down
        )

        def make_client(_timeout: float, attempts: int) -> SimulatedOutposts:
            most = design.attempts if attempts == 1 else 1
            return SimulatedOutposts(process, self.universe, sight, request, most, more=more)

        stacks = Stacks(SimulatedCloudFormation(process, self.universe, sight, more))
        return Services(Ledger(sight.ledger, client), Outposts(make_client), stacks, clock)

    def account(self, process: Process) -> SimulatedOutposts:
        """Return the client of an operator's own role."""
        return SimulatedOutposts(process, self.universe, Sight(""), None, 1, more=self._more)

    @property
    def _more(self) -> tuple[str, ...]:
        return (THROTTLED,) if self.can_be_throttled else ()

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
        try:
            answer = self._answer(_event(request), request, process)
        except Exception as error:
            self.universe.history.add(Raised(request, repr(error)))
            raise Crash from error
        more = HANGING if self.put_can_hang else ()
        for _ in range(2):
            way = process.step("PUT", *more, *PUT_WAYS)
            if way != "fails":
                break
        if way in HANGING:
            process.sleep(TIME_OF_A_HANGING_PUT)
        if way not in ("fails", "hangs"):
            self._arrive(request, answer, process)
        if way in (*HANGING, "fails", "crash after"):
            raise Crash

    def _answer(self, event: Event, request: Request, process: Process) -> HandlerAnswer:
        services = self.services(process, request.stack, request)
        if request.kind == "Delete":
            return self.design.delete(event, services)

        def require_reachable() -> None:
            if process.step("HEAD", "fails") == "fails":
                raise OrderError("NoAnswerPossible")

        return self.design.answer(event, services, require_reachable)

    def _arrive(self, request: Request, answered: HandlerAnswer, process: Process) -> None:
        answer = Answer(answered.physical_id, answered.reason, answered.attributes)
        said = answer.reason or f"SUCCESS {answer.physical_id}"
        process.scheduler.tell(process.name, f"answers {said}")
        self.universe.history.add(Answered(request, answer))
        self.universe.answers.setdefault(request.request_id, answer)


@lru_cache(maxsize=4096)
def _event(request: Request) -> Event:
    return Event(event_of(request))


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
