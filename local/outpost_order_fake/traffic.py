"""Requests as they came over the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any, Self
from urllib.parse import parse_qs

from outpost_order_fake import api
from outpost_order_fake.exceptions import ValidationError

UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class HttpRequest:
    """Hold an HTTP request."""

    method: str
    path: str
    """As it was sent, with what is encoded in it, and without the query."""
    query: str
    headers: Message
    body: bytes

    def route(self) -> tuple[str, dict[str, str]]:
        """Find the operation, or "(unknown)", and the parameters in the path."""
        return api.route(self.method, self.path) or (UNKNOWN, {})

    def parameters(self) -> dict[str, Any]:
        """Collect an operation's parameters from body, query and path."""
        operation, of_path = self.route()
        lists = set() if operation == UNKNOWN else api.lists_of_query(operation)
        given = parse_qs(self.query, keep_blank_values=True)
        of_query = {name: each if name in lists else each[0] for name, each in given.items()}
        return {**self._json_object(), **of_query, **of_path}

    def _json_object(self) -> dict[str, Any]:
        try:
            value = json.loads(self.body or b"{}")
        except ValueError as error:
            raise ValidationError(f"The request body is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise ValidationError("The request body is not a JSON object")
        return value


@dataclass(frozen=True)
class Request:
    """Hold one request: what it asks, and when it came."""

    operation: str
    """As in the API, or "(unknown)"."""
    params: Mapping[str, Any]
    """From body, query and path; empty when the body is not a JSON object."""
    body: str
    headers: Mapping[str, str]
    at: datetime

    @classmethod
    def of(cls, http: HttpRequest, at: datetime) -> Self:
        """Read an HTTP request, whatever it holds."""
        operation, _ = http.route()
        try:
            params = http.parameters()
        except ValidationError:
            params = {}
        return cls(
            operation, params, http.body.decode(errors="replace"), dict(http.headers.items()), at
        )
