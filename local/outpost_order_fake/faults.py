"""Ways in which a call can go wrong, as values."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Literal, Self

from outpost_order_fake import api
from outpost_order_fake.exceptions import DOCUMENTED, error_body, error_headers
from outpost_order_fake.traffic import Request

Applied = bool | Literal["late"]
"""Whether the request takes effect: not at all, before the fault shows, or on demand."""

When = Callable[[Request], bool]
"""Whether a fault is for a request."""

THROTTLES = {"TooManyRequestsException": 429, "ThrottlingException": 400}
"""HTTP status of the codes by which AWS throttles; the API documents neither."""


class Reply(StrEnum):
    """Bodies that no client expects from a call that succeeded."""

    EMPTY = ""
    EMPTY_OBJECT = "{}"
    FOREIGN = json.dumps({"CatalogItem": {"CatalogItemId": "OR-ABCDEFG"}})
    HTML = "<!doctype html><title>Welcome</title><p>Please log in to the proxy."
    CUT = '{"Order": {"OrderId": "oo-0123456789abcdef0", "Status": "PREP'


class Way(Enum):
    """The fault that a client sees."""

    ANSWER = "an answer"
    SLOW = "an answer after a while"
    PARTIAL = "an answer whose connection ends in the middle"
    HANG = "no answer, while the connection stays open"
    CLOSE = "the end of the connection"
    RESET = "a reset of the connection"


@dataclass(frozen=True)
class Answer:
    """Hold an HTTP answer."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """Describe how a call goes wrong; made by one of the constructors below.

    Each takes `applied`: False, nothing is made; True, the order is made before the fault shows;
    "late", it is made only when `FakeOutposts.apply_late` is called.
    """

    way: Way
    applied: Applied = False
    answer: Answer = Answer(200)
    seconds: float = 0.0

    @classmethod
    def refusal(
        cls,
        name: str,
        message: str = "refused on demand",
        *,
        extra: dict[str, str] | None = None,
        applied: Applied = False,
    ) -> Self:
        """Refuse with an exception that the API documents, `extra` being its further members."""
        body = error_body(message, extra or {})
        return cls(Way.ANSWER, applied, Answer(DOCUMENTED[name], body, error_headers(name)))

    @classmethod
    def throttled(cls, name: str = "TooManyRequestsException", *, applied: Applied = False) -> Self:
        """Refuse because of too many requests, by one of `THROTTLES`."""
        return cls.status(THROTTLES[name], code=name, applied=applied)

    @classmethod
    def status(
        cls,
        status: int,
        *,
        code: str | None = None,
        body: str | None = None,
        applied: Applied = False,
    ) -> Self:
        """Answer any HTTP status; with a code, the body is an error's unless it is given."""
        if body is None:
            body = error_body("failed on demand", {}) if code else ""
        headers = error_headers(code) if code else _content_type(body)
        return cls(Way.ANSWER, applied, Answer(status, body, headers))

    @classmethod
    def reply(cls, body: Reply | str, *, applied: Applied = False) -> Self:
        """Answer 200 with any body, for example one of `Reply`."""
        return cls.status(200, body=str(body), applied=applied)

    @classmethod
    def cut_off(cls, *, applied: Applied = False) -> Self:
        """Answer 200, and close the connection before the promised length is sent."""
        return cls(Way.PARTIAL, applied, Answer(200, Reply.CUT, _content_type(Reply.CUT)))

    @classmethod
    def hang(cls, *, applied: Applied = False) -> Self:
        """Never answer, until the client gives up or the server stops."""
        return cls(Way.HANG, applied)

    @classmethod
    def closed(cls, *, applied: Applied = False) -> Self:
        """Close the connection in order, without any answer."""
        return cls(Way.CLOSE, applied)

    @classmethod
    def reset(cls, *, applied: Applied = False) -> Self:
        """Reset the connection (RST) after the request was read."""
        return cls(Way.RESET, applied)

    @classmethod
    def slow(cls, seconds: float) -> Self:
        """Do what was asked at once, and answer normally, but only after a delay."""
        return cls(Way.SLOW, applied=True, seconds=seconds)


_Waiting = tuple[Fault, When]


def any_request(_request: Request) -> bool:
    """Return true: the fault is for any request."""
    return True


def _content_type(body: str) -> dict[str, str]:
    return {"Content-Type": "text/html" if body.startswith("<") else "application/json"}


class Faults:
    """Keep the faults that wait for a call: counted ones first, then a standing one."""

    def __init__(self) -> None:
        self._queued: dict[str, deque[_Waiting]] = {}
        self._standing: dict[str, list[_Waiting]] = {}

    def add(self, operation: str, fault: Fault, times: int | None, when: When) -> None:
        """Queue a fault for a number of calls, or for all from now on."""
        if operation not in api.operation_names():
            raise ValueError(f"the Outposts API has no operation {operation!r}")
        if times is None:
            self._standing.setdefault(operation, []).insert(0, (fault, when))
        else:
            self._queued.setdefault(operation, deque()).extend([(fault, when)] * times)

    def take(self, request: Request) -> Fault | None:
        """Answer the fault for the call that came now, if any."""
        queue = self._queued.get(request.operation, deque())
        for waiting in queue:
            if waiting[1](request):
                queue.remove(waiting)
                return waiting[0]
        standing = self._standing.get(request.operation, [])
        return next((fault for fault, when in standing if when(request)), None)

    def clear(self) -> None:
        """Forget all."""
        self._queued.clear()
        self._standing.clear()
