"""`make rehearse`: see a deployment, and a failing one."""

import argparse
import io
import sys

from outpost_order_rehearsal.endings import leave_on_signals
from tests.rehearsal.rehearse import REFUSALS, rehearse


def main() -> int:
    """Parse the command line, rehearse, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="make rehearse",
        description="Deploy app.py with the real CDK CLI into an AWS on this machine.",
    )
    parser.add_argument(
        "--fail", metavar="EXCEPTION", help=f"let CreateOrder answer one of {', '.join(REFUSALS)}"
    )
    exception = parser.parse_args().fail
    if exception is not None and exception not in REFUSALS:
        allowed = ", ".join(REFUSALS)
        print(f"FAIL must be one of {allowed}; got {exception}", file=sys.stderr)  # noqa: T201
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The CLI prints symbols that not every terminal's encoding has.
        sys.stdout.reconfigure(errors="replace")
    leave_on_signals(_say_that_it_ends)
    return rehearse(exception)


def _say_that_it_ends() -> None:
    print("\nstopping everything that was started", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
