"""Collect the texts of the project: pages, docstrings, comments, help, messages and reasons."""

import ast
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import typer.main

from outpost_order_cli.app import app
from outpost_order_handler.failures import REASONS, OrderError, reason

PROJECT = Path(__file__).parents[2]
GUIDES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
PAGES = [*GUIDES, *(PROJECT / f"{name}.md" for name in ("CHANGELOG", "CONTRIBUTING", "SECURITY"))]
SOURCE_ROOTS = ("constructs", "lambda", "cli", "local", "docs", "examples", "benchmarks", "tests")
MESSAGE_ROOTS = ("constructs", "lambda", "cli", "local")
GENERATED = "constructs/cdk_outpost_order/_function/"  # a copy, made by hatch_build.py
CODE = "CODE"  # one word in place of inline code


class Text(NamedTuple):
    """A paragraph, a docstring, a comment or a message, and its place."""

    path: str
    line: int
    text: str

    @property
    def place(self) -> str:
        """Return the place as an editor opens it."""
        return f"{self.path}:{self.line}"


@cache
def all_texts() -> tuple[Text, ...]:
    """Return every text of the project."""
    pages = (page for page in PAGES if page.exists())
    texts = (text for page in pages for text in paragraphs(page.read_text(), path_of(page)))
    return (*texts, *_texts_of_sources(), *_help(), *_reasons())


def paragraphs(page: str, path: str) -> Iterator[Text]:
    """Yield the paragraphs, list items and table cells of a page; headings and code have none."""
    is_code, words, start = False, list[str](), 0
    for number, line in enumerate([*page.splitlines(), ""], start=1):
        is_fence = line.lstrip().startswith("```")
        is_code ^= is_fence
        is_row = line.startswith("|")
        begins = bool(re.match(r"\s*([-*>] |\d+\. )", line))
        if words and (not line.strip() or is_fence or is_row or begins or line.startswith("#")):
            yield Text(path, start, " ".join(words))
            words = []
        if is_code or is_fence or line.startswith("#"):
            continue
        plain = _plain(line)
        if is_row:
            cells = map(str.strip, plain.strip("|").split("|"))
            yield from (Text(path, number, cell) for cell in cells if cell.strip("-"))
        elif plain.strip():
            start = start if words else number
            words.append(re.sub(r"^\s*([-*>] |\d+\. )", "", plain).strip())


def sentences(text: str) -> list[str]:
    """Split a text where a sentence ends."""
    return [each.strip() for each in re.split(r"(?<=[.!?])[)\"'*]*\s+", text) if each.strip()]


def texts_of(source: str, path: str, *, with_messages: bool = False) -> Iterator[Text]:
    """Yield the docstrings, comments and names of a module, and its messages."""
    tree = ast.parse(source)
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if isinstance(node, ast.FunctionDef):
                yield Text(path, node.lineno, f"name: {node.name.replace('_', ' ')}")
            match node.body:
                case [ast.Expr(ast.Constant(str(text)) as constant), *_]:
                    docstrings.add(constant)
                    yield from _blocks(path, constant.lineno, text)
    yield from _comments(source, path)
    if with_messages:
        yield from _messages(tree, path, docstrings)


def _plain(line: str) -> str:
    without_links = re.sub(r"\]\([^)]*\)", "]", line)
    return re.sub(r"`[^`]*`", CODE, without_links)


def path_of(path: Path) -> str:
    """Return a path relative to the project."""
    return path.relative_to(PROJECT).as_posix()


def _texts_of_sources() -> Iterator[Text]:
    paths = [path for root in SOURCE_ROOTS for path in sorted((PROJECT / root).rglob("*.py"))]
    for source in [*PROJECT.glob("*.py"), *paths]:
        path = path_of(source)
        if not path.startswith(GENERATED):
            has_messages = path.startswith(MESSAGE_ROOTS)
            yield from texts_of(source.read_text(), path, with_messages=has_messages)


def _blocks(path: str, line: int, text: str) -> Iterator[Text]:
    for block in re.split(r"\n\s*\n|\n\s+\w+: (?=\w)", text):
        yield Text(path, line, _plain(" ".join(block.split())))


def _comments(source: str, path: str) -> Iterator[Text]:
    """Yield each comment; the lines of one that fills lines are one text."""
    words, start, last = list[str](), 0, 0
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, is_alone = token.start[0], token.line.lstrip().startswith("#")
        if words and not (is_alone and line == last + 1):
            yield Text(path, start, _plain(" ".join(words)))
            words = []
        start = start if words else line
        words.append(re.sub(r"^noqa: [\w, ]+\(?|^type: ignore.*", "", token.string.lstrip("# ")))
        last = line if is_alone else 0
    if words:
        yield Text(path, start, _plain(" ".join(words)))


def _messages(tree: ast.AST, path: str, docstrings: set[ast.Constant]) -> Iterator[Text]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [each.value if isinstance(each, ast.Constant) else CODE for each in node.values]
            docstrings.update(each for each in node.values if isinstance(each, ast.Constant))
            yield Text(path, node.lineno, "".join(map(str, parts)))
        elif isinstance(node, ast.Constant) and node not in docstrings and " " in str(node.value):
            yield Text(path, node.lineno, str(node.value))


def _help() -> Iterator[Text]:
    root = typer.main.get_command(app)
    for command in (root, *getattr(root, "commands", {}).values()):
        texts = [command.help, command.epilog, *(getattr(p, "help", "") for p in command.params)]
        yield from (Text(f"help of {command.name}", 0, text) for text in texts if text)


def _reasons() -> Iterator[Text]:
    for name in REASONS:
        text = reason(OrderError(name, action="CreateOrder"), "PO-4710", "op-0123456789abcdef0")
        yield Text(f"reason {name}", 0, text)
