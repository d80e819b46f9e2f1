"""A proxy that refuses every request, and records which hosts were tried."""

import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
MAX_CONNECTIONS = 64  # at once; further ones are closed
MAX_HEAD = 16_384  # bytes of a request line and its headers
MAX_BYTES = 1_048_576  # of a connection, with a body that isn't used
MAX_SECONDS = 5.0  # of a connection
MAX_HOSTS = 1_000
BLOCK = 4_096

HOST = re.compile(r"[a-z0-9._:-]{1,255}")
PORTS = {"http": 80, "https": 443}
BODY = b"The rehearsal refused this request: an app reaches only the AWS on this machine.\n"
# Clients show the text after the status code when they can't connect.
ANSWER = b"HTTP/1.1 403 The rehearsal reaches only this machine\r\n" + (
    b"Content-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(BODY)
)


class RefusingProxy:
    """A proxy on a loopback port, from when it is entered until it is left."""

    def __init__(self) -> None:
        self._hosts: Counter[str] = Counter()
        self._lock = Lock()

    def __enter__(self) -> Self:
        self._listener = _Listener(self)
        self._thread = Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown()
        self._thread.join()
        self._listener.end()

    @property
    def hosts(self) -> dict[str, int]:
        """How often each host was tried, such as ``example.com:443``, in the order of the first."""
        with self._lock:
            return dict(self._hosts)

    @property
    def address(self) -> tuple[str, int]:
        """The loopback address and the port."""
        return LOOPBACK, self._listener.server_address[1]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that send every request through the proxy, except to this machine."""
        host, port = self.address
        url = f"http://{host}:{port}"
        upper = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), url)
        upper["NO_PROXY"] = "localhost,127.0.0.1,::1"
        return upper | {name.lower(): value for name, value in upper.items()}

    def record(self, host: str) -> None:
        """Count a host that was tried."""
        with self._lock:
            if host in self._hosts or len(self._hosts) < MAX_HOSTS:
                self._hosts[host] += 1


class _Listener(ThreadingTCPServer):
    """Accept connections, each in a thread of its own."""

    daemon_threads = True
    request_queue_size = MAX_CONNECTIONS

    def __init__(self, proxy: RefusingProxy) -> None:
        super().__init__((LOOPBACK, 0), _Connection)
        self.proxy = proxy
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def verify_request(self, _request: object, _client_address: object) -> bool:
        return len(self._open) <= MAX_CONNECTIONS

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - socketserver's signature
        self._open.discard(request)
        super().shutdown_request(request)

    def end(self) -> None:
        """Close the port and every connection."""
        self.server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(BaseRequestHandler):
    """Refuse the one request of a connection."""

    def handle(self) -> None:
        received = _receive(self.request)
        head = b""
        for block in received:
            head += block
            if b"\n\r\n" in head or b"\n\n" in head or len(head) >= MAX_HEAD:
                break
        host = _host_of(head.partition(b"\n")[0].decode("latin-1"))
        if host:
            cast("_Listener", self.server).proxy.record(host)
        with suppress(OSError):
            self.request.sendall(ANSWER + BODY)
            self.request.shutdown(socket.SHUT_WR)
        # A connection that is closed while its client sends is reset, and the answer is lost.
        for _ in received:
            pass


def _receive(connection: socket.socket) -> Iterator[bytes]:
    """Yield what a client sends, until it ends, or has sent enough, or had enough time."""
    deadline = time.monotonic() + MAX_SECONDS
    for _ in range(MAX_BYTES // BLOCK):
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            return
        try:
            connection.settimeout(seconds)
            block = connection.recv(BLOCK)
        except OSError:
            return
        if not block:
            return
        yield block


def _host_of(request_line: str) -> str | None:
    """Return the host and port of a request to a proxy, or nothing if it is no such request."""
    match request_line.split():
        case ["CONNECT", authority, *_]:
            target = f"https://{authority}"
        case [_, target, *_] if "://" in target:
            pass
        case _:
            return None
    try:
        url = urlsplit(target)
        host, port = url.hostname or "", url.port or PORTS.get(url.scheme)
    except ValueError:
        return None
    if port is None or not HOST.fullmatch(host):
        return None
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
