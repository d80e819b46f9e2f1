"""What keeps a command from its work, told in one line."""

from botocore.exceptions import BotoCoreError, ClientError

from outpost_order_handler.failures import NotReadable, OrderError
from outpost_order_handler.table import Lost, TableUnavailable

FAILED = 1
MISUSED = 2
IN_DOUBT = 3

_LOG_IN = "log in to AWS, or choose other credentials with --profile"
_ALLOW = "have this allowed for your identity"
_CHECK = "check what you gave, --region and --profile"
_STEPS = {
    "NoCredentialsError": _LOG_IN,
    "PartialCredentialsError": _LOG_IN,
    "CredentialRetrievalError": _LOG_IN,
    "SSOTokenLoadError": _LOG_IN,
    "TokenRetrievalError": _LOG_IN,
    "UnauthorizedSSOTokenError": _LOG_IN,
    "ExpiredToken": _LOG_IN,
    "ExpiredTokenException": _LOG_IN,
    "InvalidClientTokenId": _LOG_IN,
    "UnrecognizedClientException": _LOG_IN,
    "AccessDenied": _ALLOW,
    "AccessDeniedException": _ALLOW,
    "NotFoundException": _CHECK,
    "ResourceNotFoundException": _CHECK,
    "ValidationError": _CHECK,
    "ValidationException": _CHECK,
    "ProfileNotFound": "choose another one with --profile",
    "NoRegionError": "give one with --region",
    "EndpointConnectionError": "check the network and --region",
}
_RUN_AGAIN = "run it again, it starts from what the ledger holds"


class Problem(Exception):
    """What is wrong, the value given, what is allowed, and what to change."""

    def __init__(self, line: str, exit_code: int = FAILED) -> None:
        """Take the line to tell, and the exit code of the command."""
        super().__init__(line)
        self.exit_code = exit_code


def misused(line: str) -> Problem:
    """Return the problem of a command that was not called as it can be."""
    return Problem(line, MISUSED)


def line_of(error: Exception) -> str | None:
    """Return what to tell of an expected failure; a defect of this program has no line."""
    if isinstance(error, Lost):
        return "somebody else changed the ledger meanwhile, nothing was recorded; run it again"
    cause = cause_of(error)
    if isinstance(cause, ClientError | BotoCoreError):
        words = " ".join(str(cause).split()).rstrip(".")
        return f"{words}; {_STEPS.get(name_of(cause), _RUN_AGAIN)}"
    return str(error) if isinstance(error, Problem | OrderError | TableUnavailable) else None


def cause_of(error: Exception) -> BaseException:
    """Return what AWS or the network said, where it was told in the words of the handler."""
    wrapped = isinstance(error, NotReadable | TableUnavailable)
    return error.__cause__ or error if wrapped else error


def name_of(error: BaseException) -> str:
    """Return the error's code as AWS gives it, else the name of its class."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return type(error).__name__
