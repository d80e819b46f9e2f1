"""`outpost-order rehearse --cdk`, which is `make rehearse`."""

import os
import signal
from pathlib import Path

import pytest

from tests.cli.rehearse.running import SECONDS, rehearsal
from tests.rehearsal.processes import descendants, left_of


def test_the_cdk_cli_deploys(tmp_path: Path) -> None:
    """It refuses with a reason, deploys, and leaves nothing."""
    arguments = ("--cdk", "--fail=ConflictException", "--then=redeploy", "--then=destroy")
    with rehearsal(*arguments, temporary=tmp_path) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, text
    assert "PO-4710: ResourceConflict (ConflictException): nothing was ordered" in text
    assert "OutpostRack.RackStatus = PREPARING" in text
    assert "received 2 CreateOrder requests; 1 order is in force." in text
    assert "delete OutpostRack" in text
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_when_the_cdk_cli_is_interrupted(tmp_path: Path) -> None:
    """Ctrl-C reaches the whole group of processes."""
    with rehearsal("--cdk", "--verbose", temporary=tmp_path) as process:
        assert process.stdout is not None
        assert any("Bootstrapping" in line for line in process.stdout)
        started = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + signal.SIGINT
    assert "Traceback" not in text
    assert len(started) >= len(("keeper", "server", "keeper", "CDK CLI"))
    assert left_of(started) == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        ("2.1139.9 (build 1)", "needs version 2.1140.0 of the CDK CLI or later, and "),
        ("Command not found", "--version shows no version: Command not found"),
    ],
)
def test_a_cdk_cli_that_cannot_deploy_here_is_refused(
    printed: str, message: str, tmp_path: Path
) -> None:
    """Before the app is synthesized."""
    programs = tmp_path / "node_modules" / ".bin"
    programs.mkdir(parents=True)
    (programs / "cdk").write_text(f"#!/bin/sh\necho '{printed}'\n")
    (programs / "cdk").chmod(0o755)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    arguments = ("--cdk", "--app", "false")
    with rehearsal(*arguments, temporary=temporary, folder=tmp_path) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert message in " ".join(text.split())
    assert "synthesize" not in text
