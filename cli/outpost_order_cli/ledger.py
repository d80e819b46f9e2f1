"""The services with what only an operator can do: list all records, and cancel an order."""

from collections.abc import Iterator
from dataclasses import dataclass

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config

from outpost_order_handler.contract import LEDGER_KEY
from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger.records import OrderRecord
from outpost_order_handler.ledger.table import VERSION, Ledger
from outpost_order_handler.outposts import errors
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import Services

UNREADABLE = "UNREADABLE"
"""The state that a list shows of a record in a form that this version doesn't know."""

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"})
_FROM_DYNAMODB = TypeDeserializer()
CANCEL_TIMEOUT = 30  # seconds


class OperatorLedger(Ledger):
    """The ledger, for the command line, whose role can scan its table."""

    def __init__(self, table: str) -> None:
        """Take the table's name; nothing is asked of it yet."""
        super().__init__(table, boto3.client("dynamodb", config=_CONFIG))

    def records(self) -> Iterator[OrderRecord]:
        """Read every order's record; one in an unknown form doesn't hide the others.

        Raises:
            KeyError: The table has an item that no ledger has.
        """
        pages = self._client.get_paginator("scan").paginate(
            TableName=self.table, ConsistentRead=True
        )
        for page in pages:
            for stored in page["Items"]:
                item = {key: _FROM_DYNAMODB.deserialize(value) for key, value in stored.items()}
                prefix, _, name = item.pop(LEDGER_KEY).partition("#")
                version = item.pop(VERSION)
                if prefix == OrderRecord.PREFIX:
                    try:
                        yield OrderRecord.of(name, version, item)
                    except OrderError:
                        yield OrderRecord(name=name, version=version, state=UNREADABLE)


class OperatorOutposts(Outposts):
    """The Outposts API, for the command line, whose role can cancel an order."""

    def cancel_order(self, order_id: str) -> None:
        """Send CancelOrder, in one request; GetOrder shows what came of it.

        Raises:
            OrderError: There is no success. Its outcome is UNKNOWN, unless it is proven that
                the request did nothing.
        """
        client = self._make_client(CANCEL_TIMEOUT, 1)
        try:
            client.cancel_order(OrderId=order_id)
        except Exception as error:
            raise errors.failed_request(error, "CancelOrder") from error


@dataclass(frozen=True)
class OperatorServices(Services):
    """Everything outside of this process, with what only an operator can do."""

    ledger: OperatorLedger
    outposts: OperatorOutposts
