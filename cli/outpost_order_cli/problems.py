"""The line that a command prints when it fails, with the next step."""

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger.table import LedgerUnavailable, VersionConflict

UPGRADE_FIRST = "Upgrade cdk-outpost-order, then run the command again."
_LONGEST_MESSAGE = 600  # a proxy can answer with a whole page

_NO_RETRIES = " (reached max retries: 0)"  # botocore says so of each error if retries are off

_LOG_IN = "Log in to AWS, or choose other credentials with --profile."
_ASK_FOR_PERMISSION = "Ask an administrator for this permission."
_CHECK_ARGUMENTS = "Check the arguments, --region, and --profile."
_CHECK_SETTINGS = "Correct your AWS settings, or choose another profile with --profile."
_CHECK_NETWORK = "Check the network, the proxy, and --region."
_RUN_AGAIN = "It is safe to run the command again."

_STEPS_BY_CODE = {
    "ExpiredToken": _LOG_IN,
    "ExpiredTokenException": _LOG_IN,
    "IncompleteSignature": _LOG_IN,
    "InvalidClientTokenId": _LOG_IN,
    "InvalidSignatureException": _LOG_IN,
    "MissingAuthenticationToken": _LOG_IN,
    "SignatureDoesNotMatch": _LOG_IN,
    "UnrecognizedClientException": _LOG_IN,
    "AccessDenied": _ASK_FOR_PERMISSION,
    "AccessDeniedException": _ASK_FOR_PERMISSION,
    "NotFoundException": _CHECK_ARGUMENTS,
    "ResourceNotFoundException": _CHECK_ARGUMENTS,
    "ValidationError": _CHECK_ARGUMENTS,
    "ValidationException": _CHECK_ARGUMENTS,
    "ProvisionedThroughputExceededException": _RUN_AGAIN,
    "RequestLimitExceeded": _RUN_AGAIN,
    "Throttling": _RUN_AGAIN,
    "ThrottlingException": _RUN_AGAIN,
    "TooManyRequestsException": _RUN_AGAIN,
}
_STEPS_BY_NAME = {
    "FunctionTooOld": UPGRADE_FIRST,
    "NotReadable": _RUN_AGAIN,
    "SdkTooOld": "Run: pip install --upgrade boto3",
}
# The first class that matches counts. An error that is of none of them gets no advice.
_STEPS_BY_CLASS: tuple[tuple[str, tuple[type[Exception], ...]], ...] = (
    ('Run: pip install "botocore[crt]"', (exceptions.MissingDependencyException,)),
    ("Choose a Region with --region.", (exceptions.NoRegionError, exceptions.InvalidRegionError)),
    ("Choose another profile with --profile.", (exceptions.ProfileNotFound,)),
    (
        _LOG_IN,
        (
            exceptions.NoCredentialsError,
            exceptions.PartialCredentialsError,
            exceptions.CredentialRetrievalError,
            exceptions.RefreshWithMFAUnsupportedError,
            exceptions.MetadataRetrievalError,
            exceptions.NoAuthTokenError,
            exceptions.TokenRetrievalError,
            exceptions.SSOError,
            exceptions.LoginError,
        ),
    ),
    (
        _CHECK_SETTINGS,
        (
            exceptions.BaseEndpointResolverError,
            exceptions.ConfigNotFound,
            exceptions.ConfigParseError,
            exceptions.EndpointProviderError,
            exceptions.InvalidConfigError,
            exceptions.InvalidDefaultsMode,
            exceptions.InvalidEndpointConfigurationError,
            exceptions.InvalidIMDSEndpointError,
            exceptions.InvalidIMDSEndpointModeError,
            exceptions.InvalidProxiesConfigError,
            exceptions.InvalidRetryConfigurationError,
            exceptions.InvalidSTSRegionalEndpointsConfigError,
            exceptions.UnknownCredentialError,
            exceptions.UnknownTokenProviderError,
        ),
    ),
    (_CHECK_NETWORK, (exceptions.ConnectionError, exceptions.HTTPClientError)),
)


def line_of(error: Exception) -> str | None:
    """Return what to print for an expected failure; a defect has no line."""
    if isinstance(error, VersionConflict):
        return (
            "The ledger was changed by another process. Nothing was recorded. "
            "Run the command again."
        )
    cause = cause_of(error)
    if isinstance(cause, ClientError | BotoCoreError):
        return f"{words_of(cause)} {step_after(cause)}".rstrip()
    if isinstance(error, LedgerUnavailable):
        return f"The ledger is unavailable: {str(cause).rstrip('.')}. {_RUN_AGAIN}"
    return _words_of_order_error(error) if isinstance(error, OrderError) else None


def _words_of_order_error(error: OrderError) -> str:
    words = ": ".join(filter(None, [error.fact, *error.details])).rstrip(".") or error.name
    if words.partition(" ")[0].isalpha():  # an ID keeps its letters
        words = f"{words[0].upper()}{words[1:]}"
    return f"{words}. {_STEPS_BY_NAME.get(error.name, '')}".rstrip()


def cause_of(error: BaseException) -> BaseException:
    """Return the error of AWS or of the network behind an error, else the error itself."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ClientError | BotoCoreError):
        cause = cause.__cause__
    return cause or error


def words_of(error: BaseException) -> str:
    """Return what AWS or the network said, as one sentence."""
    words = " ".join(str(error).replace(_NO_RETRIES, "").split()).rstrip(".")
    if len(words) > _LONGEST_MESSAGE:
        words = words[:_LONGEST_MESSAGE] + "..."
    return f"{words}."


def step_after(error: BaseException) -> str:
    """Return what to do about an error of AWS or of the network; empty if that isn't known."""
    if isinstance(error, ClientError):
        server_failed = status_of(error) >= 500  # noqa: PLR2004 (HTTP)
        return _STEPS_BY_CODE.get(code_of(error), _RUN_AGAIN if server_failed else "")
    return next((step for step, classes in _STEPS_BY_CLASS if isinstance(error, classes)), "")


def code_of(error: BaseException) -> str:
    """Return the code that AWS gave the error; empty if it isn't an error of AWS."""
    response = error.response if isinstance(error, ClientError) else {}
    return str(response.get("Error", {}).get("Code", ""))


def is_gone(error: ClientError) -> bool:
    """Return whether what was asked for doesn't exist."""
    code = code_of(error)
    return code == "ResourceNotFoundException" or (
        code == "ValidationError" and "does not exist" in str(error)
    )


def status_of(error: ClientError) -> int:
    """Return the HTTP status of an error of AWS."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
