"""The wire between the handler and DynamoDB, where a test breaks it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import boto3
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError

OnCall = Callable[[AWSPreparedRequest], None]


class Crash(BaseException):
    """The end of the process: no handler of ours can catch it."""


@contextmanager
def on_each_call(do: OnCall, *, applied: bool = False) -> Iterator[None]:
    """Do something about each HTTP request that clients made from now on send to DynamoDB.

    Args:
        do: Lets the request pass, or raises what comes instead of an answer.
        applied: Whether DynamoDB carries the request out before.
    """
    if boto3.DEFAULT_SESSION is None:
        boto3.setup_default_session()
    events = boto3.DEFAULT_SESSION.events
    register = events.register_last if applied else events.register_first

    def hook(request: AWSPreparedRequest, event_name: str, **_: object) -> None:
        if event_name.startswith("before-send.dynamodb."):
            do(request)

    # At the same event as moto, which is DynamoDB here: a longer name would always be before it.
    register("before-send", hook)
    try:
        yield
    finally:
        events.unregister("before-send", hook)


def is_write(request: AWSPreparedRequest) -> bool:
    """Tell whether a request changes items."""
    return "TransactWriteItems" in str(request.headers["X-Amz-Target"])


def breaks(_: AWSPreparedRequest) -> None:
    """Break the connection, in a way that botocore does not try again."""
    raise OSError("the connection broke")


def denies(_: AWSPreparedRequest) -> None:
    """Refuse a request as DynamoDB does where the role lacks the permission."""
    error = {"Error": {"Code": "AccessDeniedException", "Message": "no permission"}}
    raise ClientError(error, "AnyOperation")


def is_gone(_: AWSPreparedRequest) -> None:
    """Answer as DynamoDB does if the table doesn't exist."""
    error = {"Error": {"Code": "ResourceNotFoundException", "Message": "no such table"}}
    raise ClientError(error, "AnyOperation")


def cancels(*codes: str) -> OnCall:
    """Cancel a transaction as DynamoDB does, with one reason for each of its items."""
    name = "TransactionCanceledException"
    reasons = [{"Code": code} for code in codes]
    answer = {"Error": {"Code": name, "Message": "cancelled"}, "CancellationReasons": reasons}

    def cancel(_: AWSPreparedRequest) -> None:
        raise ClientError(answer, "TransactWriteItems")

    return cancel


def when(condition: Callable[[AWSPreparedRequest], bool], do: OnCall) -> OnCall:
    """Do something about some requests only."""
    return lambda request: do(request) if condition(request) else None
