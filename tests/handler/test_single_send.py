"""The sources have one short path to the purchase, and it ends there."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import outpost_order_handler

SOURCES = sorted(Path(outpost_order_handler.__file__).parent.rglob("*.py"))
MOST_LINES = 80


class Function(NamedTuple):
    """A function of a module, with the functions inside it, and the names that it calls."""

    name: str
    lines: int
    calls: list[str]


def functions() -> Iterator[Function]:
    for source in SOURCES:
        tree = ast.parse(source.read_text())
        bodies = [tree.body, *(n.body for n in ast.walk(tree) if isinstance(n, ast.ClassDef))]
        for node in (node for body in bodies for node in body):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                yield Function(node.name, lines, list(calls_in(node)))


def calls_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    yield name


def calls_of(name: str) -> int:
    trees = (ast.parse(source.read_text()) for source in SOURCES)
    return sum(list(calls_in(tree)).count(name) for tree in trees)


def test_create_order_is_called_in_one_line() -> None:
    """No second line can spend money."""
    assert calls_of("create_order") == 1
    assert sum(source.read_text().count("create_order") for source in SOURCES) == 1


def test_no_order_is_cancelled() -> None:
    """CloudFormation places, a person cancels."""
    assert calls_of("cancel_order") == 0
    assert not [source for source in SOURCES if "cancel_order" in source.read_text()]


def test_the_way_to_the_money_is_short() -> None:
    """From `place` to `create_order`, each function has one caller, and all fit on a page."""
    way = ["create_order"]
    lines = 0
    while way[-1] != "place":
        [caller] = [each for each in functions() if way[-1] in each.calls]
        assert caller.calls.count(way[-1]) == 1
        way.append(caller.name)
        lines += caller.lines
    assert way == ["create_order", "client_that_sends_once", "place"]
    assert lines <= MOST_LINES
