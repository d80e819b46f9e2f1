"""Run a shell in the terminal of its starter, and end it with its starter, even one that is killed.

Usage: shell_keeper.py PIPE SHELL with PIPE the number of a pipe that only the starter holds open.
The shell is in the process group of the starter, so it has the terminal. This process has a group
of its own, so a signal to the starter's group doesn't end it. On Linux, all processes that the
shell started end with it, also those in the background and those with a session of their own.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
END_SECONDS = 5.0
POLL_SECONDS = 0.01


def main(pipe: int, shell: str) -> None:
    """Run the shell, and return when nothing of it is left."""
    if sys.platform == "linux":  # orphans become children of this process
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    group = os.getpgrp()
    os.setpgid(0, 0)
    process = subprocess.Popen([shell], process_group=group)
    threading.Thread(target=end_with_starter, args=[pipe, process], daemon=True).start()
    process.wait()
    end_children()


def end_with_starter(pipe: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the pipe is closed, then end the shell."""
    os.read(pipe, 1)
    process.kill()


def end_children() -> None:
    """End all children, and the orphans that become children then."""
    deadline = time.monotonic() + END_SECONDS  # root's processes can't be ended
    with suppress(ChildProcessError):
        while time.monotonic() < deadline:
            for child in children():
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(child, signal.SIGKILL)
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
            time.sleep(POLL_SECONDS)


def children() -> Iterator[int]:
    """Yield the ids of the children of this process, if the system has a list of processes."""
    for stat in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            # The program's name, in parentheses, can contain spaces and parentheses.
            parent = stat.read_text(errors="replace").rpartition(")")[2].split()[1]
            if int(parent) == os.getpid():
                yield int(stat.parent.name)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
