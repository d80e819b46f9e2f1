"""Processes that are started for a test, and those that run, to prove that none is left."""

import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PROC = Path("/proc")
END_SECONDS = 20


@dataclass(frozen=True)
class Process:
    """A running process, its parent and its process group."""

    pid: int
    parent: int
    group: int


@contextmanager
def from_terminal(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """Start a command in the project's folder as a terminal would: in a group of its own."""
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def running() -> list[Process]:
    """List every process that still runs; one that only waits to be reaped does not."""
    lines = _linux_table() if PROC.is_dir() else _ps_table()
    fields = [line.split()[:4] for line in lines]
    return [
        Process(int(pid), int(parent), int(group))
        for pid, state, parent, group in fields
        if not state.startswith("Z")
    ]


def descendants(pid: int) -> set[int]:
    """Return the ids of the children of a process, their children, and so on."""
    table = running()
    found = {pid}
    while more := {each.pid for each in table if each.parent in found} - found:
        found |= more
    return found - {pid}


def members(group: int) -> set[int]:
    """Return the ids of the processes of a process group."""
    return {each.pid for each in running() if each.group == group}


def left_of(pids: Iterable[int]) -> set[int]:
    """Return which of the processes still run after they had a while to end."""
    pids, deadline = set(pids), time.monotonic() + END_SECONDS
    while left := pids & {each.pid for each in running()}:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return left


def _linux_table() -> Iterator[str]:
    """Read /proc, since a slim container has no ps."""
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            text = stat.read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        # The program's name, in parentheses, can contain spaces and parentheses.
        yield f"{stat.parent.name} {text.rpartition(')')[2]}"


def _ps_table() -> list[str]:
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,stat=,ppid=,pgid="],  # noqa: S607
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return table.stdout.splitlines()
