import shutil
import zipfile
from pathlib import Path

from tests.conftest import Synthesize
from tests.packaging.conftest import PROJECT, run


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    """No tests, no source roots, no caches; of data, the ledger's template and two licenses."""
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {
        "cdk_outpost_order",
        "outpost_order_cli",
        "outpost_order_handler",
    }
    data = sorted(name for name in names if Path(name).suffix not in (".py", ".typed"))
    assert data == [
        "cdk_outpost_order/_function/crhelper/LICENSE",
        "cdk_outpost_order/_function/crhelper/NOTICE",
        "outpost_order_cli/ledger.template.json",
    ]


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
