"""One schedule: who runs when, and how each I/O goes, told by a list of choices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from greenlet import getcurrent, greenlet

from tests.safety.simulation import Crash, Process, Universe

WORKS = "works"


class Chooser:
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

    def next_prefix(self) -> list[int] | None:
        """Return the prefix of the next schedule in depth-first order, or nothing at the end."""
        for position in range(len(self.taken) - 1, -1, -1):
            if self.taken[position] + 1 < self.ways[position]:
                return [*self.taken[:position], self.taken[position] + 1]
        return None


class Dice(Chooser):
    """Throws for each choice: now and then something happens."""

    _RARELY = 0.12

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)  # noqa: S311 (nothing is kept secret)

    def choose(self, ways: int) -> int:
        """Choose one of so many ways; the first is the likeliest by far."""
        if ways == 1 or self._random.random() > self._RARELY:
            return 0
        return self._random.randrange(1, ways)


@dataclass(frozen=True)
class Bound:
    """How much may happen in a schedule: faults, preemptions, and both together."""

    faults: int
    preemptions: int
    together: int


@dataclass(eq=False)
class _Task:
    process: Process
    greenlet: greenlet
    wakes_at: datetime
    question: tuple[str, tuple[str, ...]] | None = None
    is_done: bool = False


@dataclass
class Schedule:
    """Runs processes side by side, each from one I/O to the next.

    Attributes:
        universe: What they share.
        chooser: Decides.
        bound: How many faults and preemptions there may be.
        log: What happened, for a report.
        faults: How many faults there were.
        preemptions: How many preemptions there were.
    """

    universe: Universe
    chooser: Chooser
    bound: Bound
    log: list[tuple[str, str]] = field(default_factory=list)
    faults: int = 0
    preemptions: int = 0

    def run(self, works: Sequence[tuple[Process, Callable[[], None]]], *, dirty: bool) -> None:
        """Run processes until each has ended; only a dirty stage has faults."""
        tasks = [self._task(process, work) for process, work in works]
        task = tasks[0]
        while True:
            task = self._advance(task, tasks, dirty=dirty)
            if all(task.is_done for task in tasks):
                return

    def process(self, name: str, request: str) -> Process:
        """Make a process whose I/O this schedule decides."""
        return Process(name, request, self.universe, _ask, _pause, self.universe.now)

    def _task(self, process: Process, work: Callable[[], None]) -> _Task:
        return _Task(process, greenlet(work), self.universe.now)

    def _advance(self, task: _Task, tasks: list[_Task], *, dirty: bool) -> _Task:
        """Let a task run to its next I/O, and answer who runs then."""
        if task.is_done or task.wakes_at > self.universe.now:
            return self._next(task, tasks)
        if task.question is None:
            self._switch(task)
            return task
        kind, ways = task.question
        others = [
            other
            for other in tasks
            if other is not task and not other.is_done and other.wakes_at <= self.universe.now
        ]
        more = self.faults + self.preemptions < self.bound.together
        faults = ways if dirty and more and self.faults < self.bound.faults else ()
        switches = others if more and self.preemptions < self.bound.preemptions else []
        choice = self.chooser.choose(1 + len(faults) + len(switches))
        if choice > len(faults):
            self.preemptions += 1
            other = switches[choice - len(faults) - 1]
            self.log.append((task.process.name, f"waits before {kind} for {other.process.name}"))
            return other
        way = WORKS
        if choice:
            self.faults += 1
            way = faults[choice - 1]
        self.log.append((task.process.name, f"{kind} {way}"))
        task.question = None
        self._switch(task, way)
        return task

    def _switch(self, task: _Task, *answer: str) -> None:
        try:
            told = task.greenlet.switch(*answer)
        except Crash:
            self.log.append((task.process.name, "dies"))
            task.is_done = True
            return
        if task.greenlet.dead:
            task.is_done = True
        elif isinstance(told, float):
            task.wakes_at = self.universe.now + timedelta(seconds=told)
        else:
            task.question = told

    def _next(self, task: _Task, tasks: list[_Task]) -> _Task:
        alive = [other for other in tasks if not other.is_done]
        if not alive:
            return task
        after = tasks.index(task) + 1
        turn = [other for other in [*tasks[after:], *tasks[:after]] if not other.is_done]
        awake = [other for other in turn if other.wakes_at <= self.universe.now]
        if not awake:
            self.universe.now = min(other.wakes_at for other in alive)
            awake = [other for other in turn if other.wakes_at <= self.universe.now]
        return awake[0]


def _ask(kind: str, ways: tuple[str, ...]) -> str:
    answer: str = getcurrent().parent.switch((kind, ways))
    return answer


def _pause(seconds: float) -> None:
    getcurrent().parent.switch(float(seconds))
