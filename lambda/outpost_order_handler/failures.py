"""What a failure says: one error, and the words for each of its names.

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
    """What a request came to."""

    PLACED = "PLACED"  # the name has an order, which this request placed
    JOINED = "JOINED"  # the name has an order, which it had before, or adopted
    NOT_PLACED = "NOT_PLACED"  # this request placed no order, for ever
    UNKNOWN = "UNKNOWN"  # there might be an order
    DONE = "DONE"  # an Update or a Delete: it places nothing anyway


class OrderError(Exception):
    """A request fails: a name for the failure, and what is known."""

    def __init__(
        self,
        name: str,  # a key of REASONS, or the name of an exception of AWS or the network
        *details: str,  # as far as there is room
        fact: str = "",  # what happened; by default that nothing was ordered, or isn't known
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
    def unknown(
        cls, name: str = "OutcomeUnknown", code: Code = Code.GENERAL_SERVICE_EXCEPTION
    ) -> Self:
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
    """CloudFormation's word for a failure, and the next step; a command ends the step."""

    code: Code
    step: str
    command: str = ""


_DEPLOY = ", then deploy again"
_RUN = "before you deploy again, run"
_WAIT = "wait some minutes"
_CONNECT = "let the function reach Outposts and DynamoDB (VPC, DNS, proxy, Region)"
_ADOPT_OR_ADD = "to use it, set adopt_order_id; to buy another, set in_addition_to."
_ROLE = "give the function a role"
# The next step after each failure; the next deployment follows, unless the step ends with a dot.
_STEPS: dict[Code, dict[str, str]] = {
    Code.ACCESS_DENIED: {
        "AccessDeniedException": "allow {action} in the function's role or the organization's SCP",
    },
    Code.ALREADY_EXISTS: {
        "IdenticalOrderExists": _ADOPT_OR_ADD,
        "NotAdoptable": "correct adopt_order_id or the order",
        "OrderCancelled": "to order again, use a new order_name.",
        "OrderHasName": "use that order_name",
        "OrderNameTaken": "use another order_name",
    },
    Code.INVALID_CREDENTIALS: {
        "CredentialRetrievalError": _ROLE,
        "NoCredentialsError": _ROLE,
        "PartialCredentialsError": _ROLE,
    },
    Code.INVALID_REQUEST: {
        "CatalogItemDoesNotFit": "order items of the Outpost's hardware type",
        "CatalogItemNotAvailable": "order an item on offer",
        "FunctionTooOld": "deploy a newer cdk-outpost-order.",
        "InvalidRequest": "correct this",
        "NoRegionError": "set the Region",
        "NoSuchOption": "choose what the quote offers",
        "NoSuchPricing": "choose what the quote offers",
        "OrderingRequirementNotMet": "meet this requirement in the Outposts console",
        "ParamValidationError": "correct the order",
        "QuoteExpired": "order from another quote.",
        "QuoteOfAnotherOutpost": "order from another quote.",
        "QuotePriceChanged": "update quote_price after approving the new price.",
        "QuoteUsed": "to use it, set adopt_order_id; to buy another, get another quote.",
        "SdkTooOld": "add a layer with a newer boto3, or order items.",
        "ValidationException": "correct the order",
    },
    Code.NETWORK_FAILURE: {
        "ConnectTimeoutError": _CONNECT,
        "EndpointConnectionError": _CONNECT,
        "NoAnswerPossible": "let the function reach S3, where CloudFormation takes its answers",
        "SSLError": _CONNECT,
    },
    Code.NOT_FOUND: {
        "NoOrderId": "remove this resource, deploy, and add it again.",
        "NotFoundException": "check Outpost, catalog items, Region and account",
    },
    Code.NOT_STABILIZED: {
        "ConfirmationTooOld": _WAIT,
        "NoTimeLeft": _WAIT,
        "NotReadable": _WAIT,
        "NotSent": _WAIT,
    },
    Code.NOT_UPDATABLE: {
        "NotUpdatable": "restore this property, or add another OutpostOrder to buy another.",
    },
    Code.RESOURCE_CONFLICT: {
        "ConflictException": "resolve the conflict",
        "NotConfirmed": "deploy again.",
        "OutpostNotActive": "wait until it is ACTIVE or set preflight=False",
    },
    Code.SERVICE_LIMIT_EXCEEDED: {
        "ServiceQuotaExceededException": "ask AWS Support for a higher quota",
    },
    Code.THROTTLING: {
        "RequestLimitExceeded": _WAIT,
        "RequestThrottled": _WAIT,
        "RequestThrottledException": _WAIT,
        "ThrottledException": _WAIT,
        "Throttling": _WAIT,
        "ThrottlingException": _WAIT,
        "TooManyRequestsException": _WAIT,
    },
}
_UNKNOWN = Reason(Code.GENERAL_SERVICE_EXCEPTION, _RUN, command="reconcile")
_UNNAMED = Reason(Code.GENERAL_SERVICE_EXCEPTION, f"read the function's log{_DEPLOY}")
# The words for each name. What an exception *proves* is in `outposts/errors.py`.
REASONS = {
    name: Reason(code, step[:-1] if step.endswith(".") else step + _DEPLOY)
    for code, steps in _STEPS.items()
    for name, step in steps.items()
} | {
    "LedgerNotFound": Reason(Code.NOT_FOUND, _RUN, command="init"),
    "OutcomeUnknown": _UNKNOWN,
    "OutpostBusy": Reason(Code.RESOURCE_CONFLICT, _RUN, command="reconcile"),
}


def reason(error: OrderError, order_name: str, outpost_id: str) -> str:
    """Return the failure reason: one line of at most 250 characters that ends with the step."""
    row, brief, where = REASONS.get(error.name, _UNNAMED), "nothing was ordered", "on"
    if error.outcome is Outcome.UNKNOWN:
        row, brief, where = _UNKNOWN, "outcome unknown", ", the order might have been placed on"
    elif row.command == "init" and ledger() != contract.DEFAULT_LEDGER:
        table = f"create table {ledger()} with key Key"
        row = Reason(row.code, f"{table}, or correct ledger={_DEPLOY}")
    brief = _one_line(error.fact or brief)
    fact = brief if error.fact or not outpost_id else f"{brief} {where} {outpost_id}"
    step = row.step.format(action=f"outposts:{error.action}" if error.action else "the action")
    ending = shortest = f"; {step}"
    if row.command:
        command = _command(row.command, error.about or order_name)
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


def ledger() -> str:
    """Return the name of the function's ledger."""
    return os.environ.get(contract.LEDGER_TABLE, contract.DEFAULT_LEDGER)


def _command(verb: str, order_name: str) -> str:
    """Return a command as an operator pastes it, wherever it runs."""
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
