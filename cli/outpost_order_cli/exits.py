"""How a command ends that can't do its work: one line, and an exit code.

Standard library and typer only: a command that doesn't ask AWS doesn't import botocore.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from outpost_order_cli.output import best_effort, flush, say

FAILED = 1
MISUSED = 2
STILL_UNKNOWN = 3


class Problem(Exception):
    """A failure that the operator can act on: the fact, the value given, and the next step."""

    def __init__(self, line: str, exit_code: int = FAILED) -> None:
        """Take the line to print, and the exit code of the command."""
        super().__init__(line)
        self.exit_code = exit_code


def misused(line: str) -> Problem:
    """Return the problem of arguments that contradict each other or can't be used."""
    return Problem(line, MISUSED)


@contextmanager
def reported() -> Iterator[None]:
    """End a command that fails as expected with one line and its exit code.

    A defect of this program isn't expected, and keeps its traceback.
    """
    try:
        yield
        flush()
    except Exception as error:
        line = str(error) if isinstance(error, Problem) else _line_of(error)
        if line is None:
            raise
        with best_effort():
            say(f"Error: {line}", err=True)
        exit_code = error.exit_code if isinstance(error, Problem) else FAILED
        raise typer.Exit(exit_code) from error


def _line_of(error: Exception) -> str | None:
    if "botocore" not in sys.modules:  # then the error isn't one of AWS
        return None
    from outpost_order_cli.problems import line_of  # noqa: PLC0415

    return line_of(error)
