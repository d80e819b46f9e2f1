"""Every proof at its large bound, with its figures."""

import dataclasses
import logging
import multiprocessing
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.edge import fuzz, kill, races, wire
from tests.safety import world
from tests.safety.checker import Figures, Finding, enumerate_schedules, simulated, walk
from tests.safety.scenarios import SCENARIOS
from tests.safety.scheduler import Bound
from tests.safety.shrinking import shrink
from tests.safety.story import story_of
from tests.safety.walks import Found, Walk, read_walk, walk_randomly
from tests.safety.world import cloudformation, delivery, dynamodb, outposts, people
from tests.safety.wrong_designs import WRONG_DESIGNS, catch, walk_into

SMALL = Bound(faults=1, preemptions=1, together=2)
LARGE = Bound(faults=3, preemptions=2, together=3)
RANDOM = Bound(faults=3, preemptions=2, together=5)
WALKS = 100_000  # of each scenario that is too large for the large bound
WALKS_OF_A_PART = 50_000
WALKS_A_LINE = 20_000
FUZZED = 100_000
PROCESSES = 2
SEED = 1  # of the random walks that must find the wrong designs
SECONDS_TO_CATCH = 60
MOST_STEPS = 8  # of a story that a person can read
# Within the large bound, each of these has 130,000 schedules or more.
TOO_LARGE = frozenset(
    {
        "an_operator_cancels_beside_a_deployment",
        "an_operator_cancels_while_it_is_placed",
        "an_operator_reconciles_beside_deployments",
        "copies_after_the_stack_is_created_again",
        "given_up_then_asked_for_another",
        "given_up_while_lambda_holds_it_back",
        "moved_between_stacks_at_once",
        "three_stacks_at_once",
        "two_outposts",
        "updated_with_another_name",
    }
)


@dataclass(frozen=True)
class Part:
    """A part of the proof that a worker runs on its own.

    Attributes:
        scenario: The name of the scenario.
        bound: How much may go wrong in each schedule.
        seeds: Of the random walks; empty for every schedule.
    """

    scenario: str
    bound: Bound
    seeds: range = range(0)

    def run(self) -> tuple["Part", Figures, float]:
        """Run it, and return the seconds that it took, too."""
        began = time.monotonic()
        scenario = SCENARIOS[self.scenario]
        if self.seeds:
            figures = walk(scenario, self.bound, self.seeds)
        else:
            figures = enumerate_schedules(scenario, self.bound)
        return self, figures, time.monotonic() - began

    @property
    def kind(self) -> str:
        """The kind of proof."""
        if self.seeds:
            return "random walks"
        bound = self.bound
        return f"all of {bound.faults}, {bound.preemptions}, {bound.together}"


def parts(walks: int, scenarios: Collection[str] = ()) -> Iterator[Part]:
    """Yield every part, by default of all scenarios, those that take longest first."""
    names = [name for name in SCENARIOS if not scenarios or name in scenarios]
    yield from (Part(name, LARGE) for name in names if name not in TOO_LARGE)
    large = [name for name in names if name in TOO_LARGE]
    for name in large:
        for first in range(0, walks, WALKS_OF_A_PART):
            seeds = range(first, min(first + WALKS_OF_A_PART, walks))
            yield Part(name, RANDOM, seeds)
    yield from (Part(name, SMALL) for name in large)


def run_schedules(walks: int = WALKS, scenarios: Collection[str] = ()) -> bool:
    """Run all schedules, print the figures, and return whether every invariant holds."""
    executed, walked, began = Figures(), Figures(), time.monotonic()
    print("\nschedules: all within so many faults, preemptions, and both together;")
    print("the scenarios that are too large for 3, 2 and 3: all within 1 and 1, and random walks")
    print(f"{'number':>9} {'time':>7}  broken invariants")
    with multiprocessing.get_context("spawn").Pool(PROCESSES, maxtasksperchild=8) as pool:
        for part, figures, seconds in pool.imap_unordered(Part.run, parts(walks, scenarios)):
            (walked if part.seeds else executed).include(figures)
            print(_row(figures, seconds), f"{part.kind:16} {part.scenario}", flush=True)
            for finding in figures.shortest.values():
                print(finding.story)
    print(_row(executed, time.monotonic() - began), "schedules executed in all, and beside them")
    print(_row(walked, time.monotonic() - began), "random walks in all")
    share = executed.unknown / max(executed.single_faults, 1)
    print(
        f"{share:.1%} of the {executed.single_faults:,} schedules with a single fault end unknown"
    )
    return not executed.violations and not walked.violations


def _row(figures: Figures, seconds: float) -> str:
    broken = ", ".join(
        f"{number}: {times:,}" for number, times in sorted(figures.violations.items())
    )
    return f"{figures.schedules:>9,} {seconds:>5.0f} s  {broken or '0':6}"


