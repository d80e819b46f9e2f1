"""The fake as tests see it: a server, its traffic, its faults."""

from dataclasses import replace
from threading import RLock
from typing import Any, Self

from outpost_order_fake.console import Console
from outpost_order_fake.faults import Answer, Fault, Faults, Way, When, any_request
from outpost_order_fake.responses import respond
from outpost_order_fake.scopes import scope_of
from outpost_order_fake.service import OutpostsService, State
from outpost_order_fake.settings import Settings
from outpost_order_fake.traffic import HttpRequest, Request
from outpost_order_fake.wire import Listener


class FakeOutposts(Console, Settings):
    """Serve the Outposts ordering API on 127.0.0.1, within a `with` block.

    Clients in any process reach it by `url`. A port of 0 is a free one. The signature of a request
    says whose orders it is about. `orders` shows those of all accounts and Regions, in the shape
    of GetOrder.
    """

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Request] = []
        self._lock = RLock()
        self._state = State()
        self._faults = Faults()
        self._late: list[HttpRequest] = []
        self._listener = Listener(self._receive, port)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to serve."""
        self._listener.start()

    def stop(self) -> None:
        """Stop serving for good; orders and requests can still be read."""
        self._listener.stop()

    @property
    def url(self) -> str:
        """The endpoint URL."""
        return self._listener.url

    @property
    def posts(self) -> list[Request]:
        """The CreateOrder requests that came, whether or not they made an order."""
        return [request for request in self.requests if request.operation == "CreateOrder"]

    def fail(
        self,
        operation: str,
        fault: Fault,
        *,
        times: int | None = 1,
        when: When = any_request,
    ) -> None:
        """Let the next calls of an operation fail; with `times=None`, all from now on.

        With `when`, only the calls for which it returns true fail, and only they count.
        """
        with self._lock:
            self._faults.add(operation, fault, times, when)

    def clear_faults(self) -> None:
        """Let everything work again."""
        with self._lock:
            self._faults.clear()

    def apply_late(self) -> list[dict[str, Any]]:
        """Do now what faults with `applied="late"` left undone; answer the orders it made."""
        with self._lock:
            before = len(self.orders)
            while self._late:
                self._call(self._late.pop(0))
            return self.orders[before:]

    def reset(self) -> None:
        """Forget orders, requests, faults and settings; the server keeps its port."""
        with self._lock:
            self._state = State()
            self._faults.clear()
            self._late.clear()
            self.requests.clear()

    def _receive(self, http: HttpRequest) -> Fault:
        with self._lock:
            request = Request.of(http, self.clock.now())
            self.requests.append(request)
            fault = self._faults.take(request)
            return self._shown(fault, http) if fault else Fault(Way.ANSWER, answer=self._call(http))

    def _shown(self, fault: Fault, http: HttpRequest) -> Fault:
        if fault.applied == "late":
            self._late.append(http)
        answer = self._call(http) if fault.applied is True else fault.answer
        return replace(fault, answer=answer) if fault.way is Way.SLOW else fault

    def _call(self, http: HttpRequest) -> Answer:
        scope = scope_of(http.headers.get("Authorization", ""))
        return respond(OutpostsService(self._state, scope), http)
