import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from cdk_outpost_order import OutpostOrder
from outpost_order_cli.app import app

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text()


def test_the_example_synthesizes(tmp_path: Path) -> None:
    """The example that you copy works, and its template is the stored one."""
    example = re.findall(r"```python\n(.+?)```", README, re.DOTALL)[0]
    subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        # The slow validation sees the same template in app.py.
        env=os.environ | {"CDK_OUTDIR": str(tmp_path), "CDK_VALIDATION": "false"},
        check=True,
        timeout=120,
    )
    stored = PROJECT / "tests" / "constructs" / "templates" / "app.template.json"
    synthesized = (tmp_path / "OutpostRack.template.json").read_text()
    masked = re.sub(r"[0-9a-f]{64}", "ASSET_HASH", synthesized)
    assert masked.rstrip() == stored.read_text().rstrip()


def test_each_verb_of_the_readme_exists() -> None:
    """The Makefile has each verb."""
    makefile = (PROJECT / "Makefile").read_text()
    verbs = set(re.findall(r"`make (\w+)|\$ make (\w+)", README))
    assert verbs
    for verb in (first or second for first, second in verbs):
        assert re.search(rf"^{verb}:", makefile, re.MULTILINE)


@pytest.mark.parametrize(
    "page", ["README.md", "docs/safety.md", "docs/options.md", "docs/errors.md"]
)
def test_each_command_of_a_page_exists(page: str) -> None:
    """Each command has the options that the page shows."""
    commands = re.findall(r"outpost-order ([a-z]+)([^`\n]*)", (PROJECT / page).read_text())
    assert commands
    for verb, rest in commands:
        command = get_command(app).commands[verb]  # type: ignore[attr-defined]
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options, (verb, rest)


def test_each_example_is_in_the_table() -> None:
    """The table has each example, and no other."""
    linked = re.findall(r"^\| \[(\w+\.py)\]\(examples/\1\) \|", README, re.MULTILINE)
    assert sorted(linked) == sorted(path.name for path in (PROJECT / "examples").glob("*.py"))


def test_each_prop_is_in_the_table() -> None:
    """The table has all props."""
    [table] = re.findall(r"## Props\n(.+?)\n\n[A-Z]", README, re.DOTALL)
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (.+?) \|", table, re.MULTILINE))))
    props = set(inspect.signature(OutpostOrder.__init__).parameters)
    assert props - {"self", "scope", "id"} <= named
