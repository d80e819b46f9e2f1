"""How a text reaches the terminal, whatever the terminal can show."""

import errno
import io
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import typer

COMMAND = "outpost-order"
_COMMANDS = (f"{COMMAND} ", "aws ")
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


class OutputFailed(OSError):
    """The output can't be written, for example because the disk is full."""


def escape_unprintable() -> None:
    """Let the streams escape what they can't encode or decode, instead of failing."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str = "", *, err: bool = False) -> None:
    """Print a text; on a terminal, lines that are too long break between words."""
    lines = [wrapped(line, _indent(line), err=err) for line in text.split("\n")]
    say_as_given("\n".join(lines), err=err)


def say_as_given(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text that must not be broken, for example JSON."""
    # Without `file`, click writes UTF-8 to a stream whose encoding is ASCII.
    with _failing_as_output():
        typer.echo(text, file=sys.stderr if err else sys.stdout, err=err, nl=nl)


def ask(question: str) -> str:
    """Ask a question, on the stream that a pipe leaves alone; no answer is empty."""
    say_as_given(f"{wrapped(f'{question}:', 0, err=True)} ", err=True, nl=False)
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


@contextmanager
def reported_if_unwritable() -> Iterator[None]:
    """End a command whose output can't be written with one line and the exit code 1."""
    try:
        yield
    except OSError as error:
        # typer prints help by itself.
        if not isinstance(error, OutputFailed) and error.errno != errno.ENOSPC:
            raise
        discard_what_fails()
        with best_effort():
            say(f"Error: The output can't be written: {error.strerror}.", err=True)
        raise SystemExit(1) from error


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


def styled(text: str, **style: Any) -> str:  # noqa: ANN401 (typer's own)
    """Return the text with a color, on a terminal that shows colors."""
    return typer.style(text, **style) if shows_colors() else text


def shows_colors() -> bool:
    """Return whether the output is a terminal that shows colors, and may show them."""
    return is_capable_terminal(sys.stdout) and not os.environ.get("NO_COLOR")


def is_capable_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal that can do more than print lines."""
    return _is_terminal(stream) and os.environ.get("TERM") != "dumb"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line for each row, its cells aligned; no cell is cut or folded."""
    widths = [max(map(_length, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _length(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table, in the first form that the terminal is wide enough for.

    A row is one line; or its first cell has a line of its own; or each cell has one. So no
    order ID is ever folded.
    """
    lines = columns([heads, *rows])
    if fit(lines):
        return lines
    others = columns([row[1:] for row in (heads, *rows)])
    if fit([f"  {other}" for other in others]):
        return [
            line
            for row, other in zip((heads, *rows), others, strict=True)
            for line in (row[0], f"  {other}")
        ]
    labels = columns([[head] for head in heads[1:]])
    indent = 4 + max(map(len, labels))
    lines = []
    for row in rows:
        lines.append(row[0])
        for label, cell in zip(labels, row[1:], strict=True):
            lines += wrapped(f"  {label:<{indent - 2}}{cell}", indent).splitlines()
    return lines


def fit(lines: Sequence[str], *, err: bool = False) -> bool:
    """Return whether no line is longer than the terminal is wide; a pipe has no width."""
    stream = sys.stderr if err else sys.stdout
    return not _is_terminal(stream) or max(map(_length, lines)) <= terminal_width()


def _length(text: str) -> int:
    return len(_STYLE.sub("", text))


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def wrapped(text: str, indent: int, *, err: bool = False) -> str:
    """Return the text, broken between words on a terminal and nowhere in a pipe.

    A command stays on one line, so that it can be pasted.
    """
    if fit([text], err=err) or text.lstrip().startswith(_COMMANDS):
        return text
    prose, found, command = text.partition(_COMMANDS[0])
    lines = textwrap.wrap(
        prose,
        terminal_width(),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join([*lines, " " * (indent or 2) + found + command] if found else lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def terminal_width() -> int:
    """Return how many characters a line of the terminal has."""
    return shutil.get_terminal_size().columns
