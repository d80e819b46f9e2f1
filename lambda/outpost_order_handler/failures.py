"""What a failure says: one error, and the words for each of its names.

A failure reason begins with CloudFormation's handler error code and the name of the
failure. It says what happened and what that means for the money, and ends with the next
step. crhelper keeps only the *last* 240 characters of a longer one, so none has more than
250. A command at its end is never cut: the text before the command gets shorter instead.

Source:
    https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
    https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
"""

from enum import StrEnum
from typing import NamedTuple

from outpost_order_handler import commands

MAX_REASON = 250
_MAX_NAME = 40


class Code(StrEnum):
    """CloudFormation's standard words for why a handler failed."""

    ACCESS_DENIED = "AccessDenied"
    ALREADY_EXISTS = "AlreadyExists"
    GENERAL_SERVICE_EXCEPTION = "GeneralServiceException"
    INTERNAL_FAILURE = "InternalFailure"
    INVALID_CREDENTIALS = "InvalidCredentials"
    INVALID_REQUEST = "InvalidRequest"
    NETWORK_FAILURE = "NetworkFailure"
    NOT_FOUND = "NotFound"
    NOT_STABILIZED = "NotStabilized"
    NOT_UPDATABLE = "NotUpdatable"
    RESOURCE_CONFLICT = "ResourceConflict"
    SERVICE_INTERNAL_ERROR = "ServiceInternalError"
    SERVICE_LIMIT_EXCEEDED = "ServiceLimitExceeded"
    THROTTLING = "Throttling"


class Outcome(StrEnum):
    """What a request came to: an order, none for ever, not known; or it placed nothing anyway."""

    PLACED = "PLACED"
    NOT_PLACED = "NOT_PLACED"
    UNKNOWN = "UNKNOWN"
    DONE = "DONE"


class OrderError(Exception):
    """A request fails: a name for the failure, and what is known.

    Args:
        name: A row of `REASONS`, or the name of an exception of AWS or the network.
        fact: What happened. Default: that nothing was ordered, or that it isn't known.
        details: More, as far as there is room.
        outcome: What it means for the order.
        code: CloudFormation's word. Default: that of the row.
        about: The order name that the command of the row is about. Default: the request's own.
        action: The action of the API that was called.
    """

    def __init__(
        self,
        name: str,
        *details: str,
        fact: str = "",
        outcome: Outcome = Outcome.NOT_PLACED,
        code: Code | None = None,
        about: str = "",
        action: str = "",
    ) -> None:
        super().__init__(name, *details)
        self.name = name
        self.details = details
        self.fact = fact
        self.outcome = outcome
        self.code = code or _row(name).code
        self.about = about
        self.action = action


class NotReadable(OrderError):
    """Something can't be read now, or doesn't exist."""


def unknown(name: str = "OutcomeUnknown", code: Code | None = None) -> OrderError:
    """Return the error of an attempt that might have placed an order."""
    return OrderError(name, outcome=Outcome.UNKNOWN, code=code)


class Reason(NamedTuple):
    """CloudFormation's word for a failure, and the next step; a command ends the step."""

    code: Code
    step: str
    command: str = ""


_DEPLOY = ", then deploy again"
_RUN = "before you deploy again, run"
_CORRECT = Reason(Code.INVALID_REQUEST, "correct the order" + _DEPLOY)
_WAIT = Reason(Code.NOT_STABILIZED, "wait some minutes" + _DEPLOY)
_THROTTLED = _WAIT._replace(code=Code.THROTTLING)
_NO_CONNECTION = Reason(
    Code.NETWORK_FAILURE,
    "let the function reach Outposts and DynamoDB (VPC, DNS, proxy, Region)" + _DEPLOY,
)
_NO_ROLE = Reason(Code.INVALID_CREDENTIALS, "give the function a role" + _DEPLOY)
_ANOTHER_QUOTE = Reason(Code.INVALID_REQUEST, "order from another quote")
_CHOOSE = Reason(Code.INVALID_REQUEST, "choose what the quote offers" + _DEPLOY)
_UNKNOWN = Reason(Code.GENERAL_SERVICE_EXCEPTION, _RUN, command="reconcile")
_UNNAMED = Reason(Code.GENERAL_SERVICE_EXCEPTION, "read the function's log" + _DEPLOY)
_ALLOW = "allow {action} in the function's role or the organization's SCP" + _DEPLOY
_REACH_S3 = "let the function reach S3, where CloudFormation takes its answers" + _DEPLOY
_FIT = "order items of the Outpost's hardware type" + _DEPLOY

