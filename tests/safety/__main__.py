"""`make safety`: the large bound of every proof, with its figures."""

import argparse
import sys

from tests.safety.proof import SAMPLES, catch_all, enumerate_all


def main() -> int:
    """Run every proof; the exit code tells whether all held."""
    parser = argparse.ArgumentParser(prog="make safety", description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES, help="of each scenario")
    arguments = parser.parse_args()
    held = [catch_all(), enumerate_all(arguments.samples)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
