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

CONNECT_TIMEOUT = 3  # seconds: a read takes 27 at most, which fits into TIME_TO_READ
READ_TIMEOUT = 5  # seconds
READ_ATTEMPTS = 3


class Outposts:
    """The Outposts API as an order needs it.

    Each read raises `NotReadable` if there is no such thing, or if it can't be read now.
    """

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
        """Read one order."""
        order = self._read(
            "GetOrder", order_id, lambda reader: order_in(reader.get_order(OrderId=order_id))
        )
        if order is None or order.order_id != order_id:
            raise NotReadable(
                "NotReadable", fact=f"{order_id} could not be read, nothing was bought or changed"
            )
        return order

    def list_orders(self, outpost_id: str) -> list[str]:
        """List the IDs of an Outpost's orders; a new one might not be in the list yet."""

        def read(reader: Any) -> list[str]:  # noqa: ANN401
            pages = _pages(reader, "list_orders", OutpostIdentifierFilter=outpost_id)
            return [order_id for page in pages for order_id in order_ids_in(page)]

        return self._read("ListOrders", f"the orders of {outpost_id}", read)

    def get_quote(self, quote_id: str) -> Quote:
        """Read a quote."""
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
        """Read an Outpost."""
        return self._read(
            "GetOutpost", outpost_id, lambda api: outpost_in(api.get_outpost(OutpostId=outpost_id))
        )

    def catalog_item_status(self, catalog_item_id: str) -> str:
        """Read the status of a catalog item; unknown is empty."""

        def read(reader: Any) -> str:  # noqa: ANN401
            item = reader.get_catalog_item(CatalogItemId=catalog_item_id)["CatalogItem"]
            return str(item.get("ItemStatus") or "")

        return self._read("GetCatalogItem", catalog_item_id, read)

    def catalog_items_of(self, item_class: str) -> set[str]:
        """List the catalog items of a class, RACK or SERVER."""

        def read(reader: Any) -> set[str]:  # noqa: ANN401
            pages = _pages(reader, "list_catalog_items", ItemClassFilter=[item_class])
            return {str(item["CatalogItemId"]) for page in pages for item in page["CatalogItems"]}

        return self._read("ListCatalogItems", "the catalog", read)

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
