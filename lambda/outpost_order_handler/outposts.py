"""The one module that knows boto3's Outposts client.

An order is sent in exactly one HTTP request. The default client would send it
up to five times, and so would `AWS_MAX_ATTEMPTS`; only `total_max_attempts`
set in code outranks the environment.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.failures import InDoubt, NotReadable
from outpost_order_handler.order import Order, OrderSummary, order_in, summaries_in
from outpost_order_handler.outpost import Outpost, outpost_in
from outpost_order_handler.quote import Quote, quote_in
from outpost_order_handler.refusals import failed_cancelling, failed_purchase, failed_read
from outpost_order_handler.request import OrderRequest

_Read = TypeVar("_Read")

CONNECT_TIMEOUT = 5  # seconds
READ_TIMEOUT_OF_CREATE_ORDER = 60  # seconds: to give up early only means not to know
READ_TIMEOUT = 5  # seconds
READ_ATTEMPTS = 3


class Outposts:
    """The Outposts API as an order needs it."""

    def __init__(self, make_client: Callable[[float, int], Any] | None = None) -> None:
        """Take what makes a client of a read timeout and a number of attempts."""
        self._make_client = make_client or _client

    def create_order(
        self, request: OrderRequest, read_timeout: float = READ_TIMEOUT_OF_CREATE_ORDER
    ) -> Order:
        """Send CreateOrder once.

        Raises:
            NotPlaced: It is proven that no order was made.
            InDoubt: Anything else that is not an order with its id.
        """
        try:
            buyer = self._make_client(read_timeout, 1)
            response = buyer.create_order(**request.parameters())
        except Exception as error:
            raise failed_purchase(error, request) from error
        order = order_in(response)
        if order is None:
            raise InDoubt(
                Code.GENERAL_SERVICE_EXCEPTION, "NoOrderId", request.outpost_id, request.order_name
            )
        return order

    def get_order(self, order_id: str) -> Order:
        """Read one order.

        Raises:
            NotReadable: There is no such order, or it cannot be read now.
        """
        order = self._read(
            "GetOrder", order_id, lambda reader: order_in(reader.get_order(OrderId=order_id))
        )
        if order is None or order.order_id != order_id:
            raise NotReadable(
                Code.GENERAL_SERVICE_EXCEPTION, "NoOrderId", order_id, "look at the order"
            )
        return order

    def orders_on(self, outpost_id: str) -> list[OrderSummary]:
        """List every order of an Outpost; a new one may not be in the list yet.

        Raises:
            NotReadable: The list cannot be read now, or is not one.
        """
        return self._read(
            "ListOrders",
            f"the orders of {outpost_id}",
            lambda reader: [
                summary
                for page in _pages(reader, "list_orders", OutpostIdentifierFilter=outpost_id)
                for summary in summaries_in(page)
            ],
        )

    def get_quote(self, quote_identifier: str) -> Quote:
        """Read a quote.

        Raises:
            NotReadable: There is no such quote, or it cannot be read now.
        """
        subject = f"quote {quote_identifier}"
        if not hasattr(self._reader, "get_quote"):
            detail = f"its boto3 {boto3.__version__} knows no quotes"
            step = "give the function a newer runtime, or order line items"
            raise NotReadable(Code.INVALID_REQUEST, "SdkTooOld", subject, step, detail)
        return self._read(
            "GetQuote",
            subject,
            lambda reader: quote_in(reader.get_quote(QuoteIdentifier=quote_identifier)),
        )

    def get_outpost(self, outpost_identifier: str) -> Outpost:
        """Read an Outpost.

        Raises:
            NotReadable: There is no such Outpost, or it cannot be read now.
        """
        return self._read(
            "GetOutpost",
            outpost_identifier,
            lambda reader: outpost_in(reader.get_outpost(OutpostId=outpost_identifier)),
        )

    def catalog_item_status(self, catalog_item_id: str) -> str:
        """Read the status of a catalog item; unknown is empty.

        Raises:
            NotReadable: There is no such item, or it cannot be read now.
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
            NotReadable: The list cannot be read now, or is not one.
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

    def cancel_order(self, order_id: str) -> None:
        """Ask the service to cancel an order; whether it did, only `get_order` tells.

        Raises:
            NotCancelled: It refused, or nobody knows what it did.
        """
        try:
            self._reader.cancel_order(OrderId=order_id)
        except Exception as error:
            raise failed_cancelling(error, order_id) from error

    def _read(self, action: str, subject: str, read: Callable[[Any], _Read]) -> _Read:
        """Read something, or raise what to tell where that fails in whatever way."""
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
