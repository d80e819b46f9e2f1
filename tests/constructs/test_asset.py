import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from outpost_order.asset import handler_folder
from tests.conftest import Synthesize
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.cdk_cli import ROOT


def test_two_synths_in_two_folders_are_equal(synthesized: Synthesize, tmp_path: Path) -> None:
    """The same bytes and the same asset hash, wherever and whenever."""
    folder = tmp_path / "there and elsewhere"
    folder.mkdir()
    for name in ("app.py", "cdk.json"):
        shutil.copy(ROOT / name, folder)
    elsewhere = Assembly.synthesize(folder, folder / "cdk.out", os.environ)
    here = synthesized("app.py")
    templates = [
        (each.folder / "OutpostRack.template.json").read_bytes() for each in (here, elsewhere)
    ]
    assert templates[0] == templates[1]
    assets = [sorted(p.name for p in each.folder.glob("asset.*")) for each in (here, elsewhere)]
    assert assets[0] == assets[1]
    assert len(assets[0]) == 1


def test_the_package_holds_only_python_of_the_two_packages() -> None:
    """No caches, no metadata, nothing from the machine it was made on."""
    with handler_folder() as folder:
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert {path.suffix for path in files} == {".py"}
        assert {path.relative_to(folder).parts[0] for path in files} == {
            "outpost_order_handler",
            "crhelper",
        }
    assert not folder.exists()


def test_the_package_is_small() -> None:
    """At most 56 KB, zipped as the CDK CLI does."""
    buffer = io.BytesIO()
    with (
        handler_folder() as folder,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for path in sorted(folder.rglob("*.py")):
            archive.write(path, path.relative_to(folder))
    assert len(buffer.getvalue()) <= 56 * 1024


def test_the_handler_starts_from_the_package_alone() -> None:
    """Nothing but boto3, which the runtime has, is missing from the package."""
    code = (
        "import sys, json; from outpost_order_handler import entry; "
        "print(json.dumps([entry.__file__, sys.modules['crhelper'].__file__, "
        "'aws_cdk' in sys.modules]))"
    )
    with handler_folder() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(folder), "PATH": os.environ["PATH"]},
            cwd=folder,
            check=True,
            timeout=60,
            capture_output=True,
            text=True,
        )
        entry, crhelper, cdk_is_loaded = json.loads(done.stdout)
    assert Path(entry).is_relative_to(folder)
    assert Path(crhelper).is_relative_to(folder)
    assert not cdk_is_loaded


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation says what to install."""
    monkeypatch.setattr("outpost_order.asset._PACKAGES", ("no_such_package",))
    with (
        pytest.raises(ModuleNotFoundError, match="the package 'no_such_package': install it"),
        handler_folder(),
    ):
        pytest.fail("the folder must not be made")
