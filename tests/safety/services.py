"""The services of the simulated world, as the handler's clients show them.

Nothing of the handler is replaced but its clients, and these answer as botocore's do.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.safety.simulation import CANCELLED, Crash, Post, Process

WRITE_WAYS = ("fails", "is done and fails", "crash before", "crash after")
READ_WAYS = ("fails", "crash before")
CREATE_WAYS = (
    "refused",
    "lost",
    "applied and lost",
    "applied late",
    "empty answer",
    "not sent",
    "frozen",
    "crash before",
    "crash after",
)
LIST_WAYS = ("stale", "fails", "crash before")
CANCEL_WAYS = ("refused", "lost", "applied and lost", "crash before", "crash after")


def service_error(code: str, status: int, **more: Any) -> ClientError:  # noqa: ANN401
    """Return what botocore raises for an answer that is an error."""
    response: dict[str, Any] = {
        "Error": {"Code": code, "Message": "simulated"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return ClientError(response, "Simulated")


QUOTE: Mapping[str, Any] = {
    "QuoteStatus": "CREATED",
    "QuoteOptions": [
        {
            "QuoteOptionIdentifier": "oqo-0123456789abcdef0",
            "PricingOptions": [
                {
                    "SubscriptionPricingDetails": {
                        "PaymentOption": "NO_UPFRONT",
                        "PaymentTerm": "THREE_YEARS",
                        "MonthlyRecurringPrice": 4700.5,
                        "Currency": "USD",
                    }
                }
            ],
        }
    ],
}


class PlainTypes:
    """Stands in for boto3's types: values keep their shape, which is many times as fast."""

    def serialize(self, value: object) -> dict[str, object]:
        """Wrap a value."""
        return {"S": value}

    def deserialize(self, stored: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Unwrap a value."""
        return stored["S"]


class SimulatedDynamoDb:
    """The two calls that the ledger makes, atomic as DynamoDB's are."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._universe = process.universe

    def get_item(self, *, Key: Mapping[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401, N803
        """Read one item."""
        if self._process.step(f"read {Key['Key']['S'].split('#')[0]}", *READ_WAYS) == "fails":
            raise service_error("InternalServerError", 500)
        stored = self._universe.items.get(Key["Key"]["S"])
        return {} if stored is None else {"Item": stored}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        """Write all items, or none where a condition does not hold."""
        way = self._process.step("write", *WRITE_WAYS)
        if way == "fails":
            raise service_error("InternalServerError", 500)
        puts = [item["Put"] for item in TransactItems]
        holds = [self._holds(put) for put in puts]
        if not all(holds):
            reasons = [{"Code": "None" if each else "ConditionalCheckFailed"} for each in holds]
            raise service_error("TransactionCanceledException", 400, CancellationReasons=reasons)
        for put in puts:
            self._universe.items[put["Item"]["Key"]["S"]] = put["Item"]
        self._universe.after_write()
        if way == "is done and fails":
            raise service_error("InternalServerError", 500)
        if way == "crash after":
            raise Crash

    def _holds(self, put: Mapping[str, Any]) -> bool:
        stored = self._universe.items.get(put["Item"]["Key"]["S"])
        if put["ConditionExpression"] == "attribute_not_exists(#version)":
            return stored is None
        wanted = put["ExpressionAttributeValues"][":version"]
        return stored is not None and stored["Version"] == wanted


class SimulatedOutposts:
    """The Outposts client of one process."""

    def __init__(self, process: Process, attempts: int) -> None:
        self._process = process
        self._universe = process.universe
        self._attempts = attempts

    def create_order(self, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Make an order, or fail in one of the ways a service and a network have.

        A client that is told to try again does so, as botocore would.
        """
        for attempt in range(self._attempts):
            try:
                return self._posted(parameters)
            except (ReadTimeoutError, ClientError) as error:
                refused = isinstance(error, ClientError) and "500" not in str(error.response)
                if refused or attempt + 1 == self._attempts:
                    raise
        raise AssertionError

    def _posted(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        process, universe = self._process, self._universe
        way = process.step("CreateOrder", *CREATE_WAYS)
        if way == "not sent":
            raise EndpointConnectionError(endpoint_url="simulated")
        if way == "frozen":
            process.pause(100)
            process.remaining_millis()
        universe.before_post(process)
        process.sent = parameters
        post = Post(process)
        universe.posts.append(post)
        if way == "refused":
            post.was_refused = True
            raise service_error("ConflictException", 409)
        if way in ("lost", "applied late"):
            post.is_pending = way == "applied late"
            process.pause(60)
            raise ReadTimeoutError(endpoint_url="simulated")
        post.order = universe.order(parameters, process)
        if way == "applied and lost":
            raise service_error("InternalServerException", 500)
        if way == "crash after":
            raise Crash
        return {} if way == "empty answer" else {"Order": post.order.described()}

    def get_order(self, *, OrderId: str) -> dict[str, Any]:  # noqa: N803
        """Show an order."""
        if self._process.step("GetOrder", *READ_WAYS) == "fails":
            raise service_error("InternalServerException", 500)
        for order in self._universe.orders:
            if order.order_id == OrderId:
                return {"Order": order.described()}
        raise service_error("NotFoundException", 404)

    def cancel_order(self, *, OrderId: str) -> None:  # noqa: N803
        """Cancel an order."""
        way = self._process.step("CancelOrder", *CANCEL_WAYS)
        if way == "refused":
            raise service_error("ConflictException", 409)
        if way == "lost":
            raise service_error("InternalServerException", 500)
        [order] = [order for order in self._universe.orders if order.order_id == OrderId]
        order.status = CANCELLED
        if way == "crash after":
            raise Crash
        if way == "applied and lost":
            raise service_error("InternalServerException", 500)

    def get_quote(self, *, QuoteIdentifier: str) -> dict[str, Any]:  # noqa: N803
        """Show a quote; a stale one does not name its order yet."""
        way = self._process.step("GetQuote", *LIST_WAYS)
        if way == "fails":
            raise service_error("InternalServerException", 500)
        quote = {**QUOTE, "QuoteId": QuoteIdentifier}
        for order in self._universe.orders:
            if order.parameters.get("QuoteIdentifier") == QuoteIdentifier and way != "stale":
                quote |= {"QuoteStatus": "ORDER_SUBMITTED", "SubmittedOrderId": order.order_id}
        return {"Quote": quote}

    def get_outpost(self, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        """Show an Outpost that can be ordered for."""
        if self._process.step("GetOutpost", *READ_WAYS) == "fails":
            raise service_error("InternalServerException", 500)
        return {"Outpost": {"LifeCycleStatus": "ACTIVE", "SupportedHardwareType": "RACK"}}

    def get_catalog_item(self, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        """Show an item that can be ordered."""
        if self._process.step("GetCatalogItem", *READ_WAYS) == "fails":
            raise service_error("InternalServerException", 500)
        return {"CatalogItem": {"ItemStatus": "AVAILABLE"}}

    def get_paginator(self, operation: str) -> "SimulatedPages":
        """Return what pages through a list."""
        return SimulatedPages(getattr(self, f"_{operation}"))

    def _list_catalog_items(self, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        if self._process.step("ListCatalogItems", *READ_WAYS) == "fails":
            raise service_error("InternalServerException", 500)
        yield {"CatalogItems": []}

    def _list_orders(self, *, OutpostIdentifierFilter: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """List the orders of an Outpost; a stale list lacks those of this world."""
        way = self._process.step("ListOrders", *LIST_WAYS)
        if way == "fails":
            raise service_error("InternalServerException", 500)
        shown = [
            order.described()
            for order in self._universe.orders
            if order.parameters["OutpostIdentifier"] == OutpostIdentifierFilter and way != "stale"
        ]
        yield {"Orders": shown}


class SimulatedPages:
    """What pages through one list."""

    def __init__(self, pages: Callable[..., Iterator[dict[str, Any]]]) -> None:
        self.paginate = pages


class SimulatedClock:
    """The clock of one process; the product calls it like its own."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def now(self) -> datetime:
        """Return the time."""
        return self._process.universe.now

    def remaining(self) -> float:
        """Return the seconds left."""
        return self._process.remaining_millis() / 1000

    def wait(self, seconds: float) -> None:
        """Let others run while time passes."""
        self._process.pause(seconds)
