"""A stand-in for boto3's DynamoDB client: one table, and the calls that a ledger makes.

moto and ministack have all of DynamoDB, and a call takes them milliseconds. This one is for
proofs that need many thousands of events. It makes every call atomic, and refuses every call
that it doesn't know. So it can be too strict, but not too kind.
"""

import json
from collections.abc import Mapping
from functools import cache, cached_property
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

LONGEST_KEY = 2048
LARGEST_ITEM = 400 * 1024
MOST_ITEMS = 100
ABSENT, SAME = "attribute_not_exists(#version)", "#version = :version"

Item = Mapping[str, Mapping[str, Any]]


class DynamoDbInProcess:
    """Keep the items of one table with one string key, in memory."""

    def __init__(self, table: str, key: str) -> None:
        self.items: dict[str, Item] = {}
        self._table = table
        self._key = key
        self._lock = Lock()

    def get_item(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3's client
        """Answer GetItem, if it reads consistently."""
        _validate("GetItem", call)
        _expect("members", set(call) == {"TableName", "Key", "ConsistentRead"})
        _expect("the table", call["TableName"] == self._table)
        _expect("a consistent read", call["ConsistentRead"] is True)
        _expect("the key alone", len(call["Key"]) == 1)
        with self._lock:
            item = self.items.get(self._key_of(call["Key"]))
        return {} if item is None else {"Item": item}

    def transact_get_items(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - same
        """Answer TransactGetItems."""
        _validate("TransactGetItems", call)
        _expect("members", set(call) == {"TransactItems"})
        gets = [action["Get"] for action in call["TransactItems"]]
        _expect("table and key", all(set(get) == {"TableName", "Key"} for get in gets))
        _expect("the table", all(get["TableName"] == self._table for get in gets))
        _expect("at most 100 items", len(gets) <= MOST_ITEMS)
        with self._lock:
            found = [self.items.get(self._key_of(get["Key"])) for get in gets]
        return {"Responses": [{} if item is None else {"Item": item} for item in found]}

    def transact_write_items(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 - same
        """Answer TransactWriteItems, if it puts items over known versions of them."""
        _validate("TransactWriteItems", call)
        _expect("members", set(call) == {"TransactItems"})
        _expect("puts alone", all(set(action) == {"Put"} for action in call["TransactItems"]))
        puts = [action["Put"] for action in call["TransactItems"]]
        new = {self._key_of(put["Item"]): put["Item"] for put in puts}
        _expect("each item once", len(new) == len(puts))
        _expect("at most 100 items", len(puts) <= MOST_ITEMS)
        with self._lock:
            holds = [self._condition_holds(put) for put in puts]
            if not all(holds):
                reasons = [{"Code": "None" if each else "ConditionalCheckFailed"} for each in holds]
                raise _error("TransactionCanceledException", "cancelled", reasons)
            self.items |= new
        return {}

    def _condition_holds(self, put: Mapping[str, Any]) -> bool:
        needed = {"TableName", "Item", "ConditionExpression", "ExpressionAttributeNames"}
        _expect("members of the put", set(put) - {"ExpressionAttributeValues"} == needed)
        _expect("the table", put["TableName"] == self._table)
        _expect("Unicode, and at most 400 KB", len(_encoded(put["Item"])) <= LARGEST_ITEM)
        [(alias, name)] = put["ExpressionAttributeNames"].items()
        _expect("the alias of the version", alias == "#version")
        stands = self.items.get(self._key_of(put["Item"]), {}).get(name)
        values = put.get("ExpressionAttributeValues")
        if put["ConditionExpression"] == ABSENT and values is None:
            return stands is None
        _expect("a known condition", put["ConditionExpression"] == SAME)
        _expect("the value of the version", set(values or ()) == {":version"})
        return bool(values and stands == values[":version"])

    def _key_of(self, item: Item) -> str:
        key = item.get(self._key, {}).get("S", "")
        _expect("a key of 1 to 2048 bytes", 0 < len(_encoded(key)) - len('""') <= LONGEST_KEY)
        return str(key)


def create_table(client: Any, name: str, key: str) -> None:  # noqa: ANN401 - a real client
    """Create a table with one string key, as a ledger has it."""
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


class SessionWithLedger:
    """A session of boto3, for many threads, that answers one DynamoDB client to all."""

    def __init__(self, ledger: Any) -> None:  # noqa: ANN401 - the stand-in or a real client
        self._ledger = ledger
        self._lock = Lock()

    def client(self, service_name: str, **more: Any) -> Any:  # noqa: ANN401 - as boto3's session
        """Make a client, or answer the one for DynamoDB."""
        if service_name == "dynamodb":
            return self._ledger
        with self._lock:  # a session is not made for threads
            return self._session.client(service_name, **more)

    @cached_property
    def _session(self) -> boto3.Session:
        """Make it for the first client, in the environment of then, as boto3 does."""
        return boto3.Session()


@cache
def _input_of(operation: str) -> Any:  # noqa: ANN401 - botocore has no types
    model = botocore.session.Session().get_service_model("dynamodb")
    return model.operation_model(operation).input_shape


def _validate(operation: str, call: Mapping[str, Any]) -> None:
    """Check types as the real client does, before it sends anything."""
    validate_parameters(call, _input_of(operation))


def _expect(what: str, holds: bool) -> None:  # noqa: FBT001 - the condition itself
    if not holds:
        raise _error("ValidationException", f"expected {what}")


def _encoded(value: object) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _error("SerializationException", "a text is not Unicode") from error


def _error(code: str, message: str, reasons: list[dict[str, str]] | None = None) -> ClientError:
    more = {} if reasons is None else {"CancellationReasons": reasons}
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, "DynamoDB")
