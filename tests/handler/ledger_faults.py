"""The edge between the handler and DynamoDB, where a test breaks it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def is_write(operation: str) -> bool:
    """Tell whether a call changes items."""
    return operation == WRITE


def breaks(_: str) -> None:
    """Break the connection."""
    raise OSError("the connection broke")


def denies(operation: str) -> None:
    """Refuse a call as DynamoDB does if the role lacks the permission."""
    error = {"Error": {"Code": "AccessDeniedException", "Message": "no permission"}}
    raise ClientError(error, operation)


def is_gone(operation: str) -> None:
    """Answer as DynamoDB does if the table doesn't exist."""
    error = {"Error": {"Code": "ResourceNotFoundException", "Message": "no such table"}}
    raise ClientError(error, operation)


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
