"""What each error of the Outposts API proves, and what a person does next."""

import ssl
from dataclasses import dataclass

from botocore import exceptions

from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.failures import InDoubt, NotCancelled, NotPlaced, NotReadable
from outpost_order_handler.request import OrderRequest


@dataclass(frozen=True)
class Meaning:
    """What an error says, and what a person does next; `{action}` is the API's."""

    code: Code
    step: str


_ACCESS_DENIED = Meaning(
    Code.ACCESS_DENIED, "allow outposts:{action} in the function's role or the organization's SCP"
)
_THROTTLED = Meaning(Code.THROTTLING, "wait some minutes")
_NO_CONNECTION = Meaning(
    Code.NETWORK_FAILURE, "let the function reach the Outposts endpoint (VPC, DNS, proxy, Region)"
)
_NO_CREDENTIALS = Meaning(Code.INVALID_CREDENTIALS, "give the function a role")

# The allowlist of refusals. With one request, and an HTTP status of 4xx, these
# prove that no order was made. Whatever is not here proves nothing.
REFUSALS = {
    "ValidationException": Meaning(Code.INVALID_REQUEST, "correct the order"),
    "ConflictException": Meaning(Code.RESOURCE_CONFLICT, "resolve the conflict"),
    "AccessDeniedException": _ACCESS_DENIED,
    "NotFoundException": Meaning(
        Code.NOT_FOUND, "check Outpost, catalog items, Region and account"
    ),
    "ServiceQuotaExceededException": Meaning(
        Code.SERVICE_LIMIT_EXCEEDED, "ask AWS Support for a higher quota"
    ),
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "ThrottledException": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "RequestThrottledException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
}

# Raised before the request has left. SSLError is not here: it can break an
# answer as well as a handshake (see _certificate_was_refused).
_NEVER_SENT: tuple[tuple[type[Exception], Meaning], ...] = (
    (exceptions.ParamValidationError, Meaning(Code.INVALID_REQUEST, "correct the order")),
    (exceptions.NoCredentialsError, _NO_CREDENTIALS),
    (exceptions.PartialCredentialsError, _NO_CREDENTIALS),
    (exceptions.CredentialRetrievalError, _NO_CREDENTIALS),
    (exceptions.NoRegionError, Meaning(Code.INVALID_REQUEST, "set the Region")),
    (exceptions.EndpointConnectionError, _NO_CONNECTION),
    (exceptions.ConnectTimeoutError, _NO_CONNECTION),
)
_NETWORK_ERRORS = (exceptions.ConnectionError, exceptions.HTTPClientError)


def failed_purchase(error: Exception, request: OrderRequest) -> NotPlaced | InDoubt:
    """Return what a CreateOrder that was sent at most once came to."""
    name, meaning = _name_of(error), _refusal(error) or _never_sent(error)
    if meaning is None:
        return InDoubt(_kind_of(error), name, request.outpost_id, request.order_name)
    step = meaning.step.format(action="CreateOrder")
    return NotPlaced(meaning.code, name, request.outpost_id, step, _words_of(error))


def failed_read(error: Exception, action: str, subject: str) -> NotReadable:
    """Return what to tell of something that could not be read."""
    meaning = _meaning(error, "wait some minutes")
    step = meaning.step.format(action=action)
    return NotReadable(meaning.code, _name_of(error), subject, step, _words_of(error))


def failed_cancelling(error: Exception, order_id: str) -> NotCancelled:
    """Return what a CancelOrder came to."""
    refused = _refusal(error) or _never_sent(error)
    fact = "was not cancelled" if refused else "may or may not be cancelled"
    return NotCancelled(
        _meaning(error, "").code, _name_of(error), f"{order_id} {fact}", _words_of(error)
    )


def _meaning(error: Exception, step: str) -> Meaning:
    return _refusal(error) or _never_sent(error) or Meaning(_kind_of(error), step)


def _refusal(error: Exception) -> Meaning | None:
    if isinstance(error, exceptions.ClientError) and 400 <= _status_of(error) < 500:  # noqa: PLR2004
        return REFUSALS.get(_name_of(error))
    return None


def _never_sent(error: Exception) -> Meaning | None:
    if _certificate_was_refused(error):
        return _NO_CONNECTION
    return next((meaning for kind, meaning in _NEVER_SENT if isinstance(error, kind)), None)


def _certificate_was_refused(error: Exception) -> bool:
    """Tell whether the handshake failed, which is before the request is sent."""
    cause: object = error.kwargs.get("error") if isinstance(error, exceptions.SSLError) else None
    while isinstance(cause, Exception):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = next((arg for arg in cause.args if isinstance(arg, Exception)), None)
    return False


def _kind_of(error: Exception) -> Code:
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


def _words_of(error: Exception) -> str:
    """Return the service's own words, with the resource that a conflict names first."""
    if not isinstance(error, exceptions.ClientError):
        return str(error)
    response = error.response
    resource = " ".join(
        str(response[key]) for key in ("ResourceType", "ResourceId") if response.get(key)
    )
    message = str(response.get("Error", {}).get("Message", ""))
    return f"{resource}: {message}" if resource else message
