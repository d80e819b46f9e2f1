"""The valid values of the API: the rules of botocore's model, and those that it lacks."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from outpost_order_fake import api
from outpost_order_fake.exceptions import ValidationError

# The model requires no member of a line item. The fake does: no order is of an unknown item.
REQUIRED_TOO = {"LineItemRequest": ("CatalogItemId", "Quantity")}
ORDERABLE = ({"LineItems"}, {"QuoteIdentifier", "QuoteOptionIdentifier"})
"""Members of CreateOrder of which exactly one group says what is ordered."""


class Type(NamedTuple):
    """Say how values of a type are recognized and measured."""

    noun: str
    holds: Callable[[object], bool]
    measure: str
    measured: Callable[[Any], int]


TYPES = {
    "string": Type("a string", lambda value: isinstance(value, str), "length", len),
    # A boolean is no integer of JSON.
    "integer": Type("an integer", lambda value: type(value) is int, "value", int),
    "list": Type("a list", lambda value: isinstance(value, list), "length", len),
}


def validate(operation: str, params: Mapping[str, Any]) -> None:
    """Check parameters, and name every problem at once, as the service does."""
    found = list(_problems_of_structure(api.input_shape(operation), params))
    if found:
        noun = "validation error" if len(found) == 1 else "validation errors"
        raise ValidationError(f"{len(found)} {noun} detected: {'; '.join(found)}")


def validate_order(params: Mapping[str, Any]) -> None:
    """Check the parameters of CreateOrder, and that they name one thing to order."""
    validate("CreateOrder", params)
    given = {name for name in set().union(*ORDERABLE) if params.get(name) is not None}
    if given not in ORDERABLE:
        raise ValidationError(
            "Either LineItems, or QuoteIdentifier and QuoteOptionIdentifier, must be given"
        )


def _problems_of_structure(name: str, value: object, at: str = "") -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _broken(at.rstrip("."), "Member must be a structure")
        return
    shape = api.shape(name)
    required = {*shape.get("required", ()), *REQUIRED_TOO.get(name, ())}
    for member, its in shape["members"].items():
        if value.get(member) is not None:
            in_query = its.get("location") == "querystring"
            yield from _problems(its["shape"], value[member], f"{at}{member}", in_query=in_query)
        elif member in required:
            yield _broken(f"{at}{member}", "Member must not be null")


def _problems(name: str, value: object, at: str, *, in_query: bool = False) -> Iterator[str]:
    shape = api.shape(name)
    if shape["type"] == "structure":
        yield from _problems_of_structure(name, value, f"{at}.")
        return
    if in_query and shape["type"] == "integer" and re.fullmatch("[0-9]+", str(value)):
        value = int(str(value))
    if not TYPES[shape["type"]].holds(value):
        yield _broken(at, f"Member must be {TYPES[shape['type']].noun}")
        return
    yield from (_broken(at, constraint) for constraint in _constraints(shape, value))
    if isinstance(value, list):
        for position, element in enumerate(value, start=1):
            yield from _problems(shape["member"]["shape"], element, f"{at}.{position}.member")


def _constraints(shape: api.Shape, value: Any) -> Iterator[str]:  # noqa: ANN401
    its = TYPES[shape["type"]]
    if "min" in shape and its.measured(value) < shape["min"]:
        yield f"Member must have {its.measure} greater than or equal to {shape['min']}"
    if "max" in shape and its.measured(value) > shape["max"]:
        yield f"Member must have {its.measure} less than or equal to {shape['max']}"
    if "enum" in shape and value not in shape["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"
    if "pattern" in shape and not re.fullmatch(shape["pattern"], value, re.ASCII):
        yield f"Member must satisfy regular expression pattern: {shape['pattern']}"


def _broken(at: str, constraint: str) -> str:
    return f"Value at '{at}' failed to satisfy constraint: {constraint}"
