"""The line that a slow command shows on a terminal; no test waits for a time to pass."""

import io
from threading import Event, Timer
from types import SimpleNamespace

import pytest

from outpost_order_cli import progress as progress_line
from outpost_order_cli.progress import progress
from tests.cli.conftest import LEDGER, Orders, Run

TEXT = "Reading the ledger Ledger in us-west-2 ..."


class Terminal(io.StringIO):
    """A terminal that keeps its text, and sets an event when text is written."""

    def __init__(self) -> None:
        super().__init__()
        self.is_written = Event()

    def isatty(self) -> bool:
        """Return that it is one."""
        return True

    def flush(self) -> None:
        """Say that something was written."""
        self.is_written.set()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Let the line come at once, on a terminal of 80 columns."""
    terminal = Terminal()
    monkeypatch.setattr(progress_line, "DELAY", 0)
    # pytest puts its own streams back between the phases of a test.
    monkeypatch.setattr(progress_line, "sys", SimpleNamespace(stderr=terminal))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return terminal


def test_a_slow_read_says_what_it_waits_for(terminal: Terminal) -> None:
    """The line is erased at the end."""
    with progress(TEXT[:-4]):
        assert terminal.is_written.wait(10)
    assert terminal.getvalue() == f"{TEXT}\r{' ' * len(TEXT)}\r"


def test_the_line_is_erased_after_an_error(terminal: Terminal) -> None:
    """The message of the error begins on an empty line."""

    def interrupted() -> None:
        with progress(TEXT[:-4]):
            assert terminal.is_written.wait(10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert terminal.getvalue().endswith(f"\r{' ' * len(TEXT)}\r")


def test_a_fast_read_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timer ends with it."""
    monkeypatch.setattr(progress_line, "DELAY", 3600)
    with progress(TEXT[:-4]):
        pass
    assert terminal.getvalue() == ""


def test_a_line_never_comes_after_it_was_erased(terminal: Terminal) -> None:
    """A timer can fire at the very end."""
    line = progress_line.Line(TEXT, terminal)
    line.erase()
    line.show()
    assert terminal.getvalue() == ""


def test_a_long_line_fits_the_terminal(terminal: Terminal) -> None:
    """A folded line couldn't be erased."""
    with progress("A" * 200):
        assert terminal.is_written.wait(10)
    shown, erased, _ = terminal.getvalue().split("\r")
    assert len(shown) == len(erased) == 79


@pytest.mark.parametrize("kind", ["a pipe", "dumb", "closed"])
def test_nothing_else_shows_a_line(
    kind: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be text in a file, or couldn't be erased."""
    if kind == "a pipe":
        monkeypatch.setattr(terminal, "isatty", lambda: False)
    if kind == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    if kind == "closed":
        monkeypatch.setattr(progress_line, "sys", SimpleNamespace(stderr=None))
    monkeypatch.setattr(Timer, "start", lambda timer: timer.function())
    with progress(TEXT):
        pass
    assert terminal.getvalue() == ""


def test_each_read_has_a_line(ledger: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it reads, and where."""
    monkeypatch.setattr(progress_line, "is_capable_terminal", lambda _: True)
    monkeypatch.setattr(Timer, "start", lambda timer: timer.function())
    record = orders.placed()
    in_doubt = orders.in_doubt("PO-4712", InAdditionTo=[record.name])
    reads = {
        ("list",): [
            f"Reading the ledger {LEDGER} in us-west-2",
            "Looking for the stacks of 1 order",
        ],
        ("show", record.name): [
            f"Reading the ledger {LEDGER} in us-west-2",
            f"Reading {record.order_id} from AWS Outposts",
            f"Looking for the stack of {record.order_id}",
        ],
        ("reconcile", in_doubt.name): [f"Searching the orders of {record.outpost_id}"],
        ("resolve", in_doubt.name, "--not-placed", "--why", "x"): [
            f"Searching the orders of {record.outpost_id}"
        ],
        ("cancel", record.name, "--confirm", record.name): [
            f"Reading {record.order_id} from AWS Outposts",
            f"Cancelling {record.order_id}",
        ],
    }
    for command, lines in reads.items():
        stderr = ledger(*command).stderr
        assert [each for each in lines if f"{each} ..." not in stderr] == []
