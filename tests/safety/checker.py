"""All schedules of a scenario within a bound, and their results."""

import gc
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.safety.history import Answered, Outcome
from tests.safety.judge import Violation, judge
from tests.safety.scenarios import Scenario
from tests.safety.scheduler import Bound, Choices, Dice, Scheduler
from tests.safety.shortcuts import NUMBERS, shortcuts
from tests.safety.world.actions import Moment, World
from tests.safety.world.delivery import Design, Function
from tests.safety.world.endings import Endings
from tests.safety.world.universe import Universe

PRODUCT = Design()
_YOUNG = 2_000  # objects, which are freed while they are still in the processor's cache


@dataclass
class Trial:
    """One schedule of one scenario, run by the product's own code.

    Attributes:
        scenario: The actions.
        choices: The choices of the schedule.
        bound: How many faults and preemptions are possible.
        design: The design that runs.
        violations: The violated invariants.
    """

    scenario: Scenario
    choices: Choices
    bound: Bound
    design: Design = PRODUCT
    violations: list[Violation] = field(default_factory=list)

    def run(self, moments: list[Moment] | None = None, endings: Endings | None = None) -> "Trial":
        """Run the schedule to its end, and judge it.

        Args:
            moments: The moments of earlier schedules with the same choices so far. This one
                continues from the last, and adds its own. None keeps none.
            endings: How actions of earlier schedules ended; None does all of them.
        """
        results: list[object] = []
        if moments:
            last = moments.pop()
            results = last.results
            self.choices.taken[:], self.choices.ways[:] = last.taken, last.ways
            self.universe = last.universe.copy()
            before = last.scheduler
            self.scheduler = Scheduler(
                self.choices,
                self.bound,
                before.now,
                before.log[:],
                before.faults,
                before.preemptions,
            )
        else:
            self.universe = Universe()
            self.scheduler = Scheduler(self.choices, self.bound)
        NUMBERS.universe = self.universe
        function = Function(
            self.universe,
            self.design,
            ledger_can_be_down=self.scenario.ledger_can_be_down,
            put_can_hang=self.scenario.put_can_hang,
            can_be_throttled=self.scenario.can_be_throttled,
        )
        world = World(self.scheduler, function, results, moments, endings)
        self.scenario.play(world)
        world.finish()
        self.universe.history.faults = self.scheduler.faults
        self.violations = judge(self.universe.history)
        return self

    @property
    def size(self) -> tuple[int, int]:
        """How much happened: faults and preemptions, then steps."""
        return self.scheduler.faults + self.scheduler.preemptions, len(self.scheduler.log)

    @property
    def broken(self) -> set[int]:
        """The invariants that did not hold."""
        return {violation.invariant for violation in self.violations}

    @property
    def is_unknown(self) -> bool:
        """Whether the first answer to CloudFormation is that the outcome is unknown."""
        answers = self.universe.history.of(Answered)
        first = next((each for each in answers if each.request.request_id == "C1"), None)
        return first is not None and first.answer.outcome is Outcome.UNKNOWN

    def story(self, invariant: int = 0) -> str:
        """Return the story, and the entries that break an invariant, by default any."""
        begun = self.scheduler.log[0][0] if self.scheduler.log else self.scheduler.now
        lines = [
            f"{(at - begun).total_seconds():6.1f} s  {who}: {what}"
            for at, who, what in self.scheduler.log
        ]
        orders = [
            f"in the end: {order.order_id} is {order.status}, placed for "
            f"{order.made_by or 'a person elsewhere'}"
            for order in self.universe.orders.values()
        ]
        broken = [str(each) for each in self.violations if invariant in (0, each.invariant)]
        faults, steps = self.size
        head = f"{self.scenario.name}, {faults} faults or preemptions, {steps} steps"
        return "\n".join([head, *lines, *orders, *broken])


@dataclass(frozen=True)
class Finding:
    """A schedule that breaks an invariant, and how much happens in it."""

    size: tuple[int, int]
    story: str


