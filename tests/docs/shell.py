"""A person at a terminal of 80 columns, who runs the commands of a page in order."""

import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from fcntl import ioctl
from pathlib import Path

SECONDS = 300
COLUMNS, LINES = 80, 60
_LEFT_OUT = "..."
# Each run has other IDs, accounts, and times.
_MASKS = (
    (re.compile(r"\boo-[0-9a-f]{17}\b"), "oo-ID"),
    (re.compile(r"\b[0-9]{12}:[a-z]+(/[a-z]+)?"), "ACCOUNT:IDENTITY"),
    (re.compile(r"\b[0-9]{12}\b"), "ACCOUNT"),
    (re.compile(r"\([0-9a-f]{12}\)"), "(DIGEST)"),
    (re.compile(r"\boqo?-[0-9a-f]{17}\b"), "QUOTE"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC"), "TIME"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]{8,15}(Z|\+00:00)?)?"), "TIME"),
    (re.compile(r"\b[0-9]{2}:[0-9]{2}:[0-9]{2}( UTC)?"), "TIME"),
    (re.compile(r" +[0-9]+\.[0-9] s\b"), " SECONDS"),
    (re.compile(r"\((sealed|guarded)\)"), "(KEPT)"),
)
_ERASED = re.compile(r"[^\r\n]*\r +\r")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Shell:
    """Runs commands one after the other; what `cd` changes remains."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Begin in a folder."""
        self.folder = folder
        self._environment = {
            **environment,
            "COLUMNS": str(COLUMNS),
            "NO_COLOR": "1",
            "TERM": "xterm",
        }

    def run(self, command: str, answers: Mapping[str, str]) -> tuple[int, str]:
        """Run a command, answer its questions, and return its exit code and what it printed.

        Args:
            command: As a person types it.
            answers: The text to type, by the end of the question.
        """
        terminal, side = pty.openpty()
        ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        last = self.folder.parent / "last-folder"
        script = f'{command}\nstatus=$?\npwd > "{last}"\nexit $status'
        with subprocess.Popen(
            ["/bin/sh", "-c", script],
            cwd=self.folder,
            env=self._environment,
            stdin=side,
            stdout=side,
            stderr=side,
            start_new_session=True,
        ) as process:
            os.close(side)
            try:
                printed = _read(terminal, answers)
                exit_code = process.wait(SECONDS)
            finally:
                process.kill()
                os.close(terminal)
        self.folder = Path(last.read_text().strip())
        return exit_code, printed


def _read(terminal: int, answers: Mapping[str, str]) -> str:
    """Read until the process ends; type an answer when its question is the last that was read."""
    printed, deadline, waiting = "", time.monotonic() + SECONDS, dict(answers)
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            read = os.read(terminal, 65536)
        except OSError:  # Linux says so when no process has the other side
            return _plain(printed)
        if not read:
            return _plain(printed)
        printed += read.decode(errors="replace")
        for question, answer in list(waiting.items()):
            if _plain(printed).endswith(question):
                os.write(terminal, f"{answer}\n".encode())
                del waiting[question]
    raise TimeoutError(f"still running after {SECONDS} s:\n{printed}")


def _plain(printed: str) -> str:
    return _ERASED.sub("", _ESCAPES.sub("", printed).replace("\r\n", "\n"))


def differences(shown: tuple[str, ...], printed: str) -> list[str]:
    """Return the lines of a page that a command did not print; `...` stands for any lines."""
    lines = [_masked(line) for line in printed.splitlines()]
    at, is_free = 0, False
    for line in shown:
        if line.strip() == _LEFT_OUT:
            is_free = True
            continue
        wanted = re.compile(".*".join(map(re.escape, _masked(line).split(_LEFT_OUT))))
        found = range(at, len(lines)) if is_free else range(at, min(at + 1, len(lines)))
        match = next((i for i in found if wanted.fullmatch(lines[i])), None)
        if match is None:
            return [f"the page shows {line!r}, and the command printed:\n{printed}"]
        at, is_free = match + 1, False
    if shown and not is_free and at < len(lines):
        return [f"the page leaves out {lines[at:]!r} at the end"]
    return []


def _masked(line: str) -> str:
    for pattern, mask in _MASKS:
        line = pattern.sub(mask, line)
    return line.rstrip()
