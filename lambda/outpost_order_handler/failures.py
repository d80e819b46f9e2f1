"""The failures: one error, and the words for each of its names.

A failure reason begins with CloudFormation's handler error code and the name of the
failure. It says what happened and what that means for the money, and ends with the next
step. crhelper keeps only the *last* 240 characters of a longer one, so none has more than
250. A command at its end is never cut: the text before the command gets shorter instead.

Source:
    https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
    https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
"""

import os
from enum import StrEnum
from typing import NamedTuple, Self

from outpost_order_handler import contract

MAX_REASON, _MAX_NAME = 250, 40  # characters


class Code(StrEnum):
    """CloudFormation's handler error codes."""

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


THROTTLES = (
    *("RequestLimitExceeded", "RequestThrottled", "RequestThrottledException"),
    *("ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException"),
)
_GENERAL = Code.GENERAL_SERVICE_EXCEPTION


class Outcome(StrEnum):
    """The outcome of a request."""

    PLACED = "PLACED"  # the name has an order, which this request placed
    JOINED = "JOINED"  # the name has an order, which it had before, or adopted
    NOT_PLACED = "NOT_PLACED"  # this request placed no order, and never will
    UNKNOWN = "UNKNOWN"  # there might be an order
    DONE = "DONE"  # of an Update or a Delete, which place no order


class OrderError(Exception):
    """The failure of a request: its name, and the known facts."""

    def __init__(
        self,
        name: str,  # a key of REASONS, or the name of an exception of AWS or the network
        *details: str,  # as far as there is room
        fact: str = "",  # the first sentence; by default, that of the outcome
        outcome: Outcome = Outcome.NOT_PLACED,
        code: Code | None = None,  # by default that of REASONS
        about: str = "",  # the order name of the command; by default the request's own
        action: str = "",  # the action of the API that was called
    ) -> None:
        super().__init__(name, *details)
        self.name, self.details, self.fact, self.outcome = name, details, fact, outcome
        self.code = code or REASONS.get(name, _UNNAMED).code
        self.about, self.action = about, action

    @classmethod
    def unknown(cls, name: str = "OutcomeUnknown", code: Code = _GENERAL) -> Self:
        """Return the error of an attempt that might have placed an order."""
        return cls(name, outcome=Outcome.UNKNOWN, code=code)


class NotReadable(OrderError):
    """Something can't be read now, or doesn't exist."""


class LedgerNotFound(OrderError):
    """The table of the ledger doesn't exist."""

    def __init__(self) -> None:
        where = f"{ledger()} in {os.environ.get('AWS_REGION', '')}"
        super().__init__(type(self).__name__, f"there is no table {where}")


class Reason(NamedTuple):
    """The handler error code of a failure, and the next step, which can end with a command."""

    code: Code
    step: str
    command: str = ""


_DEPLOY = ", then deploy again"
_RUN = "Before you deploy again, run"
_ADOPT_OR_ADD = "To use it, set adopt_order_id. To buy another, set in_addition_to."
_ADOPT_OR_QUOTE = "To use it, set adopt_order_id. To buy another, get another quote."
_ALLOW = "Allow {action} in the function's role or the organization's SCP"
_APPROVE = "Update quote_price after approving the new price."
_CONNECT = "Let the function reach Outposts and DynamoDB (VPC, DNS, proxy, Region)"
_CREDENTIALS = (Code.INVALID_CREDENTIALS, "Give the function a role")
_LONGER = "Set timeout of OutpostOrderProvider to 4 minutes or more"
_MEET = "Meet this requirement in the Outposts console"
_QUOTA = "Ask AWS Support for a higher quota"
_REACH_S3 = "Let the function reach S3, where CloudFormation receives responses"
_RESTORE = "Restore this property, or add another OutpostOrder to buy another order."
_WAIT = "Wait a few minutes"
# The next step after each failure. "Then deploy again" follows a step that has no full stop.
_STEPS = {
    "AccessDeniedException": (Code.ACCESS_DENIED, _ALLOW),
    "CatalogItemDoesNotFit": (Code.INVALID_REQUEST, "Order items of the Outpost's hardware type"),
    "CatalogItemNotAvailable": (Code.INVALID_REQUEST, "Order another catalog item"),
    "ConfirmationTooOld NoTimeLeft NotReadable NotSent": (Code.NOT_STABILIZED, _WAIT),
    "ConflictException": (Code.RESOURCE_CONFLICT, "Resolve the conflict"),
    "ConnectTimeoutError EndpointConnectionError SSLError": (Code.NETWORK_FAILURE, _CONNECT),
    "CredentialRetrievalError NoCredentialsError PartialCredentialsError": _CREDENTIALS,
    "FunctionTooOld": (Code.INVALID_REQUEST, "Deploy a newer cdk-outpost-order."),
    "IdenticalOrderExists": (Code.ALREADY_EXISTS, _ADOPT_OR_ADD),
    "InvalidRequest": (Code.INVALID_REQUEST, "Correct this"),
    "NoAnswerPossible": (Code.NETWORK_FAILURE, _REACH_S3),
    "NoOrderId": (Code.NOT_FOUND, "Remove this resource, deploy, and add it again."),
    "NoRegionError": (Code.INVALID_REQUEST, "Set the Region"),
    "NoSuchOption NoSuchPricing": (Code.INVALID_REQUEST, "Choose one that the quote offers"),
    "NotAdoptable": (Code.ALREADY_EXISTS, "Correct adopt_order_id or the order"),
    "NotConfirmed": (Code.RESOURCE_CONFLICT, "Deploy again."),
    "NotFoundException": (Code.NOT_FOUND, "Check the Outpost, catalog items, Region, and account"),
    "NotUpdatable": (Code.NOT_UPDATABLE, _RESTORE),
    "OrderCancelled": (Code.ALREADY_EXISTS, "To order again, use a new order_name."),
    "OrderHasName": (Code.ALREADY_EXISTS, "Use that order_name"),
    "OrderNameTaken": (Code.ALREADY_EXISTS, "Use another order_name"),
    "OrderingRequirementNotMet": (Code.INVALID_REQUEST, _MEET),
    "OutpostNotActive": (Code.RESOURCE_CONFLICT, "Wait until it is ACTIVE, or set preflight=False"),
    "ParamValidationError ValidationException": (Code.INVALID_REQUEST, "Correct the order"),
    "QuoteExpired QuoteOfAnotherOutpost": (Code.INVALID_REQUEST, "Order from another quote."),
    "QuotePriceChanged": (Code.INVALID_REQUEST, _APPROVE),
    "QuoteUsed": (Code.INVALID_REQUEST, _ADOPT_OR_QUOTE),
    "SdkTooOld": (Code.INVALID_REQUEST, "Add a layer with a newer boto3, or order line items."),
    "ServiceQuotaExceededException": (Code.SERVICE_LIMIT_EXCEEDED, _QUOTA),
    "TimeoutTooShort": (Code.INVALID_REQUEST, _LONGER),
    " ".join(THROTTLES): (Code.THROTTLING, _WAIT),
}
_UNKNOWN = Reason(_GENERAL, _RUN, command="reconcile")
_UNNAMED = Reason(_GENERAL, f"Read the function's log{_DEPLOY}")
# The words for each name. `outposts/errors.py` decides whether an exception proves something.
REASONS = {
    name: Reason(code, step.removesuffix(".") if step.endswith(".") else step + _DEPLOY)
    for names, (code, step) in _STEPS.items()
    for name in names.split()
} | {
    "LedgerNotFound": Reason(Code.NOT_FOUND, _RUN, command="init"),
    "OutcomeUnknown": _UNKNOWN,
    "OutpostBusy": Reason(Code.RESOURCE_CONFLICT, _RUN, command="reconcile"),
}


