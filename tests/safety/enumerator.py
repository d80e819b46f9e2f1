"""All schedules of a scenario within a bound, and what they came to."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from outpost_order_handler import table
from tests.safety.controls import Control
from tests.safety.scenarios import SCENARIOS, Scenario
from tests.safety.schedules import Bound, Chooser, Dice
from tests.safety.services import PlainTypes
from tests.safety.trial import Design, Milestone, Trial

PRODUCT = Design()


@dataclass
class Figures:
    """What a number of schedules came to.

    Attributes:
        schedules: How many there were.
        violations: How many invariants were broken, by kind.
        single_faults: How many schedules had one fault.
        unknown: How many of those told CloudFormation "outcome unknown".
        stories: The first schedules that broke an invariant, step by step.
    """

    schedules: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    single_faults: int = 0
    unknown: int = 0
    stories: list[str] = field(default_factory=list)

    def add(self, trial: Trial) -> None:
        """Count a schedule."""
        self.schedules += 1
        if trial.schedule.faults == 1 and not trial.schedule.preemptions:
            self.single_faults += 1
            self.unknown += trial.is_unknown
        if trial.violations:
            self.violations.update(violation.kind for violation in trial.violations)
            if not self.stories:
                self.stories.append(trial.story())

    def include(self, other: "Figures") -> None:
        """Count what another part counted."""
        self.schedules += other.schedules
        self.violations += other.violations
        self.single_faults += other.single_faults
        self.unknown += other.unknown
        self.stories += other.stories


@contextmanager
def simulated() -> Iterator[None]:
    """Let values keep their shape on the way to the table, and nobody write a log."""
    types = PlainTypes()
    logging.disable(logging.CRITICAL)
    try:
        with patch.multiple(table, _TO_DYNAMODB=types, _FROM_DYNAMODB=types):
            yield
    finally:
        logging.disable(logging.NOTSET)


def enumerate_schedules(scenario: Scenario, bound: Bound) -> Figures:
    """Run every schedule within the bound, depth first."""
    figures = Figures()
    with simulated():
        for trial in _trials(scenario, bound, PRODUCT):
            figures.add(trial)
    return figures


def sample_schedules(scenario: Scenario, bound: Bound, number: int) -> Figures:
    """Run some schedules within the bound, the same ones every time."""
    figures = Figures()
    with simulated():
        for seed in range(number):
            figures.add(Trial(scenario, Dice(seed), bound, PRODUCT).run([]))
    return figures


def catch(control: Control) -> Trial | None:
    """Return the first schedule that shows what is wrong with a design, smallest bounds first."""
    with simulated(), control.bend():
        for together in range(control.together + 1):
            for scenario in SCENARIOS:
                bound = Bound(together, together, together)
                for trial in _trials(scenario, bound, control.design):
                    if control.shows in {violation.kind for violation in trial.violations}:
                        return trial
    return None


def _trials(scenario: Scenario, bound: Bound, design: Design) -> Iterator[Trial]:
    prefix: list[int] | None = []
    milestones: list[Milestone] = []
    while prefix is not None:
        # Those that lie before the choice which is another one now.
        milestones = [each for each in milestones if len(each.taken) < len(prefix)]
        chooser = Chooser(prefix)
        yield Trial(scenario, chooser, bound, design).run(milestones)
        prefix = chooser.next_prefix()
