"""The fixtures of the package's tests: the wheel, and an environment that has only the wheel."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SECONDS = 300


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """Run a command in a folder and return what it printed."""
    # Nothing of the project's own environment may leak into the empty one.
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=inherited | environment,
        check=False,
        timeout=SECONDS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(folder: Path, *options: str) -> None:
    """Build what is published into a folder, from the sources as they are."""
    command = (sys.executable, "-m", "build", "--no-isolation", *options)
    run(*command, "--outdir", folder, PROJECT, folder=folder)


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and the wheel from it."""
    folder = tmp_path_factory.mktemp("dist")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    """Give the wheel."""
    [wheel] = distributions.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty environment, and give the folder of its programs."""
    # An older CDK has other requirements for these.
    pins = [
        pin for pin in pinned_versions() if not pin.startswith(("aws-cdk", "jsii", "typeguard"))
    ]
    folder = tmp_path_factory.mktemp("installed")
    return install(wheel, folder, sys.executable, [*pins, f"aws-cdk-lib=={_oldest_cdk()}"])


@pytest.fixture(scope="session")
def rehearser(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with the extra, without the CDK, and give the folder of its programs."""
    folder = tmp_path_factory.mktemp("tool")
    never = 'aws-cdk-lib; python_version < "3"'
    return install(f"{wheel}[rehearse]", folder, sys.executable, pinned_versions(), [never])


def install(
    wheel: str | Path,
    folder: Path,
    python: str | Path,
    constraints: list[str],
    overrides: Sequence[str] = (),
) -> Path:
    """Install a wheel into an empty environment of a Python, and return its programs."""
    (folder / "constraints.txt").write_text("\n".join(constraints))
    (folder / "overrides.txt").write_text("\n".join(overrides))
    uv = Path(sys.executable).with_name("uv")
    run(uv, "venv", "--quiet", "environment", "--python", python, folder=folder)
    run(
        *(uv, "pip", "install", "--quiet", "--python", "environment"),
        *("--constraints", "constraints.txt", "--overrides", "overrides.txt", wheel),
        folder=folder,
    )
    return folder / "environment" / "bin"


def pinned_versions() -> list[str]:
    """Return the tested versions, without their hashes: uv would want one for the wheel too."""
    text = (PROJECT / "requirements-dev.txt").read_text()
    return re.findall(r"^[a-z0-9._-]+==[^ ;]+", text, re.MULTILINE)


def _oldest_cdk() -> str:
    """Return the oldest version of aws-cdk-lib that the wheel says it works with."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    [found] = re.findall(r"aws-cdk-lib>=([0-9.]+),", " ".join(project["dependencies"]))
    return str(found)
