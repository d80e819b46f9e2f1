import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from outpost_order import OutpostOrder
from outpost_order_handler.refusals import REFUSALS
from tests.fakes.outposts import DOCUMENTED

PROJECT = Path(__file__).parents[2]
HANDLER = PROJECT / "lambda" / "outpost_order_handler"
README = (PROJECT / "README.md").read_text()


def test_the_example_synthesizes(tmp_path: Path) -> None:
    """What a newcomer copies works, and gives the template that is reviewed here."""
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


@pytest.mark.parametrize("exception", DOCUMENTED)
def test_each_documented_exception_is_in_the_table(exception: str) -> None:
    """The code, the name and the next step are those that a deployment shows."""
    [row] = [line for line in README.splitlines() if line.startswith("|") and exception in line]
    meaning = REFUSALS.get(exception)
    if meaning is None:
        assert "`ServiceInternalError (InternalServerException)`" in row
        assert "**unknown**" in row
        return
    assert f"| `{meaning.code} ({exception})` | no | " in row
    assert meaning.step.format(action="CreateOrder") in row


def test_each_verb_of_the_readme_exists() -> None:
    """A command that is promised can be run."""
    makefile = (PROJECT / "Makefile").read_text()
    verbs = set(re.findall(r"`make (\w+)|\$ make (\w+)", README))
    assert verbs
    for verb in (first or second for first, second in verbs):
        assert re.search(rf"^{verb}:", makefile, re.MULTILINE)


def test_each_example_is_in_the_table() -> None:
    """A newcomer finds all of them, and none that is gone."""
    linked = re.findall(r"^\| \[(\w+\.py)\]\(examples/\1\) \|", README, re.MULTILINE)
    assert sorted(linked) == sorted(path.name for path in (PROJECT / "examples").glob("*.py"))


def test_each_prop_is_in_the_table() -> None:
    """Whoever reads the table knows all that can be asked for."""
    [table] = re.findall(r"## Props\n(.+?)\n\n[A-Z]", README, re.DOTALL)
    told = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (.+?) \|", table, re.MULTILINE))))
    props = set(inspect.signature(OutpostOrder.__init__).parameters)
    assert props - {"self", "scope", "construct_id"} <= told


def test_each_reason_of_ours_is_in_the_table() -> None:
    """A person finds what a failed deployment shows."""
    sources = "".join(path.read_text() for path in HANDLER.glob("*.py"))
    raised = re.findall(r'NotPlaced\(\s*(?:Code\.)\w+,\s*"(\w+)"', sources)
    raised += re.findall(r'yield "(\w+)", ', sources)
    missing = [name for name in raised if f"({name})`" not in README]
    assert len(raised) > 10
    assert missing == []
