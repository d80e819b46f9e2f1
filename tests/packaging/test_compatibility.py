"""The tables of docs/compatibility.md, with each Python that this machine has."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.packaging.conftest import PROJECT, install, pinned_versions, run

PAGE = (PROJECT / "docs" / "compatibility.md").read_text()
METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
VERSIONS = ["3.11", "3.12", "3.13"]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
EVERY_TEST = "3.11"
STORED = PROJECT / "tests" / "constructs" / "templates" / "app.template.json"
IMPORT_THE_FUNCTION = """
import importlib, importlib.util, pkgutil, sys
library = importlib.util.find_spec("cdk_outpost_order").submodule_search_locations[0]
sys.path.insert(0, f"{library}/_function")
import outpost_order_handler
for module in pkgutil.walk_packages(outpost_order_handler.__path__, "outpost_order_handler."):
    importlib.import_module(module.name)
    print(module.name)
"""


@pytest.fixture(scope="module", params=[version for version in VERSIONS if version != HERE])
def programs_of_a_python(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Install the wheel for another Python, with the newest packages that are tested."""
    python = _interpreter(request.param)
    if python is None:
        pytest.skip(f"this machine has no Python {request.param}")
    folder = tmp_path_factory.mktemp(f"python{request.param}")
    return install(wheel, folder, python, pinned_versions())


def _interpreter(version: str) -> str | None:
    """Return an interpreter of a version: one on the PATH that starts, or one of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [shutil.which(f"python{version}")]
    found += map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python")))
    for python in filter(None, found):
        command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)
        if done.stdout.strip() == version:
            return python
    return None


def test_another_python_synthesizes_the_same_template(
    programs_of_a_python: Path, tmp_path: Path
) -> None:
    """A team that changes its Python sees no difference in its pull requests."""
    shutil.copy(PROJECT / "app.py", tmp_path)
    run(
        *(programs_of_a_python / "python", "app.py"),
        folder=tmp_path,
        CDK_OUTDIR=str(tmp_path / "out"),
        # The slow validation sees the same template elsewhere.
        CDK_VALIDATION="false",
    )
    template = (tmp_path / "out" / "OutpostRack.template.json").read_text()
    masked = re.sub(r"[0-9a-f]{64}", "ASSET_HASH", template)
    assert masked.rstrip() == STORED.read_text().rstrip()


def test_another_python_has_the_command(programs_of_a_python: Path, tmp_path: Path) -> None:
    """An operator can use the Python that is there."""
    printed = run(programs_of_a_python / "outpost-order", "--version", folder=tmp_path)
    assert printed == f"outpost-order {METADATA['version']}\n"


def test_another_python_runs_the_function(programs_of_a_python: Path, tmp_path: Path) -> None:
    """Each module starts as it does in a Lambda runtime of that Python."""
    command = (programs_of_a_python / "python", "-W", "error", "-c", IMPORT_THE_FUNCTION)
    printed = run(*command, folder=tmp_path, AWS_DEFAULT_REGION="us-west-2")
    modules = (PROJECT / "lambda" / "outpost_order_handler").rglob("*.py")
    packages_and_modules = len([*modules]) - 1  # without the package itself
    assert len(printed.splitlines()) == packages_and_modules


def _rows(title: str) -> list[list[str]]:
    """Return the rows of the table below a title."""
    [section] = re.findall(rf"^## {title}\n(.+?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    _, _, *rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_page_has_the_pythons_that_are_tested() -> None:
    """In the order of the table: each version, its runtime, and what runs with it."""
    said = [(row[0], row[2].strip("`").partition("`")[0], row[3]) for row in _rows("Python")]
    assert said == [
        (
            version,
            f"PYTHON_{version.replace('.', '_')}",
            "every test" if version == EVERY_TEST else "the installed package",
        )
        for version in VERSIONS
    ]


def test_the_page_has_the_default_runtime() -> None:
    """As the reference has it."""
    source = (PROJECT / "constructs" / "cdk_outpost_order" / "provider.py").read_text()
    [default] = re.findall(r"= lambda_\.Runtime\.(\w+)", source)
    assert [row[2] for row in _rows("Python") if "the default" in row[2]] == [
        f"`{default}`, the default"
    ]


def test_the_metadata_has_the_pythons_that_are_tested() -> None:
    """Installers and the package's page say the same."""
    assert METADATA["requires-python"] == f">={VERSIONS[0]}"
    prefix = "Programming Language :: Python :: 3."
    classifiers = [each for each in METADATA["classifiers"] if each.startswith(prefix)]
    assert classifiers == [f"Programming Language :: Python :: {each}" for each in VERSIONS]


def test_the_page_has_the_packages_that_are_tested() -> None:
    """Each dependency with its limits, the oldest CDK, and the newest version of the tests."""
    pins = dict(pin.split("==") for pin in pinned_versions())
    dependencies = "\n".join(METADATA["dependencies"])
    limits = re.findall(r"^([a-z0-9-]+)>=([0-9.]+),<([0-9]+)$", dependencies, re.MULTILINE)
    older = {"aws-cdk-lib": f"{dict(limit[:2] for limit in limits)['aws-cdk-lib']}, "}
    assert len(limits) == len(METADATA["dependencies"])
    assert _rows("Packages") == [
        [name, oldest, below, older.get(name, "") + pins[name]] for name, oldest, below in limits
    ]
