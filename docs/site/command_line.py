"""The page of the command line, from the command's own help."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

import typer
from typer.main import get_command

from outpost_order_cli.app import app
from outpost_order_cli.output import COMMAND

_EXIT_CODES = re.compile(r"Exit codes:((?:\s*\d [^,.\n]+[,.]?)+)\s*")


def page() -> str:
    """Return the page in Markdown."""
    group: Any = get_command(app)
    parts = ["# Command line", *_help_of(group), *_usage_of(group, COMMAND)]
    parts += _exit_codes(group.help)
    for name, command in group.commands.items():
        title = f"{COMMAND} {name}"
        parts += [f"## {title} {{ #{name} }}", *_help_of(command), *_usage_of(command, title)]
    return "\n\n".join(parts) + "\n"


def _exit_codes(text: str) -> Iterator[str]:
    [codes] = _EXIT_CODES.findall(text)
    rows = re.findall(r"(\d) ([^,.\n]+)", codes)
    yield "## Exit codes"
    yield "\n".join(["| code | meaning |", "|---|---|", *(f"| {n} | {what} |" for n, what in rows)])


def _help_of(command: Any) -> Iterator[str]:  # noqa: ANN401 (typer has its own copy of click)
    return map(_prose, _EXIT_CODES.sub("", command.help).split("\n\n"))


def _usage_of(command: Any, title: str) -> Iterator[str]:  # noqa: ANN401
    context = typer.Context(command, info_name=title)
    yield f"```text\n{command.get_usage(context)}\n```"
    yield "\n".join(
        ["| argument or option | meaning |", "|---|---|"]
        + [_row(title.rpartition(" ")[2], each) for each in command.get_params(context)]
    )
    if command.epilog:
        yield f"Examples:\n\n```sh\n{command.epilog}\n```"


def _row(command: str, parameter: Any) -> str:  # noqa: ANN401
    shown = ", ".join(parameter.opts)
    if parameter.param_type_name == "argument":
        shown = parameter.metavar
    elif parameter.metavar:
        shown = f"{shown} {parameter.metavar}"
    anchor = f"{command}-{parameter.name.replace('_', '-')}"
    return f'| <code id="{anchor}">{escape(shown)}</code> | {_prose(parameter.help)} |'


def _prose(text: str) -> str:
    """Return text in one line, with options as code and nothing that Markdown would take."""
    line = re.sub(r"([*_<|\\])", r"\\\1", " ".join(text.split()))
    return re.sub(r"(?<![\w-])(--[a-z][a-z-]*)", r"`\1`", line)
