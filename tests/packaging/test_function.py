"""The folder that the build puts into the package."""

import shutil
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import pytest

import hatch_build

ANOTHER_VERSION = "2.0.13"


@pytest.fixture
def crhelper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of a crhelper that is found before the installed one."""
    site = tmp_path / "site-packages"
    found = distribution("crhelper")
    for each in found.files or ():
        if "__pycache__" not in each.parts:
            copy = site / each
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(each.locate()), copy)
    monkeypatch.syspath_prepend(site)
    return site


def test_the_folder_has_the_code_that_is_tested() -> None:
    """The folder has the handler's modules, and crhelper's with its license."""
    handler = hatch_build.HANDLER.parent
    crhelper = distribution("crhelper")
    expected = {
        path.relative_to(handler).as_posix(): path.read_bytes()
        for path in hatch_build.HANDLER.rglob("*.py")
    }
    for each in crhelper.files or ():
        if each.parts[0] == "crhelper" and each.suffix == ".py":
            expected[each.as_posix()] = each.read_binary()
        elif each.name in ("LICENSE", "NOTICE"):
            expected[f"crhelper/{each.name}"] = each.read_binary()
    assert {"outpost_order_handler/entry.py", "crhelper/LICENSE"} < expected.keys()
    found = hatch_build.content(hatch_build.FUNCTION)
    different = sorted(path for path, _ in found.items() ^ expected.items())
    assert different == [], "the folder is not what the sources are: run `make install`"


def test_a_build_replaces_what_is_not_as_it_should_be(tmp_path: Path) -> None:
    """A changed, a missing and a foreign module: the folder is built as a whole."""
    folder = tmp_path / "_function"
    hatch_build.build(folder)
    right = hatch_build.content(folder)
    (folder / "crhelper" / "utils.py").write_text("")
    (folder / "outpost_order_handler" / "entry.py").unlink()
    (folder / "outpost_order_handler" / "gone.py").write_text("")
    hatch_build.build(folder)
    assert hatch_build.content(folder) == right
    assert list(tmp_path.iterdir()) == [folder]


def test_a_build_leaves_a_right_folder_alone(tmp_path: Path) -> None:
    """Another process can read it all the time."""
    folder = tmp_path / "_function"
    hatch_build.build(folder)
    before = folder.stat().st_ino, folder.stat().st_mtime_ns
    hatch_build.build(folder)
    assert (folder.stat().st_ino, folder.stat().st_mtime_ns) == before


def test_the_tested_crhelper_is_taken(crhelper: Path, tmp_path: Path) -> None:
    """Another copy of the same version is as good."""
    assert crhelper.is_dir()
    hatch_build.build(tmp_path / "_function")
    assert hatch_build.content(tmp_path / "_function") == hatch_build.content(hatch_build.FUNCTION)


def test_another_version_of_crhelper_is_refused(crhelper: Path, tmp_path: Path) -> None:
    """The error names both versions, and what to install."""
    [metadata] = crhelper.glob("*.dist-info/METADATA")
    version = hatch_build.CRHELPER_VERSION
    changed = metadata.read_text().replace(f"Version: {version}", f"Version: {ANOTHER_VERSION}")
    metadata.write_text(changed)
    with pytest.raises(RuntimeError, match=f"must be {version} .* got {ANOTHER_VERSION} with"):
        hatch_build.build(tmp_path / "_function")
    assert not (tmp_path / "_function").exists()


@pytest.mark.parametrize(
    "path", ["crhelper/utils.py", f"crhelper-{hatch_build.CRHELPER_VERSION}.dist-info/LICENSE"]
)
def test_a_changed_crhelper_is_refused(path: str, crhelper: Path, tmp_path: Path) -> None:
    """The version is as tested, and the content of a file isn't: nothing is built."""
    with (crhelper / path).open("a") as file:
        file.write("# changed\n")
    version = hatch_build.CRHELPER_VERSION
    advice = f"install --force-reinstall crhelper=={version}"
    with pytest.raises(RuntimeError, match=f"got {version} with [0-9a-f]{{64}}: .* {advice}"):
        hatch_build.build(tmp_path / "_function")
    assert not (tmp_path / "_function").exists()


@pytest.mark.parametrize(
    "change",
    ["--what-if=lambda/outpost_order_handler/entry.py", "FUNCTION=dist/missing"],
    ids=["a source is newer", "the folder is missing"],
)
def test_each_verb_builds_the_folder(change: str) -> None:
    """Each verb needs `install`, which builds the folder, too."""
    verbs = ["lint", "test", "rehearse", "safety", "docs", "templates"]
    for verb in verbs:
        done = subprocess.run(
            ["make", "--dry-run", change, verb],  # noqa: S607
            cwd=hatch_build.ROOT,
            check=True,
            timeout=60,
            capture_output=True,
            text=True,
        )
        assert "python hatch_build.py" in done.stdout.splitlines()
