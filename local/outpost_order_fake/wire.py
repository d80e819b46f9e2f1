"""The sockets: a silent HTTP/1.1 server on 127.0.0.1 that can also misbehave."""

import os
import select
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import Any, ClassVar, cast

from outpost_order_fake.faults import Fault, Way
from outpost_order_fake.traffic import HttpRequest

LOOPBACK = "127.0.0.1"
CLOSE_BY_RESET = struct.pack("ii", 1, 0)

Receive = Callable[[HttpRequest], Fault]
"""Takes a request and says what the client sees."""


class Listener(ThreadingTCPServer):
    """Serve requests in threads of its own, from `start` to `stop`."""

    daemon_threads = True
    allow_reuse_address = True  # a port can be used again at once
    request_queue_size = 64

    def __init__(self, receive: Receive, port: int = 0) -> None:
        super().__init__((LOOPBACK, port), Connection)
        self.receive = receive
        self.url = f"http://{LOOPBACK}:{self.server_address[1]}"
        self._open: set[socket.socket] = set()
        self._thread = Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def stop(self) -> None:
        """End everything at once, hanging calls and idle connections too."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection, and remember it until it is closed."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - socketserver's signature
        """Close a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - same
        """Show a defect of the fake, but not a client that went away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Connection(BaseHTTPRequestHandler):
    """Read requests from one connection, and let each see its answer or fault."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # status, headers and body leave in one packet
    disable_nagle_algorithm = True

    def serve(self) -> None:
        """Handle one request."""
        listener = cast("Listener", self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        fault = listener.receive(HttpRequest(self.command, path, query, self.headers, body))
        self.SHOW[fault.way](self, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def _answer(self, fault: Fault, unsent: int = 0) -> None:
        body = fault.answer.body.encode()
        self.send_response_only(fault.answer.status)
        for name, value in fault.answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + unsent))
        self.end_headers()
        self.wfile.write(body)

    def _answer_slowly(self, fault: Fault) -> None:
        # A client sends nothing while it waits, so a readable socket means that it went away.
        select.select([self.connection], [], [], fault.seconds)
        self._answer(fault)

    def _answer_in_part(self, fault: Fault) -> None:
        self._answer(fault, unsent=100)
        self.close_connection = True

    def _hang(self, _: Fault) -> None:
        with suppress(ConnectionError):
            self.connection.recv(1)
        self.close_connection = True

    def _close(self, _: Fault) -> None:
        self.close_connection = True

    def _reset(self, _: Fault) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_BY_RESET)
        # The server would first close the connection properly, and the files of the socket keep
        # it open. Without its descriptor, the connection is reset at once.
        os.close(self.connection.detach())
        self.close_connection = True

    SHOW: ClassVar[dict[Way, Callable[["Connection", Fault], None]]] = {
        Way.ANSWER: _answer,
        Way.SLOW: _answer_slowly,
        Way.PARTIAL: _answer_in_part,
        Way.HANG: _hang,
        Way.CLOSE: _close,
        Way.RESET: _reset,
    }
