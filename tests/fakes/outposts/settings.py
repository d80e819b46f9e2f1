"""What exists of AWS's side, and how the service behaves."""

from tests.fakes.outposts.models import OutpostsBackend


class Settings:
    """Change the service's world, from now on and until a reset."""

    _backend: OutpostsBackend

    @property
    def missing_outposts(self) -> set[str]:
        """Ids that do not exist; every other well-formed id does. Add to it."""
        return self._backend.missing_outposts

    @property
    def list_lag(self) -> int:
        """How many ListOrders calls do not show an order that is made from now on."""
        return self._backend.list_lag

    @list_lag.setter
    def list_lag(self, calls: int) -> None:
        self._backend.list_lag = calls

    @property
    def quote_lag(self) -> int:
        """How many GetQuote calls do not show an order that is made from now on."""
        return self._backend.quote_lag

    @quote_lag.setter
    def quote_lag(self, calls: int) -> None:
        self._backend.quote_lag = calls

    @property
    def page_size(self) -> int:
        """The most orders on a page of ListOrders, whatever MaxResults says."""
        return self._backend.page_size

    @page_size.setter
    def page_size(self, orders: int) -> None:
        self._backend.page_size = orders
