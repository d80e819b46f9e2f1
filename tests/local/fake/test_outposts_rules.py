"""The fake refuses each value that the API's model in botocore has a rule against."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.model import ListShape, Shape, StructureShape

from outpost_order_fake.responses import OPERATIONS
from tests.local.fake.conftest import Call
from tests.local.fake.model import CALLS, MODEL

Path = tuple[str | int, ...]

# How values of a type are measured, and how to make one of a size.
SIZED: dict[str, tuple[str, Callable[[int], object]]] = {
    "string": ("length", lambda size: "x" * size),
    "integer": ("value", int),
    "list": ("length", lambda size: CALLS["CreateOrder"]["LineItems"] * size),
}


def broken_values(shape: Shape) -> Iterator[tuple[str, object]]:
    """Yield values of a shape, each with the constraint that it breaks."""
    for rule, words, over in (("min", "greater", -1), ("max", "less", 1)):
        if rule in shape.metadata:
            noun, of_size = SIZED[shape.type_name]
            limit = shape.metadata[rule]
            yield f"{noun} {words} than or equal to {limit}", of_size(limit + over)
    if "pattern" in shape.metadata:
        yield "regular expression pattern", "!"
    if shape.metadata.get("enum"):
        yield "enum value set", "FOREIGN"


def places(shape: Shape, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
    """Yield every place in an operation's parameters, through structures and lists."""
    if path:
        yield path, shape
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield from places(member, (*path, name))
    elif isinstance(shape, ListShape):
        yield from places(shape.member, (*path, 0))


def written(path: Path) -> str:
    """Write a place as the service does."""
    return ".".join(f"{part + 1}.member" if isinstance(part, int) else part for part in path)


def changed(params: Any, path: Path, value: object) -> Any:  # noqa: ANN401 - of any type
    """Return a copy with another value in a place."""
    if not path:
        return value
    key, *rest = path
    if isinstance(key, int):
        return [changed(params[0] if params else None, tuple(rest), value)]
    return {**(params or {}), key: changed((params or {}).get(key), tuple(rest), value)}


# An empty string in the path makes another address.
IN_PATH = ("GetOrder", "CancelOrder", "GetQuote", "GetCatalogItem", "GetOutpost")
BROKEN = [
    (operation, path, constraint, value)
    for operation in OPERATIONS
    for path, shape in places(MODEL.operation_model(operation).input_shape)
    for constraint, value in broken_values(shape)
    if not (operation in IN_PATH and value == "")
]
REQUIRED = [
    (operation, name)
    for operation in OPERATIONS
    if operation not in IN_PATH
    for name in MODEL.operation_model(operation).input_shape.required_members
]


@pytest.mark.parametrize(
    ("operation", "path", "constraint", "value"),
    BROKEN,
    ids=[f"{operation}-{written(path)}-{constraint}" for operation, path, constraint, _ in BROKEN],
)
def test_a_broken_rule_is_refused(
    call: Call, operation: str, path: Path, constraint: str, value: object
) -> None:
    """The message names the place and the constraint."""
    status, body = call(operation, **changed(CALLS[operation], path, value))
    assert status == 400
    assert re.search(f"'{re.escape(written(path))}'[^;]*{re.escape(constraint)}", body["Message"])


@pytest.mark.parametrize(("operation", "name"), REQUIRED)
def test_a_missing_member_is_refused(call: Call, operation: str, name: str) -> None:
    """The message names each member that the model requires."""
    params = {key: value for key, value in CALLS[operation].items() if key != name}
    status, body = call(operation, **params)
    assert status == 400
    assert f"'{name}' failed to satisfy constraint: Member must not be null" in body["Message"]


def test_every_kind_of_rule_is_broken() -> None:
    """The model has rules of each kind, so none is passed over."""
    kinds = {constraint.partition(" than ")[0] for _, _, constraint, _ in BROKEN}
    assert kinds == {
        "enum value set",
        "length greater",
        "length less",
        "regular expression pattern",
        "value greater",
        "value less",
    }
    assert REQUIRED == [("CreateOrder", "OutpostIdentifier"), ("CreateOrder", "PaymentOption")]
