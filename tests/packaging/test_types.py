"""The result of a type checker for a user's app, with the installed library."""

import ast
import json
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import cdk_outpost_order
from tests.packaging.conftest import PROJECT, run

APP = Path(__file__).with_name("user_app.py")
PYRIGHT = PROJECT / "node_modules/.bin/pyright"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Give the app in its own folder, which has nothing of the project."""
    return Path(shutil.copy(APP, tmp_path))


def test_the_app_uses_every_public_name() -> None:
    """A name that is missing here has types that nothing checks."""
    used = {
        name.name
        for node in ast.walk(ast.parse(APP.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == cdk_outpost_order.__name__
        for name in node.names
    }
    assert used == {*cdk_outpost_order.__all__}


def test_the_app_runs(app: Path) -> None:
    """The types allow exactly the values that the library accepts."""
    printed = run(sys.executable, app, folder=app.parent)
    assert printed.endswith("4 problems\n")


def test_mypy_finds_nothing(programs: Path, app: Path) -> None:
    """In its strict mode, which also finds what it can't read the types of."""
    config = app.with_name("mypy.toml")
    config.write_text("\n".join(["[tool.mypy]", "strict = true", *_modules_of_cdk()]))
    python = ("--python-executable", programs / "python")
    printed = run(
        *(sys.executable, "-m", "mypy", "--config-file", config, *python, app), folder=app.parent
    )
    assert printed == "Success: no issues found in 1 source file\n"


def _modules_of_cdk() -> Iterator[str]:
    """Yield which modules of CDK are read: the types that are used, as for the project itself."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    for each in project["tool"]["mypy"]["overrides"]:
        if "follow_imports" in each:
            yield "[[tool.mypy.overrides]]"
            yield from (f"{name} = {json.dumps(value)}" for name, value in each.items())


def test_pyright_finds_nothing(programs: Path, app: Path) -> None:
    """With a comment that hides no error as an error."""
    rules = {"include": [app.name], "reportUnnecessaryTypeIgnoreComment": "error"}
    config = app.with_name("pyrightconfig.json")
    config.write_text(json.dumps(rules))
    run(
        *(PYRIGHT, "--project", config, "--pythonpath", programs / "python", "--warnings"),
        folder=app.parent,
    )
