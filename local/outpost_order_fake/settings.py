"""The existing resources of AWS, and the behaviour of the service."""

from dataclasses import replace
from threading import RLock

from outpost_order_fake.catalog import CatalogItem, Outpost
from outpost_order_fake.clock import Clock
from outpost_order_fake.service import State


class Settings:
    """Change the service's world, from now on and until a reset."""

    _state: State
    _lock: RLock

    @property
    def clock(self) -> Clock:
        """The time of the service, which dates orders and lets quotes expire; advance it."""
        return self._state.clock

    @property
    def missing_outposts(self) -> set[str]:
        """Ids that do not exist; every other well-formed id does. Add to it."""
        return self._state.missing_outposts

    @property
    def missing_catalog_items(self) -> set[str]:
        """Ids that are not in the catalog; every other well-formed id is. Add to it."""
        return self._state.missing_catalog_items

    @property
    def list_lag(self) -> int:
        """How many ListOrders calls do not show an order that is made from now on."""
        return self._state.list_lag

    @list_lag.setter
    def list_lag(self, calls: int) -> None:
        self._state.list_lag = calls

    def list_every_order(self) -> None:
        """Let ListOrders show all orders: those that a lag hid so far, and those to come."""
        with self._lock:
            self._state.list_lag = 0
            for order in list(self._state.orders.values()):
                self._state.keep(replace(order, listings_until_shown=0))

    @property
    def quote_lag(self) -> int:
        """How many GetQuote calls do not show an order that is made from now on."""
        return self._state.quote_lag

    @quote_lag.setter
    def quote_lag(self, calls: int) -> None:
        self._state.quote_lag = calls

    @property
    def page_size(self) -> int:
        """The most on a page of ListOrders and ListCatalogItems, whatever MaxResults says."""
        return self._state.page_size

    @page_size.setter
    def page_size(self, most: int) -> None:
        self._state.page_size = most

    def set_catalog_item(
        self, catalog_item_id: str, *, status: str = "AVAILABLE", item_class: str = "RACK"
    ) -> None:
        """Say what an item is; only items that were set are listed."""
        with self._lock:
            item = CatalogItem(catalog_item_id, status, item_class)
            self._state.catalog_items[catalog_item_id] = item

    def set_outpost(
        self,
        outpost_id: str,
        *,
        life_cycle_status: str = "ACTIVE",
        supported_hardware_type: str = "RACK",
    ) -> None:
        """Say how an Outpost is; what is not given is as in any other Outpost."""
        with self._lock:
            outpost = Outpost(life_cycle_status, supported_hardware_type)
            self._state.outposts[outpost_id] = outpost
