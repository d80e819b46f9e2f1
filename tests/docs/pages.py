"""The project's pages: their console blocks, and the files and code that they show."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGES = sorted(
    str(path.relative_to(PROJECT))
    for path in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]
)
_BLOCK = re.compile(
    r"^( *)```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^\1```$", re.DOTALL | re.MULTILINE
)
_PROMPT = "$ "


@dataclass(frozen=True)
class Block:
    """A block of code of a page; the title is that of a file, or empty."""

    page: str
    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command of a console block, and the lines that the page shows below it."""

    page: str
    line: str
    shown: tuple[str, ...]


def text_of(page: str) -> str:
    """Return the text of a page."""
    return (PROJECT / page).read_text()


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page, those in lists included, in order."""
    return [
        Block(page, language, title, textwrap.dedent(text))
        for _, language, title, text in _BLOCK.findall(text_of(page))
    ]


def commands_of(block: Block) -> Iterator[Command]:
    """Yield the commands of a console block, in order."""
    line, shown = "", list[str]()
    for each in block.text.splitlines():
        if each.startswith(_PROMPT):
            if line:
                yield Command(block.page, line, tuple(shown))
            line, shown = each.removeprefix(_PROMPT), []
        else:
            shown.append(each)
    if line:
        yield Command(block.page, line, tuple(shown))


def all_commands() -> list[Command]:
    """Return the commands of all console blocks of all pages."""
    return [
        command
        for page in PAGES
        for block in blocks_of(page)
        if block.language == "console"
        for command in commands_of(block)
    ]
