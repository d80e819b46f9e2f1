import re
import subprocess
import sys
from pathlib import Path

import pytest

import cdk_outpost_order

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build the reference as `make docs` does, and without a word."""
    folder = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [sys.executable, "-W", "error", PROJECT / "docs" / "reference.py", folder],
        cwd=folder,
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return {page.name: page.read_text() for page in folder.iterdir()}


def test_the_library_shows_its_public_names_and_no_others(pages: dict[str, str]) -> None:
    """Each has a section of its own; what is not exported is not promised."""
    sections = re.findall(r'<section id="(\w+)"', pages["cdk_outpost_order.html"])
    assert sorted(sections) == sorted(cdk_outpost_order.__all__)


def test_each_prop_is_explained(pages: dict[str, str]) -> None:
    """Sections of docstrings are read as what they are."""
    assert re.search(r"<strong>line_items:</strong>", pages["cdk_outpost_order.html"])


@pytest.mark.parametrize("command", ["init", "list", "show", "reconcile", "resolve", "cancel"])
def test_the_command_shows_how_it_is_called(command: str, pages: dict[str, str]) -> None:
    """Every command has a heading, and the options that its help tells."""
    page = pages["outpost-order.html"]
    assert f"<code>outpost-order {command}</code></h2>" in page
    assert "OUTPOST_ORDER_LEDGER" in page


def test_the_index_leads_to_each_page(pages: dict[str, str]) -> None:
    """Nothing is built that nobody finds."""
    linked = set(re.findall(r'href="([\w-]+\.html)"', pages["index.html"]))
    assert linked == {name for name in pages if name.endswith(".html")} - {"index.html"}