def catch_all() -> bool:
    """Show that each wrong design is caught; return whether all are."""
    print("\nwrong designs, and what catches them")
    caught, began = 0, time.monotonic()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        findings = pool.imap(_catch, range(len(WRONG_DESIGNS)))
        for wrong, finding in zip(WRONG_DESIGNS, findings, strict=True):
            caught += finding is not None
            lines = finding.story.splitlines() if finding else ["", "NOT CAUGHT"]
            print(f"  {wrong.name:45}{lines[-1][:70]} ({lines[0]})", flush=True)
    print(f"{caught} of {len(WRONG_DESIGNS)} caught, in {time.monotonic() - began:.0f} s")
    return caught == len(WRONG_DESIGNS)


def _catch(number: int) -> Finding | None:
    return catch(WRONG_DESIGNS[number])


def walk_into_all() -> bool:
    """Show that random walks find each wrong design; return whether they do, in a few steps."""
    print("\nwrong designs, and the smallest random walk that shows each")
    caught, began = 0, time.monotonic()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        results = pool.imap(_walk_into, range(len(WRONG_DESIGNS)))
        for wrong, (found, seconds) in zip(WRONG_DESIGNS, results, strict=True):
            is_caught = found is not None and found.walk.steps <= MOST_STEPS
            caught += is_caught
            print(f"  {wrong.name:45}{'' if is_caught else 'NOT CAUGHT '}{_found(found)}", end="")
            print(f" ({seconds:.1f} s)", flush=True)
    print(f"{caught} of {len(WRONG_DESIGNS)} caught, in {time.monotonic() - began:.0f} s")
    return caught == len(WRONG_DESIGNS)


def _walk_into(number: int) -> tuple[Found | None, float]:
    began = time.process_time()  # other programs on the machine don't count
    over = began + SECONDS_TO_CATCH
    found = walk_into(WRONG_DESIGNS[number], SEED, lambda _: time.process_time() > over)
    return found, time.process_time() - began


def _found(found: Found | None) -> str:
    if found is None:
        return ""
    walks, steps = f"walk {found.number:,}", f"{found.walk.steps} steps"
    return f"invariant {found.invariant}, {walks}, {steps}: {found.walk}"


def walk_for(seconds: float, seed: int) -> bool:
    """Walk randomly for some seconds; return whether every invariant holds.

    The first walk that breaks one is printed as its smallest story.
    """
    began = time.monotonic()
    print(f"random walks for {seconds:.0f} s: make safety SECONDS={seconds:.0f} SEED={seed}")

    def is_over(walks: int) -> bool:
        passed = time.monotonic() - began
        if walks % WALKS_A_LINE == 0:
            print(f"{walks:>9,} {passed:>5.0f} s  {walks / passed:.0f} a second", flush=True)
        return passed >= seconds

    with simulated():
        walks, found = walk_randomly(seed, is_over=is_over)
        passed = time.monotonic() - began
        print(f"{walks:,} walks in {passed:.0f} s, {'no' if found is None else 'one'} violation")
        if found is None:
            return True
        print(f"\nwalk {found.number} of seed {seed} breaks an invariant; the smallest that does:")
        return _is_held(shrink(found.walk, found.invariant))


def replay(text: str) -> bool:
    """Repeat a walk, print its story, and return whether every invariant holds."""
    with simulated():
        return _is_held(read_walk(text))


def _is_held(walk: Walk) -> bool:
    trial = walk.run()
    print(story_of(walk, trial))
    return not trial.broken


def print_faults() -> None:
    """Print the contents of the world: its docstrings, then every fault of every I/O."""
    for module in (world, cloudformation, delivery, dynamodb, outposts, people):
        print(f"{module.__name__}\n\n{module.__doc__}")
    ways = {
        "a read of the ledger": dynamodb.MORE_READ_WAYS,
        "a write of the ledger": dynamodb.MORE_WRITE_WAYS,
        "CreateOrder": outposts.CREATE_WAYS,
        "another read of Outposts": dynamodb.READ_WAYS,
        "ListOrders and GetQuote, also": ("stale",),
        "DescribeStackResource": ("stale", *cloudformation.DESCRIBE_WAYS),
        "CancelOrder of an operator": outposts.CANCEL_WAYS,
        "the HEAD before the order": ("fails",),
        "the PUT of the answer": (*delivery.PUT_WAYS, *delivery.HANGING),
    }
    for what, faults in ways.items():
        print(f"{what}: {', '.join(faults)}")


def run_the_waiting() -> bool:
    """Run the wire, the kills, and the races, which mostly wait; return whether all hold."""
    runs: dict[str, Callable[[], Any]] = {
        "the wire": wire.run,
        "kill": kill.run,
        "races": races.run,
    }
    held = [_shown(name, run) for name, run in runs.items()]
    return all(held)


def run_fuzz(fuzzed: int = FUZZED) -> bool:
    """Run the fuzz; return whether it holds."""
    return _shown("fuzz", partial(fuzz.run, fuzzed))


def _shown(name: str, run: Callable[[], Any]) -> bool:
    began = time.monotonic()
    logging.getLogger().addHandler(logging.NullHandler())  # a log line isn't a figure
    figures = run()
    print(f"\n{name}, in {time.monotonic() - began:.0f} s")
    for figure, value in dataclasses.asdict(figures).items():
        if value or figure != "wrong":
            print(f"  {figure.replace('_', ' '):24}{value}", flush=True)
    return bool(figures.holds)
