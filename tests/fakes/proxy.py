"""A proxy on 127.0.0.1 that reaches some hosts only, as the proxy of a VPC might."""

import select
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


@dataclass
class FakeProxy:
    """Forwards http requests, and tunnels https connections.

    Attributes:
        refused: The hosts that it doesn't reach, `host:port`.
        reached: The hosts that it reached, in order.
    """

    refused: set[str] = field(default_factory=set)
    reached: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _reaches(self, host: str) -> bool:
        if host in self.refused:
            return False
        self.reached.append(host)
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        reaches = self._reaches

        class Handler(BaseHTTPRequestHandler):
            def do_CONNECT(self) -> None:
                if not reaches(self.path):
                    self.send_error(502)
                    return
                name, _, port = self.path.rpartition(":")
                with socket.create_connection((name, int(port))) as host:
                    self.send_response(200)
                    self.end_headers()
                    with suppress(OSError):
                        _tunnel(self.connection, host)
                self.close_connection = True

            def do_GET(self) -> None:
                address = urlsplit(self.path)
                if not reaches(address.netloc):
                    self.send_error(502)
                    return
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                host = HTTPConnection(address.netloc)
                target = self.path.partition(address.netloc)[2]
                host.request(self.command, target, body, dict(self.headers))
                response = host.getresponse()
                content = response.read()
                host.close()
                self.send_response(response.status)
                self.send_header("content-type", response.headers.get("content-type", ""))
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815 (of the base class)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        return Handler


def _tunnel(one: socket.socket, other: socket.socket) -> None:
    ends = {one: other, other: one}
    while True:
        for end in select.select(list(ends), [], [])[0]:
            data = end.recv(65536)
            if not data:
                return
            ends[end].sendall(data)
