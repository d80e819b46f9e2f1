"""The state of the ordering API, and its operations within one account and Region."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from outpost_order_fake.catalog import CatalogItem, Outpost
from outpost_order_fake.clock import Clock
from outpost_order_fake.exceptions import ConflictError, NotFoundError
from outpost_order_fake.orders import (
    CANCELLABLE,
    CANCELLED,
    QUOTED_LINE_ITEMS,
    LineItem,
    Order,
    new_id,
)
from outpost_order_fake.quotes import Quote
from outpost_order_fake.scopes import Scope
from outpost_order_fake.validation import validate, validate_order

T = TypeVar("T")


@dataclass
class State:
    """Keep the orders and quotes of all accounts and Regions, and how the service behaves.

    The catalog and the settings of Outposts are the same in each account and Region.
    """

    orders: dict[str, Order] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)
    outposts: dict[str, Outpost] = field(default_factory=dict)
    missing_outposts: set[str] = field(default_factory=set)
    catalog_items: dict[str, CatalogItem] = field(default_factory=dict)
    missing_catalog_items: set[str] = field(default_factory=set)
    list_lag: int = 0
    quote_lag: int = 0
    page_size: int = 100
    clock: Clock = field(default_factory=Clock)

    def keep(self, order: Order) -> Order:
        """Store an order, new or changed."""
        self.orders[order.order_id] = order
        return order

    def keep_quote(self, quote: Quote) -> Quote:
        """Store a quote, new or changed."""
        self.quotes[quote.quote_id] = quote
        return quote


class OutpostsService:
    """Answer the operations of one account and Region as the API does.

    Every well-formed ID of an Outpost or a catalog item exists unless it is held to be missing.
    Operations take the parameters named as in the API, and validate them.
    """

    def __init__(self, state: State, scope: Scope) -> None:
        self._state = state
        self._scope = scope

    def create_order(self, params: Mapping[str, Any], order_id: str | None = None) -> Order:
        """Make an order; there is no idempotency, so the same request makes another one.

        An ID is given only by the console of the fake.
        """
        validate_order(params)
        outpost_id = self._outpost(params["OutpostIdentifier"])
        quote = self._open_quote(params) if params.get("QuoteIdentifier") else None
        order = Order(
            order_id or new_id("oo"),
            outpost_id,
            tuple(map(LineItem.requested, params.get("LineItems") or QUOTED_LINE_ITEMS)),
            params["PaymentOption"],
            params.get("PaymentTerm"),
            scope=self._scope,
            submitted=self._state.clock.now(),
            quote_id=quote.quote_id if quote else None,
            quote_option_id=params.get("QuoteOptionIdentifier"),
            listings_until_shown=self._state.list_lag + 1,
        )
        if quote:
            self._state.keep_quote(quote.ordered(order.order_id, self._state.quote_lag))
        return self._state.keep(order)

    def get_order(self, params: Mapping[str, Any]) -> Order:
        """Find one order."""
        validate("GetOrder", params)
        order = self._state.orders.get(params["OrderId"])
        if order is None or order.scope != self._scope:
            raise NotFoundError(f"No order found with ID {params['OrderId']}")
        return order

    def list_orders(self, params: Mapping[str, Any]) -> tuple[list[Order], str | None]:
        """Answer one page of orders, oldest first, and the token of the next page."""
        validate("ListOrders", params)
        wanted = params.get("OutpostIdentifierFilter")
        outposts = {self._outpost(wanted)} if wanted else {o.outpost_id for o in self._orders()}
        return self._page([o for o in self._listed(params) if o.outpost_id in outposts], params)

    def cancel_order(self, params: Mapping[str, Any]) -> None:
        """Cancel an order, which only works before AWS begins to build it."""
        order = self.get_order(params)
        if order.status not in CANCELLABLE:
            raise ConflictError(
                f"Order {order.order_id} cannot be cancelled in status {order.status}",
                ResourceId=order.order_id,
                ResourceType="ORDER",
            )
        self._state.keep(order.at(CANCELLED, self._state.clock.now()))

    def get_quote(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Describe a quote, without an order that is too new to show."""
        validate("GetQuote", params)
        quote = self._quote(params["QuoteIdentifier"])
        self._state.keep_quote(quote.read())
        return quote.shown(self._state.clock.now())

    def get_catalog_item(self, params: Mapping[str, Any]) -> CatalogItem:
        """Find an item, made up from its id unless it was set."""
        validate("GetCatalogItem", params)
        item_id = params["CatalogItemId"]
        if item_id in self._state.missing_catalog_items:
            raise NotFoundError(f"No catalog item found with ID {item_id}")
        return self._state.catalog_items.get(item_id, CatalogItem(item_id))

    def list_catalog_items(self, params: Mapping[str, Any]) -> tuple[list[CatalogItem], str | None]:
        """Answer one page of the items that were set, and the token of the next page."""
        validate("ListCatalogItems", params)
        found = [
            item
            for item in self._state.catalog_items.values()
            if item.catalog_item_id not in self._state.missing_catalog_items and item.is_in(params)
        ]
        return self._page(found, params)

    def get_outpost(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Describe an Outpost, made up from its id as far as it was not set."""
        validate("GetOutpost", params)
        outpost_id = self._outpost(params["OutpostId"])
        site_id = outpost_id.replace("op-", "os-")
        return {
            "OutpostId": outpost_id,
            "OwnerId": self._scope.account,
            "OutpostArn": self._scope.arn("outpost", outpost_id),
            "SiteId": site_id,
            "SiteArn": self._scope.arn("site", site_id),
            "Name": f"fake {outpost_id}",
            "AvailabilityZone": f"{self._scope.region}a",
        } | self._state.outposts.get(outpost_id, Outpost()).described()

    def _quote(self, identifier: str) -> Quote:
        quote = self._state.quotes.get(identifier.rsplit("/", 1)[-1])
        if quote is None or quote.scope != self._scope:
            raise NotFoundError(f"No quote found with ID {identifier}")
        return quote

    def _open_quote(self, params: Mapping[str, Any]) -> Quote:
        quote = self._quote(params["QuoteIdentifier"])
        option_id = params["QuoteOptionIdentifier"]
        if option_id not in quote.option_ids:
            raise NotFoundError(f"No option found with ID {option_id} in quote {quote.quote_id}")
        if not quote.is_open(self._state.clock.now()):
            raise ConflictError(
                f"Quote {quote.quote_id} has expired or an order was submitted for it",
                ResourceId=quote.quote_id,
            )
        return quote

    def _orders(self) -> list[Order]:
        return [order for order in self._state.orders.values() if order.scope == self._scope]

    def _outpost(self, identifier: str) -> str:
        outpost_id = identifier.rsplit("/", 1)[-1]
        if outpost_id in self._state.missing_outposts:
            raise NotFoundError(f"No Outpost found with ID {outpost_id}")
        return outpost_id

    def _page(self, found: list[T], params: Mapping[str, Any]) -> tuple[list[T], str | None]:
        start = int(params.get("NextToken", "0##").split("##")[0])
        end = start + min(
            self._state.page_size, int(params.get("MaxResults", self._state.page_size))
        )
        return found[start:end], f"{end}##next" if end < len(found) else None

    def _listed(self, params: Mapping[str, Any]) -> list[Order]:
        # Only a first page counts: an order that shows up between two pages would shift the rest.
        if "NextToken" not in params:
            for order in self._orders():
                remaining = max(0, order.listings_until_shown - 1)
                self._state.keep(replace(order, listings_until_shown=remaining))
        return [order for order in self._orders() if order.listings_until_shown == 0]
