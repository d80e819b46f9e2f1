"""`make safety`: the large bound of every proof, with its figures."""

import argparse
import multiprocessing
import secrets
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.safety.proof import (
    FUZZED,
    WALKS,
    catch_all,
    print_faults,
    replay,
    run_fuzz,
    run_schedules,
    run_the_waiting,
    walk_for,
    walk_into_all,
)

SEEDS = 1_000_000_000


def main() -> int:
    """Run every proof; the exit code is 0 if all hold."""
    parser = argparse.ArgumentParser(prog="make safety", description=__doc__)
    parser.add_argument("--walks", type=int, default=WALKS, help="of each large scenario")
    parser.add_argument("--scenario", nargs="+", default=(), help="only the schedules of these")
    parser.add_argument("--fuzzed", type=int, default=FUZZED, help="malformed events")
    parser.add_argument("--faults", action="store_true", help="only list what can go wrong")
    parser.add_argument("--designs", action="store_true", help="only walk into wrong designs")
    parser.add_argument("--seconds", type=float, help="only random walks, for as long")
    parser.add_argument("--seed", type=int, help="of the random walks, by default a random one")
    parser.add_argument("--replay", help="repeat the walk that a story ends with")
    arguments = parser.parse_args()
    if arguments.replay:
        return 0 if replay(arguments.replay) else 1
    if arguments.seconds:
        seed = secrets.randbelow(SEEDS) if arguments.seed is None else arguments.seed
        return 0 if walk_for(arguments.seconds, seed) else 1
    if arguments.designs:
        return 0 if walk_into_all() else 1
    if arguments.faults:
        print_faults()
        return 0
    if arguments.scenario:
        held = [run_schedules(arguments.walks, arguments.scenario)]
    else:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as beside:
            waiting = beside.submit(run_the_waiting)
            held = [catch_all(), walk_into_all(), run_fuzz(arguments.fuzzed)]
            held += [run_schedules(arguments.walks), waiting.result()]
    print("\nevery proof held" if all(held) else "\nNOT EVERY PROOF HELD")  # noqa: T201
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
