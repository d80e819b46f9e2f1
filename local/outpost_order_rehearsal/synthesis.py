"""A user's app, synthesized in the user's own environment."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from outpost_order_rehearsal.process_tree import ProcessTree

SETTINGS = "cdk.json"
CONTEXT = "cdk.context.json"
USER_SETTINGS = "~/.cdk.json"
MANIFEST = "manifest.json"
SECONDS = 600.0
# The CDK CLI gives these to every app.
CONTEXT_OF_CLI = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:version-reporting": False,
    "aws:cdk:bundling-stacks": ["**"],
}
CONTEXT_VARIABLE = "CDK_CONTEXT_JSON"
OVERFLOW_VARIABLE = "CONTEXT_OVERFLOW_LOCATION_ENV"
MAX_ENVIRONMENT = 131_072  # bytes, as the CDK CLI counts them


class SynthesisError(Exception):
    """An app that can't be synthesized; the text says why, and what to do."""


def command_of(folder: Path, app: str | None) -> str:
    """Return the command that synthesizes an app, or the path of an assembly.

    Args:
        folder: The folder of ``cdk.json``.
        app: The option ``--app``; without it, ``cdk.json`` or ``~/.cdk.json`` has the command.

    Raises:
        SynthesisError: There is no command.
    """
    settings = _object(Path(USER_SETTINGS).expanduser()) | _object(folder / SETTINGS)
    command = app or settings.get("app")
    if isinstance(command, list):
        command = " ".join(map(str, command))
    if isinstance(command, str) and command:
        return command
    raise SynthesisError(
        f'There is no app in {str(folder)!r}: {SETTINGS} has no "app", and --app isn\'t given. '
        f"Run this in the folder of {SETTINGS}, or give the command: --app 'python3 app.py'"
    )


def synthesize(command: str, folder: Path, output: Path, env: Mapping[str, str]) -> str:
    """Build and run an app as the CDK CLI does, and return what the app printed.

    Args:
        command: The command, for a shell.
        folder: The folder to run it in.
        output: The folder for the assembly.
        env: The environment of the app.

    Raises:
        SynthesisError: The app or its build fails, or it makes no assembly.
    """
    build = _object(folder / SETTINGS).get("build")
    if isinstance(build, str):
        _run(build, folder, env)
    env = {**env, "CDK_OUTDIR": str(output)}
    with _passed(_context(folder), env, output.parent) as variables:
        printed = _run(command, folder, {**env, **variables})
    if not (output / MANIFEST).is_file():
        raise SynthesisError(f"{command!r} wrote no assembly to $CDK_OUTDIR.\n{printed}")
    return printed


def _run(command: str, folder: Path, env: Mapping[str, str]) -> str:
    """Run a command, and return what it printed.

    Raises:
        SynthesisError: It fails.
    """
    with ProcessTree(["/bin/sh", "-c", command], env=env, cwd=folder) as process:
        exit_code, lines = process.read(SECONDS)
    printed = "\n".join(lines).rstrip()
    if exit_code == 0:
        return printed
    hint = ""
    if "No module named 'aws_cdk'" in printed:
        hint = " Activate the environment of the app, then run this again."
    raise SynthesisError(f"{command!r} ended with exit code {exit_code}.{hint}\n{printed}")


def _context(folder: Path) -> dict[str, Any]:
    """Return the context of an app; of a value that is given twice, the later file counts."""
    context: dict[str, Any] = {}
    for given in (
        _object(Path(USER_SETTINGS).expanduser()).get("context"),
        _object(folder / CONTEXT),
        _object(folder / SETTINGS).get("context"),
    ):
        if isinstance(given, dict):
            _merge(context, given)
    return context | CONTEXT_OF_CLI


def _merge(into: dict[str, Any], given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if isinstance(value, dict):
            if not isinstance(into.get(name), dict):
                into[name] = {}
            _merge(into[name], value)
        else:
            into[name] = value


@contextmanager
def _passed(
    context: Mapping[str, Any], env: Mapping[str, str], folder: Path
) -> Iterator[dict[str, str]]:
    """Give the variables that pass a context; a file has the part for which there is no room.

    Args:
        context: The context.
        env: The other variables, which leave less room for it.
        folder: A folder for the file.
    """
    room = MAX_ENVIRONMENT - _size(CONTEXT_VARIABLE, *env, *env.values())
    small: dict[str, Any] = {}
    large: dict[str, Any] = {}
    for name, value in context.items():
        room -= _size(_text({name: value}))
        (small if room >= 0 else large)[name] = value
    variables = {CONTEXT_VARIABLE: _text(small)}
    if not large:
        yield variables
        return
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=folder, prefix="context-", suffix=".json"
    ) as file:
        file.write(_text(large))
        file.flush()
        yield {**variables, OVERFLOW_VARIABLE: file.name}


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _size(*texts: str) -> int:
    return sum(len(os.fsencode(each)) for each in texts)


def _object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SynthesisError(f"{path.name} can't be read: {error}. Correct it.") from error
    return value if isinstance(value, dict) else {}
