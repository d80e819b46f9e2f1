"""The next process, and the result of each I/O: a schedule is a list of choices.

The scheduler knows processes, time and faults, and no order.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from greenlet import getcurrent, greenlet

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
WORKS, CRASH_BEFORE = "works", "crash before"


class Crash(BaseException):
    """The process dies here; no handler of ours can catch it."""


class Choices:
    """Answers each question with the next choice of a prefix, then always with the first way."""

    def __init__(self, prefix: Sequence[int] = ()) -> None:
        self._prefix = prefix
        self.taken: list[int] = []
        self.ways: list[int] = []

    def choose(self, ways: int) -> int:
        """Choose one of so many ways; the first is that nothing goes wrong."""
        if ways == 1:
            return 0
        position = len(self.taken)
        choice = self._prefix[position] if position < len(self._prefix) else 0
        self.taken.append(choice)
        self.ways.append(ways)
        return choice

    def event(
        self,
        process: "Process",  # noqa: ARG002 - other choices depend on it
        faults: Sequence[str],
        switches: Sequence["Process"],
    ) -> int:
        """Choose nothing, a fault of an I/O, or a process that runs first: 0, 1, 2, and so on."""
        return self.choose(1 + len(faults) + len(switches))

    def next_prefix(self) -> list[int] | None:
        """Return the prefix of the next schedule in depth-first order, or nothing at the end."""
        for position in range(len(self.taken) - 1, -1, -1):
            if self.taken[position] + 1 < self.ways[position]:
                return [*self.taken[:position], self.taken[position] + 1]
        return None


class Dice(Choices):
    """Throws for each choice: now and then something happens."""

    _RARELY = 0.12

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)  # noqa: S311 (nothing is kept secret)
        self._thrown: list[int] = []

    def choose(self, ways: int) -> int:
        """Choose one of so many ways; the first is the likeliest by far."""
        if ways == 1:
            return 0
        position = len(self.taken)
        choice = self.throw(ways) if position == len(self._thrown) else self._thrown[position]
        self.taken.append(choice)
        self.ways.append(ways)
        return choice

    def throw(self, ways: int) -> int:
        """Throw for the next choice in advance."""
        choice = 0 if self._random.random() > self._RARELY else self._random.randrange(1, ways)
        self._thrown.append(choice)
        return choice


@dataclass(frozen=True)
class Bound:
    """The bound of a schedule: faults, preemptions, and both together."""

    faults: int
    preemptions: int
    together: int


@dataclass(eq=False)
class Process:
    """Something that runs from one I/O to the next.

    Attributes:
        name: Its name in a story.
        scheduler: Decides how its I/O goes, and who runs next.
        is_faulty: Whether its I/O can fail.
        ends_at: When it is killed from outside, if it still runs.
        wakes_at: When it goes on.
        condition: The condition to go on earlier.
        question: The I/O that it is about to do, with the ways that it can go wrong.
        is_done: Whether it has ended.
        is_rested: Whether it has done nothing since it began or slept.
        action: The number of the action that began it, if actions are numbered.
        number: Its number among the processes of this action.
        clock_error: By how much its clock is fast.
    """

    name: str
    scheduler: "Scheduler"
    is_faulty: bool
    wakes_at: datetime
    ends_at: datetime | None = None
    condition: Callable[[], bool] | None = None
    question: tuple[str, tuple[str, ...]] | None = None
    is_done: bool = False
    is_rested: bool = True
    action: int = 0
    number: int = 0
    clock_error: timedelta = timedelta()

    def begin(self, work: Callable[[], None]) -> None:
        """Take what it does; the first I/O is yet to come."""
        self.greenlet = greenlet(work, parent=self.scheduler.greenlet)

    def step(self, kind: str, *ways: str) -> str:
        """Return how an I/O goes, as the scheduler decides, or die before it.

        To die before an I/O is the same as to die after the one before, so that only a process
        that has rested is asked.
        """
        self.die_in_time()
        if not self.is_rested:
            ways = tuple(way for way in ways if way != CRASH_BEFORE)
        self.is_rested = False
        self.question = (kind, ways if self.is_faulty else ())
        way = self.scheduler.decide(self) or self.greenlet.parent.switch()
        if way == CRASH_BEFORE:
            raise Crash
        return way

    def sleep(self, seconds: float) -> None:
        """Let others run while time passes."""
        self.wait(None, seconds)

    def wait(self, condition: Callable[[], bool] | None, seconds: float) -> None:
        """Let others run until the condition holds, or for so many seconds."""
        self.condition = condition
        self.wakes_at = self.scheduler.now + timedelta(seconds=seconds)
        self.greenlet.parent.switch()
        self.condition = None
        self.wakes_at = self.scheduler.now
        self.is_rested = True
        self.die_in_time()

    def die_in_time(self) -> None:
        """Die if the time of this process has ended."""
        if self.ends_at is not None and self.scheduler.now >= self.ends_at:
            raise Crash

    @property
    def is_awake(self) -> bool:
        """Whether it can go on now."""
        if self.is_done:
            return False
        if self.wakes_at <= self.scheduler.now:
            return True
        return self.condition is not None and self.condition()


@dataclass
class Scheduler:
    """Runs processes side by side, each from one I/O to the next.

    Attributes:
        choices: The choices.
        bound: How many faults and preemptions are possible.
        now: The time. It passes only while every process sleeps.
        log: The story: time, process, and action.
        faults: How many faults there were.
        preemptions: How many preemptions there were.
    """

    choices: Choices
    bound: Bound
    now: datetime = START
    log: list[tuple[datetime, str, str]] = field(default_factory=list)
    faults: int = 0
    preemptions: int = 0

    def __post_init__(self) -> None:
        self.greenlet = getcurrent()
        self._processes: list[Process] = []
        self._last: Process | None = None
        self._turn: Process | None = None
        self._begun: Counter[int] = Counter()

    @property
    def is_idle(self) -> bool:
        """Whether every process has ended."""
        return all(process.is_done for process in self._processes)

    @property
    def possible_events(self) -> tuple[bool, bool]:
        """Whether one more fault, and one more preemption, is possible."""
        bound, more = self.bound, self.faults + self.preemptions < self.bound.together
        return more and self.faults < bound.faults, more and self.preemptions < bound.preemptions

    @property
    def current(self) -> Process | None:
        """The process that runs now; nothing outside of all processes."""
        last = self._last
        return last if last is not None and getcurrent() is last.greenlet else None

    def branch(self) -> "Scheduler":
        """Return a copy with the time, the log, and the counts of this moment."""
        return replace(self, log=self.log[:])

    def spawn(
        self, name: str, work: Callable[[], None], *, is_faulty: bool = True, after: float = 0
    ) -> Process:
        """Start a process, now or some seconds later."""
        process = Process(name, self, is_faulty, self.now + timedelta(seconds=after))
        current = self.current
        if current is not None and current.action:
            process.action = current.action
            self._begun[current.action] += 1
            process.number = self._begun[current.action]
        process.begin(work)
        self._processes.append(process)
        return process

    def run(self, *until: Process) -> None:
        """Run everything until some processes have ended; by default all of them."""
        while not all(process.is_done for process in until or self._processes):
            self._last = self._advance(self._last or self._processes[0])
        self._processes = [process for process in self._processes if not process.is_done]
        if not self._processes:
            self._last = self._turn = None

    def pass_time(self, seconds: float) -> None:
        """Let time pass in which nothing but what is under way happens."""
        clock = self.spawn("time", lambda: None, after=seconds)
        self.run(clock)

    def tell(self, who: str, what: str) -> None:
        """Note what happened, for a story."""
        self.log.append((self.now, who, what))

    def decide(self, process: Process) -> str | None:
        """Return how an I/O goes that is about to be done, or nothing: another process is first."""
        assert process.question is not None
        kind, ways = process.question
        can_fail, can_switch = self.possible_events
        faults = ways if can_fail else ()
        switches = []
        if can_switch:
            switches = [other for other in self._processes if other is not process]
            switches = [other for other in switches if other.is_awake]
        choice = self.choices.event(process, faults, switches)
        if choice > len(faults):
            self.preemptions += 1
            self._turn = switches[choice - len(faults) - 1]
            self.tell(process.name, f"waits before {kind}: {self._turn.name} runs first")
            return None
        way = WORKS
        if choice:
            self.faults += 1
            way = faults[choice - 1]
        self.tell(process.name, kind if way == WORKS else f"{kind}: {way}")
        process.question = None
        return way

    def _advance(self, process: Process) -> Process:
        """Let a process run until it sleeps, ends or is preempted, and return whose turn it is."""
        if process.is_done or not process.is_awake:
            return self._next(process)
        self._turn = process
        if process.question is None:
            self._switch(process)
        elif way := self.decide(process):
            self._switch(process, way)
        return self._turn

    def _switch(self, process: Process, *answer: str) -> None:
        self._last = process
        try:
            process.greenlet.switch(*answer)
        except Crash:
            self.tell(process.name, "dies")
        process.is_done = process.greenlet.dead

    def _next(self, process: Process) -> Process:
        alive = [other for other in self._processes if not other.is_done]
        if not alive:
            return process
        after = self._processes.index(process) + 1 if process in self._processes else 0
        turn = [*self._processes[after:], *self._processes[:after]]
        awake = [other for other in turn if other.is_awake]
        if not awake:
            self.now = min(other.wakes_at for other in alive)
            awake = [other for other in turn if other.is_awake]
        return awake[0]
