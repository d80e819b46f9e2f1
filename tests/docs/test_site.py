import inspect
import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from typer.main import get_command

import cdk_outpost_order
from cdk_outpost_order import OrderLedger, OutpostOrder, OutpostOrderProvider, PaymentOption
from outpost_order_cli.app import app

PROJECT = Path(__file__).parents[2]
SETTINGS = PROJECT / "mkdocs.yml"
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]
# A browser fetches these with a page. It fetches a link only if you follow it.
FETCHED = re.compile(
    r"<(?:script|img|iframe)[^>]*\ssrc=[\"']?([^\"' >]+)|<link[^>]*\shref=[\"']?([^\"' >]+)"
)


def build(folder: Path, settings: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", settings, "-d", folder],
        cwd=PROJECT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=False,
        timeout=120,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does: without a warning, and without a dead link."""
    folder = tmp_path_factory.mktemp("site")
    done = build(folder, SETTINGS)
    assert done.returncode == 0, done.stdout
    assert [line for line in done.stdout.splitlines() if not line.startswith("INFO ")] == []
    return folder


@pytest.fixture(scope="module")
def reference(site: Path) -> str:
    """Give all pages of the library as one text."""
    return "".join(page.read_text() for page in sorted((site / "reference").glob("*.html")))


@pytest.fixture(scope="module")
def command_line(site: Path) -> str:
    """Give the page of the command."""
    return (site / "reference" / "command-line.html").read_text()


def test_the_reference_has_the_public_names_and_no_others(reference: str) -> None:
    """Each has an anchor of its own; a name that isn't exported isn't promised."""
    found = set(re.findall(r'id="cdk_outpost_order\.([\w.]+)', reference))
    of_testing = {name for name in found if name.startswith("testing.")}
    names = {name.partition(".")[0] for name in found - of_testing}
    assert sorted(names) == sorted(cdk_outpost_order.__all__)
    assert of_testing == {"testing.orders_in"}


@pytest.mark.parametrize("construct", [OutpostOrder, OutpostOrderProvider, OrderLedger])
def test_each_prop_has_an_anchor(construct: type, reference: str) -> None:
    """You can send a link to a prop."""
    props = set(inspect.signature(vars(construct)["__init__"]).parameters) - {"self"}
    name = construct.__name__
    assert set(re.findall(rf'id="cdk_outpost_order\.{name}\((\w+)\)"', reference)) == props


def test_each_prop_has_its_type_and_default(reference: str) -> None:
    """A reader needs no source."""
    _, _, entry = reference.partition('id="cdk_outpost_order.OutpostOrder(preflight)"')
    text = re.sub(r"<[^>]+>|\s+", " ", entry[: entry.index("</tr>")])
    assert re.search(r"TYPE: +bool +DEFAULT: +True", text)


@pytest.mark.parametrize("construct", [OutpostOrder, OutpostOrderProvider, OrderLedger])
def test_each_public_member_has_an_anchor(construct: type, reference: str) -> None:
    """The reference explains each thing that you can call."""
    members = {
        name
        for base in construct.__mro__
        if base.__module__.startswith("cdk_outpost_order")
        for name in vars(base)
        if not name.startswith("_")
    }
    name = construct.__name__
    anchors = set(re.findall(rf'id="cdk_outpost_order\.{name}\.(\w+)"', reference))
    assert members <= anchors


@pytest.mark.parametrize("name", [name for name in vars(PaymentOption) if name.isupper()])
def test_each_choice_has_an_anchor(name: str, reference: str) -> None:
    """A choice is shown by its name."""
    assert f'id="cdk_outpost_order.PaymentOption.{name}"' in reference


def test_the_reference_begins_with_the_order(site: Path) -> None:
    """A reader meets the construct that buys before everything else."""
    home = (site / "index.html").read_text()
    pages = re.findall(r'href="reference/([\w-]+)\.html" class="md-nav__link"', home)
    assert pages[0] == "orders"
    assert pages[-1] == "command-line"


@pytest.mark.parametrize("name", [*COMMANDS])
def test_each_command_has_its_options(name: str, command_line: str) -> None:
    """The page has the arguments, options and examples that the command's help has."""
    assert f'<h2 id="{name}">outpost-order {name}' in command_line
    _, _, section = command_line.partition(f'<h2 id="{name}">')
    section = unescape(section.partition("<h2")[0])
    shown = [
        text
        for each in COMMANDS[name].params
        for text in (each.opts if each.param_type_name == "option" else [each.metavar])
    ]
    missing = [text for text in shown if not re.search(rf">{text}\b", section)]
    text = re.sub(r"<[^>]+>", "", section)
    missing += [line for line in (COMMANDS[name].epilog or "").splitlines() if line not in text]
    assert missing == []


def test_the_command_has_its_exit_codes(command_line: str) -> None:
    """A script can rely on them."""
    _, _, section = command_line.partition('<h2 id="exit-codes">')
    codes = re.findall(r"<td>(\d)</td>\s*<td>[a-z ]+</td>", section.partition("<h2")[0])
    assert codes == ["0", "1", "2", "3"]


@pytest.mark.parametrize("link", ["#nowhere", "nowhere.md", "/nowhere"])
def test_a_dead_link_fails_the_build(link: str, tmp_path: Path) -> None:
    """The build that finds no dead link in the pages would find one."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(f"# Home\n\n[dead]({link})\n")
    [validation] = re.findall(r"^validation:\n(?:  .+\n)+", SETTINGS.read_text(), re.MULTILINE)
    settings = tmp_path / "mkdocs.yml"
    settings.write_text(f"site_name: test\n{validation}")
    done = build(tmp_path / "site", settings)
    assert done.returncode != 0
    assert link in done.stdout


def test_no_page_fetches_from_another_host(site: Path) -> None:
    """The site works without a network, and no other host learns what you read."""
    pages = list(site.rglob("*.html"))
    fetched = [
        (page.name, target)
        for page in pages
        for found in FETCHED.findall(page.read_text())
        for target in found
        if re.match(r"(?:https?:)?//", target)
    ]
    assert len(pages) > 15
    assert fetched == []


def test_no_stylesheet_fetches_from_another_host(site: Path) -> None:
    """Fonts and images of a stylesheet come with the site."""
    for sheet in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//", sheet.read_text()) == []


def test_a_page_with_a_diagram_brings_its_script(site: Path) -> None:
    """The theme fetches the script from elsewhere if the page has none."""
    assert 'class="mermaid"' in (site / "safety.html").read_text()
    assert '<script src="assets/javascripts/mermaid.js">' in (site / "safety.html").read_text()
    assert 'globalThis["mermaid"]' in (site / "assets/javascripts/mermaid.js").read_text()


def test_the_search_finds_an_unknown_outcome(site: Path) -> None:
    """The words that a failed deployment shows lead to guides and to the command."""
    index = json.loads((site / "search" / "search_index.json").read_text())
    found = {
        entry["location"].partition("#")[0]
        for entry in index["docs"]
        if {"outcome", "unknown"} <= set(re.findall(r"\w+", entry["text"].lower()))
    }
    assert {"operating.html", "safety.html", "reference/command-line.html"} <= found


def test_each_page_has_the_version(site: Path) -> None:
    """A printed page says what it is about."""
    for page in site.rglob("*.html"):
        assert re.search(r"cdk-outpost-order \d+\.\d+\.\d+", page.read_text()), page
