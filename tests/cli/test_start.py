import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.conftest import LEDGER

SCRIPT = Path(sys.executable).parent / "outpost-order"


def start(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of its own, with this test's environment."""
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def test_it_starts_without_the_cdk() -> None:
    """The import of aws_cdk takes seconds, and an operator might not have Node."""
    code = "import sys, outpost_order_cli.app; sys.exit('aws_cdk' in sys.modules)"
    done = start(sys.executable, "-c", code)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_names_the_commands() -> None:
    """The console script is installed, and lists its commands."""
    done = start(SCRIPT, "--help")
    listed, _, _ = done.stdout.partition("Commands:")[2].partition("\n\n")
    lines = listed.splitlines()[1:]
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "] == [
        "init",
        "list",
        "show",
        "reconcile",
        "resolve",
        "cancel",
        "review",
        "rehearse",
    ]


def test_it_names_its_version() -> None:
    """A bug report begins with it."""
    done = start(SCRIPT, "--version")
    assert (done.returncode, done.stdout) == (0, f"outpost-order {version('cdk-outpost-order')}\n")


@pytest.mark.parametrize(
    "command",
    [
        ("--help",),
        ("--version",),
        ("resolve", "--help"),
        ("cancel", "--help"),
        ("init", "--show-template"),
    ],
)
def test_a_command_without_aws_starts_without_boto3(command: tuple[str, ...]) -> None:
    """To import it costs most of a second; no credentials and no Region are needed either."""
    code = (
        "import sys; from outpost_order_cli.app import app\n"
        f"app({command!r}, standalone_mode=False)\n"
        "sys.exit(f'boto3 was imported' if 'boto3' in sys.modules else 0)"
    )
    done = start(sys.executable, "-c", code)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [("frobnicate",), ("show",), ("list", "--stack")])
def test_a_usage_error_has_its_own_code(command: tuple[str, ...]) -> None:
    """A script can tell it from a failure."""
    assert start(SCRIPT, *command).returncode == 2


def test_a_failure_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, and an exit code that a script sees."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    done = start(SCRIPT, "list", "--table", LEDGER)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: Unable to locate credentials. ")
    assert done.stderr.count("\n") == 1
