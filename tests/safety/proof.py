"""Every proof at its large bound, with its figures."""

import dataclasses
import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.edge import fuzz, kill, races, wire
from tests.safety.controls import CONTROLS
from tests.safety.enumerator import Figures, catch, enumerate_schedules, sample_schedules
from tests.safety.scenarios import SCENARIOS
from tests.safety.schedules import Bound

ALL = Bound(faults=3, preemptions=2, together=3)
SOME = Bound(faults=3, preemptions=2, together=5)
SAMPLES = 10_000  # of each scenario
FUZZED = 100_000

NEVER = frozenset(
    {
        "false_answers",
        "unanswered",
        "given_up",
        "submitting",
        "standing",
        "draws",
        "posts_for_invalid",
        "tracebacks",
        "misjudged",
        "secrets",
    }
)
AT_MOST = {"posts_at_most": 1, "orders_at_most": 1, "largest_answer_bytes": 4096}


@dataclass(frozen=True)
class Part:
    """A part of the proof that a worker runs on its own."""

    name: str
    run: Callable[[], Figures]


def parts(samples: int) -> Iterator[Part]:
    """Yield every part, those that take longest first."""
    for scenario in SCENARIOS:
        yield Part(scenario.name, partial(enumerate_schedules, scenario, ALL))
    for scenario in SCENARIOS:
        name = f"{scenario.name}, sampled"
        yield Part(name, partial(sample_schedules, scenario, SOME, samples))


def _run(part: Part) -> tuple[str, Figures]:
    return part.name, part.run()


def enumerate_all(samples: int = SAMPLES) -> bool:
    """Run all schedules, print the figures, and tell whether no invariant was broken."""
    total, began = Figures(), time.monotonic()
    print(f"all schedules of the handler with {ALL}, then samples with {SOME}")
    print(f"{'schedules':>11}{'duplicates':>12}{'false':>7}{'unanswered':>12}{'ledger':>8}")
    with multiprocessing.get_context("spawn").Pool() as pool:
        for name, figures in pool.imap_unordered(_run, parts(samples)):
            total.include(figures)
            print(_row(figures), f"  {name}", flush=True)
            for story in figures.stories:
                print(story)
    print(_row(total), f"  in all, in {time.monotonic() - began:.0f} s")
    share = total.unknown / total.single_faults
    print(f"{share:.0%} of the {total.single_faults} schedules with a single fault end unknown")
    return not total.violations


def _row(figures: Figures) -> str:
    broken = figures.violations
    return (
        f"{figures.schedules:>11,}{broken['duplicate']:>12}{broken['false answer']:>7}"
        f"{broken['unanswered']:>12}{broken['ledger']:>8}"
    )


def catch_all() -> bool:
    """Show that each wrong design is caught, and tell whether all are."""
    print("\nwrong designs, and what catches them")
    caught = 0
    for control in CONTROLS:
        trial = catch(control)
        caught += trial is not None
        what = f"{trial.violations[0].what[:60]} ({trial.scenario.name})" if trial else "NOT CAUGHT"
        print(f"  {control.design.name:40}{what}", flush=True)
    print(f"{caught} of {len(CONTROLS)} caught")
    return caught == len(CONTROLS)


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
    figures = dataclasses.asdict(run())
    print(f"\n{name}, in {time.monotonic() - began:.0f} s")
    for figure, value in figures.items():
        if value or figure != "wrong":
            print(f"  {figure.replace('_', ' '):24}{value}", flush=True)
    limits = {**dict.fromkeys(NEVER, 0), **AT_MOST}
    return all(figures.get(figure, 0) <= limit for figure, limit in limits.items())
