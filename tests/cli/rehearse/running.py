"""`outpost-order rehearse` as a user runs it, beside others if that is wanted."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

from tests.rehearsal.processes import PROJECT, from_terminal

APPS = Path(__file__).with_name("apps")
KINDS = f"{sys.executable} {APPS / 'kinds.py'}"
SECONDS = 300
OUTPOST_ORDER = "from outpost_order_cli.app import main; main()"


def rehearsal(
    *arguments: str,
    program: str = OUTPOST_ORDER,
    temporary: Path,
    folder: Path = PROJECT,
    **environment: str,
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a rehearsal in a folder."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    command = [sys.executable, "-c", program, "rehearse", *arguments]
    variables = {**inherited, "TMPDIR": str(temporary), **environment}
    return from_terminal(command, variables, folder)


def rehearsed(
    *arguments: str, folder: Path, program: str = OUTPOST_ORDER, **environment: str
) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the document of a rehearsal, which leaves no file."""
    options = ("--json", *arguments)
    with rehearsal(
        *options, program=program, temporary=folder, folder=PROJECT, **environment
    ) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert text.startswith("{"), text
    assert list(folder.iterdir()) == []
    return process.returncode, json.loads(text)


def all_rehearsed(runs: Mapping[str, Sequence[str]], folder: Path) -> dict[str, tuple[int, str]]:
    """Return the exit code and the output of rehearsals that run side by side, by name."""
    with ExitStack() as running:
        started = {
            name: running.enter_context(rehearsal(*arguments, temporary=folder))
            for name, arguments in runs.items()
        }
        printed = {name: each.communicate(timeout=SECONDS)[0] for name, each in started.items()}
    assert list(folder.iterdir()) == []
    return {name: (each.returncode, printed[name]) for name, each in started.items()}


def synthesized(program: str, output: Path, **environment: str) -> str:
    """Synthesize an app, and return the folder of its assembly."""
    command = [sys.executable, str(APPS / program)]
    variables = {**os.environ, **environment, "CDK_OUTDIR": str(output)}
    subprocess.run(command, env=variables, check=True, timeout=SECONDS)
    return str(output)


def of_kind(kind: str) -> tuple[str, ...]:
    """Return the options that name an app."""
    return ("--app", KINDS, "--env", f"APP_KIND={kind}")
