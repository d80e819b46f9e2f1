"""A line on the terminal that says what a slow command waits for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer
from typing import TextIO

from outpost_order_cli.output import is_capable_terminal, terminal_width

DELAY = 1.0  # seconds: what is faster needs no line


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show on a terminal what takes time, after a while, and erase it at the end."""
    if not is_capable_terminal(sys.stderr):
        yield
        return
    line = Line(f"{what} ..."[: terminal_width() - 1], sys.stderr)
    timer = Timer(DELAY, line.show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        line.erase()


class Line:
    """A line that is shown at most once, and never after it was erased."""

    def __init__(self, text: str, stream: TextIO) -> None:
        self._text, self._stream, self._lock = text, stream, Lock()
        self._is_shown = self._is_over = False

    def show(self) -> None:
        """Write the line, unless it is over."""
        with self._lock:
            if not self._is_over:
                self._is_shown = True
                self._write(self._text)

    def erase(self) -> None:
        """Erase the line if it was shown; from now on, it isn't shown."""
        with self._lock:
            self._is_over = True
            if self._is_shown:
                self._write(f"\r{' ' * len(self._text)}\r")

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # a command doesn't fail because of this line
            self._stream.write(text)
            self._stream.flush()
