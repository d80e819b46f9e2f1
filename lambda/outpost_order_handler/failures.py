"""Every way an order can fail, and what CloudFormation is told about it.

    OrderError                  never raised itself
    +-- InvalidRequest          the request breaks a rule; nothing was sent
    +-- NotPlaced               the order was certainly not taken
    |   +-- LedgerNotFound      the table of the ledger does not exist
    +-- InDoubt                 the order may have been taken; nobody knows yet
    +-- NotUpdatable            a placed order cannot be changed
    +-- NotReadable             a read failed; nothing was bought or changed
    +-- Withdrawn               the resource was deleted before its creation came
    +-- Superseded              a later request attempted the order again
    +-- Cancelled               the order of this very request was cancelled meanwhile
    +-- NotCancelled            an order stands, or may stand, that was to be cancelled
    +-- Recorded                a failure as the ledger tells it
    +-- Unexpected              a defect of this handler

A reason starts with CloudFormation's handler error code and the name of the
exception, says whether anything was bought, and ends with the next step. crhelper
keeps only the *last* 240 characters of a longer one, so none is longer than 250. A
command at its end is never cut: the text before the command gets shorter instead.

Source:
    https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
    https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
"""

from collections.abc import Sequence
from enum import StrEnum

from outpost_order_handler import commands, contract

MAX_REASON = 250
_MAX_NAME = 40


class HandlerErrorCode(StrEnum):
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


def reason(
    code: HandlerErrorCode,
    exception: str,
    fact: str,
    step: str,
    detail: str = "",
    *,
    command: str = "",
    brief: str = "",
) -> str:
    """Return one line of at most 250 characters that ends with the whole next step.

    Args:
        code: CloudFormation's word for the failure.
        exception: The name of the exception; the last that is shortened.
        fact: What happened, and whether anything was bought.
        step: What to do next.
        detail: The words of the service; the first that are shortened.
        command: A command that the step ends with.
        brief: The fact in fewer words, for a long command. Default: the fact.
    """
    name, fact, detail = (
        _bounded(_one_line(exception), _MAX_NAME),
        _one_line(fact),
        _one_line(detail),
    )
    brief = brief or fact
    ending = f"; {step}: {command}" if command else f"; {step}"
    shortest = f"; run: {command}" if command else ending
    for words, end in ((fact, ending), (brief, ending), (brief, shortest)):
        head = f"{code} ({name}): {words}"
        room = MAX_REASON - len(head) - len(end)
        if room >= 0:
            shown = _bounded(detail, room - len(": "))
            return f"{head}: {shown}{end}" if shown else head + end
    room = MAX_REASON - len(f"{code} (): {brief}{shortest}")
    return _bounded(f"{code} ({_bounded(name, room)}): {brief}{shortest}", MAX_REASON)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()).rstrip(".;")


def _bounded(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit - 3] + "..." if limit > len("...") else ""


class OrderError(Exception):
    """Anything that ends a request in FAILED; its text is the whole reason."""


class InvalidRequest(OrderError):
    """The request breaks a rule of the API; nothing was sent."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Take every problem found; the reason quotes what fits, the log all."""
        self.problems = tuple(problems)
        super().__init__(
            reason(
                HandlerErrorCode.INVALID_REQUEST,
                type(self).__name__,
                "nothing was ordered",
                "correct this and deploy again",
                ", ".join(self.problems),
            )
        )


class NotPlaced(OrderError):
    """The order was certainly not taken: refused by the service, or never sent."""

    def __init__(
        self,
        code: HandlerErrorCode,
        exception: str,
        outpost_id: str,
        step: str,
        detail: str = "",
        *,
        command: str = "",
    ) -> None:
        """Take the code and exception, the Outpost, the next step and the service's words."""
        super().__init__(
            reason(
                code,
                exception,
                f"nothing was ordered on {outpost_id}",
                step if command else f"{step}, then deploy again",
                detail,
                command=command,
                brief="nothing was ordered",
            )
        )


