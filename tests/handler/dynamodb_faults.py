"""DynamoDB out of order, at the edge of boto3's client."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from tests.fakes.dynamodb import DynamoDbInProcess

READS, WRITES = "transact_get_items", "transact_write_items"


@contextmanager
def failing(
    dynamodb: DynamoDbInProcess, error: Exception, *operations: str, applied: bool = False
) -> Iterator[None]:
    """Let operations raise an error.

    Args:
        dynamodb: The client.
        error: What they raise.
        operations: `READS`, `WRITES` or both.
        applied: Whether each call takes effect before.
    """

    def failed(operation: str) -> Any:  # noqa: ANN401 - as boto3's client
        carry_out = getattr(dynamodb, operation)

        def fail(**call: Any) -> None:  # noqa: ANN401 - same
            if applied:
                carry_out(**call)
            raise error

        return fail

    with ExitStack() as stack:
        for operation in operations:
            stack.enter_context(patch.object(dynamodb, operation, failed(operation)))
        yield


def outage(code: str = "InternalServerError", *reasons: str) -> ClientError:
    """Return an error of DynamoDB; a cancelled transaction has a reason for each item."""
    answer: dict[str, Any] = {"Error": {"Code": code, "Message": "failed on demand"}}
    if reasons:
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(answer, "AnyOperation")


def denied() -> ClientError:
    """Return the error of a role that lacks the permission."""
    return outage("AccessDeniedException")


def cancelled(*reasons: str) -> ClientError:
    """Return the error of a transaction that was cancelled, with a reason for each item."""
    return outage("TransactionCanceledException", *reasons)
