import os
import shutil
from pathlib import Path

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
