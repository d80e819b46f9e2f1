import re
import subprocess
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
MAKEFILE = (PROJECT / "Makefile").read_text()
CHANGELOG = (PROJECT / "CHANGELOG.md").read_text()
METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
VERBS = re.findall(r"^([a-z]+):.*##", MAKEFILE, re.MULTILINE)
PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_project_has_no_dead_link(name: str) -> None:
    """Its links work where the sources are shown."""
    text = (PROJECT / name).read_text()
    for target, anchor in re.findall(r"\]\(([^)#\s:]*)(?:#([^)\s]+))?\)", text):
        page = PROJECT / (target or name)
        assert page.exists(), target
        if anchor:
            assert anchor in _anchors(page.read_text()), f"{target}#{anchor}"


def _anchors(markdown: str) -> set[str]:
    """Return the anchors of the headings, by the rule of the hosts that show Markdown."""
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.fixture(scope="module")
def help_of_make() -> list[str]:
    """Give the lines that `make` alone prints."""
    done = subprocess.run(
        ["make", "--no-print-directory"],  # noqa: S607
        cwd=PROJECT,
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def test_the_help_of_make_has_each_verb(help_of_make: list[str]) -> None:
    """You see all that you can do."""
    shown = [line.split()[1] for line in help_of_make if line.startswith("  make ")]
    assert shown == sorted(VERBS)


def test_the_help_of_make_is_aligned(help_of_make: list[str]) -> None:
    """Each explanation begins in the same column."""
    columns = {
        line.index(found[1])
        for line in help_of_make
        if (found := re.match(r"  make [a-z]+ +(\S.+)", line))
    }
    assert len(columns) == 1


def test_the_help_of_make_has_each_variable(help_of_make: list[str]) -> None:
    """You see what you can set."""
    used = {"PYTHON", *re.findall(r"\$\((?:if|or) \$\(([A-Z]+)\)", MAKEFILE)}
    assert used == set(re.findall(r"^  ([A-Z]+)=", "\n".join(help_of_make), re.MULTILINE))
    assert len(used) > 2


def test_a_contributor_finds_each_verb() -> None:
    """Help and cleaning explain themselves."""
    page = (PROJECT / "CONTRIBUTING.md").read_text()
    listed = re.findall(r"^\| `make ([a-z]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(set(VERBS) - {"help", "install", "clean"})


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    """Then comes the version of the package."""
    titles = re.findall(r"^## \[(.+?)\]", CHANGELOG, re.MULTILINE)
    assert titles[:2] == ["Unreleased", METADATA["version"]]


def test_the_changelog_has_each_thing_once() -> None:
    """No two entries begin with the same name."""
    names = re.findall(r"^- (`[^`]+`)", CHANGELOG, re.MULTILINE)
    assert len(names) > 10
    assert len(names) == len(set(names))


def test_the_metadata_has_no_address() -> None:
    """There is none yet."""
    assert "urls" not in METADATA


def test_purchasing_owns_orders_and_the_file_of_owners() -> None:
    """The last pattern that matches a file decides."""
    lines = (PROJECT / "docs" / "CODEOWNERS.example").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    assert {"/orders/", "CODEOWNERS"} <= {pattern for pattern, _ in rules[1:]}
    assert {group for _, group in rules[1:]} == {"@example/purchasing"}
