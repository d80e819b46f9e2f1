"""The edge between the handler and DynamoDB, where a test breaks it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import Time

READ, WRITE = "transact_get_items", "transact_write_items"
OnCall = Callable[[str], None]


@contextmanager
def on_each_call(
    dynamodb: DynamoDbInProcess, do: OnCall, *, applied: bool = False
) -> Iterator[None]:
    """Do something about each call that comes from now on.

    Args:
        dynamodb: The table.
        do: Lets the call pass, or raises what comes instead of an answer.
        applied: Whether DynamoDB carries the call out before.
    """

    def call(operation: str, carry_out: Callable[..., Any], **parameters: Any) -> Any:  # noqa: ANN401
        if not applied:
            do(operation)
        result = carry_out(**parameters)
        if applied:
            do(operation)
        return result

    for operation in (READ, WRITE):
        setattr(dynamodb, operation, partial(call, operation, getattr(dynamodb, operation)))
    try:
        yield
    finally:
        for operation in (READ, WRITE):
            delattr(dynamodb, operation)


def failing(
    dynamodb: DynamoDbInProcess, error: Exception, *operations: str, applied: bool = False
) -> AbstractContextManager[None]:
    """Let `READ`, `WRITE` or both raise an error; if applied, after the call took effect."""

    def fail(operation: str) -> None:
        if operation in operations:
            raise error

    return on_each_call(dynamodb, fail, applied=applied)


def outage(
    code: str = "InternalServerError", *reasons: str, message: str = "failed on demand"
) -> ClientError:
    """Return an error of DynamoDB; a cancelled transaction has a reason for each item."""
    answer: dict[str, Any] = {"Error": {"Code": code, "Message": message}}
    if reasons:
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(answer, "AnyOperation")


def denied() -> ClientError:
    """Return the error of a role that lacks the permission."""
    return outage("AccessDeniedException", message="no permission")


def missing() -> ClientError:
    """Return the error of a table that doesn't exist."""
    return outage("ResourceNotFoundException")


def cancelled(*reasons: str) -> ClientError:
    """Return the error of a transaction that was cancelled, with a reason for each item."""
    return outage("TransactionCanceledException", *reasons)


def is_write(operation: str) -> bool:
    """Return whether a call changes items."""
    return operation == WRITE


def breaks(_: str) -> None:
    """Break the connection."""
    raise OSError("the connection broke")


def denies(_: str) -> None:
    """Refuse a call as DynamoDB does if the role lacks the permission."""
    raise denied()


def is_gone(_: str) -> None:
    """Answer as DynamoDB does if the table doesn't exist."""
    raise missing()


def when(condition: Callable[[str], bool], do: OnCall) -> OnCall:
    """Do something about some calls only."""
    return lambda operation: do(operation) if condition(operation) else None


def for_seconds(seconds: float, time: Time, do: OnCall = breaks) -> OnCall:
    """Do something about each call, from the first one on, for some seconds."""
    first: list[float] = []

    def call(operation: str) -> None:
        first.append(time.passed)
        if time.passed - first[0] < seconds:
            do(operation)

    return call


def hangs(time: Time, seconds: float = 7) -> OnCall:
    """Give no answer until the client gives up, which takes it 7 seconds."""

    def call(operation: str) -> None:
        time.sleep(seconds)
        breaks(operation)

    return call
