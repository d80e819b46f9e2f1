"""The calls to Outposts: one client that sends once, one that reads.

An order is sent in exactly one HTTP request. The default client would send it up to five
times, and so would `AWS_MAX_ATTEMPTS`; only `total_max_attempts` set in code outranks the
environment.
"""

from collections.abc import Callable
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeVar

import boto3
from botocore import xform_name
from botocore.config import Config

from outpost_order_handler.failures import NotReadable, OrderError
from outpost_order_handler.order import OrderContent
from outpost_order_handler.outposts import errors, responses
from outpost_order_handler.outposts.responses import Order, Quote

_Read = TypeVar("_Read")
_catalog_item: Callable[[Any], dict[str, Any]] = itemgetter("CatalogItem")
CONNECT_TIMEOUT = 3  # seconds: a read takes 27 at most, which fits into TIME_TO_READ
READ_TIMEOUT = 5  # seconds
READ_ATTEMPTS = 3


class Outposts:
    """The Outposts API. A read that fails, or finds nothing, raises `NotReadable`."""

    def __init__(self, make_client: Callable[[float, int], Any] | None = None) -> None:
        self._make_client = make_client or _client

    def client_that_sends_once(self, read_timeout: float) -> Callable[[OrderContent], Order]:
        """Return the function that sends CreateOrder in one request; its client exists already.

        The callable raises `OrderError`: NOT_PLACED if it is proven that no order was placed,
        UNKNOWN for everything else that isn't an order with its ID.
        """
        try:
            client = self._make_client(read_timeout, 1)
        except Exception as error:
            raise errors.failed_start(error) from error

        def send(content: OrderContent) -> Order:
            try:
                response = client.create_order(**content.parameters())
            except Exception as error:
                raise errors.failed_request(error, "CreateOrder") from error
            order = responses.order_in(response)
            if order is None:
                raise OrderError.unknown()
            return order

        return send

    def get_order(self, order_id: str) -> Order:
        """Read one order."""
        order = self._read("GetOrder", order_id, responses.order_in, OrderId=order_id)
        if order is None or order.order_id != order_id:
            raise NotReadable("NotReadable", fact=errors.unreadable(order_id))
        return order

    def list_orders(self, outpost_id: str) -> list[str]:
        """List the IDs of an Outpost's orders; a new one might not be in the list yet."""
        subject, of_outpost = f"the orders of {outpost_id}", {"OutpostIdentifierFilter": outpost_id}
        return self._list("ListOrders", subject, ("Orders", "OrderId"), **of_outpost)

    def get_quote(self, quote_id: str) -> Quote:
        """Read a quote."""
        subject = f"quote {quote_id}"
        if not hasattr(self._reader, "get_quote"):
            old = f"boto3 {boto3.__version__} has no quotes"
            raise NotReadable("SdkTooOld", old, fact=errors.unreadable(subject))
        return self._read("GetQuote", subject, responses.quote_in, QuoteIdentifier=quote_id)

    def get_outpost(self, outpost_id: str) -> tuple[str, str]:
        """Read an Outpost's life cycle status and hardware type; unknown is empty."""
        return self._read("GetOutpost", outpost_id, responses.outpost_in, OutpostId=outpost_id)

    def catalog_item_status(self, item_id: str) -> str:
        """Read the status of a catalog item; unknown is empty."""
        item = self._read("GetCatalogItem", item_id, _catalog_item, CatalogItemId=item_id)
        return str(item.get("ItemStatus") or "")

    def catalog_items_of(self, item_class: str) -> list[str]:
        """List the IDs of the catalog items of a class, RACK or SERVER."""
        members, of_class = ("CatalogItems", "CatalogItemId"), {"ItemClassFilter": [item_class]}
        return self._list("ListCatalogItems", "the catalog", members, **of_class)

    def _list(self, action: str, subject: str, members: tuple[str, str], **of: object) -> list[str]:
        try:  # a response without a list isn't an empty list: the error says so
            pages = self._reader.get_paginator(xform_name(action)).paginate(**of)
            return [str(each[members[1]]) for page in pages for each in page[members[0]]]
        except Exception as error:
            raise errors.failed_read(error, action, subject) from error

    def _read(self, action: str, subject: str, parse: Callable[[Any], _Read], **of: str) -> _Read:
        try:
            return parse(getattr(self._reader, xform_name(action))(**of))
        except Exception as error:
            raise errors.failed_read(error, action, subject) from error

    @cached_property
    def _reader(self) -> Any:  # noqa: ANN401 (boto3 makes its clients at run time)
        return self._make_client(READ_TIMEOUT, READ_ATTEMPTS)


def _client(read_timeout: float, attempts: int) -> Any:  # noqa: ANN401
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(connect_timeout=CONNECT_TIMEOUT, read_timeout=read_timeout, retries=retries)
    return boto3.client("outposts", config=config)
