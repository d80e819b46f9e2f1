"""The shell of `--keep`: it ends with its starter, and with it everything that it started."""

import os
import pty
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from typing import IO

import pytest

from tests.rehearsal.processes import PROC, descendants, from_terminal, left_of

SECONDS = 60
STARTER = """
import os, sys
from outpost_order_rehearsal.endings import leave_on_signals
from outpost_order_rehearsal.shell import run_shell
leave_on_signals()
run_shell("/bin/sh", dict(os.environ))
print("done")
"""
# As the shell of a terminal does it: the first terminal that the leader of a session opens is that
# of the session, and one process group has it.
TERMINAL = f"""
import os, signal, subprocess, sys
os.close(os.open(sys.argv[1], os.O_RDWR))
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
starter = subprocess.Popen([sys.executable, "-c", {STARTER!r}], process_group=0)
os.tcsetpgrp(0, starter.pid)
print("starter", starter.pid, flush=True)
starter.wait()
"""
DAEMON = "import os; os.setsid(); os.execlp('sleep', 'sleep', '602')"
BACKGROUND = f'sleep 601 &\n{sys.executable} -c "{DAEMON}" &\n'
READY = "echo rea''dy\n"


def _started() -> AbstractContextManager[subprocess.Popen[str]]:
    return from_terminal([sys.executable, "-c", STARTER], os.environ)


def _type(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.flush()


def _read_until(output: IO[str] | None, word: str) -> str:
    assert output is not None
    return next(line for line in output if word in line)


@pytest.mark.parametrize("whole_group", [True, False], ids=["group", "process"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_shell_ends_with_its_starter(number: signal.Signals, *, whole_group: bool) -> None:
    """However it ends; the commands in the background end too."""
    with _started() as process:
        _type(process, BACKGROUND + READY)
        _read_until(process.stdout, "ready")
        started = descendants(process.pid)
        (os.killpg if whole_group else os.kill)(process.pid, number)
        process.wait(SECONDS)
        assert len(started) == len(("keeper", "shell", "sleep", "sleep"))
        assert left_of(started) == set()


def test_the_end_of_the_shell_is_the_end_of_its_commands() -> None:
    """Also of those in the background; then the starter goes on."""
    with _started() as process:
        _type(process, BACKGROUND + READY)
        _read_until(process.stdout, "ready")
        started = descendants(process.pid)
        _type(process, "exit\n")
        _read_until(process.stdout, "done")
        assert left_of(started) == set()


@pytest.mark.skipif(not PROC.is_dir(), reason="the processes of a terminal aren't listed here")
def test_a_shell_in_a_terminal_ends_with_its_starter() -> None:
    """It controls jobs then: it and each command have a process group of their own."""
    terminal, other = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", TERMINAL, os.ttyname(other)],
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    ) as leader:
        os.close(other)
        with open(terminal, encoding="utf-8") as screen:  # noqa: PTH123 (it has no path)
            starter = int(_read_until(screen, "starter").split()[-1])
            os.write(terminal, (BACKGROUND + READY).encode())
            _read_until(screen, "ready")
            started = descendants(starter)
            os.kill(starter, signal.SIGKILL)
            leader.wait(SECONDS)
    assert len(started) == len(("keeper", "shell", "sleep", "sleep"))
    assert left_of(started) == set()