@dataclass
class Figures:
    """The results of a number of schedules.

    Attributes:
        schedules: How many there were.
        violations: In how many of them each invariant was broken.
        single_faults: How many schedules had one fault.
        unknown: How many of those ended in "outcome unknown".
        shortest: The shortest schedule that breaks an invariant, by invariant.
    """

    schedules: int = 0
    violations: Counter[int] = field(default_factory=Counter)
    single_faults: int = 0
    unknown: int = 0
    shortest: dict[int, Finding] = field(default_factory=dict)

    def add(self, trial: Trial) -> None:
        """Count a schedule."""
        self.schedules += 1
        if trial.scheduler.faults == 1 and not trial.scheduler.preemptions:
            self.single_faults += 1
            self.unknown += trial.is_unknown
        for invariant in trial.broken:
            self.violations[invariant] += 1
            known = self.shortest.get(invariant)
            if known is None or trial.size < known.size:
                self.shortest[invariant] = Finding(trial.size, trial.story(invariant))

    def include(self, other: "Figures") -> None:
        """Count what another part counted."""
        self.schedules += other.schedules
        self.violations += other.violations
        self.single_faults += other.single_faults
        self.unknown += other.unknown


@contextmanager
def simulated() -> Iterator[None]:
    """Run the product's code fast, and write no log."""
    thresholds = gc.get_threshold()
    logging.disable(logging.CRITICAL)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 1_000_000)  # the garbage of a schedule is young
    try:
        with shortcuts():
            yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        logging.disable(logging.NOTSET)


def trials(scenario: Scenario, bound: Bound, design: Design = PRODUCT) -> Iterator[Trial]:
    """Run every schedule within the bound, depth first."""
    prefix: list[int] | None = []
    moments: list[Moment] = []
    endings = Endings()
    while prefix is not None:
        # Those that lie before the choice which is another one now.
        moments = [each for each in moments if len(each.taken) < len(prefix)]
        choices = Choices(prefix)
        yield Trial(scenario, choices, bound, design).run(moments, endings)
        prefix = choices.next_prefix()


def enumerate_schedules(scenario: Scenario, bound: Bound, design: Design = PRODUCT) -> Figures:
    """Judge every schedule within the bound."""
    figures = Figures()
    with simulated():
        for trial in trials(scenario, bound, design):
            figures.add(trial)
    return figures


@dataclass
class Path:
    """The moments of earlier walks, as a tree of choices.

    Attributes:
        ways: How many ways the next choice has.
        taken: Where each of them leads.
        moment: The moment at which everything was at rest, if any.
    """

    ways: int = 0
    taken: dict[int, "Path"] = field(default_factory=dict)
    moment: Moment | None = None

    def remember(self, moment: Moment) -> None:
        """Lead to a moment from now on."""
        path = self
        for ways, choice in zip(moment.ways, moment.taken, strict=True):
            path.ways = ways
            path = path.taken.setdefault(choice, Path())
        path.moment = moment

    def follow(self, dice: Dice) -> Moment | None:
        """Throw the dice along the tree, and return the last moment on the way."""
        path: Path | None = self
        last = None
        while path is not None:
            last = path.moment or last
            path = path.taken.get(dice.throw(path.ways)) if path.ways else None
        return last


def walk(scenario: Scenario, bound: Bound, seeds: range) -> Figures:
    """Judge random schedules within the bound, the same ones every time.

    A walk continues from the last moment of rest that it shares with an earlier walk. The
    result is the same as from the start.
    """
    figures, known, endings = Figures(), Path(), Endings()
    with simulated():
        for seed in seeds:
            dice = Dice(seed)
            moment = known.follow(dice)
            moments = [] if moment is None else [moment]
            figures.add(Trial(scenario, dice, bound).run(moments, endings))
            for each in moments:
                if sum(map(bool, each.taken)) < 2:  # other walks reach it, too
                    known.remember(each)
    return figures
