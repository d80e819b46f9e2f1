"""Random walks: programs and incidents without a bound, until one breaks an invariant.

A walk is a program, and the incidents of its processes. A seed and a number give the same
walk on every machine. An incident is bound to an I/O of a process of an action, and not to a
position, so that it still happens if another action is left out.
"""

import re
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from random import Random

from tests.safety.checker import PRODUCT, Trial
from tests.safety.judge import Violation
from tests.safety.program import ACTIONS, Action, Option, Program, read_action
from tests.safety.scenarios import Scenario
from tests.safety.scheduler import Bound, Choices, Process
from tests.safety.world.delivery import Design

WITHOUT_BOUND = Bound(faults=1_000_000, preemptions=1_000_000, together=1_000_000)
NO_PROOF = 0  # the number of a violation if the world itself raises an error
MOST_ACTIONS = 7
MOODS = (0.0, 0.3, 0.3, 1.0, 1.0, 2.0)  # how much goes wrong in a walk
VARIETIES = (0.4, 0.7, 1.0, 1.5)  # how much the actions of a walk differ from the default
PREEMPTION = 0.03
SELDOM = 0.02
FAULTS = {
    "CreateOrder": 0.4,
    "CancelOrder": 0.3,
    "PUT": 0.08,
    "ListOrders": 0.12,
    "DescribeStackResource": 0.06,
    "writes-order-SUBMITTING": 0.12,
    "writes-order-PLACED": 0.1,
}
VERBS = {
    "deploy": 10,
    "update": 2,
    "empty": 2,
    "destroy": 2,
    "refactor": 0.5,
    "redeliver": 2,
    "wait": 3,
    "buy": 1.5,
    "turn": 1.5,
    "operate": 2.5,
    "newer": 0.15,
}


@lru_cache
def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text)


@dataclass(frozen=True)
class Incident:
    """Something that doesn't go the usual way.

    Attributes:
        process: The number of the action, and the number of the process in it.
        io: The I/O of the process.
        number: The how many-th I/O of this kind it is.
        what: The fault, or the process that runs first.
    """

    process: tuple[int, int]
    io: str
    number: int
    what: str | tuple[int, int]

    def __str__(self) -> str:
        what = self.what if isinstance(self.what, str) else f"after={_dotted(self.what)}"
        return f"{_dotted(self.process)}:{self.io}:{self.number}:{what}"

    def without(self, action: int) -> "Incident | None":
        """Return it for the program without an action."""
        numbers = [self.process, self.what]
        if any(isinstance(each, tuple) and each[0] == action for each in numbers):
            return None
        process, what = (
            (each[0] - (each[0] > action), each[1]) if isinstance(each, tuple) else each
            for each in numbers
        )
        assert isinstance(process, tuple)
        return Incident(process, self.io, self.number, what)


def _dotted(process: tuple[int, int]) -> str:
    return ".".join(map(str, process))


def _undotted(text: str) -> tuple[int, int]:
    action, _, number = text.partition(".")
    return int(action), int(number)


def read_incident(text: str) -> Incident:
    """Read what `str` of an incident wrote."""
    process, io, number, what = text.split(":")
    first = what.removeprefix("after=")
    meant = what if first == what else _undotted(first)
    return Incident(_undotted(process), io, int(number), meant)


class Incidents(Choices):
    """Decides at each I/O, and notes each incident."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[Incident] = []
        self._numbers: Counter[tuple[tuple[int, int], str]] = Counter()
        self._waiting: set[tuple[int, int]] = set()

    def event(self, process: Process, faults: Sequence[str], switches: Sequence[Process]) -> int:
        """Choose an incident, or none."""
        if not process.action or process.question is None:
            return 0
        key, io = (process.action, process.number), _word(process.question[0])
        if key not in self._waiting:
            self._numbers[key, io] += 1
        self._waiting.discard(key)
        others = [each for each in switches if each.action]
        choice = self.decide(key, io, faults, others)
        if not choice:
            return 0
        if choice <= len(faults):
            what: str | tuple[int, int] = _word(faults[choice - 1])
        else:
            other = others[choice - 1 - len(faults)]
            what = other.action, other.number
            choice = 1 + len(faults) + switches.index(other)
            self._waiting.add(key)
        self.noted.append(Incident(key, io, self._numbers[key, io], what))
        return choice

    def decide(
        self, key: tuple[int, int], io: str, faults: Sequence[str], others: Sequence[Process]
    ) -> int:
        """Choose nothing, a fault, or another process: 0, 1, 2, and so on."""
        raise NotImplementedError


class Thrown(Incidents):
    """Throws dice, with more incidents at the I/O that matters."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random
        self._mood = random.choice(MOODS)

    def decide(
        self,
        key: tuple[int, int],  # noqa: ARG002 - the dice know no process
        io: str,
        faults: Sequence[str],
        others: Sequence[Process],
    ) -> int:
        """Throw the dice."""
        random, mood = self._random, self._mood
        if faults and random.random() < mood * FAULTS.get(io, SELDOM):
            if faults[0] == "stale" and random.random() < 0.7:
                return 1
            return random.randrange(len(faults)) + 1
        if others and random.random() < mood * PREEMPTION:
            return len(faults) + random.randrange(len(others)) + 1
        return 0


