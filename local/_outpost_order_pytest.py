"""The pytest plugin: tests that can't buy hardware.

Pytest imports this module in each run, so it imports only pytest until a test asks for a fixture.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from outpost_order_fake import FakeOutposts, Fault

ENDPOINT, ANY_ENDPOINT = "AWS_ENDPOINT_URL_OUTPOSTS", "AWS_ENDPOINT_URL"
IGNORE_ENDPOINTS = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
# Nothing listens on the port for "discard". The SDK shows the path if it can't connect.
NOWHERE = "http://127.0.0.1:9/this-test-does-not-use-the-fixture-outposts"
REGION = "us-west-2"
MARKER = (
    "outposts(allow_orders=False, real=False): allow_orders=True allows the test to place orders "
    "on the fake of the fixture outposts; real=True allows the test to call the real Outposts API."
)
NOT_ALLOWED = "This test placed an order on the fake Outposts API, and isn't allowed to:"
HOW_TO_ALLOW = """Nothing was bought. With the real API, this is a purchase.
If the test is meant to place orders, mark it: @pytest.mark.outposts(allow_orders=True)"""


class Outposts:
    """The Outposts API that a test meets, empty at its start.

    Attributes:
        server: The fake itself, with everything that it can do.
    """

    def __init__(self, server: FakeOutposts) -> None:
        self.server = server
        self._ignored: set[str] = set()

    @property
    def url(self) -> str:
        """The endpoint URL, for clients that don't read it from the environment."""
        return self.server.url

    @property
    def orders(self) -> list[dict[str, Any]]:
        """All orders, the oldest first, in the shape of GetOrder."""
        return self.server.orders

    @property
    def posts(self) -> list[Any]:
        """The CreateOrder requests, whether or not they placed an order."""
        return self.server.posts

    def fail(self, operation: str, fault: Fault, *, times: int | None = 1) -> None:
        """Make the next calls of an operation fail; with `times=None`, all calls."""
        self.server.fail(operation, fault, times=times)

    def advance(self, order: dict[str, Any] | str, to: str | None = None) -> dict[str, Any]:
        """Advance an order to its next status, or to a status of the order or its line items.

        Args:
            order: The order as an operation returns it, or its ID.
            to: The status, for example "SHIPPED".
        """
        return self.server.advance(order if isinstance(order, str) else order["OrderId"], to)

    def make_order(self, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - as of the fake
        """Make an order as in the console. It doesn't count as placed by the test."""
        order = self.server.make_order(**members)
        self._ignored.add(order["OrderId"])
        return order

    def make_quote(self, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - as of the fake
        """Make a quote, which one order can use."""
        return self.server.make_quote(**members)

    def require_no_order(self) -> None:
        """Fail if requests placed orders since the last call."""
        placed = [order for order in self.orders if order["OrderId"] not in self._ignored]
        self._ignored.update(order["OrderId"] for order in placed)
        if placed:
            pytest.fail(_message(placed), pytrace=False)


_OUTPOSTS = pytest.StashKey[Outposts]()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and lead the Outposts clients of all tests to a closed port."""
    config.addinivalue_line("markers", MARKER)
    # An endpoint for all services, such as an emulator's, leads Outposts away from AWS, too.
    if not {ENDPOINT, ANY_ENDPOINT} & os.environ.keys():
        patch = pytest.MonkeyPatch()
        patch.setenv(ENDPOINT, NOWHERE)
        patch.setenv(IGNORE_ENDPOINTS, "false")
        config.add_cleanup(patch.undo)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Open the way to the real API for a test that is marked so."""
    with pytest.MonkeyPatch.context() as patch:
        if _marked(item, "real") and os.environ.get(ENDPOINT) == NOWHERE:
            patch.delenv(ENDPOINT)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that places an order, and isn't allowed to."""
    if ANY_ENDPOINT in os.environ and os.environ.get(ENDPOINT) == NOWHERE:
        with pytest.MonkeyPatch.context() as patch:  # a fixture set it
            patch.delenv(ENDPOINT)
            result = yield
    else:
        result = yield
    _require_permission(item)
    return result


@pytest.fixture(scope="session")
def outposts_server() -> Iterator[FakeOutposts]:
    """Serve the fake of the Outposts API for all tests of the session."""
    from outpost_order_fake import FakeOutposts  # noqa: PLC0415 - only if a test needs it

    with FakeOutposts() as server:
        yield server


@pytest.fixture
def outposts(
    request: pytest.FixtureRequest, outposts_server: FakeOutposts, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Outposts]:
    """Give the test an Outposts API without orders, and lead each AWS SDK to it."""
    outposts_server.reset()
    for name, value in _environment(outposts_server.url).items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    request.node.stash[_OUTPOSTS] = Outposts(outposts_server)
    yield request.node.stash[_OUTPOSTS]
    # A test that failed, and what fixtures do after the test, can have placed orders too.
    _require_permission(request.node)


def _environment(url: str) -> dict[str, str]:
    no_proxy = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    return {
        ENDPOINT: url,
        IGNORE_ENDPOINTS: "false",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "no_proxy": f"{no_proxy},127.0.0.1" if no_proxy else "127.0.0.1",
    }


def _require_permission(item: pytest.Item) -> None:
    if _OUTPOSTS in item.stash and not _marked(item, "allow_orders"):
        item.stash[_OUTPOSTS].require_no_order()


def _marked(item: pytest.Item, name: str) -> bool:
    """Return what the closest marker with an argument says."""
    given = (each.kwargs[name] for each in item.iter_markers("outposts") if name in each.kwargs)
    return bool(next(given, False))


def _message(orders: list[dict[str, Any]]) -> str:
    lines = [f"  {_described(order)}" for order in orders]
    return "\n".join([NOT_ALLOWED, *lines, HOW_TO_ALLOW])


def _described(order: dict[str, Any]) -> str:
    items = ", ".join(
        f"{each['Quantity']} x {each['CatalogItemId']}" for each in order["LineItems"]
    )
    return f"{order['OrderId']}: {items} for {order['OutpostId']}"