REASONS = {
    "AccessDeniedException": Reason(Code.ACCESS_DENIED, _ALLOW),
    "CatalogItemDoesNotFit": Reason(Code.INVALID_REQUEST, _FIT),
    "CatalogItemNotAvailable": Reason(Code.INVALID_REQUEST, "order an item on offer" + _DEPLOY),
    "ConfirmationTooOld": _WAIT,
    "ConflictException": Reason(Code.RESOURCE_CONFLICT, "resolve the conflict" + _DEPLOY),
    "ConnectTimeoutError": _NO_CONNECTION,
    "CredentialRetrievalError": _NO_ROLE,
    "EndpointConnectionError": _NO_CONNECTION,
    "FunctionTooOld": Reason(Code.INVALID_REQUEST, "deploy a newer cdk-outpost-order"),
    "IdenticalOrderExists": Reason(
        Code.ALREADY_EXISTS, "to use it, set adopt_order_id; to buy another, set in_addition_to"
    ),
    "InvalidRequest": Reason(Code.INVALID_REQUEST, "correct this" + _DEPLOY),
    "NoAnswerPossible": Reason(Code.NETWORK_FAILURE, _REACH_S3),
    "NoCredentialsError": _NO_ROLE,
    "NoOrderId": Reason(Code.NOT_FOUND, "remove this resource, deploy, and add it again"),
    "NoRegionError": Reason(Code.INVALID_REQUEST, "set the Region" + _DEPLOY),
    "NoSuchOption": _CHOOSE,
    "NoSuchPricing": _CHOOSE,
    "NoTimeLeft": _WAIT,
    "NotAdoptable": Reason(Code.ALREADY_EXISTS, "correct adopt_order_id or the order" + _DEPLOY),
    "NotConfirmed": Reason(Code.RESOURCE_CONFLICT, "deploy again"),
    "NotFoundException": Reason(
        Code.NOT_FOUND, "check Outpost, catalog items, Region and account" + _DEPLOY
    ),
    "NotReadable": _WAIT,
    "NotSent": _WAIT,
    "NotUpdatable": Reason(
        Code.NOT_UPDATABLE, "restore this property, or add another OutpostOrder to buy another"
    ),
    "OrderCancelled": Reason(Code.ALREADY_EXISTS, "to order again, use a new order_name"),
    "OrderHasName": Reason(Code.ALREADY_EXISTS, "use that order_name" + _DEPLOY),
    "OrderNameTaken": Reason(Code.ALREADY_EXISTS, "use another order_name" + _DEPLOY),
    "OrderingRequirementNotMet": Reason(
        Code.INVALID_REQUEST, "meet this requirement in the Outposts console" + _DEPLOY
    ),
    "OutcomeUnknown": _UNKNOWN,
    "OutpostBusy": Reason(Code.RESOURCE_CONFLICT, _RUN, command="reconcile"),
    "OutpostNotActive": Reason(
        Code.RESOURCE_CONFLICT, "wait until it is ACTIVE or set preflight=False" + _DEPLOY
    ),
    "ParamValidationError": _CORRECT,
    "PartialCredentialsError": _NO_ROLE,
    "QuoteExpired": _ANOTHER_QUOTE,
    "QuoteOfAnotherOutpost": _ANOTHER_QUOTE,
    "QuotePriceChanged": Reason(
        Code.INVALID_REQUEST, "update quote_price after approving the new price"
    ),
    "QuoteUsed": Reason(
        Code.INVALID_REQUEST, "to use it, set adopt_order_id; to buy another, get another quote"
    ),
    "SSLError": _NO_CONNECTION,
    "SdkTooOld": Reason(Code.INVALID_REQUEST, "add a layer with a newer boto3, or order items"),
    "ServiceQuotaExceededException": Reason(
        Code.SERVICE_LIMIT_EXCEEDED, "ask AWS Support for a higher quota" + _DEPLOY
    ),
    "ValidationException": _CORRECT,
    "RequestLimitExceeded": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "RequestThrottledException": _THROTTLED,
    "ThrottledException": _THROTTLED,
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
}
"""The words for each name. What an exception *proves* is in `outposts/errors.py`."""


class LedgerNotFound(OrderError):
    """The table of the ledger doesn't exist."""

    def __init__(self) -> None:
        super().__init__(
            type(self).__name__,
            f"there is no table {commands.ledger()} in {commands.region()}",
            code=Code.NOT_FOUND,
        )


def reason(error: OrderError, order_name: str, outpost_id: str) -> str:
    """Return the failure reason: one line of at most 250 characters that ends with the step."""
    row, brief, where = _row(error.name), "nothing was ordered", "on"
    if error.outcome is Outcome.UNKNOWN:
        row, brief, where = _UNKNOWN, "outcome unknown", ", the order might have been placed on"
    elif isinstance(error, LedgerNotFound):
        row = _ledger_step()
    brief = _one_line(error.fact or brief)
    fact = brief if error.fact or not outpost_id else f"{brief} {where} {outpost_id}"
    step = row.step.format(action=f"outposts:{error.action}" if error.action else "the action")
    ending = shortest = f"; {step}"
    if row.command:
        command = _COMMANDS[row.command](error.about or order_name)
        ending, shortest = f"; {step}: {command}", f"; run: {command}"
    name = _bounded(_one_line(error.name), _MAX_NAME)
    plain = brief.partition(",")[0]
    for words, end in ((fact, ending), (brief, ending), (brief, shortest), (plain, shortest)):
        head = f"{error.code} ({name}): {words.replace(' ,', ',')}"
        room = MAX_REASON - len(head) - len(end)
        if room >= 0:
            detail = _bounded(_one_line(", ".join(error.details)), room - len(": "))
            return f"{head}: {detail}{end}" if detail else head + end
    room = MAX_REASON - len(f"{error.code} (): {plain}{shortest}")
    return _bounded(f"{error.code} ({_bounded(name, room)}): {plain}{shortest}", MAX_REASON)


_COMMANDS = {"init": lambda _: commands.init(), "reconcile": commands.reconcile}


def _ledger_step() -> Reason:
    if commands.is_default_ledger():
        return Reason(Code.NOT_FOUND, "before you deploy again, run", command="init")
    step = f"create table {commands.ledger()} with key Key, or correct ledger=, then deploy again"
    return Reason(Code.NOT_FOUND, step)


def _row(name: str) -> Reason:
    return REASONS.get(name, _UNNAMED)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()).rstrip(".;")


def _bounded(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit - 3] + "..." if limit > len("...") else ""
