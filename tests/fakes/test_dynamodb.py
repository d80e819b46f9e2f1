from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from moto import mock_aws

from tests.fakes.dynamodb import DynamoDbInProcess, create_table

TABLE, KEY = "Ledger", "Key"
Put = dict[str, Any]


def put(key: str, version: str, over: str | None = None, **attributes: Any) -> Put:  # noqa: ANN401
    """Make a put of a version over another one, or over none."""
    put: Put = {
        "TableName": TABLE,
        "Item": {KEY: {"S": key}, "Version": {"S": version}} | attributes,
        "ExpressionAttributeNames": {"#version": "Version"},
        "ConditionExpression": "attribute_not_exists(#version)",
    }
    if over is not None:
        put["ConditionExpression"] = "#version = :version"
        put["ExpressionAttributeValues"] = {":version": {"S": over}}
    return put


@pytest.fixture(params=["stand-in", "moto"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give the stand-in, and moto to measure it by."""
    if request.param == "stand-in":
        yield DynamoDbInProcess(TABLE, KEY)
        return
    with mock_aws():
        client = boto3.Session(region_name="us-west-2").client("dynamodb")
        create_table(client, TABLE, KEY)
        yield client


def write(client: Any, *puts: Put) -> str:  # noqa: ANN401
    """Write in one transaction; return the error's code, empty where there is none."""
    try:
        client.transact_write_items(TransactItems=[{"Put": each} for each in puts])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def read(client: Any, key: str) -> Any:  # noqa: ANN401
    """Read an item, None where there is none."""
    return client.get_item(TableName=TABLE, Key={KEY: {"S": key}}, ConsistentRead=True).get("Item")


def test_a_read_returns_the_written_item(client: Any) -> None:  # noqa: ANN401
    """An item comes back as it was put."""
    attributes: Put = {
        "Open": {"BOOL": True},
        "Nested": {"M": {"List": {"L": [{"NULL": True}, {"S": "☃"}]}}},
    }
    assert write(client, put("a", "1", **attributes)) == ""
    assert read(client, "a") == put("a", "1", **attributes)["Item"]
    assert read(client, "b") is None


@pytest.mark.parametrize("over", [None, "0", "2"])
def test_another_version_is_not_replaced(over: str | None, client: Any) -> None:  # noqa: ANN401
    """A put over a version that does not stand is cancelled, with all others of the write."""
    write(client, put("a", "1"))
    assert write(client, put("b", "2"), put("a", "2", over)) == "TransactionCanceledException"
    assert (read(client, "a"), read(client, "b")) == (put("a", "1")["Item"], None)


def test_the_current_version_is_replaced(client: Any) -> None:  # noqa: ANN401
    """A put over the right versions happens, for all items of the write."""
    write(client, put("a", "1"), put("b", "1"))
    assert write(client, put("a", "2", "1"), put("b", "2", "1")) == ""
    assert read(client, "b") == put("b", "2")["Item"]


@pytest.mark.parametrize(
    "puts",
    [
        [put("a", "1"), put("a", "2")],
        [put("", "1")],
        [put("k" * 2049, "1")],
        [put("a", "1", Long={"S": "x" * 400 * 1024})],
        [put(str(number), "1") for number in range(101)],
    ],
    ids=["twice", "no key", "long key", "large", "many"],
)
def test_the_stand_in_refuses_what_dynamodb_refuses(puts: list[Put], client: Any) -> None:  # noqa: ANN401
    """The limits and rules of the service are kept."""
    assert write(client, *puts) == "ValidationException"


def test_types_are_checked_before_anything_is_sent(client: Any) -> None:  # noqa: ANN401
    """The stand-in refuses the same calls as the real client."""
    with pytest.raises(ParamValidationError):
        write(client, put("a", "1", Number={"S": 7}))
