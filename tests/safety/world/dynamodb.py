"""The ledgers of the simulated world, as boto3's DynamoDB client shows them.

A read or a write can fail. A ledger can be down for 3 or for 30 seconds. A write can succeed
although it seems to fail. A process can die or be suspended before or after each of them.
Left out: throttling, denied access and a missing table, which the handler can't distinguish
from a ledger that is down.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.safety.scheduler import Crash, Process
from tests.safety.world.universe import Universe

THROTTLED = "throttled"
READ_WAYS = ("fails", "crash before")
WRITE_WAYS = ("fails", "is done and fails", "crash before", "crash after")
DOWN = {"is down for 3 s": 3, "is down for 30 s": 30, "is done, then down for 30 s": 30}
MORE_READ_WAYS = (*READ_WAYS, *list(DOWN)[:2])
MORE_WRITE_WAYS = (*WRITE_WAYS, *DOWN, "is suspended for 100 s before")


def service_error(code: str, status: int, **more: Any) -> ClientError:  # noqa: ANN401
    """Return botocore's exception for an error in an answer."""
    response: dict[str, Any] = {
        "Error": {"Code": code, "Message": "simulated"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return ClientError(response, "Simulated")


class SimulatedDynamoDb:
    """The two calls that the function makes, atomic as DynamoDB's are."""

    def __init__(
        self, process: Process, universe: Universe, table: str, *, can_be_down: bool
    ) -> None:
        self._process = process
        self._universe = universe
        self._table = table
        self._reads = MORE_READ_WAYS if can_be_down else READ_WAYS
        self._writes = MORE_WRITE_WAYS if can_be_down else WRITE_WAYS

    @property
    def _items(self) -> dict[str, Mapping[str, Any]]:
        return self._universe.tables.get(self._table, {})

    def transact_get_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Read the items of one moment."""
        keys = [item["Get"]["Key"]["Key"]["S"] for item in TransactItems]
        kinds = " and ".join(key.partition("#")[0] for key in keys)
        self._fail_if_down(self._process.step(f"reads {kinds}", *self._reads))
        found = (self._items.get(key) for key in keys)
        return {"Responses": [{} if item is None else {"Item": item} for item in found]}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        """Write all items, or none if a condition doesn't hold."""
        puts = [item["Put"] for item in TransactItems]
        way = self._process.step(f"writes {_what(puts[0]['Item'])}", *self._writes)
        if way == "is suspended for 100 s before":
            self._process.sleep(100)
        if way != "is done, then down for 30 s":
            self._fail_if_down(way)
        holds = [self._holds(put) for put in puts]
        if not all(holds):
            reasons = [{"Code": "None" if each else "ConditionalCheckFailed"} for each in holds]
            raise service_error("TransactionCanceledException", 400, CancellationReasons=reasons)
        self._universe.wrote(self._table, {put["Item"]["Key"]["S"]: put["Item"] for put in puts})
        if way == "crash after":
            raise Crash
        if way == "is done and fails":
            raise service_error("InternalServerError", 500)
        if way == "is done, then down for 30 s":
            self._fail_if_down(way)

    def _fail_if_down(self, way: str) -> None:
        now = self._process.scheduler.now
        if way in DOWN:
            self._universe.ledger_is_back_at = now + timedelta(seconds=DOWN[way])
        if way == "fails" or now < self._universe.ledger_is_back_at:
            raise service_error("InternalServerError", 500)

    def _holds(self, put: Mapping[str, Any]) -> bool:
        stored = self._items.get(put["Item"]["Key"]["S"])
        if put["ConditionExpression"] == "attribute_not_exists(#version)":
            return stored is None
        wanted = put["ExpressionAttributeValues"][":version"]
        return stored is not None and stored["Version"] == wanted


def _what(item: Mapping[str, Any]) -> str:
    kind = item["Key"]["S"].partition("#")[0]
    return f"{kind} {item['State']['S']}" if "State" in item else str(kind)
