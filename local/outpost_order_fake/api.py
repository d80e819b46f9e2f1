"""The API as botocore's service model describes it: operations, addresses and shapes."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader

Shape = Mapping[str, Any]


@cache
def _model() -> Shape:
    model: Shape = Loader().load_service_model("outposts", "service-2")
    return model


def operation_names() -> frozenset[str]:
    """Return the names of all operations of the API."""
    return frozenset(_model()["operations"])


def shape(name: str) -> Shape:
    """Return a shape by its name."""
    found: Shape = _model()["shapes"][name]
    return found


def values(name: str) -> list[str]:
    """Return the valid values of a shape."""
    return list(shape(name)["enum"])


def input_shape(operation: str) -> str:
    """Return the name of the shape of an operation's parameters."""
    return str(_model()["operations"][operation]["input"]["shape"])


def lists_of_query(operation: str) -> set[str]:
    """Return the parameters that a query string can have more than once."""
    members = shape(input_shape(operation))["members"]
    return {
        member["locationName"]
        for member in members.values()
        if member.get("location") == "querystring" and shape(member["shape"])["type"] == "list"
    }


def route(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """Find the operation of an address, and the parameters in its path.

    Args:
        method: The HTTP method.
        path: The path as it was sent: a slash within a parameter is encoded.
    """
    for operation, its_method, pattern in _routes():
        if its_method == method and (found := pattern.fullmatch(path)):
            return operation, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


@cache
def _routes() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple(
        (
            name,
            operation["http"]["method"],
            re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", operation["http"]["requestUri"])),
        )
        for name, operation in _model()["operations"].items()
    )
