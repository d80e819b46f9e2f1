"""Lambda runs the code that was tested, in every environment of the app."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cdk_outpost_order.function import CODE
from hatch_build import content
from outpost_order_rehearsal.environment import app_environment
from tests.conftest import Synthesize
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.builder import PACKAGES, install_privately, private_files
from tests.rehearsal.cdk_cli import ROOT

TEMPLATE = "OutpostRack.template.json"
READABLE = 0o644
STRANGER = 'raise ImportError("this module of the project was imported")\n'


def with_a_module_of_its_own(app: Path) -> dict[str, str]:
    """Let the project have a module with the name of the library that the function has."""
    (app / "crhelper.py").write_text(STRANGER)
    return {}


def with_a_vendored_package(app: Path) -> dict[str, str]:
    """Let the project have another version of that library."""
    (app / "crhelper").mkdir()
    (app / "crhelper" / "__init__.py").write_text(STRANGER)
    return {"PYTHONPATH": str(app)}


def without_staging(app: Path) -> dict[str, str]:
    """Let the CLI be called with --no-staging, which it says in the context."""
    settings = json.loads((app / "cdk.json").read_text())
    settings["context"]["aws:cdk:disable-asset-staging"] = True
    (app / "cdk.json").write_text(json.dumps(settings))
    return {}


def without_byte_code(_app: Path) -> dict[str, str]:
    """Let Python run as with -B."""
    return {"PYTHONDONTWRITEBYTECODE": "1"}


def with_a_private_installation(app: Path) -> dict[str, str]:
    """Let the package be readable by its owner only, and compiled."""
    return install_privately(app.parent / "site-packages")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Give the project in another folder."""
    folder = tmp_path / "there and elsewhere"
    for each in (folder, tmp_path / "tmp"):
        each.mkdir()
    for name in ("app.py", "cdk.json"):
        shutil.copy(ROOT / name, folder)
    return folder


def synthesize(app: Path, environment: dict[str, str]) -> Assembly:
    """Synthesize the project."""
    return Assembly.synthesize(app, app / "cdk.out", app_environment(app.parent) | environment)


def code_of(assembly: Assembly) -> Path:
    """Return the folder that the CLI zips."""
    [folder] = (each for each in assembly.folder.glob("asset.*") if each.is_dir())
    return folder


@pytest.mark.parametrize(
    "surroundings",
    [
        with_a_module_of_its_own,
        with_a_vendored_package,
        without_staging,
        without_byte_code,
        with_a_private_installation,
    ],
    ids=lambda each: each.__name__,
)
def test_the_surroundings_change_nothing(
    surroundings: Callable[[Path], dict[str, str]], synthesized: Synthesize, app: Path
) -> None:
    """The same template, asset hash and code, which everybody can read."""
    environment = surroundings(app)
    with private_files():
        elsewhere = synthesize(app, environment)
    here = synthesized("app.py")
    templates = [(each.folder / TEMPLATE).read_bytes() for each in (here, elsewhere)]
    assert templates[0] == templates[1]
    assert code_of(elsewhere).name == code_of(here).name
    files = [path for path in code_of(elsewhere).rglob("*") if path.is_file()]
    assert len(files) == len(content(code_of(elsewhere)))  # nothing compiled
    assert content(code_of(elsewhere)) == content(CODE)
    assert {path.stat().st_mode & 0o777 for path in files} == {READABLE}


def test_a_package_in_a_zip_is_refused(app: Path) -> None:
    """CDK can't copy code out of a zip, and the error says what to do."""
    archives = [
        shutil.make_archive(str(app / package.name), "zip", package.parent, package.name)
        for package in PACKAGES
    ]
    with pytest.raises(ValueError, match=r"a folder: install the package with pip, because it"):
        synthesize(app, {"PYTHONPATH": os.pathsep.join(archives)})
