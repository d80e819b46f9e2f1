import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.rehearsal.processes import descendants, from_terminal, left_of

END_SECONDS = 300


def _rehearsal(temporary: Path, *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start the command of `make rehearse`."""
    command = [sys.executable, "-m", "tests.rehearsal", *arguments]
    return from_terminal(command, {**os.environ, "TMPDIR": str(temporary)})


def _started_until(process: subprocess.Popen[str], text: str) -> set[int]:
    """Read up to the line with this text, and return the processes that run then."""
    assert process.stdout is not None
    assert any(text in line for line in process.stdout)
    return descendants(process.pid)


def test_shows_the_reason_of_a_failure_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """The CLI's own lines and the final block have it; processes and files are gone."""
    with _rehearsal(tmp_path, "--fail", "ConflictException") as process:
        started = _started_until(process, "Synthesis time")
        text, _ = process.communicate(timeout=END_SECONDS)
    output, _, final_block = text.partition("The deployment failed. CloudFormation recorded:\n")
    assert process.returncode == 1
    assert "ResourceConflict (ConflictException): " in output
    assert final_block.startswith("  ResourceConflict (ConflictException): ")
    assert "Traceback" not in text
    assert "received 1 CreateOrder request and holds 0 orders." in final_block
    assert started
    assert left_of(started) == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stops_everything_when_it_is_interrupted(number: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C, which reaches the whole group, and SIGTERM end it while the CLI runs."""
    with _rehearsal(tmp_path) as process:
        started = _started_until(process, "Bootstrapping")
        os.killpg(process.pid, number)
        text, _ = process.communicate(timeout=END_SECONDS)
    assert process.returncode == 128 + number
    assert "Traceback" not in text
    assert len(started) >= len(("keeper", "server", "keeper", "CDK CLI"))
    assert left_of(started) == set()
    assert list(tmp_path.iterdir()) == []


def test_names_the_exceptions_it_can_fail_with(tmp_path: Path) -> None:
    """Anything else, another spelling included, is refused in one line."""
    with _rehearsal(tmp_path, "--fail", "validationexception") as process:
        text, _ = process.communicate(timeout=END_SECONDS)
    assert process.returncode == 2
    assert text.startswith("FAIL must be one of ValidationException, ConflictException, ")
    assert text.endswith("; got validationexception\n")
    assert text.count("\n") == 1