def reason(error: OrderError, order_name: str, outpost_id: str) -> str:
    """Return the failure reason: one line of at most 250 characters that ends with the step."""
    row, brief = REASONS.get(error.name, _UNNAMED), "nothing was ordered"
    if error.outcome is Outcome.UNKNOWN:
        row, brief = _UNKNOWN, "outcome unknown. The order might have been placed"
    elif row.command == "init" and ledger() != contract.DEFAULT_LEDGER:
        table = f"Create table {ledger()} with key Key"
        row = Reason(row.code, f"{table}, or correct ledger={_DEPLOY}")
    brief = _one_line(error.fact or brief)
    fact = brief if error.fact or not outpost_id else f"{brief} on {outpost_id}"
    step = row.step.format(action=f"outposts:{error.action}" if error.action else "the action")
    ending = shortest = f". {step}."
    if row.command:  # no full stop, so that the command can be pasted
        command = _command(row.command, error.about or order_name)
        ending, shortest = f". {step}: {command}", f". Run: {command}"
    name = _bounded(_one_line(error.name), _MAX_NAME)
    plain = brief.partition(". ")[0]
    for words, end in ((fact, ending), (brief, ending), (brief, shortest), (plain, shortest)):
        head = f"{error.code} ({name}): {words}"
        room = MAX_REASON - len(head) - len(end)
        if room >= 0:
            detail = _bounded(_one_line(", ".join(error.details)), room - len(": "))
            whole = f"{head}: {detail}{end}" if detail else head + end
            return whole.replace("....", "...")  # the dots of a cut detail end its sentence
    room = MAX_REASON - len(f"{error.code} (): {plain}{shortest}")
    return _bounded(f"{error.code} ({_bounded(name, room)}): {plain}{shortest}", MAX_REASON)


def full_text(error: OrderError) -> str:
    """Return the text that a reason has no room for: the message of AWS, and the request ID."""
    cause, texts = error.__cause__, list(error.details)
    given = getattr(cause, "response", None)
    response = given if isinstance(given, dict) else {}  # of an error that AWS answered
    words = response.get("Error", {}).get("Message") or str(cause or "")
    if words not in ", ".join(texts):
        texts.append(words)
    if request_id := response.get("ResponseMetadata", {}).get("RequestId"):
        texts.append(f"request ID {request_id}")
    return _one_line(", ".join(texts))


def ledger() -> str:
    """Return the name of the function's ledger."""
    return os.environ.get(contract.LEDGER_TABLE, contract.DEFAULT_LEDGER)


def _command(verb: str, order_name: str) -> str:
    """Return a command that works in every Region and with every ledger."""
    command, region = f"outpost-order {verb}", os.environ.get("AWS_REGION")
    if verb == "reconcile":
        command += f" {order_name}"
    if region:
        command += f" --region {region}"
    return command if ledger() == contract.DEFAULT_LEDGER else f"{command} --table {ledger()}"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()).rstrip(".;")


def _bounded(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit - 3] + "..." if limit > len("...") else ""
