"""Shortcuts that make a schedule fast, and don't change its result.

Values keep their shape on the way to the table. The product's own code converts each record
once, and the result is cached. Versions and senders are numbers that count up in each
universe, so the same schedule writes the same records.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

from outpost_order_handler.cloudformation import answers
from outpost_order_handler.ledger import records, table
from outpost_order_handler.ledger.records import Attempt, Record
from outpost_order_handler.order import OrderContent, OrderRequest
from tests.safety.world.universe import Universe

_MOST = 50_000  # conversions that are remembered, then all are forgotten


class PlainTypes:
    """A stand-in for boto3's types: values keep their shape, which is many times as fast."""

    def serialize(self, value: object) -> dict[str, object]:
        """Wrap a value."""
        return {"S": value}

    def deserialize(self, stored: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Unwrap a value."""
        return stored["S"]


@dataclass
class Numbers:
    """A stand-in for the module uuid: a number is unique in its universe."""

    universe: Universe = field(default_factory=Universe)

    def uuid4(self) -> SimpleNamespace:
        """Return what has the next number in hexadecimal."""
        return SimpleNamespace(hex=f"{self.universe.next('unique'):032x}")


NUMBERS = Numbers()


@contextmanager
def shortcuts() -> Iterator[None]:
    """Take the shortcuts; `NUMBERS` counts in the universe that it is given."""
    types = PlainTypes()
    with ExitStack() as stack:
        stack.enter_context(
            patch.multiple(table, _TO_DYNAMODB=types, _FROM_DYNAMODB=types, uuid=NUMBERS)
        )
        stack.enter_context(patch.object(answers, "uuid", NUMBERS))
        stack.enter_context(patch.object(Record, "of", classmethod(_remembering_records())))
        stack.enter_context(patch.object(records, "to_form", _remembering_forms()))
        yield


def _remembering_records() -> Any:  # noqa: ANN401 (a class method)
    read = Record.__dict__["of"].__func__
    known: dict[tuple[type[Record], str, str], Record] = {}
    same: dict[tuple[object, ...], tuple[Record, Mapping[str, Any]]] = {}

    def find(cls: type[Record], name: str, attributes: Mapping[str, Any]) -> Record:
        key = cls, name, repr(attributes)
        record = known.get(key)
        if record is None:
            if len(known) > _MOST:
                known.clear()
            record = known[key] = cast("Record", read(cls, name, "", attributes))
        return record

    def of(cls: type[Record], name: str, version: str, attributes: Mapping[str, Any]) -> Record:
        # The values of an item that wasn't written since are the very same; kept, they stay so.
        key = cls, name, *attributes, *map(id, attributes.values())
        record, _ = same.get(key, (None, None))
        if record is None:
            if len(same) > _MOST:
                same.clear()
            record = find(cls, name, attributes)
            same[key] = record, attributes
        copy = object.__new__(type(record))
        copy.__dict__.update(record.__dict__, version=version)
        return copy

    return of


def _remembering_forms() -> Any:  # noqa: ANN401 (a function)
    convert, known = records.to_form, dict[object, Any]()
    steps: dict[int, tuple[object, Any]] = {}  # entries of lists, which later records share

    def to_form(value: Any) -> Any:  # noqa: ANN401
        if type(value) is str:
            return value
        if type(value) is dict and value:
            _, form = steps.get(id(value), (None, None))
            if form is None:
                if len(steps) > _MOST:
                    steps.clear()
                form = convert(value)
                steps[id(value)] = value, form  # the value is kept, so its ID stays its own
            return form
        if not isinstance(value, OrderRequest | Attempt | OrderContent):
            return convert(value)
        form = known.get(value)
        if form is None:
            if len(known) > _MOST:
                known.clear()
            form = known[value] = convert(value)
        return form

    return to_form
