import shutil
import tarfile
import zipfile
from pathlib import Path

import hatch_build
from tests.cli.review.apps import order, quote_order, write_app
from tests.conftest import Synthesize
from tests.packaging.conftest import PROJECT, build, run

FUNCTION = "cdk_outpost_order/_function/"


def test_the_sdist_has_the_sources_of_the_function(distributions: Path) -> None:
    """The sdist has the sources once, and a wheel that is built from it has the function."""
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
        "_outpost_order_pytest.py",
        "cdk_outpost_order",
        "outpost_order_cli",
        "outpost_order_fake",
        "outpost_order_handler",
        "outpost_order_rehearsal",
    }
    data = [name for name in names if Path(name).suffix not in (".py", ".typed")]
    assert sorted(data) == [
        "cdk_outpost_order/_function/crhelper/LICENSE",
        "cdk_outpost_order/_function/crhelper/NOTICE",
        "outpost_order_cli/ledger.template.json",
    ]


def test_the_wheel_has_the_function(wheel: Path) -> None:
    """The package has the function's code, with crhelper and its license."""
    with zipfile.ZipFile(wheel) as archive:
        shipped = {
            name.removeprefix(FUNCTION): archive.read(name)
            for name in archive.namelist()
            if name.startswith(FUNCTION)
        }
    assert shipped == hatch_build.content(hatch_build.FUNCTION)
    assert {"crhelper/LICENSE", "crhelper/NOTICE", "crhelper/__init__.py"} < shipped.keys()


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


def test_an_empty_environment_reviews_an_app(programs: Path, tmp_path: Path) -> None:
    """Outside of the repository, with the wheel alone: two versions of an app are compared."""
    old = {"Racks": {"Rack": order("PO-1")}}
    write_app(tmp_path / "main", old)
    write_app(tmp_path / "cdk.out", {**old, "Lisbon": {"Rack": quote_order("PO-2")}})
    command = (programs / "outpost-order", "review", "--against", "main")
    printed = run(*command, "--fail-on", "will-fail", folder=tmp_path)
    assert printed.startswith("Buys 1 order: commits USD 169,218.00 over 36 months.\n")
    markdown = run(*command, "--format", "markdown", folder=tmp_path)
    assert markdown.startswith("<!-- outpost-order review: app -->\n")
