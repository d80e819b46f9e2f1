"""The form that values have in the table: maps, lists and texts, by the fields of dataclasses."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints


def to_form(value: Any) -> Any:  # noqa: ANN401 (whatever a field holds)
    """Return a value in the form of the table."""
    if is_dataclass(value):
        names = (field.name for field in fields(value))
        return {_key(name): to_form(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): to_form(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_form(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None else str(value)


def from_form(kind: Any, stored: Any) -> Any:  # noqa: ANN401 (a type, and its value)
    """Return the value of a type that has this form."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is types.UnionType:  # X | None
        return None if stored is None else from_form(arguments[0], stored)
    if origin is tuple:
        kinds = (arguments[0],) * len(stored) if arguments[-1] is ... else arguments
        return tuple(map(from_form, kinds, stored))
    if origin is not None:  # a mapping by text
        return {key: from_form(arguments[1], each) for key, each in stored.items()}
    if hasattr(kind, "__dataclass_fields__"):
        known = {name: _key(name) for name in _kinds(kind) if _key(name) in stored}
        return kind(**{name: from_form(_kinds(kind)[name], stored[known[name]]) for name in known})
    if kind is datetime:
        return datetime.fromisoformat(stored)
    if kind is str and not isinstance(stored, str):
        raise TypeError(f"{stored!r} is no text")
    return stored if kind is Any else kind(stored)


def keys_of(kind: type) -> set[str]:
    """Return the keys that values of a dataclass have."""
    return set(map(_key, _kinds(kind)))


@cache
def _kinds(kind: Any) -> dict[str, Any]:  # noqa: ANN401
    return {field.name: get_type_hints(kind)[field.name] for field in fields(kind)}


@cache
def _key(field_name: str) -> str:
    return "".join(part.capitalize() for part in field_name.split("_"))
