"""The numbered steps of a rehearsal, each with its time and its result."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from outpost_order_cli.output import one_line, say, wrapped
from outpost_order_cli.progress import progress

WIDTH = 44


@dataclass
class Step:
    """The result of a step, and the lines below it."""

    result: str = ""
    lines: list[str] = field(default_factory=list)


class Steps:
    """Prints the steps as they end."""

    def __init__(self, *, is_silent: bool) -> None:
        """Take whether nothing is printed."""
        self._is_silent = is_silent
        self._count = 0

    def say(self, line: str) -> None:
        """Print a line for a person."""
        if not self._is_silent:
            say(line)

    @contextmanager
    def step(self, what: str) -> Iterator[Step]:
        """Do a step, and print how it went."""
        self._count += 1
        step, began = Step(), time.monotonic()
        try:
            with progress(what):
                yield step
        except BaseException:
            step.result = step.result or "failed"
            raise
        finally:
            took = f"{time.monotonic() - began:.1f} s"
            line = f"  {self._count:>2}. {one_line(what):<{WIDTH}} {took:>7}  {step.result}"
            self.say(line.rstrip())
            for line in step.lines:
                self.say(wrapped(f"      {one_line(line)}", 8))
