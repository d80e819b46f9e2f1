"""The reads and writes of records: together, or not at all.

Every item has a `Version`, made new by each write. A write names the versions that it
replaces, and happens only if all of them are still there. So nothing is overwritten unseen,
and a writer whose acknowledgement is lost recognizes its own write by its version.
"""

import logging
import re
import uuid
from functools import cached_property
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

from outpost_order_handler.clock import ACCESS_PATIENCE, StartOver
from outpost_order_handler.contract import LEDGER_KEY
from outpost_order_handler.failures import LedgerNotFound
from outpost_order_handler.ledger.records import OrderRecord, OutpostRecord, Record

logger = logging.getLogger(__name__)
VERSION = "Version"
_TO_DYNAMODB, _FROM_DYNAMODB = TypeSerializer(), TypeDeserializer()
# The reasons of a cancelled transaction if another writer was first, or writes now.
_CONFLICTS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_CONFLICT_PAUSE, _OUTAGE_PAUSE = 0.3, 2.0  # seconds
# A call takes 7 seconds at most, so that a write and its read-back fit into TIME_TO_RECORD.
_RETRIES = {"mode": "standard", "total_max_attempts": 2}
_CONFIG = Config(connect_timeout=1, read_timeout=2, retries=_RETRIES)


class VersionConflict(StartOver):
    """Another writer changed an item first: nothing was written."""

    def __init__(self) -> None:
        super().__init__(_CONFLICT_PAUSE)


class LedgerUnavailable(StartOver):
    """The table couldn't be read, or it isn't known whether it was written."""

    def __init__(self, error: Exception) -> None:
        name = _causes_of(error)[0]
        said = error.response.get("Error", {}) if isinstance(error, ClientError) else {}
        message = str(said.get("Message") or error)
        lacking = re.search(r"dynamodb:\w+", message)  # far behind in a long message
        why = f"the ledger is unavailable: {f'no {lacking[0]}, ' if lacking else ''}{message}"
        logger.info("%s: %s", name, why)
        # A new role might not be allowed to use the table at once.
        patience = ACCESS_PATIENCE if name == "AccessDeniedException" else float("inf")
        super().__init__(_OUTAGE_PAUSE, name, why, patience=patience)


class Ledger:
    """The records of all orders, in a DynamoDB table with one string key.

    Each method raises `LedgerNotFound` if there is no table, and `LedgerUnavailable` if it can't
    read the table, or if a write might have failed.
    """

    def __init__(self, table: str, client: Any = None) -> None:  # noqa: ANN401 (made at run time)
        self.table, self._given = table, client

    def read(self, order_name: str, outpost_id: str) -> tuple[OrderRecord, OutpostRecord]:
        """Read the records of an order and of its Outpost, as they are at one moment."""
        order, outpost = self._read(_key(OrderRecord, order_name), _key(OutpostRecord, outpost_id))
        return OrderRecord.of(order_name, *order), OutpostRecord.of(outpost_id, *outpost)

    def record(self, order_name: str) -> OrderRecord:
        """Read the record of one order."""
        [item] = self._read(_key(OrderRecord, order_name))
        return OrderRecord.of(order_name, *item)

    def write(self, order: OrderRecord, outpost: OutpostRecord | None = None) -> str:
        """Write records over the versions they were read from, all or none.

        Returns the version that they have now; raises VersionConflict if another is there.
        """
        version = uuid.uuid4().hex
        puts = [self._put(record, version) for record in (order, outpost) if record is not None]
        try:
            self._client.transact_write_items(TransactItems=puts)
        except Exception as error:
            if _CONFLICTS & set(_causes_of(error)):
                raise VersionConflict from error
            if self.record(order.name).version != version:
                raise _failure(error) from error
        return version

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401
        return self._given or boto3.client("dynamodb", config=_CONFIG)

    def _read(self, *keys: str) -> list[tuple[str, dict[str, Any]]]:
        """Return the version and the attributes of each item; one that isn't there has none."""
        gets = [{"Get": {"TableName": self.table, "Key": {LEDGER_KEY: {"S": key}}}} for key in keys]
        try:
            responses = self._client.transact_get_items(TransactItems=gets)["Responses"]
        except Exception as error:
            raise _failure(error) from error
        items = []
        for response in responses:
            stored = response.get("Item") or {}
            item = {name: _FROM_DYNAMODB.deserialize(value) for name, value in stored.items()}
            item.pop(LEDGER_KEY, None)
            items.append((item.pop(VERSION, ""), item))
        return items

    def _put(self, record: Record, version: str) -> dict[str, Any]:
        key = _key(type(record), record.name)
        item = {**record.attributes(), LEDGER_KEY: key, VERSION: version}
        put: dict[str, Any] = {
            "TableName": self.table,
            "Item": {name: _TO_DYNAMODB.serialize(value) for name, value in item.items()},
            "ExpressionAttributeNames": {"#version": VERSION},
            "ConditionExpression": "attribute_not_exists(#version)",
        }
        if record.version:
            put["ConditionExpression"] = "#version = :version"
            put["ExpressionAttributeValues"] = {":version": {"S": record.version}}
        return {"Put": put}


def _key(kind: type[Record], name: str) -> str:
    return f"{kind.PREFIX}#{name}"


def _failure(error: Exception) -> LedgerNotFound | LedgerUnavailable:
    is_gone = "ResourceNotFoundException" in _causes_of(error)
    return LedgerNotFound() if is_gone else LedgerUnavailable(error)


def _causes_of(error: Exception) -> list[str]:
    """Return the names of the causes; a cancelled transaction has one for each item."""
    if not isinstance(error, ClientError):
        return [type(error).__name__]
    reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons") or ()]
    causes = [str(code) for code in reasons if code not in (None, "None")]
    return causes or [str(error.response.get("Error", {}).get("Code") or "Unknown")]
