"""The state of the ordering API, one for each account and region as in moto."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend

from tests.fakes.outposts.exceptions import ConflictError, NotFoundError, ValidationError
from tests.fakes.outposts.orders import CANCELLABLE, CANCELLED, LineItem, Order, new_id, now
from tests.fakes.outposts.validation import (
    CREATE_ORDER,
    LIST_ORDERS,
    ONE_ORDER,
    ONE_OUTPOST,
    validate,
)


class OutpostsBackend(BaseBackend):
    """Keep orders, and answer operations as the API does.

    Every well-formed Outpost id exists unless `missing_outposts` holds it. Operations take the
    parameters named as in the API, and validate them.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.orders: dict[str, Order] = {}
        self.missing_outposts: set[str] = set()
        self.list_lag = 0
        self.page_size = 100

    def create_order(self, params: Mapping[str, Any]) -> Order:
        """Make an order; there is no idempotency, so the same request makes another one."""
        validate(CREATE_ORDER, params)
        outpost_id = self._outpost(params["OutpostIdentifier"])
        if quote := params.get("QuoteIdentifier"):
            raise NotFoundError(f"No quote found with ID {quote}")
        if not params.get("LineItems"):
            raise ValidationError("Either LineItems or QuoteIdentifier must be given")
        order = Order(
            new_id("oo"),
            outpost_id,
            tuple(LineItem.requested(item) for item in params["LineItems"]),
            params["PaymentOption"],
            params.get("PaymentTerm"),
            submitted=now(),
            listings_until_shown=self.list_lag + 1,
        )
        return self.keep(order)

    def get_order(self, params: Mapping[str, Any]) -> Order:
        """Find one order."""
        validate(ONE_ORDER, params)
        order = self.orders.get(params["OrderId"])
        if order is None:
            raise NotFoundError(f"No order found with ID {params['OrderId']}")
        return order

    def list_orders(self, params: Mapping[str, Any]) -> tuple[list[Order], str | None]:
        """Answer one page of orders, oldest first, and the token of the next page."""
        validate(LIST_ORDERS, params)
        wanted = params.get("OutpostIdentifierFilter")
        outposts = (
            {self._outpost(wanted)} if wanted else {o.outpost_id for o in self.orders.values()}
        )
        found = [order for order in self._listed(params) if order.outpost_id in outposts]
        start = int(params.get("NextToken", "0##").split("##")[0])
        end = start + min(self.page_size, int(params.get("MaxResults", self.page_size)))
        return found[start:end], f"{end}##next" if end < len(found) else None

    def cancel_order(self, params: Mapping[str, Any]) -> None:
        """Cancel an order, which only works before AWS begins to build it."""
        order = self.get_order(params)
        if order.status not in CANCELLABLE:
            raise ConflictError(
                f"Order {order.order_id} cannot be cancelled in status {order.status}",
                resource_id=order.order_id,
                resource_type="ORDER",
            )
        self.keep(order.at(CANCELLED))

    def get_outpost(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Describe an Outpost, made up from its id."""
        validate(ONE_OUTPOST, params)
        outpost_id = self._outpost(params["OutpostId"])
        arn = f"arn:{self.partition}:outposts:{self.region_name}:{self.account_id}"
        site_id = outpost_id.replace("op-", "os-")
        return {
            "OutpostId": outpost_id,
            "OwnerId": self.account_id,
            "OutpostArn": f"{arn}:outpost/{outpost_id}",
            "SiteId": site_id,
            "SiteArn": f"{arn}:site/{site_id}",
            "Name": f"fake {outpost_id}",
            "LifeCycleStatus": "ACTIVE",
            "AvailabilityZone": f"{self.region_name}a",
            "SupportedHardwareType": "RACK",
        }

    def keep(self, order: Order) -> Order:
        """Store an order, new or changed."""
        self.orders[order.order_id] = order
        return order

    def _outpost(self, identifier: str) -> str:
        outpost_id = identifier.rsplit("/", 1)[-1]
        if outpost_id in self.missing_outposts:
            raise NotFoundError(f"No Outpost found with ID {outpost_id}")
        return outpost_id

    def _listed(self, params: Mapping[str, Any]) -> list[Order]:
        # Only a first page counts: an order that shows up between two pages would shift the rest.
        if "NextToken" not in params:
            for order in list(self.orders.values()):
                remaining = max(0, order.listings_until_shown - 1)
                self.keep(replace(order, listings_until_shown=remaining))
        return [order for order in self.orders.values() if order.listings_until_shown == 0]


outposts_backends = BackendDict(OutpostsBackend, "outposts")
