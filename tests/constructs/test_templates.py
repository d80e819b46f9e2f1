"""The stored templates: a change in one is deliberate."""

import difflib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ONE_MORE_ORDER, Synthesize
from tests.rehearsal.assembly import Assembly

PROJECT = Path(__file__).parents[2]
STORED = Path(__file__).parent / "templates"
CODE_HASH = STORED / "asset-hash.txt"
ONE_MORE = STORED / "one-more-order.diff"
APP = PROJECT / "app.py"
EXAMPLES = sorted((PROJECT / "examples").glob("*.py"))


def masked(app: Path, assembly: Assembly) -> dict[str, str]:
    """Return the templates of an app by the names of their files, the asset hashes masked."""
    return {
        _stored_as(app, template.name): re.sub(r"[0-9a-f]{64}", "ASSET_HASH", template.read_text())
        for template in assembly.folder.glob("*.template.json")
    }


def stored(app: Path) -> dict[str, Any]:
    """Return the stored templates of an app."""
    return {path.name: json.loads(path.read_text()) for path in STORED.glob(f"{app.stem}.*")}


@pytest.mark.parametrize("app", [APP, *EXAMPLES], ids=lambda app: app.stem)
def test_the_templates_are_as_stored(
    app: Path, synthesized: Synthesize, request: pytest.FixtureRequest
) -> None:
    """A change here changes every user's stack: run `make templates` and review it."""
    templates = masked(app, synthesized(str(app.relative_to(PROJECT))))
    if request.config.getoption("--store-templates"):
        _store(app, templates)
    assert {name: json.loads(text) for name, text in templates.items()} == stored(app)


def test_the_code_is_as_stored(synthesized: Synthesize, request: pytest.FixtureRequest) -> None:
    """A change here changes every user's function: run `make templates` and review it."""
    [function] = (
        each
        for each in synthesized("app.py").template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    )
    asset_hash = Path(function["Properties"]["Code"]["S3Key"]).stem
    if request.config.getoption("--store-templates"):
        CODE_HASH.write_text(f"{asset_hash}\n")
    assert asset_hash == CODE_HASH.read_text().strip()


def test_each_stored_template_has_its_app() -> None:
    """A template of a removed example is removed, too."""
    stems = {path.name.partition(".")[0] for path in STORED.glob("*.template.json")}
    assert stems == {app.stem for app in (APP, *EXAMPLES)}


def test_the_template_is_small() -> None:
    """A reviewer reads all of it."""
    [template] = stored(APP).values()
    assert len(template["Resources"]) <= 6


def test_one_more_order_is_a_short_diff(
    synthesized: Synthesize, request: pytest.FixtureRequest
) -> None:
    """A reviewer reads all of it, and the purchase comes first; the rest is unchanged."""
    before, after = map(_text_of, (synthesized("app.py"), synthesized(ONE_MORE_ORDER)))
    names, lines = ("app.py", "one more order"), (before.splitlines(), after.splitlines())
    diff = list(difflib.unified_diff(*lines, *names, lineterm=""))
    if request.config.getoption("--store-templates"):
        ONE_MORE.write_text("\n".join(diff) + "\n")
    assert diff == ONE_MORE.read_text().splitlines()
    assert [line for line in diff[2:] if line.startswith("-")] == []
    assert len([line for line in diff[2:] if line.startswith("+")]) <= 46
    assert len(_minified(after)) - len(_minified(before)) <= 860


def test_cfn_lint_finds_nothing() -> None:
    """cfn-lint finds no error and no warning."""
    templates = sorted(STORED.glob("*.template.json"))
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--", *templates],
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def _text_of(assembly: Assembly) -> str:
    [template] = assembly.folder.glob("*.template.json")
    return template.read_text()


def _minified(template: str) -> str:
    return json.dumps(json.loads(template), separators=(",", ":"))


def _stored_as(app: Path, template: str) -> str:
    return "app.template.json" if app == APP else f"{app.stem}.{template}"


def _store(app: Path, templates: dict[str, str]) -> None:
    STORED.mkdir(exist_ok=True)
    for gone in STORED.glob(f"{app.stem}.*"):
        gone.unlink()
    for name, text in templates.items():
        (STORED / name).write_text(text.rstrip() + "\n")
