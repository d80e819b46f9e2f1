"""CloudFormation's side of a custom resource: it sends events, and takes strict answers.

It also describes the resources that it is creating, as the API does: by the stack's ARN.
"""

import json
import ssl
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from outpost_order_rehearsal.certificate import CertificateFiles

STACK_ID = "arn:aws:cloudformation:us-west-2:111122223333:stack/City/0f0e0d0c"
MAX_RESPONSE = 4096
ANSWER_KEYS = {"Status", "Reason", "PhysicalResourceId", "StackId", "RequestId"} | {
    "LogicalResourceId",
    "Data",
    "NoEcho",
}


@dataclass(frozen=True)
class Response:
    """The answer of the custom resource."""

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


@dataclass(frozen=True)
class StackResource:
    """A resource of a stack: its status, and its metadata as a text of JSON."""

    status: str
    metadata: str = ""


@dataclass(frozen=True)
class PutFault:
    """How a PUT of an answer goes wrong.

    Attributes:
        status: The HTTP status of the response; None leaves the connection open without one.
        taken: Whether the answer counts all the same.
    """

    status: int | None
    taken: bool = False


@dataclass
class FakeCloudFormation:
    """An https endpoint for ResponseURLs on 127.0.0.1; the first answer to a request counts.

    Attributes:
        resources: The resources of DescribeStackResource, by stack and logical ID. `event` and the
            first answer change it as CloudFormation does; a test can change it as well.
        described: The resources that DescribeStackResource was asked for, in order.
        failure: An error that DescribeStackResource answers, as HTTP status and error code.
        failure_message: The message of that.
        on_describe: A function to call before each answer of DescribeStackResource.
        put_faults: How the next PUTs of answers go wrong.
        heads: The paths of the HEAD requests.
    """

    certificate: CertificateFiles
    resources: dict[tuple[str, str], StackResource] = field(default_factory=dict)
    described: list[tuple[str, str]] = field(default_factory=list)
    failure: tuple[int, str] | None = None
    failure_message: str = "refused on demand"
    on_describe: Callable[[], None] = lambda: None
    put_faults: list[PutFault] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
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
        memories = (self.responses, self.rejected, self._events, self.resources, self.described)
        for memory in (*memories, self.put_faults, self.heads):
            memory.clear()
        self.failure, self.failure_message = None, "refused on demand"
        self.on_describe = lambda: None

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
        self._turn(event, "IN_PROGRESS")
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
            if request_id not in self.responses:
                outcome = "COMPLETE" if response.status == "SUCCESS" else "FAILED"
                self._turn(self._events[request_id], outcome)
            self.responses.setdefault(request_id, []).append(response)

    def _turn(self, event: dict[str, Any], step: str) -> None:
        key = (event["StackId"], event["LogicalResourceId"])
        before = self.resources.get(key, StackResource(""))
        status = f"{event['RequestType'].upper()}_{step}"
        self.resources[key] = StackResource(status, before.metadata)

    def _describe(self, body: bytes) -> tuple[int, str]:
        call = {name: value for name, [value] in parse_qs(body.decode()).items()}
        if call["Action"] != "DescribeStackResource":
            return 400, _error("InvalidAction", call["Action"])
        key = (call["StackName"], call["LogicalResourceId"])
        self.described.append(key)
        self.on_describe()
        if self.failure is not None:
            status, code = self.failure
            return status, _error(code, self.failure_message)
        if key not in self.resources:
            return 400, _error("ValidationError", f"Resource {key[1]} does not exist")
        return 200, _description(*key, self.resources[key])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take, describe, faults, heads = self._take, self._describe, self.put_faults, self.heads

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                fault = faults.pop(0) if faults else PutFault(200, taken=True)
                if fault.taken:
                    take(self.path, body)
                if fault.status is not None:
                    self._respond(fault.status)
                    return
                with suppress(OSError):
                    self.rfile.read(1)  # until the client gives up

            def do_HEAD(self) -> None:
                heads.append(self.path)
                self._respond(403)

            def _respond(self, status: int) -> None:
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                status, body = describe(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(status)
                self.send_header("content-type", "text/xml")
                self.send_header("content-length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        return Handler


def _description(stack_id: str, logical_id: str, resource: StackResource) -> str:
    metadata = f"<Metadata>{escape(resource.metadata)}</Metadata>" if resource.metadata else ""
    return (
        "<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail>"
        f"<StackId>{stack_id}</StackId><LogicalResourceId>{logical_id}</LogicalResourceId>"
        f"<ResourceStatus>{resource.status}</ResourceStatus>{metadata}"
        "<LastUpdatedTimestamp>2026-11-25T09:00:00Z</LastUpdatedTimestamp>"
        "<ResourceType>Custom::OutpostOrder</ResourceType>"
        "</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>"
    )


def _error(code: str, message: str) -> str:
    return (
        "<ErrorResponse><Error><Type>Sender</Type>"
        f"<Code>{code}</Code><Message>{escape(message)}</Message></Error></ErrorResponse>"
    )
