import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import hatch_build
from tests.conftest import Synthesize

PROJECT = Path(__file__).parents[2]
FUNCTION = "cdk_outpost_order/_function/"
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


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and the wheel from it."""
    folder = tmp_path_factory.mktemp("dist")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    """Give the wheel."""
    [wheel] = distributions.glob("*.whl")
    return wheel


def test_the_sdist_has_the_sources_of_the_function(distributions: Path) -> None:
    """It has them once: a wheel that is built from it gets the function from them."""
    [sdist] = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"hatch_build.py", "lambda/outpost_order_handler/entry.py"} < names
    assert [name for name in names if "_function/" in name] == []


def test_a_checkout_and_its_sdist_give_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """To the byte."""
    build(tmp_path, "--wheel")
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    """No tests, no source roots, no caches; of data, the ledger's template and a license."""
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {
        "cdk_outpost_order",
        "outpost_order_cli",
        "outpost_order_handler",
    }
    data = [name for name in names if Path(name).suffix not in (".py", ".typed")]
    assert sorted(data) == [
        "cdk_outpost_order/_function/crhelper/LICENSE",
        "cdk_outpost_order/_function/crhelper/NOTICE",
        "outpost_order_cli/ledger.template.json",
    ]


def test_the_wheel_has_the_function(wheel: Path) -> None:
    """What Lambda runs comes with the package, with crhelper and its license."""
    with zipfile.ZipFile(wheel) as archive:
        shipped = {
            name.removeprefix(FUNCTION): archive.read(name)
            for name in archive.namelist()
            if name.startswith(FUNCTION)
        }
    assert shipped == hatch_build.content(hatch_build.FUNCTION)
    assert {"crhelper/LICENSE", "crhelper/NOTICE", "crhelper/__init__.py"} < shipped.keys()


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty environment, and give the folder of its programs."""
    folder = tmp_path_factory.mktemp("installed")
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join([*_pins(), f"aws-cdk-lib=={_oldest_cdk()}"]))
    uv = Path(sys.executable).with_name("uv")
    run(uv, "venv", "--quiet", "environment", "--python", sys.executable, folder=folder)
    run(
        *(uv, "pip", "install", "--quiet", "--python", "environment"),
        *("--constraints", constraints, wheel),
        folder=folder,
    )
    return folder / "environment" / "bin"


def _pins() -> list[str]:
    """Return the tested versions, without their hashes: uv would want one for the wheel too.

    What an older CDK needs, it says itself.
    """
    text = (PROJECT / "requirements-dev.txt").read_text()
    return re.findall(r"^(?!aws-cdk|jsii|typeguard)[a-z0-9._-]+==[^ ;]+", text, re.MULTILINE)


def _oldest_cdk() -> str:
    """Return the oldest version of aws-cdk-lib that the wheel says it works with."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    [found] = re.findall(r"aws-cdk-lib>=([0-9.]+),", " ".join(project["dependencies"]))
    return str(found)


def test_an_empty_environment_synthesizes_the_same_template(
    programs: Path, synthesized: Synthesize, tmp_path: Path
) -> None:
    """With the oldest CDK, a user gets what was tested with the newest: template and asset hash."""
    app, installed = tmp_path / "app", tmp_path / "installed"
    app.mkdir()
    shutil.copy(PROJECT / "app.py", app)
    run(programs / "python", "app.py", folder=app, CDK_OUTDIR=str(installed))
    template = "OutpostRack.template.json"
    here = synthesized("app.py").folder
    assert (installed / template).read_bytes() == (here / template).read_bytes()


def test_an_empty_environment_has_the_command(programs: Path, tmp_path: Path) -> None:
    """The operator's way out comes with the library."""
    assert "resolve" in run(programs / "outpost-order", "--help", folder=tmp_path)
    template = run(programs / "outpost-order", "init", "--show-template", folder=tmp_path)
    assert "AWS::DynamoDB::Table" in template
