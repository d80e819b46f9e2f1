import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from outpost_order_fake import FakeOutposts

Buy = Callable[..., dict[str, Any]]

RACK: dict[str, Any] = {
    "OutpostIdentifier": "op-0123456789abcdef0",
    "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 1}],
    "PaymentOption": "ALL_UPFRONT",
}
POST = """
import sys
from urllib.request import ProxyHandler, Request, build_opener
request = Request(sys.argv[1] + "/orders", data=sys.argv[2].encode())
request.add_header("Content-Type", "application/json")
print(build_opener(ProxyHandler({})).open(request).read().decode())
"""


FOREIGN = """
import sys
import outpost_order_fake
with outpost_order_fake.FakeOutposts() as fake:
    fake.make_order()
packages = {name.partition(".")[0] for name in sys.modules}
print(*sorted(packages & {"aws_cdk", "boto3", "moto", "werkzeug"}))
"""


def post(url: str, body: bytes) -> HTTPError:
    request = Request(url, data=body, headers={"Content-Type": "application/json"})  # noqa: S310
    with pytest.raises(HTTPError) as refused:
        build_opener(ProxyHandler({})).open(request)
    return refused.value


def test_errors_look_like_the_services(fake: FakeOutposts) -> None:
    """A header names the exception, the body holds the message and nothing else."""
    with post(f"{fake.url}/orders", b"{}") as answer:
        assert answer.code == 400
        assert answer.headers["x-amzn-errortype"] == "ValidationException"
        assert set(json.load(answer)) == {"Message"}


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff"])
def test_refuses_what_is_no_json_object(fake: FakeOutposts, body: bytes) -> None:
    """A malformed body is refused, and recorded without parameters."""
    with post(f"{fake.url}/orders", body) as answer:
        assert answer.headers["x-amzn-errortype"] == "ValidationException"
    assert fake.posts[0].params == {}


@pytest.mark.parametrize("path", ["/", "/orders/oo-1/refund"])
def test_knows_no_other_paths(fake: FakeOutposts, path: str) -> None:
    """The server has only the operations of the API."""
    with post(fake.url + path, b"{}") as answer:
        assert answer.code == 404


def test_lacks_other_operations(client: BaseClient) -> None:
    """An operation that the fake does not have says so."""
    with pytest.raises(ClientError, match="ListSites"):
        client.list_sites()


def test_records_requests(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """Each request is kept as it was sent."""
    order_id = buy()["Order"]["OrderId"]
    client.get_order(OrderId=order_id)
    client.list_orders(OutpostIdentifierFilter="op-0123456789abcdef0")
    assert [request.operation for request in fake.requests] == [
        "CreateOrder",
        "GetOrder",
        "ListOrders",
    ]
    created, got, listed = fake.requests
    assert json.loads(created.body) == created.params
    assert created.params["PaymentOption"] == "NO_UPFRONT"
    assert got.params == {"OrderId": order_id}
    assert listed.params == {"OutpostIdentifierFilter": "op-0123456789abcdef0"}
    assert "boto" in created.headers["User-Agent"].lower()
    assert created.at <= datetime.now(UTC)


def test_starts_afresh(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """A reset forgets everything but the address."""
    buy()
    fake.list_lag = 3
    fake.reset()
    assert (fake.orders, fake.requests, fake.list_lag) == ([], [], 0)
    assert client.list_orders()["Orders"] == []


def test_serves_many_at_once(fake: FakeOutposts, buy: Buy) -> None:
    """Concurrent requests each make one order."""
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: buy(), range(24)))
    assert len({reply["Order"]["OrderId"] for reply in replies}) == 24
    assert len(fake.orders) == len(fake.posts) == 24


def test_loads_neither_moto_nor_the_cdk() -> None:
    """A suite that tests against the fake loads little with it."""
    command = [sys.executable, "-c", FOREIGN]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stdout.split() == []


def test_an_unsigned_request_has_the_default_scope(fake: FakeOutposts) -> None:
    """A program without a signature sees the orders of the console."""
    order_id = fake.make_order()["OrderId"]
    with build_opener(ProxyHandler({})).open(f"{fake.url}/orders/{order_id}") as answer:
        assert json.load(answer)["Order"]["OrderId"] == order_id


def test_takes_a_body_of_any_content_type(fake: FakeOutposts) -> None:
    """The command `curl -d` declares a form."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(f"{fake.url}/orders", data=json.dumps(RACK).encode()) as answer:
        assert json.load(answer)["Order"]["OrderId"] == fake.orders[0]["OrderId"]


def test_serves_another_process(fake: FakeOutposts) -> None:
    """A client elsewhere reaches the fake by its address."""
    command = [sys.executable, "-I", "-c", POST, fake.url, json.dumps(RACK)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert json.loads(done.stdout)["Order"]["OrderId"] == fake.orders[0]["OrderId"]


def test_stays_silent(fake: FakeOutposts, buy: Buy, capfd: pytest.CaptureFixture[str]) -> None:
    """Serving prints nothing."""
    buy()
    fake.stop()
    assert capfd.readouterr() == ("", "")


def test_refuses_connections_after_its_end(
    fake: FakeOutposts, connect: Callable[..., BaseClient]
) -> None:
    """A stopped server is unreachable."""
    fake.stop()
    with pytest.raises(EndpointConnectionError):
        connect().list_orders()


def test_needs_no_proxy_nor_certificates(
    monkeypatch: pytest.MonkeyPatch, connect: Callable[..., BaseClient]
) -> None:
    """Proxies and authorities of the environment don't matter."""
    monkeypatch.setenv("AWS_CA_BUNDLE", "missing.pem")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert connect().list_orders()["Orders"] == []


@mock_aws
def test_serves_inside_moto(fake: FakeOutposts, buy: Buy) -> None:
    """A mock around the client leaves the server's address alone."""
    buy()
    assert len(fake.orders) == 1
