"""What can be asked of Outposts: one client that sends once, one that reads.

An order is sent in exactly one HTTP request. The default client would send it up to five
times, and so would `AWS_MAX_ATTEMPTS`; only `total_max_attempts` set in code outranks the
environment.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from outpost_order_handler.failures import NotReadable, unknown
from outpost_order_handler.order import OrderContent
from outpost_order_handler.outposts.errors import failed_purchase, failed_read, failed_start
from outpost_order_handler.outposts.responses import (
    Order,
    Outpost,
    Quote,
    order_ids_in,
    order_in,
    outpost_in,
    quote_in,
)

_Read = TypeVar("_Read")

CONNECT_TIMEOUT = 5  # seconds
READ_TIMEOUT = 5  # seconds
READ_ATTEMPTS = 3


class Outposts:
    """The Outposts API as an order needs it."""

    def __init__(self, make_client: Callable[[float, int], Any] | None = None) -> None:
        """Take what makes a client of a read timeout and a number of attempts."""
        self._make_client = make_client or _client

    def client_that_sends_once(self, read_timeout: float) -> Callable[[OrderContent], Order]:
        """Return what sends CreateOrder, in one request; nothing of it is left to create.

        The callable raises `OrderError`: NOT_PLACED if it is proven that no order was placed,
        UNKNOWN for everything else that isn't an order with its ID.
        """
        try:
            client = self._make_client(read_timeout, 1)
        except Exception as error:
            raise failed_start(error) from error

        def send(content: OrderContent) -> Order:
            try:
                response = client.create_order(**content.parameters())
            except Exception as error:
                raise failed_purchase(error) from error
            order = order_in(response)
            if order is None:
                raise unknown()
            return order

        return send

    def get_order(self, order_id: str) -> Order:
        """Read one order.

        Raises:
            NotReadable: There is no such order, or it can't be read now.
        """
        order = self._read(
            "GetOrder", order_id, lambda reader: order_in(reader.get_order(OrderId=order_id))
        )
        if order is None or order.order_id != order_id:
            raise NotReadable(
                "NoOrderId", fact=f"{order_id} could not be read, nothing was bought or changed"
            )
        return order

    def list_orders(self, outpost_id: str) -> list[str]:
        """List the IDs of an Outpost's orders; a new one might not be in the list yet.

        Raises:
            NotReadable: The list can't be read now, or is none.
        """
        return self._read(
            "ListOrders",
            f"the orders of {outpost_id}",
            lambda reader: [
                order_id
                for page in _pages(reader, "list_orders", OutpostIdentifierFilter=outpost_id)
                for order_id in order_ids_in(page)
            ],
        )

    def get_quote(self, quote_id: str) -> Quote:
        """Read a quote.

        Raises:
            NotReadable: There is no such quote, or it can't be read now.
        """
        subject = f"quote {quote_id}"
        if not hasattr(self._reader, "get_quote"):
            raise NotReadable(
                "SdkTooOld",
                f"boto3 {boto3.__version__} has no quotes",
                fact=f"{subject} could not be read, nothing was bought or changed",
            )
        return self._read(
            "GetQuote", subject, lambda reader: quote_in(reader.get_quote(QuoteIdentifier=quote_id))
        )

    def get_outpost(self, outpost_id: str) -> Outpost:
        """Read an Outpost.

        Raises:
            NotReadable: There is no such Outpost, or it can't be read now.
        """
        return self._read(
            "GetOutpost",
            outpost_id,
            lambda reader: outpost_in(reader.get_outpost(OutpostId=outpost_id)),
        )

    def catalog_item_status(self, catalog_item_id: str) -> str:
        """Read the status of a catalog item; unknown is empty.

        Raises:
            NotReadable: There is no such item, or it can't be read now.
        """
        item = self._read(
            "GetCatalogItem",
            catalog_item_id,
            lambda reader: reader.get_catalog_item(CatalogItemId=catalog_item_id)["CatalogItem"],
        )
        return str(item.get("ItemStatus") or "")

    def catalog_items_of(self, item_class: str) -> set[str]:
        """List the catalog items of a class, RACK or SERVER.

        Raises:
            NotReadable: The list can't be read now, or is none.
        """
        return self._read(
            "ListCatalogItems",
            "the catalog",
            lambda reader: {
                str(item["CatalogItemId"])
                for page in _pages(reader, "list_catalog_items", ItemClassFilter=[item_class])
                for item in page["CatalogItems"]
            },
        )

    def _read(self, action: str, subject: str, read: Callable[[Any], _Read]) -> _Read:
        try:
            return read(self._reader)
        except Exception as error:
            raise failed_read(error, action, subject) from error

    @cached_property
    def _reader(self) -> Any:  # noqa: ANN401 (boto3 makes its clients at run time)
        return self._make_client(READ_TIMEOUT, READ_ATTEMPTS)


def _pages(reader: Any, operation: str, **parameters: Any) -> Iterator[Any]:  # noqa: ANN401
    pages: Iterator[Any] = reader.get_paginator(operation).paginate(**parameters)
    return pages


def _client(read_timeout: float, attempts: int) -> Any:  # noqa: ANN401
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(connect_timeout=CONNECT_TIMEOUT, read_timeout=read_timeout, retries=retries)
    return boto3.client("outposts", config=config)
