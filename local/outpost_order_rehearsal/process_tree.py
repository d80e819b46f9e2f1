"""Commands that are ended together with all they started."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

KEEPER = Path(__file__).with_name("keeper.py")
STOP_SECONDS = 10


def _ignore(_line: str) -> None:
    pass


class ProcessTree:
    """A running command and its children, in a session of their own.

    A terminal's Ctrl-C does not reach them: their starter decides when they end. They end
    with it also when it is killed and can decide nothing any more.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        output: int | IO[bytes] = subprocess.PIPE,
        pass_fds: Sequence[int] = (),
        folder: Path | None = None,
    ) -> None:
        """Start the command.

        Args:
            command: The program, found through ``env``'s PATH, and its arguments.
            env: The whole environment, nothing is inherited.
            cwd: Its working directory.
            output: The target of its stdout and stderr, a pipe by default.
            pass_fds: Open files it inherits.
            folder: A folder to remove if the starter is killed.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(KEEPER), str(folder or ""), *command],
            env=env,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=pass_fds,
            start_new_session=True,
        )

    @property
    def output(self) -> IO[bytes]:
        """The output of the command, if it prints into a pipe."""
        if self._process.stdout is None:
            raise ValueError("the output of this command does not go into a pipe")
        return self._process.stdout

    @property
    def pid(self) -> int:
        """The id of the process group that everything belongs to."""
        return self._process.pid

    def is_running(self) -> bool:
        """Return whether the command itself still runs."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> int:
        """Wait for the command's exit code."""
        return self._process.wait(timeout=seconds)

    def read(self, seconds: float, show: Callable[[str], None] = _ignore) -> tuple[int, list[str]]:
        """Read what the command prints until it ends, and return its exit code and its lines.

        Args:
            seconds: The time limit; a command that is ended by it has the exit code of SIGKILL.
            show: Receives each line as it comes, without its end.
        """
        lines = []
        limit = threading.Timer(seconds, self.kill)
        limit.start()
        try:
            for raw in self.output:
                lines.append(raw.decode(errors="replace").rstrip())
                show(lines[-1])
            return self.wait(seconds), lines
        finally:
            limit.cancel()

    def kill(self) -> None:
        """End whatever still runs, without waiting for its end."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End all processes that still run, and close the pipe."""
        self.kill()
        self._process.wait(timeout=STOP_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
