"""The Outposts service of the simulated world, as boto3's client shows it.

CreateOrder can be refused, lost, applied without an answer, applied late, answered with an
empty body, or never leave. Lists can be stale, and reads can fail. Orders advance, are
cancelled, are replaced, or lack a date. A quote has no Outpost, so it can serve an order on
each of them; tests/handler tries quotes that have one. Left out: the many documented and
undocumented errors, which the proofs over HTTP in tests/edge send one by one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.safety.history import CANCELLED, CancelSent, Fate, Look, Order, Request, Sent
from tests.safety.scheduler import Crash, Process
from tests.safety.world.dynamodb import READ_WAYS, THROTTLED, service_error
from tests.safety.world.universe import LIST_IS_STALE_FOR, Universe

LATE = {"applied 90 s later": 90, "applied 10 minutes later": 600}
CREATE_WAYS = (
    "refused",
    "lost",
    "applied and lost",
    *LATE,
    "empty answer",
    "not sent",
    "suspended for 100 s",
    "crash before",
    "crash after",
)
CANCEL_WAYS = (
    "refused",
    "lost",
    "applied and lost",
    "applied 90 s later",
    "crash before",
    "crash after",
)

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


def place(
    universe: Universe, parameters: Mapping[str, Any], process: Process, by: Request | None
) -> Order:
    """Add an order: by a request of ours, or by a person elsewhere."""
    order = Order(
        f"oo-{universe.next('order'):017x}",
        parameters,
        process.scheduler.now,
        by.request_id if by else "",
        by.order_name if by else "",
    )
    universe.became(order, by.request_id if by else "a person elsewhere")
    return order


def describe(order: Order) -> dict[str, Any]:
    """Return an order as GetOrder shows it."""
    return {
        "OrderId": order.order_id,
        "OutpostId": order.parameters["OutpostIdentifier"],
        "Status": order.status,
        "QuoteIdentifier": order.parameters.get("QuoteIdentifier"),
        "QuoteOptionIdentifier": order.parameters.get("QuoteOptionIdentifier"),
        "LineItems": order.parameters.get("LineItems"),
        "PaymentOption": order.parameters["PaymentOption"],
        "PaymentTerm": order.parameters.get("PaymentTerm"),
        "OrderSubmissionDate": order.submitted_at if order.is_dated else None,
        "OrderType": order.order_type,
    }


@dataclass
class Sight:
    """The observations of a process before it sent an order.

    Attributes:
        ledger: The table that it reads.
        listed: The orders in the last list that it read.
        look: CloudFormation's last answer.
    """

    ledger: str
    listed: frozenset[str] = frozenset()
    look: Look | None = None


class SimulatedOutposts:
    """The Outposts client of one process.

    Args:
        sight: The observations of the process so far.
        request: Whose process it is; None is an operator.
        attempts: How often this client sends, as its settings say.
        more: More ways in which a call can fail.
    """

    def __init__(
        self,
        process: Process,
        universe: Universe,
        sight: Sight,
        request: Request | None,
        attempts: int,
        *,
        more: tuple[str, ...] = (),
    ) -> None:
        self._process = process
        self._universe = universe
        self._sight = sight
        self._request = request
        self._attempts = attempts
        self._more = more

    def create_order(self, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Place an order, or fail in one of the ways of a service and a network.

        A client with retries tries again, as botocore would.
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
        process = self._process
        way = process.step("CreateOrder", *CREATE_WAYS, *self._more)
        if way == "not sent":
            raise EndpointConnectionError(endpoint_url="simulated")
        self._decided_at = process.scheduler.now
        if way == "suspended for 100 s":
            process.sleep(100)
        if way == "refused":
            self._sent(Fate.REFUSED)
            raise service_error("ConflictException", 409)
        if way == THROTTLED:
            self._sent(Fate.REFUSED)
            raise service_error("ThrottlingException", 429)
        if way == "lost" or way in LATE:
            self._sent(Fate.LOST, arrives=False)
            if way in LATE:
                self._place_late(parameters, LATE[way])
            process.sleep(60)
            raise ReadTimeoutError(endpoint_url="simulated")
        arrives = way not in ("applied and lost", "crash after", "empty answer")
        order_id = f"oo-{self._universe.numbers['order'] + 1:017x}"
        self._sent(Fate.MADE, order_id, arrives=arrives)
        order = place(self._universe, parameters, process, self._request)
        if way == "applied and lost":
            raise service_error("InternalServerException", 500)
        if way == "crash after":
            raise Crash
        return {} if way == "empty answer" else {"Order": describe(order)}

    def _sent(self, fate: Fate, order_id: str = "", *, arrives: bool = True) -> None:
        process = self._process
        assert self._request is not None
        self._universe.history.add(
            Sent(
                self._request,
                process.name,
                self._decided_at,
                fate,
                order_id,
                arrives,
                self._sight.listed,
                self._sight.ledger,
                self._sight.look,
            )
        )

    def _place_late(self, parameters: Mapping[str, Any], seconds: float) -> None:
        process, universe, request = self._process, self._universe, self._request

        def apply() -> None:
            order = place(universe, parameters, process, request)
            process.scheduler.tell("the service", f"places {order.order_id} late")

        process.scheduler.spawn("the service", apply, is_faulty=False, after=seconds)

    def get_order(self, *, OrderId: str) -> dict[str, Any]:  # noqa: N803
        """Show an order."""
        self._read("GetOrder")
        if OrderId not in self._universe.orders:
            raise service_error("NotFoundException", 404)
        return {"Order": describe(self._universe.orders[OrderId])}

    def cancel_order(self, *, OrderId: str) -> None:  # noqa: N803
        """Cancel an order."""
        by = self._request.request_id if self._request else "an operator"
        way = self._process.step("CancelOrder", *CANCEL_WAYS, *self._more)
        self._universe.history.add(CancelSent(OrderId, by))
        if way == THROTTLED:
            raise service_error("ThrottlingException", 429)
        if way == "refused":
            raise service_error("ConflictException", 409)
        if way == "lost":
            raise service_error("InternalServerException", 500)

        def apply() -> None:
            order = self._universe.orders[OrderId]
            self._universe.became(replace(order, status=CANCELLED), by)

        if way in LATE:
            self._process.scheduler.spawn("the service", apply, is_faulty=False, after=LATE[way])
            return
        apply()
        if way == "crash after":
            raise Crash
        if way == "applied and lost":
            raise service_error("InternalServerException", 500)

    def get_quote(self, *, QuoteIdentifier: str) -> dict[str, Any]:  # noqa: N803
        """Show a quote; a stale one does not name its order yet."""
        way = self._read("GetQuote", *(("stale",) if self._universe.orders else ()))
        quote = {**QUOTE, "QuoteId": QuoteIdentifier}
        for order in self._universe.orders.values():
            if order.parameters.get("QuoteIdentifier") == QuoteIdentifier and way != "stale":
                quote |= {"QuoteStatus": "ORDER_SUBMITTED", "SubmittedOrderId": order.order_id}
        return {"Quote": quote}

    def get_outpost(self, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        """Show an Outpost that can be ordered for."""
        self._read("GetOutpost")
        return {"Outpost": {"LifeCycleStatus": "ACTIVE", "SupportedHardwareType": "RACK"}}

    def get_catalog_item(self, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        """Show an item that can be ordered."""
        self._read("GetCatalogItem")
        return {"CatalogItem": {"ItemStatus": "AVAILABLE"}}

    def get_paginator(self, operation: str) -> "SimulatedPages":
        """Return the paginator of a list."""
        return SimulatedPages(getattr(self, f"_{operation}"))

    def _list_catalog_items(self, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        self._read("ListCatalogItems")
        yield {"CatalogItems": []}

    def _list_orders(self, *, OutpostIdentifierFilter: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """List the orders of an Outpost; a stale list lacks the new ones."""
        oldest = self._process.scheduler.now - LIST_IS_STALE_FOR
        orders = self._universe.orders.values()
        can_be_stale = any(order.submitted_at > oldest for order in orders)
        way = self._read("ListOrders", *(("stale",) if can_be_stale else ()))
        shown = [
            order
            for order in self._universe.orders.values()
            if order.parameters["OutpostIdentifier"] == OutpostIdentifierFilter
            and (way != "stale" or order.submitted_at <= oldest)
        ]
        self._sight.listed = frozenset(order.order_id for order in shown)
        yield {"Orders": [describe(order) for order in shown]}

    def _read(self, operation: str, *more: str) -> str:
        way = self._process.step(operation, *more, *READ_WAYS, *self._more)
        if way == THROTTLED:
            raise service_error("ThrottlingException", 429)
        if way == "fails":
            raise service_error("InternalServerException", 500)
        return way


class SimulatedPages:
    """The paginator of one list."""

    def __init__(self, pages: Callable[..., Iterator[dict[str, Any]]]) -> None:
        self.paginate = pages
