import pytest

from tests.safety.enumerator import PRODUCT, Figures, enumerate_schedules, simulated
from tests.safety.scenarios import SCENARIOS, TWIN, Scenario
from tests.safety.schedules import Bound, Chooser
from tests.safety.trial import Trial

SMALL = Bound(faults=2, preemptions=2, together=2)


def _told(figures: Figures) -> str:
    return "\n".join([str(dict(figures.violations)), *figures.stories])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_schedule_breaks_an_invariant(scenario: Scenario) -> None:
    """Every schedule with two faults, two preemptions, or one of each."""
    figures = enumerate_schedules(scenario, SMALL)
    assert figures.schedules > 100
    assert not figures.violations, _told(figures)


def test_a_single_fault_seldom_ends_unknown() -> None:
    """Safety is not bought by giving up."""
    figures = Figures()
    for scenario in SCENARIOS:
        figures.include(enumerate_schedules(scenario, Bound(1, 0, 1)))
    assert figures.unknown / figures.single_faults < 0.1


def test_a_twin_made_in_the_console_never_makes_us_buy_twice() -> None:
    """An equal order made while ours is on its way may be taken for ours, which the docs say."""
    figures = enumerate_schedules(TWIN, SMALL)
    assert figures.violations["duplicate"] == figures.violations["unanswered"] == 0
    assert set(figures.violations) <= {"false answer"}


def test_a_schedule_is_the_same_every_time() -> None:
    """What the choices say happens, so that a story can be played again."""
    stories = []
    for _ in range(2):
        with simulated():
            stories.append(Trial(SCENARIOS[1], Chooser([0, 2, 1]), SMALL, PRODUCT).run([]).story())
    assert stories[0] == stories[1]