class LedgerNotFound(NotPlaced):
    """The table of the ledger does not exist, so nothing was sent."""

    def __init__(self, outpost_id: str) -> None:
        """Take the Outpost."""
        table, region = commands.ledger(), commands.region()
        is_default = table == contract.DEFAULT_LEDGER
        super().__init__(
            HandlerErrorCode.NOT_FOUND,
            type(self).__name__,
            outpost_id,
            "before you deploy again, run"
            if is_default
            else f"create table {table} with key {contract.LEDGER_KEY}, or correct ledger=",
            f"there is no table {table} in {region}",
            command=commands.init() if is_default else "",
        )


class InDoubt(OrderError):
    """The order may have been taken: only a look at the Outpost's orders can tell."""

    def __init__(
        self, code: HandlerErrorCode, exception: str, outpost_id: str, order_name: str
    ) -> None:
        """Take the code and exception, the Outpost and the name of the order."""
        super().__init__(
            reason(
                code,
                exception,
                f"outcome unknown, {outpost_id} might hold this order",
                "before you deploy again, run",
                command=commands.reconcile(order_name),
                brief="outcome unknown",
            )
        )


class NotUpdatable(OrderError):
    """The template now asks for another order than the one that stands."""

    def __init__(self, order_id: str, differences: Sequence[str]) -> None:
        """Take the id of the real order and the properties that differ from it."""
        super().__init__(
            reason(
                HandlerErrorCode.NOT_UPDATABLE,
                type(self).__name__,
                f"{order_id} stays as it is, nothing was bought; an order cannot be changed",
                "restore this property, or to buy another add a new OutpostOrder",
                ", ".join(differences),
            )
        )


class NotReadable(OrderError):
    """The order could not be read, so nothing was decided on it."""

    def __init__(
        self, code: HandlerErrorCode, exception: str, subject: str, step: str, detail: str = ""
    ) -> None:
        """Take the code and exception, what was read, the next step and the service's words."""
        self.code = code
        super().__init__(
            reason(
                code,
                exception,
                f"{subject} could not be read, nothing was bought or changed",
                f"{step}, then deploy again",
                detail,
            )
        )


class Withdrawn(OrderError):
    """The resource was deleted before its creation came: the order is not sent any more."""

    def __init__(self, order_name: str) -> None:
        """Take the name of the order."""
        super().__init__(
            reason(
                HandlerErrorCode.RESOURCE_CONFLICT,
                type(self).__name__,
                f"{order_name} is not sent, its resource was deleted before its creation came",
                "wait ten minutes, then deploy again",
            )
        )


class Superseded(OrderError):
    """The attempt of this request is over, and a later request attempted the order again."""

    def __init__(self, order_name: str) -> None:
        """Take the name of the order."""
        super().__init__(
            reason(
                HandlerErrorCode.RESOURCE_CONFLICT,
                type(self).__name__,
                f"the attempt of this request is over, a later one was made for {order_name}",
                "to see the record, run",
                command=commands.show(order_name),
                brief="the attempt of this request is over",
            )
        )


class Cancelled(OrderError):
    """The order was placed, and cancelled before the request was answered for good."""

    def __init__(self, order_id: str) -> None:
        """Take the id of the order."""
        super().__init__(
            reason(
                HandlerErrorCode.RESOURCE_CONFLICT,
                type(self).__name__,
                f"{order_id} was placed for this request, and is cancelled",
                "to buy again, deploy again",
            )
        )


class NotCancelled(OrderError):
    """The order was to be cancelled with its resource, and stands or may stand."""

    def __init__(self, code: HandlerErrorCode, exception: str, fact: str, detail: str = "") -> None:
        """Take the code and exception, what is known of the order, the service's words."""
        super().__init__(
            reason(
                code,
                exception,
                fact,
                "cancel it in the Outposts console or with AWS Support, then delete again, "
                "or retain the resource",
                detail,
            )
        )


class Recorded(OrderError):
    """A failure as the ledger tells it: the text is the reason that was given before."""


class Unexpected(OrderError):
    """A defect of this handler, told like any other failure."""

    def __init__(self, exception: str, fact: str) -> None:
        """Take the name of the exception and what is known of the order all the same."""
        super().__init__(
            reason(
                HandlerErrorCode.INTERNAL_FAILURE,
                exception,
                fact,
                "read the function's log before you deploy again",
            )
        )
