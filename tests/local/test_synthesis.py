"""The settings that an app gets: those that the CDK CLI gives it."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from outpost_order_rehearsal.synthesis import SynthesisError, command_of, synthesize

# As the CDK library reads it.
APP = """
import json, os
context = json.loads(os.environ["CDK_CONTEXT_JSON"])
overflow = os.environ.get("CONTEXT_OVERFLOW_LOCATION_ENV")
if overflow:
    with open(overflow, encoding="utf-8") as file:
        context |= json.load(file)
    print("overflow", overflow)
os.mkdir(os.environ["CDK_OUTDIR"])
with open(os.path.join(os.environ["CDK_OUTDIR"], "manifest.json"), "w") as file:
    json.dump(context, file)
"""
KILOBYTE = "x" * 1024


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with an app."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    return folder


def _synthesized(folder: Path, **environment: str) -> tuple[dict[str, Any], str]:
    output = folder.parent / "cdk.out"
    env = {"PATH": os.environ["PATH"], **environment}
    printed = synthesize(f"{sys.executable} app.py", folder, output, env)
    context: dict[str, Any] = json.loads((output / "manifest.json").read_text())
    return context, printed


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))


def test_the_nearest_context_of_a_name_counts(folder: Path, home: Path) -> None:
    """A value of `cdk.json` replaces that of `cdk.context.json`, and this one that of the home."""
    _write(home / ".cdk.json", {"context": {"of": "home", "looked": "home", "up": "home"}})
    _write(folder / "cdk.context.json", {"of": "lookup", "looked": "lookup"})
    _write(folder / "cdk.json", {"context": {"of": "project"}})
    context, _ = _synthesized(folder)
    assert (context["of"], context["looked"], context["up"]) == ("project", "lookup", "home")


def test_the_objects_of_a_context_are_merged(folder: Path) -> None:
    """Each name of an object is replaced on its own."""
    _write(folder / "cdk.context.json", {"sites": {"berlin": 1, "lisbon": 1}})
    _write(folder / "cdk.json", {"context": {"sites": {"berlin": 2}}})
    context, _ = _synthesized(folder)
    assert context["sites"] == {"berlin": 2, "lisbon": 1}


def test_a_context_cannot_replace_that_of_the_cli(folder: Path) -> None:
    """The path of a resource is always in its metadata."""
    _write(folder / "cdk.json", {"context": {"aws:cdk:enable-path-metadata": False}})
    context, _ = _synthesized(folder)
    assert context["aws:cdk:enable-path-metadata"] is True


def test_a_large_context_is_passed_by_a_file(folder: Path) -> None:
    """The kernel limits a variable to 128 KB. The file is removed with the end of the app."""
    large = {f"key-{number}": KILOBYTE for number in range(200)}
    _write(folder / "cdk.context.json", large)
    context, printed = _synthesized(folder)
    assert context.items() >= large.items()
    assert printed.startswith("overflow ")
    assert not Path(printed.removeprefix("overflow ")).exists()


def test_the_environment_leaves_less_room_for_the_context(folder: Path) -> None:
    """The CDK CLI counts all variables, since some systems limit their sum."""
    _write(folder / "cdk.context.json", {"key": KILOBYTE, "city": "Köln"})
    _, printed = _synthesized(folder)
    assert printed == ""
    (folder.parent / "cdk.out" / "manifest.json").unlink()
    (folder.parent / "cdk.out").rmdir()
    context, printed = _synthesized(folder, LARGE="x" * 130_000)
    assert context["city"] == "Köln"
    assert printed.startswith("overflow ")


def test_the_command_of_the_home_folder_is_the_last_choice(folder: Path, home: Path) -> None:
    """`~/.cdk.json` can have a command for the apps that have none."""
    _write(home / ".cdk.json", {"app": "python home.py"})
    assert command_of(folder, None) == "python home.py"
    _write(folder / "cdk.json", {"app": "python project.py"})
    assert command_of(folder, None) == "python project.py"


def test_a_command_can_be_a_list(folder: Path) -> None:
    """Its parts are the words of a command for the shell."""
    _write(folder / "cdk.json", {"app": ["python", "app.py"]})
    assert command_of(folder, None) == "python app.py"


def test_a_file_that_is_not_json_is_named(folder: Path) -> None:
    """The message says what to correct."""
    (folder / "cdk.json").write_text("{")
    with pytest.raises(SynthesisError, match=r"cdk\.json can't be read: .* Correct it\."):
        command_of(folder, None)


def test_the_app_is_built_before_it_runs(folder: Path) -> None:
    """`cdk.json` can have a command for that."""
    (folder / "app.py").rename(folder / "app.py.txt")
    _write(folder / "cdk.json", {"build": "mv app.py.txt app.py", "context": {"city": "Berlin"}})
    context, _ = _synthesized(folder)
    assert context["city"] == "Berlin"


def test_a_build_that_fails_is_named(folder: Path) -> None:
    """The app doesn't run then."""
    _write(folder / "cdk.json", {"build": "echo no compiler; exit 3"})
    with pytest.raises(SynthesisError, match=r"compiler; exit 3' ended with exit code 3\.\nno com"):
        _synthesized(folder)
    assert not (folder.parent / "cdk.out").exists()


def test_an_app_that_makes_no_assembly_is_named(folder: Path) -> None:
    """Its output is in the message."""
    (folder / "app.py").write_text("print('nothing to do')")
    with pytest.raises(SynthesisError, match=r"wrote no assembly to \$CDK_OUTDIR\.\nnothing to do"):
        _synthesized(folder)
