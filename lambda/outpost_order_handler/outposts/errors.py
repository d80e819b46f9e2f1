"""The proof in an error of the Outposts API: refused, never sent, or unknown."""

import ssl

from botocore import exceptions

from outpost_order_handler.failures import THROTTLES, Code, NotReadable, OrderError

# The allowlist of refusals. With one request, and an HTTP status of 4xx, these prove that no
# order was placed. Anything else proves nothing.
REFUSALS = frozenset(
    {
        *("AccessDeniedException", "ConflictException", "NotFoundException"),
        *("ServiceQuotaExceededException", "ValidationException", *THROTTLES),
    }
)
# Raised before the request has left. SSLError is not here: it can break a response as well as
# a handshake (see _certificate_was_refused).
NEVER_SENT = (
    *(exceptions.ParamValidationError, exceptions.NoRegionError, exceptions.NoCredentialsError),
    *(exceptions.PartialCredentialsError, exceptions.CredentialRetrievalError),
    *(exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError),
)
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_NETWORK_ERRORS = (exceptions.ConnectionError, exceptions.HTTPClientError)


def failed_start(error: Exception) -> OrderError:
    """Return the error of a client that couldn't be created: nothing was sent."""
    return OrderError(*_classify(error)[:2])


def failed_request(error: Exception, action: str) -> OrderError:
    """Return the error of a request that was sent at most once."""
    name, words, code = _classify(error)
    if code is None:
        return OrderError(name, words, action=action)
    return OrderError.unknown(name, code)


def failed_read(error: Exception, action: str, subject: str) -> NotReadable:
    """Return the error of something that couldn't be read."""
    name, words, code = _classify(error)
    return NotReadable(name, words, fact=unreadable(subject), code=code, action=action)


def unreadable(subject: str) -> str:
    """Return the fact that something couldn't be read."""
    return f"{subject} could not be read, and nothing was bought or changed"


def _classify(error: Exception) -> tuple[str, str, Code | None]:
    """Return an error's name and words, and a code unless it proves that nothing was done."""
    if not isinstance(error, exceptions.ClientError):
        name, words = type(error).__name__, str(error)
        if isinstance(error, NEVER_SENT) or _certificate_was_refused(error):
            return name, words, None
        is_network = isinstance(error, _NETWORK_ERRORS)
        return name, words, Code.NETWORK_FAILURE if is_network else Code.GENERAL_SERVICE_EXCEPTION
    response, said = error.response, error.response.get("Error", {})
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    name, words = str(said.get("Code") or "Unknown"), str(said.get("Message", ""))
    # The resource that a conflict names comes first.
    resource = [str(response[key]) for key in ("ResourceType", "ResourceId") if response.get(key)]
    words = f"{' '.join(resource)}: {words}" if resource else words
    if status >= _SERVER_ERROR:
        return name, words, Code.SERVICE_INTERNAL_ERROR
    is_refusal = status >= _CLIENT_ERROR and name in REFUSALS
    return name, words, None if is_refusal else Code.GENERAL_SERVICE_EXCEPTION


def _certificate_was_refused(error: Exception) -> bool:
    """Return whether the handshake failed, which is before the request is sent."""
    cause: object = error.kwargs.get("error") if isinstance(error, exceptions.SSLError) else None
    while isinstance(cause, Exception):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = next((arg for arg in cause.args if isinstance(arg, Exception)), None)
    return False
