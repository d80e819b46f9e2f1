"""`outpost-order rehearse` with an assembly that is synthesized already."""

import json
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.cli.rehearse.running import SECONDS, rehearsal
from tests.rehearsal.processes import descendants, left_of

QUEUE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """Give an assembly with one stack."""
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    properties = {"templateFile": "Berlin.template.json"}
    artifact = {"type": "aws:cloudformation:stack", "properties": properties}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"Berlin": artifact}}))
    (folder / "Berlin.template.json").write_text(json.dumps(QUEUE))
    return folder


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Give the folder for temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


def _rehearsal(
    assembly: Path, temporary: Path, *options: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    arguments = ("--app", str(assembly), *options)
    return rehearsal(*arguments, temporary=temporary, SHELL="/bin/sh")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_shell_ends_with_the_command(
    number: signal.Signals, assembly: Path, temporary: Path
) -> None:
    """No process and no file remains, neither of the shell nor of the rehearsal."""
    with _rehearsal(assembly, temporary, "--keep") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("sleep 601 &\necho rea''dy\n")
        process.stdin.flush()
        assert any("ready" in line for line in process.stdout)
        started = descendants(process.pid)
        process.send_signal(number)
        process.wait(SECONDS)
        assert left_of(started) == set()
    assert len(started) >= len(("keeper", "server", "keeper", "shell", "sleep"))
    assert list(temporary.iterdir()) == []


def test_a_parameter_without_a_value_is_refused(assembly: Path, temporary: Path) -> None:
    """Nothing is deployed."""
    template = {**QUEUE, "Parameters": {"Site": {"Type": "String"}}}
    (assembly / "Berlin.template.json").write_text(json.dumps(template))
    with _rehearsal(assembly, temporary) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "1 parameter has no value, so nothing was deployed:\n  Berlin: Site\n" in text
    assert "deploy Berlin" not in text
