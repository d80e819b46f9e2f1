import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import LEDGER

SCRIPT = Path(sys.executable).parent / "outpost-order"


def start(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of its own, with this test's environment."""
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def test_it_starts_without_the_cdk() -> None:
    """To import aws_cdk costs seconds, and an operator may not have Node."""
    code = "import sys, outpost_order_cli.app; sys.exit('aws_cdk' in sys.modules)"
    done = start(sys.executable, "-c", code)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_names_the_commands() -> None:
    """The console script is installed, and says what it can do."""
    done = start(SCRIPT, "ledger", "--help")
    commands = [line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines()[1:]]
    assert (done.returncode, done.stderr) == (0, "")
    assert commands == ["list", "show", "reconcile", "resolve"]


def test_a_failure_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, and an exit code that a script sees."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    done = start(SCRIPT, "ledger", "list", "--table", LEDGER)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: Unable to locate credentials; ")
    assert done.stderr.count("\n") == 1
