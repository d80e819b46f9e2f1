import pytest

from tests.safety.checker import Figures, Trial, enumerate_schedules, simulated, trials, walk
from tests.safety.history import CANCELLED, Wrote
from tests.safety.judge import INVARIANTS, ledger_view
from tests.safety.proof import TOO_LARGE
from tests.safety.scenarios import ONE, SCENARIOS, TWO, Scenario
from tests.safety.scheduler import Bound, Choices, Dice


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_every_invariant_holds_in_every_schedule(
    scenario: Scenario, subtests: pytest.Subtests
) -> None:
    """One test for each scenario, because its schedules are enumerated once."""
    figures = enumerate_schedules(scenario, scenario.bound)
    for number in INVARIANTS:
        finding = figures.shortest.get(number)
        with subtests.test(invariant=number):
            assert finding is None, finding.story
    # A scenario in which nothing can go wrong proves nothing.
    assert figures.schedules > (100 if scenario.bound == TWO else 10)


def test_a_single_fault_seldom_ends_unknown() -> None:
    """Safety is not bought by giving up."""
    figures = Figures()
    for scenario in SCENARIOS.values():
        if scenario.bound == TWO:
            figures.include(enumerate_schedules(scenario, Bound(1, 0, 1)))
    assert figures.unknown / figures.single_faults < 0.1


def test_a_cancellation_that_was_interrupted_is_finished_by_the_next_one() -> None:
    """The ledger ends with the truth, and the name is spent."""
    with simulated():
        for trial in trials(SCENARIOS["an_operator_cancels_again"], TWO):
            [order] = trial.universe.orders.values()
            record = trial.universe.tables["outpost-orders"]["order#PO-1"]
            assert (order.status, record["State"]["S"]) == (CANCELLED, CANCELLED), trial.story()


def test_a_schedule_is_the_same_every_time() -> None:
    """The choices decide everything, so a story can be repeated."""
    stories = []
    for _ in range(2):
        with simulated():
            trial = Trial(SCENARIOS["two_copies"], Choices([0, 2, 1]), TWO)
            stories.append(trial.run().story())
    assert stories[0] == stories[1]


def test_a_walk_that_goes_on_from_an_earlier_one_is_the_same_walk() -> None:
    """Walks share their common steps, and the figures don't change."""
    scenario, whole = SCENARIOS["moved_within_a_stack"], Figures()
    with simulated():
        for number in range(200):
            whole.add(Trial(scenario, Dice(number), TWO).run())
    assert walk(scenario, TWO, range(200)) == whole


def test_each_large_scenario_is_a_scenario() -> None:
    """A scenario that is renamed is still walked."""
    assert SCENARIOS.keys() >= TOO_LARGE


@pytest.mark.parametrize(
    "name", ["moved_within_a_stack_and_rolled_back", "an_operator_cancels_beside_a_deployment"]
)
def test_shared_steps_have_the_same_result(name: str) -> None:
    """A schedule that uses moments and endings of earlier ones has the same history."""
    with simulated():
        for number, trial in enumerate(trials(SCENARIOS[name], ONE)):
            if number % 5 == 0:
                whole = Trial(SCENARIOS[name], Choices(trial.choices.taken), ONE).run()
                assert trial.story() == whole.story()
                assert _facts(trial) == _facts(whole)


def _facts(trial: Trial) -> list[object]:
    entries = trial.universe.history.entries
    return [ledger_view(each) if isinstance(each, Wrote) else each for each in entries]
