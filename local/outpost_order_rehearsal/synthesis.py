"""A user's app, synthesized in the user's own environment."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from outpost_order_rehearsal.process_tree import ProcessTree

SETTINGS = "cdk.json"
CONTEXT = "cdk.context.json"
MANIFEST = "manifest.json"
SECONDS = 600.0
# The CDK CLI gives these to every app.
CONTEXT_OF_CLI = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:version-reporting": False,
    "aws:cdk:bundling-stacks": ["**"],
}


class SynthesisError(Exception):
    """An app that can't be synthesized; the text says why, and what to do."""


def command_of(folder: Path, app: str | None) -> str:
    """Return the command that synthesizes an app, or the path of an assembly.

    Args:
        folder: The folder of ``cdk.json``.
        app: The option ``--app``; without it, ``cdk.json`` has the command.

    Raises:
        SynthesisError: There is no command.
    """
    command = app or _object(folder / SETTINGS).get("app")
    if isinstance(command, str) and command:
        return command
    raise SynthesisError(
        f'There is no app in {str(folder)!r}: {SETTINGS} has no "app", and --app isn\'t given. '
        f"Run this in the folder of {SETTINGS}, or give the command: --app 'python3 app.py'"
    )


def synthesize(command: str, folder: Path, output: Path, env: Mapping[str, str]) -> str:
    """Run the command of an app as the CDK CLI does, and return what it printed.

    Args:
        command: The command, for a shell.
        folder: The folder to run it in.
        output: The folder for the assembly.
        env: The environment of the app.

    Raises:
        SynthesisError: The app fails, or makes no assembly.
    """
    settings = {"CDK_OUTDIR": str(output), "CDK_CONTEXT_JSON": json.dumps(_context(folder))}
    with ProcessTree(["/bin/sh", "-c", command], env={**env, **settings}, cwd=folder) as app:
        exit_code, lines = app.read(SECONDS)
    printed = "\n".join(lines)
    if exit_code == 0 and (output / MANIFEST).is_file():
        return printed
    how = f"ended with exit code {exit_code}" if exit_code else "wrote no assembly to $CDK_OUTDIR"
    hint = ""
    if "No module named 'aws_cdk'" in printed:
        hint = " Activate the environment of the app, then run this again."
    raise SynthesisError(f"{command!r} {how}.{hint}\n{printed.rstrip()}")


def _context(folder: Path) -> dict[str, Any]:
    found = dict(CONTEXT_OF_CLI)
    for given in (_object(folder / SETTINGS).get("context"), _object(folder / CONTEXT)):
        if isinstance(given, dict):
            found.update(given)
    return found


def _object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SynthesisError(f"{path.name} can't be read: {error}. Correct it.") from error
    return value if isinstance(value, dict) else {}
