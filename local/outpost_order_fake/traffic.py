"""Requests as they came over the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from moto.core.request import Request as HttpRequest
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

from outpost_order_fake.exceptions import ValidationError
from outpost_order_fake.responses import parameters

UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Request:
    """Hold one request: what it asks, and when it came."""

    operation: str
    """As in the API, or "(unknown)"."""
    params: Mapping[str, Any]
    """From body, query and path; empty when the body is not a JSON object."""
    body: str
    headers: Mapping[str, str]
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of(cls, http: HttpRequest) -> Self:
        """Read an HTTP request, whatever it holds."""
        operation, uri_params = _route(http)
        try:
            params = parameters(http, uri_params)
        except ValidationError:
            params = {}
        return cls(operation, params, http.get_data(as_text=True), dict(http.headers))


def _route(http: HttpRequest) -> tuple[str, dict[str, str]]:
    try:
        operation, uri_params = get_service_router("outposts").match(http)
    except (HTTPException, NotImplementedError):  # no such path, no such content type
        return UNKNOWN, {}
    return operation.name, uri_params
