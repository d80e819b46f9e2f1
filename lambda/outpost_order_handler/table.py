"""The one module that knows DynamoDB: items that change together, or not at all.

Every item has a `Version`, made anew by each write. A write names the versions
it replaces, and happens only where all of them still stand. So nothing that
somebody else wrote is ever overwritten unseen, and a writer whose
acknowledgement got lost recognizes its own write by its version.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

from outpost_order_handler.contract import LEDGER_KEY

VERSION = "Version"

_TO_DYNAMODB, _FROM_DYNAMODB = TypeSerializer(), TypeDeserializer()
# Why a transaction is cancelled where somebody else wrote first, or writes at this moment.
_OVERTAKEN = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_NOT_FOUND = "ResourceNotFoundException"
_CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
)


@dataclass(frozen=True)
class Item:
    """What stands under a key; an item that was never written has no version."""

    key: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


class Lost(Exception):
    """Somebody else changed an item in the meantime: nothing was written."""


class TableUnavailable(Exception):
    """The table could not be read, or it is not known whether it was written."""

    def __init__(self, error: Exception) -> None:
        """Take what DynamoDB or the network said."""
        super().__init__(str(error))
        self.name = _causes_of(error)[0]


class TableNotFound(TableUnavailable):
    """The table does not exist: nothing was read, and nothing was written."""


def new_version() -> str:
    """Return a version that no item ever had."""
    return uuid.uuid4().hex


class Table:
    """A DynamoDB table with one string key, and nothing but atomic writes."""

    def __init__(self, name: str, client: Any = None) -> None:  # noqa: ANN401 (made at run time)
        """Take the table's name; nothing is asked of it yet."""
        self.name = name
        self._client = client or boto3.client("dynamodb", config=_CONFIG)

    def read(self, key: str) -> Item:
        """Read an item as it is now.

        Raises:
            TableNotFound: There is no such table.
            TableUnavailable: It cannot be read.
        """
        try:
            answer = self._client.get_item(
                TableName=self.name, Key={LEDGER_KEY: {"S": key}}, ConsistentRead=True
            )
        except Exception as error:
            kind = TableNotFound if _NOT_FOUND in _causes_of(error) else TableUnavailable
            raise kind(error) from error
        return _item(answer["Item"]) if "Item" in answer else Item(key)

    def write(self, *items: Item, version: str = "") -> tuple[Item, ...]:
        """Replace the versions that the items were made from, all or none of them.

        Args:
            items: What is to stand, each with the version that it replaces.
            version: The version they get. Default: a new one.

        Raises:
            Lost: Another version stands; nothing was written.
            TableUnavailable: It is not known whether the items were written.
        """
        version = version or new_version()
        written = tuple(Item(item.key, item.attributes, version) for item in items)
        puts = [self._put(old, new) for old, new in zip(items, written, strict=True)]
        try:
            self._client.transact_write_items(TransactItems=puts)
        except Exception as error:
            if _OVERTAKEN & set(_causes_of(error)):
                raise Lost from error
            if self.read(written[0].key).version != version:
                raise TableUnavailable(error) from error
        return written

    def scan(self) -> Iterator[Item]:
        """Read every item, for a person who looks; the function's role may not."""
        for page in self._client.get_paginator("scan").paginate(
            TableName=self.name, ConsistentRead=True
        ):
            yield from map(_item, page["Items"])

    def _put(self, old: Item, new: Item) -> dict[str, Any]:
        values = {**new.attributes, LEDGER_KEY: new.key, VERSION: new.version}
        put: dict[str, Any] = {
            "TableName": self.name,
            "Item": {name: _TO_DYNAMODB.serialize(value) for name, value in values.items()},
            "ExpressionAttributeNames": {"#version": VERSION},
            "ConditionExpression": "attribute_not_exists(#version)",
        }
        if old.version:
            put["ConditionExpression"] = "#version = :version"
            put["ExpressionAttributeValues"] = {":version": {"S": old.version}}
        return {"Put": put}


def _item(stored: Mapping[str, Any]) -> Item:
    values = {name: _FROM_DYNAMODB.deserialize(value) for name, value in stored.items()}
    return Item(values.pop(LEDGER_KEY), values, values.pop(VERSION))


def _causes_of(error: Exception) -> list[str]:
    """Return what went wrong by name; a transaction that was cancelled tells it of each item."""
    if not isinstance(error, ClientError):
        return [type(error).__name__]
    reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons") or ()]
    causes = [str(code) for code in reasons if code not in (None, "None")]
    return causes or [str(error.response.get("Error", {}).get("Code") or "Unknown")]
