"""Every proof at its large bound, with its figures."""

import dataclasses
import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.edge import fuzz, kill, races, wire
from tests.safety import world
from tests.safety.checker import Figures, enumerate_schedules, sample_schedules
from tests.safety.scenarios import SCENARIOS, TWO
from tests.safety.scheduler import Bound
from tests.safety.world import cloudformation, delivery, dynamodb, outposts, people
from tests.safety.wrong_designs import WRONG_DESIGNS, catch

ALL = Bound(faults=3, preemptions=2, together=3)
SOME = Bound(faults=3, preemptions=2, together=5)
SAMPLES = 10_000  # of each scenario
FUZZED = 100_000


@dataclass(frozen=True)
class Part:
    """A part of the proof that a worker runs on its own."""

    scenario: str
    bound: Bound
    samples: int = 0

    def run(self) -> Figures:
        """Run it."""
        scenario = SCENARIOS[self.scenario]
        if self.samples:
            return sample_schedules(scenario, self.bound, self.samples)
        return enumerate_schedules(scenario, self.bound)


def parts(samples: int) -> Iterator[Part]:
    """Yield every part, those that take longest first."""
    for name, scenario in SCENARIOS.items():
        yield Part(name, ALL if scenario.bound == TWO else TWO)
    for name in SCENARIOS:
        yield Part(name, SOME, samples)


def _run(part: Part) -> tuple[Part, Figures]:
    return part, part.run()


def enumerate_all(samples: int = SAMPLES) -> bool:
    """Run all schedules, print the figures, and tell whether every invariant held."""
    total, began = Figures(), time.monotonic()
    print(f"all schedules of the handler with {ALL}, those of the larger world with {TWO},")
    print(f"then samples with {SOME}: how many break which invariant")
    with multiprocessing.get_context("spawn").Pool() as pool:
        for part, figures in pool.imap_unordered(_run, parts(samples)):
            total.include(figures)
            what = f"{part.scenario}{', sampled' if part.samples else ''}"
            print(_row(figures), f"  {what}", flush=True)
            for finding in figures.shortest.values():
                print(finding.story)
    print(f"{total.schedules:>11,} schedules in all, in {time.monotonic() - began:.0f} s")
    share = total.unknown / total.single_faults
    print(f"{share:.0%} of the {total.single_faults} schedules with a single fault end unknown")
    return not total.violations


def _row(figures: Figures) -> str:
    broken = ", ".join(
        f"{number}: {times:,}" for number, times in sorted(figures.violations.items())
    )
    return f"{figures.schedules:>11,}  {broken or 'none':50}"


def catch_all() -> bool:
    """Show that each wrong design is caught, and tell whether all are."""
    print("\nwrong designs, and what catches them")
    caught = 0
    for wrong in WRONG_DESIGNS:
        finding = catch(wrong)
        caught += finding is not None
        lines = finding.story.splitlines() if finding else ["", "NOT CAUGHT"]
        print(f"  {wrong.name:40}{lines[-1][:70]} ({lines[0]})", flush=True)
    print(f"{caught} of {len(WRONG_DESIGNS)} caught")
    return caught == len(WRONG_DESIGNS)


def tell_faults() -> None:
    """Print what the world contains: its docstrings, then every fault of every I/O."""
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


def run_the_others(fuzzed: int = FUZZED) -> bool:
    """Run the wire, the kills, the races and the fuzz, and tell whether all held."""
    runs: dict[str, Callable[[], Any]] = {
        "the wire": wire.run,
        "kill": kill.run,
        "races": races.run,
        "fuzz": partial(fuzz.run, fuzzed),
    }
    held = [_shown(name, run) for name, run in runs.items()]
    return all(held)


def _shown(name: str, run: Callable[[], Any]) -> bool:
    began = time.monotonic()
    figures = run()
    print(f"\n{name}, in {time.monotonic() - began:.0f} s")
    for figure, value in dataclasses.asdict(figures).items():
        if value or figure != "wrong":
            print(f"  {figure.replace('_', ' '):24}{value}", flush=True)
    return bool(figures.holds)
