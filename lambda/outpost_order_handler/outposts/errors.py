"""What an error of the Outposts API proves: refused, never sent, or unknown."""

import ssl

from botocore import exceptions

from outpost_order_handler.failures import Code, NotReadable, OrderError, unknown

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
    return OrderError(_name_of(error), _service_message(error))


def failed_purchase(error: Exception) -> OrderError:
    """Return what a CreateOrder that was sent at most once came to."""
    if _is_refusal(error) or _was_never_sent(error):
        return OrderError(_name_of(error), _service_message(error), action="CreateOrder")
    return unknown(_name_of(error), _code_of(error))


def failed_read(error: Exception, action: str, subject: str) -> NotReadable:
    """Return the error of something that couldn't be read."""
    name = _name_of(error)
    is_known = _is_refusal(error) or _was_never_sent(error)
    code = None if is_known else _code_of(error)
    return NotReadable(
        name,
        _service_message(error),
        fact=f"{subject} could not be read, nothing was bought or changed",
        code=code,
        action=action,
    )


def _is_refusal(error: Exception) -> bool:
    return (
        isinstance(error, exceptions.ClientError)
        and 400 <= _status_of(error) < 500  # noqa: PLR2004
        and _name_of(error) in REFUSALS
    )


def _was_never_sent(error: Exception) -> bool:
    return isinstance(error, NEVER_SENT) or _certificate_was_refused(error)


def _certificate_was_refused(error: Exception) -> bool:
    """Tell whether the handshake failed, which is before the request is sent."""
    cause: object = error.kwargs.get("error") if isinstance(error, exceptions.SSLError) else None
    while isinstance(cause, Exception):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = next((arg for arg in cause.args if isinstance(arg, Exception)), None)
    return False


def _code_of(error: Exception) -> Code:
    if isinstance(error, exceptions.ClientError):
        server = _status_of(error) >= 500  # noqa: PLR2004
        return Code.SERVICE_INTERNAL_ERROR if server else Code.GENERAL_SERVICE_EXCEPTION
    if isinstance(error, _NETWORK_ERRORS):
        return Code.NETWORK_FAILURE
    return Code.GENERAL_SERVICE_EXCEPTION


def _status_of(error: exceptions.ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _name_of(error: Exception) -> str:
    if isinstance(error, exceptions.ClientError):
        return str(error.response.get("Error", {}).get("Code") or "Unknown")
    return type(error).__name__


def _service_message(error: Exception) -> str:
    """Return the service's own words, with the resource that a conflict names first."""
    if not isinstance(error, exceptions.ClientError):
        return str(error)
    response = error.response
    resource = " ".join(
        str(response[key]) for key in ("ResourceType", "ResourceId") if response.get(key)
    )
    message = str(response.get("Error", {}).get("Message", ""))
    return f"{resource}: {message}" if resource else message
