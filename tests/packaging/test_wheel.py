import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.conftest import Synthesize

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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the sources as they are."""
    folder = tmp_path_factory.mktemp("dist")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    run(sys.executable, *build, PROJECT, folder=folder)
    [wheel] = folder.glob("*.whl")
    return wheel


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    """No tests, no source roots, no caches; of data, the ledger's template and two licenses."""
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {
        "cdk_outpost_order",
        "outpost_order_cli",
        "outpost_order_handler",
    }
    data = [name for name in names if Path(name).suffix not in (".py", ".typed")]
    assert data == [
        "cdk_outpost_order/_function/crhelper/LICENSE",
        "cdk_outpost_order/_function/crhelper/NOTICE",
        "outpost_order_cli/ledger.template.json",
    ]


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
