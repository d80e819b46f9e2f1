"""CloudFormation's side of a custom resource: it sends events and takes strict answers."""

import json
import ssl
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.fakes.certificate import CertificateFiles

STACK_ID = "arn:aws:cloudformation:us-west-2:111122223333:stack/City/0f0e0d0c"
MAX_RESPONSE = 4096
ANSWER_KEYS = {"Status", "Reason", "PhysicalResourceId", "StackId", "RequestId"} | {
    "LogicalResourceId",
    "Data",
    "NoEcho",
}


@dataclass(frozen=True)
class Response:
    """What the custom resource answered."""

    status: str
    reason: str
    physical_id: str
    data: dict[str, str]
    size: int

    @classmethod
    def of(cls, event: dict[str, Any], body: bytes) -> Self:
        """Read an answer as strictly as the service would, or raise what is wrong with it."""
        answer = json.loads(body)
        if len(body) > MAX_RESPONSE or set(answer) - ANSWER_KEYS:
            raise ValueError(f"response of {len(body)} bytes with {sorted(answer)}")
        for key in ("StackId", "RequestId", "LogicalResourceId"):
            if answer[key] != event[key]:
                raise ValueError(f"{key} is {answer[key]!r}, not the event's")
        if not answer["PhysicalResourceId"] or answer["Status"] not in ("SUCCESS", "FAILED"):
            raise ValueError(f"invalid {answer}")
        if not all(isinstance(value, str) for value in answer["Data"].values()):
            raise ValueError(f"an attribute is no string: {answer['Data']}")
        return cls(
            answer["Status"],
            answer["Reason"],
            answer["PhysicalResourceId"],
            answer["Data"],
            len(body),
        )


@dataclass
class FakeCloudFormation:
    """An https endpoint for ResponseURLs on 127.0.0.1; the first answer to a request counts."""

    certificate: CertificateFiles
    responses: dict[str, list[Response]] = field(default_factory=dict)
    rejected: list[str] = field(default_factory=list)
    _events: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.certificate, self.certificate.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
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
        """The endpoint."""
        return f"https://localhost:{self._server.server_address[1]}"

    def reset(self) -> None:
        """Forget every event and every answer."""
        for memory in (self.responses, self.rejected, self._events):
            memory.clear()

    def event(self, request_type: str, properties: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Make an event whose answer this endpoint expects."""
        request_id = str(uuid.uuid4())
        event = {
            "RequestType": request_type,
            "RequestId": request_id,
            "ResponseURL": f"{self.url}/{request_id}?X-Amz-Signature=secret",
            "ResourceType": "Custom::OutpostOrder",
            "LogicalResourceId": "Rack05B0A054",
            "StackId": STACK_ID,
            "ResourceProperties": properties,
        } | more
        self._events[request_id] = event
        return event

    def response_to(self, event: dict[str, Any]) -> Response:
        """Return the one answer to an event."""
        if self.rejected:
            raise AssertionError(self.rejected)
        (response,) = self.responses.get(event["RequestId"], [])
        return response

    def _take(self, path: str, body: bytes) -> None:
        request_id = path.strip("/").partition("?")[0]
        try:
            response = Response.of(self._events[request_id], body)
        except (KeyError, ValueError) as error:
            self.rejected.append(repr(error))
        else:
            self.responses.setdefault(request_id, []).append(response)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                take(self.path, self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        return Handler
