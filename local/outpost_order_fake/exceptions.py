"""The errors that the Outposts API documents.

OutpostsError
├── ValidationError
├── NotFoundError
└── ConflictError
"""

import json
from collections.abc import Mapping
from typing import ClassVar

DOCUMENTED = {
    "ValidationException": 400,
    "ServiceQuotaExceededException": 402,
    "AccessDeniedException": 403,
    "NotFoundException": 404,
    "ConflictException": 409,
    "InternalServerException": 500,
}
"""HTTP status of each exception that the API documents."""


REQUEST_ID = "6a7c5d4e-0f1b-4c2d-8e3f-a9b8c7d6e5f4"
"""The ID of each request that fails, as AWS Support asks for it."""


def error_headers(errortype: str) -> dict[str, str]:
    """Name an error and its request the way rest-json services do."""
    return {
        "Content-Type": "application/json",
        "x-amzn-errortype": errortype,
        "x-amzn-requestid": REQUEST_ID,
    }


def error_body(message: str, members: Mapping[str, str]) -> str:
    """Write an error's body: its message and the exception's further members."""
    return json.dumps({"Message": message, **members})


class OutpostsError(Exception):
    """Refuse a request; never raised itself."""

    errortype: ClassVar[str]

    def __init__(self, message: str, **members: str) -> None:
        super().__init__(message)
        self.members = members


class ValidationError(OutpostsError):
    """Refuse parameters that break a rule."""

    errortype = "ValidationException"


class NotFoundError(OutpostsError):
    """Refuse an ID that no resource of the account and Region has."""

    errortype = "NotFoundException"


class ConflictError(OutpostsError):
    """Refuse a request that the resource's state does not allow.

    The model has the resource types OUTPOST and ORDER alone: a conflict over a quote has none.
    """

    errortype = "ConflictException"
