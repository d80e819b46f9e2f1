"""What an error of the Outposts API proves: refused, never sent, or unknown."""

import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore import exceptions

from outpost_order_handler.failures import Code, NotReadable, OrderError

# The allowlist of refusals. With one request, and an HTTP status of 4xx, these prove that no
# order was placed. Anything else proves nothing.
REFUSALS = frozenset(
    {
        "AccessDeniedException",
        "ConflictException",
        "NotFoundException",
        "ServiceQuotaExceededException",
        "ValidationException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
# Raised before the request has left. SSLError is not here: it can break a response as well as
# a handshake (see _certificate_was_refused).
NEVER_SENT = (
    exceptions.ParamValidationError,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.NoRegionError,
    exceptions.EndpointConnectionError,
    exceptions.ConnectTimeoutError,
)
_NETWORK_ERRORS = (exceptions.ConnectionError, exceptions.HTTPClientError)


def failed_start(error: Exception) -> OrderError:
    """Return the error of a client that couldn't be created: nothing was sent."""
    said = _read(error)
    return OrderError(said.name, said.words)


def failed_purchase(error: Exception) -> OrderError:
    """Return what a CreateOrder that was sent at most once came to."""
    said = _read(error)
    if said.code is None:
        return OrderError(said.name, said.words, action="CreateOrder")
    return OrderError.unknown(said.name, said.code)


def failed_read(error: Exception, action: str, subject: str) -> NotReadable:
    """Return the error of something that couldn't be read."""
    said, fact = _read(error), unreadable(subject)
    return NotReadable(said.name, said.words, fact=fact, code=said.code, action=action)


def unreadable(subject: str) -> str:
    """Return the fact that something couldn't be read."""
    return f"{subject} could not be read, nothing was bought or changed"


class _Said(NamedTuple):
    """An error's name and words; the code is None if it proves that nothing was done."""

    name: str
    words: str
    code: Code | None


def _read(error: Exception) -> _Said:
    if isinstance(error, exceptions.ClientError):
        return _read_response(error.response)
    code: Code | None = Code.GENERAL_SERVICE_EXCEPTION
    if isinstance(error, NEVER_SENT) or _certificate_was_refused(error):
        code = None
    elif isinstance(error, _NETWORK_ERRORS):
        code = Code.NETWORK_FAILURE
    return _Said(type(error).__name__, str(error), code)


def _read_response(response: Mapping[str, Any]) -> _Said:
    """Read the service's own words, with the resource that a conflict names first."""
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    name = str(response.get("Error", {}).get("Code") or "Unknown")
    code: Code | None = Code.SERVICE_INTERNAL_ERROR
    if status < 500:  # noqa: PLR2004
        is_refusal = status >= 400 and name in REFUSALS  # noqa: PLR2004
        code = None if is_refusal else Code.GENERAL_SERVICE_EXCEPTION
    words = str(response.get("Error", {}).get("Message", ""))
    resource = [str(response[key]) for key in ("ResourceType", "ResourceId") if response.get(key)]
    return _Said(name, f"{' '.join(resource)}: {words}" if resource else words, code)


def _certificate_was_refused(error: Exception) -> bool:
    """Return whether the handshake failed, which is before the request is sent."""
    cause: object = error.kwargs.get("error") if isinstance(error, exceptions.SSLError) else None
    while isinstance(cause, Exception):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = next((arg for arg in cause.args if isinstance(arg, Exception)), None)
    return False
