"""The help of the commands, and the answer to a command that doesn't exist."""

import shlex
from typing import Any

import pytest
from typer.main import get_command

from outpost_order_cli.app import app
from tests.cli.conftest import Run

COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_with_examples_that_can_be_pasted(name: str, run: Run) -> None:
    """Each is a line of its own at 80 columns, with options that the command has."""
    command = COMMANDS[name]
    options = {option for parameter in command.params for option in parameter.opts}
    _, _, block = run(name, "--help").stdout.partition("\nExamples:\n")
    lines = block.splitlines()
    assert lines
    for line in lines:
        words = shlex.split(line, comments=True)
        assert words[:2] == ["outpost-order", name]
        typed = words[: words.index("|")] if "|" in words else words
        assert {word for word in typed if word.startswith("--")} <= options
        assert len(line) <= 80


@pytest.mark.parametrize("name", ["show", "reconcile", "resolve", "cancel"])
def test_usage_names_the_order_without_braces(name: str, run: Run) -> None:
    """Braces mean "choose one of"."""
    assert f" {name} [OPTIONS] NAME\n" in run(name, "--help").stdout


def test_no_arguments_show_the_help(run: Run) -> None:
    """It isn't a failure to ask which commands exist."""
    done = run()
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == run("--help").stdout


@pytest.mark.parametrize(
    ("typed", "hint"),
    [(("shw", "PO-4711"), " Did you mean 'show'?"), (("ledger", "list"), "")],
)
def test_an_unknown_command_is_answered_with_those_that_exist(
    typed: tuple[str, ...], hint: str, run: Run
) -> None:
    """The nearest one first."""
    done = run(*typed)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        f"Error: No such command '{typed[0]}'.{hint} "
        "The commands are: init, list, show, reconcile, resolve, cancel, review, rehearse."
    )
