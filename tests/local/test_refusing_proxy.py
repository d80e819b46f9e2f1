"""The proxy that refuses every request, without any other layer."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal import proxy as module
from outpost_order_rehearsal.proxy import RefusingProxy

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "1"}
URLLIB = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=20)"
BOTO3 = """
import sys, boto3
boto3.client("outposts", "us-west-2", endpoint_url=sys.argv[1]).list_orders()
"""


@pytest.fixture
def proxy() -> Iterator[RefusingProxy]:
    """Give a proxy that runs."""
    with RefusingProxy() as running:
        yield running


def run(proxy: RefusingProxy, program: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run a program that has the proxy in its environment."""
    command = [sys.executable, "-c", program, url]
    env = KEYS | proxy.environment
    return subprocess.run(command, env=env, check=False, capture_output=True, text=True)


def connect(proxy: RefusingProxy) -> socket.socket:
    """Connect to the proxy."""
    return socket.create_connection(proxy.address, timeout=20)


def answer(proxy: RefusingProxy, request: bytes) -> bytes:
    """Send bytes, end, and return all that comes back."""
    with connect(proxy) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        return client.makefile("rb").read()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://example.com/path", "example.com:80"),
        ("https://example.com/path", "example.com:443"),
        ("https://example.com:8443/", "example.com:8443"),
    ],
)
def test_urllib_is_refused(url: str, host: str, proxy: RefusingProxy) -> None:
    """The program fails with the reason, and the host is recorded."""
    done = run(proxy, URLLIB, url)
    assert done.returncode != 0
    assert "403" in done.stderr
    assert "The rehearsal reaches only this machine" in done.stderr
    assert proxy.hosts == {host: 1}


def test_boto3_with_a_fixed_endpoint_is_refused(proxy: RefusingProxy) -> None:
    """An endpoint in the app's code doesn't avoid the proxy."""
    done = run(proxy, BOTO3, "https://outposts.us-west-2.amazonaws.com")
    assert "ProxyConnectionError" in done.stderr
    assert list(proxy.hosts) == ["outposts.us-west-2.amazonaws.com:443"]


@pytest.mark.parametrize("program", [URLLIB, BOTO3], ids=["urllib", "boto3"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached_without_the_proxy(
    program: str, host: str, proxy: RefusingProxy, outposts: FakeOutposts
) -> None:
    """The proxy doesn't see the request."""
    url = outposts.url.replace("127.0.0.1", host)
    done = run(proxy, program, f"{url}/list-orders" if program == URLLIB else url)
    assert done.returncode == 0, done.stderr
    assert len(outposts.requests) == 1
    assert proxy.hosts == {}


def test_hosts_are_counted_in_order(proxy: RefusingProxy) -> None:
    """The order is that of the first attempts."""
    for host in ("b.example", "a.example", "b.example"):
        answer(proxy, f"CONNECT {host}:443 HTTP/1.1\r\n\r\n".encode())
    assert list(proxy.hosts.items()) == [("b.example:443", 2), ("a.example:443", 1)]


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("CONNECT EXAMPLE.com HTTP/1.1", "example.com:443"),
        ("CONNECT [2001:db8::1]:443 HTTP/1.1", "[2001:db8::1]:443"),
        ("PATCH https://ann:secret@example.com/ HTTP/1.1", "example.com:443"),
        ("FROB http://example.com", "example.com:80"),
    ],
)
def test_every_method_and_form_is_recorded(line: str, host: str, proxy: RefusingProxy) -> None:
    """A user name and password aren't."""
    assert answer(proxy, f"{line}\r\n\r\n".encode()).startswith(b"HTTP/1.1 403 ")
    assert proxy.hosts == {host: 1}


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"",
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\xff\xfe\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
        b"CONNECT example.com:http HTTP/1.1\r\n\r\n",
        b"CONNECT [::1 HTTP/1.1\r\n\r\n",
        b"CONNECT \x1b[2J.example.com:443 HTTP/1.1\r\n\r\n",
        b"GET gopher://example.com HTTP/1.1\r\n\r\n",
        b"CONNECT " + b"a" * 300 + b":443 HTTP/1.1\r\n\r\n",
        b"A" * 200_000,
    ],
)
def test_garbage_is_refused(request_bytes: bytes, proxy: RefusingProxy) -> None:
    """It is not recorded, and the next request is refused like the first."""
    assert answer(proxy, request_bytes).startswith(b"HTTP/1.1 403 ")
    assert proxy.hosts == {}
    answer(proxy, b"CONNECT example.com:443 HTTP/1.1\r\n\r\n")
    assert proxy.hosts == {"example.com:443": 1}


def test_a_large_body_does_not_hide_the_answer(proxy: RefusingProxy) -> None:
    """A client that sends its body first reads the answer after it."""
    head = b"POST http://example.com/ HTTP/1.1\r\nContent-Length: 500000\r\n\r\n"
    assert answer(proxy, head + b"x" * 500_000).startswith(b"HTTP/1.1 403 ")


def test_a_request_without_an_end_is_ended(
    monkeypatch: pytest.MonkeyPatch, proxy: RefusingProxy
) -> None:
    """After the time limit, the client gets the answer and the end of the connection."""
    monkeypatch.setattr(module, "MAX_SECONDS", 0.05)
    with connect(proxy) as client:
        client.sendall(b"CONNECT example.com:443 HTTP/1.1\r\n")
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 403 ")


def test_a_waiting_client_does_not_delay_others(proxy: RefusingProxy) -> None:
    """Each connection has a thread of its own."""
    with connect(proxy):
        assert answer(proxy, b"CONNECT example.com:443 HTTP/1.1\r\n\r\n")


def test_leaving_ends_open_connections() -> None:
    """A client that waits sees an end or a reset, and the port is closed."""
    with RefusingProxy() as proxy:
        client = connect(proxy)
        client.sendall(b"CONNECT ")
        address = proxy.address
    with client, suppress(ConnectionResetError):
        client.makefile("rb").read()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_the_number_of_connections_is_bounded(
    monkeypatch: pytest.MonkeyPatch, proxy: RefusingProxy
) -> None:
    """One more than the limit is closed without an answer."""
    monkeypatch.setattr(module, "MAX_CONNECTIONS", 1)
    with connect(proxy), connect(proxy) as refused:
        assert refused.recv(1) == b""


def test_the_number_of_hosts_is_bounded(
    monkeypatch: pytest.MonkeyPatch, proxy: RefusingProxy
) -> None:
    """Further hosts are refused, and not recorded."""
    monkeypatch.setattr(module, "MAX_HOSTS", 1)
    for host in ("a.example", "b.example", "a.example"):
        answer(proxy, f"CONNECT {host}:443 HTTP/1.1\r\n\r\n".encode())
    assert proxy.hosts == {"a.example:443": 2}


def test_the_environment_has_every_form_of_the_variables(proxy: RefusingProxy) -> None:
    """Programs read one or the other."""
    names = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
    assert proxy.environment.keys() == names | {name.lower() for name in names}
    assert proxy.environment["NO_PROXY"] == proxy.environment["no_proxy"]
    assert "127.0.0.1" in proxy.environment["https_proxy"]
