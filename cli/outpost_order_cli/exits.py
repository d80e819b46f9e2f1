"""How a command ends that can't do its work: one line, and an exit code.

Standard library and typer only: a command that doesn't ask AWS doesn't import botocore.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from outpost_order_cli.output import best_effort, flush, one_line, say
from outpost_order_cli.problem import FAILED, Problem


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
            # A line can quote a file of a pull request.
            say("\n".join(map(one_line, f"Error: {line}".split("\n"))), err=True)
        exit_code = error.exit_code if isinstance(error, Problem) else FAILED
        raise typer.Exit(exit_code) from error


def _line_of(error: Exception) -> str | None:
    if "botocore" not in sys.modules:  # then the error isn't one of AWS
        return None
    from outpost_order_cli.problems import line_of  # noqa: PLC0415

    return line_of(error)
