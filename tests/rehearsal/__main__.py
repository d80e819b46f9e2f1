"""`make rehearse`: see a deployment, and a failing one."""

import argparse
import io
import signal
import sys
from types import FrameType

from tests.rehearsal.rehearse import REFUSALS, rehearse

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
    for ending in ENDING_SIGNALS:
        signal.signal(ending, _end)
    return rehearse(exception)


def _end(number: int, _frame: FrameType | None) -> None:
    """Leave through every `with` on the way, undisturbed by further signals."""
    for ending in ENDING_SIGNALS:
        signal.signal(ending, signal.SIG_IGN)
    print("\nstopping everything that was started", file=sys.stderr)  # noqa: T201
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
