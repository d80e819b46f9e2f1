"""How a text reaches the terminal, whatever the terminal can show."""

import io
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO

import typer

COMMAND = "outpost-order"


class OutputFailed(OSError):
    """The output can't be written, for example because the disk is full."""


def escape_unprintable() -> None:
    """Let the streams escape what they can't encode or decode, instead of failing."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print a text."""
    # Without `file`, click writes UTF-8 to a stream whose encoding is ASCII.
    with _failing_as_output():
        typer.echo(text, file=sys.stderr if err else sys.stdout, err=err, nl=nl)


def ask(question: str) -> str:
    """Ask a question, on the stream that a pipe leaves alone; no answer is empty."""
    say(f"{question}: ", err=True, nl=False)
    answer = sys.stdin.readline() if sys.stdin else ""
    if not answer:
        say(err=True)  # the question has no end of line yet
    return answer.strip()


def is_confirmed(question: str) -> bool:
    """Ask for a yes; no answer is a no."""
    return ask(f"{question} [y/N]").lower() in ("y", "yes")


@contextmanager
def best_effort() -> Iterator[None]:
    """Print what can be printed: the exit code says what was recorded, not what was shown."""
    try:
        yield
        flush()
    except (OSError, ValueError):
        discard_what_fails()


def flush() -> None:
    """Write what is buffered, so that an error shows now and not when the interpreter ends."""
    with _failing_as_output():
        for stream in _streams():
            stream.flush()


def discard_what_fails() -> None:
    """Give up on a stream that fails; what it buffers would fail again at the end."""
    for stream in _streams():
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _streams() -> list[TextIO]:
    # Python has no stream for a descriptor that was closed before it started.
    streams: tuple[TextIO | None, ...] = (sys.stdout, sys.stderr)
    return [stream for stream in streams if stream is not None]


@contextmanager
def _failing_as_output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # click ends quietly: the reader has seen enough
    except OSError as error:
        raise OutputFailed(error.errno, error.strerror) from error


def one_line(text: str) -> str:
    """Return the text with line breaks and control characters escaped."""
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line for each row, its cells aligned; no cell is cut or folded."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def fit(lines: Sequence[str]) -> bool:
    """Return whether no line is longer than the terminal is wide; a pipe has no width."""
    is_terminal = sys.stdout in _streams() and sys.stdout.isatty()
    return not is_terminal or max(map(len, lines)) <= _width()


def wrapped(text: str, indent: int) -> str:
    """Return the text, broken between words on a terminal and nowhere in a pipe.

    A command at its end stays on one line, so that it can be pasted.
    """
    if fit([text]):
        return text
    prose, found, command = text.partition(f"{COMMAND} ")
    lines = textwrap.wrap(
        prose,
        _width(),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join([*lines, " " * indent + found + command] if found else lines)


def _width() -> int:
    return shutil.get_terminal_size().columns