class Repeated(Incidents):
    """Lets the given incidents happen; those that can't happen any more are left out."""

    def __init__(self, incidents: Sequence[Incident]) -> None:
        super().__init__()
        self._left: dict[tuple[tuple[int, int], str, int], list[Incident]] = {}
        for each in incidents:
            self._left.setdefault((each.process, each.io, each.number), []).append(each)

    def decide(
        self, key: tuple[int, int], io: str, faults: Sequence[str], others: Sequence[Process]
    ) -> int:
        """Look the incident up."""
        left = self._left.get((key, io, self._numbers[key, io]))
        if not left:
            return 0
        what = left[0].what
        possible: list[str | tuple[int, int]] = [*map(_word, faults)]
        possible += [(each.action, each.number) for each in others]
        if what not in possible:
            return 0
        left.pop(0)
        return possible.index(what) + 1


@dataclass(frozen=True)
class Walk:
    """A program, and the incidents in it; it has a text, which repeats it.

    Attributes:
        program: The actions.
        incidents: The incidents.
    """

    program: Program
    incidents: tuple[Incident, ...] = ()

    @property
    def steps(self) -> int:
        """How many actions and incidents it has."""
        return len(self.program.actions) + len(self.incidents)

    def run(self, design: Design = PRODUCT) -> Trial:
        """Repeat it, and judge it."""
        return _trial(self.program, Repeated(self.incidents), design)

    def __str__(self) -> str:
        actions, incidents = self.program.actions, self.incidents
        text = ",".join(map(str, actions))
        return "@".join([text, ",".join(map(str, incidents))]) if incidents else text


def read_walk(text: str) -> Walk:
    """Read what `str` of a walk wrote."""
    actions, _, incidents = text.partition("@")
    return Walk(
        Program(tuple(map(read_action, actions.split(",")))),
        tuple(map(read_incident, incidents.split(","))) if incidents else (),
    )


def _trial(program: Program, incidents: Incidents, design: Design) -> Trial:
    scenario = Scenario(
        play=program.play, bound=WITHOUT_BOUND, put_can_hang=True, can_be_throttled=True
    )
    trial = Trial(scenario, incidents, WITHOUT_BOUND, design)
    try:
        trial.run()
    except Exception as error:  # noqa: BLE001 - whatever it is, the walk must be shown
        *_, frame = traceback.extract_tb(error.__traceback__)
        what = f"{error!r} in {Path(frame.filename).name}, line {frame.lineno}"
        trial.violations.append(Violation(NO_PROOF, what))
    return trial


def thrown_walk(seed: int, number: int, design: Design = PRODUCT) -> tuple[Walk, Trial]:
    """Make a walk, run it, and return it with the incidents that happened."""
    random = Random(f"{seed} {number}")  # noqa: S311 (nothing is kept secret)
    program, thrown = _program(random), Thrown(random)
    trial = _trial(program, thrown, design)
    return Walk(program, tuple(thrown.noted)), trial


def _program(random: Random) -> Program:
    variety = random.choice(VARIETIES)
    verbs = random.choices([*VERBS], [*VERBS.values()], k=random.randrange(MOST_ACTIONS))
    return Program(tuple(_action(random, verb, variety) for verb in ("deploy", *verbs)))


def _action(random: Random, verb: str, variety: float) -> Action:
    action = Action(verb)
    for name, option in ACTIONS[verb].items():
        action = action.having(name, _value(random, option, variety))
    return action


def _value(random: Random, option: Option, variety: float) -> str:
    if random.random() >= option.chance * variety:
        return option.values[0]
    return random.choice(option.values[1:])


@dataclass
class Found:
    """A walk that broke an invariant.

    Attributes:
        number: Its number.
        walk: The walk.
        invariant: The number of the invariant, or NO_PROOF.
    """

    number: int
    walk: Walk
    invariant: int


def walk_randomly(
    seed: int, *, is_over: Callable[[int], bool], design: Design = PRODUCT
) -> tuple[int, Found | None]:
    """Walk until it is over, or until a walk breaks an invariant; return how many there were."""
    for number in count(1):
        if is_over(number):
            return number - 1, None
        walk, trial = thrown_walk(seed, number, design)
        if trial.broken:
            return number, Found(number, walk, min(trial.broken))
    raise AssertionError
