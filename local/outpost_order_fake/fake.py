"""The fake as tests see it: a server, its traffic, its faults."""

from dataclasses import replace
from threading import RLock
from typing import Any, Self

from moto.core.request import Request as HttpRequest

from outpost_order_fake.console import Console
from outpost_order_fake.exceptions import error_body, error_headers
from outpost_order_fake.faults import Answer, Fault, Faults, Way
from outpost_order_fake.models import OutpostsBackend
from outpost_order_fake.responses import OutpostsResponse
from outpost_order_fake.settings import Settings
from outpost_order_fake.traffic import Request
from outpost_order_fake.wire import Listener

REGION = "us-west-2"
ACCOUNT = "123456789012"
NO_SUCH_OPERATION = "UnknownOperationException"


class FakeOutposts(Console, Settings):
    """Serve the Outposts ordering API on a free port of 127.0.0.1, within a `with` block.

    Clients in any process reach it by `url`. Orders are shown in the shape of GetOrder.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._lock = RLock()
        self._backend = OutpostsBackend(REGION, ACCOUNT)
        self._faults = Faults()
        self._late: list[HttpRequest] = []
        self._listener = Listener(self._receive)

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

    def fail(self, operation: str, fault: Fault, *, times: int | None = 1) -> None:
        """Let the next calls of an operation fail; with `times=None`, all from now on."""
        with self._lock:
            self._faults.add(operation, fault, times)

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
            self._backend.reset()
            self._faults.clear()
            self._late.clear()
            self.requests.clear()

    def _receive(self, http: HttpRequest) -> Fault:
        with self._lock:
            request = Request.of(http)
            self.requests.append(request)
            fault = self._faults.take(request.operation)
            return self._shown(fault, http) if fault else Fault(Way.ANSWER, answer=self._call(http))

    def _shown(self, fault: Fault, http: HttpRequest) -> Fault:
        if fault.applied == "late":
            self._late.append(http)
        answer = self._call(http) if fault.applied is True else fault.answer
        return replace(fault, answer=answer) if fault.way is Way.SLOW else fault

    def _call(self, http: HttpRequest) -> Answer:
        response = OutpostsResponse(self._backend)
        try:
            response.setup_class(http)
            status, headers, body = response.call_action()
        except NotImplementedError as error:
            message = error_body(str(error), {})
            return Answer(404, message, error_headers(NO_SUCH_OPERATION))
        headers.pop("status", None)  # moto keeps the HTTP status there as well
        return Answer(status, str(body), headers)
