"""The one module that knows boto3's Outposts client, and what its errors prove.

An order is sent in exactly one HTTP request. The default client would send it
up to five times, and so would `AWS_MAX_ATTEMPTS`; only `total_max_attempts`
set in code outranks the environment.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config

from outpost_order_handler.failures import (
    HandlerErrorCode as Code,
)
from outpost_order_handler.failures import InDoubt, NotCancelled, NotPlaced, NotReadable
from outpost_order_handler.order import Order, OrderSummary, order_in, summaries_in
from outpost_order_handler.request import OrderRequest

CONNECT_TIMEOUT = 5  # seconds
READ_TIMEOUT_OF_CREATE_ORDER = 60  # seconds: to give up early only means not to know
READ_TIMEOUT = 5  # seconds
READ_ATTEMPTS = 3


@dataclass(frozen=True)
class Meaning:
    """What an error says, and what a person does next; `{action}` is the API's."""

    code: Code
    step: str


_ACCESS_DENIED = Meaning(
    Code.ACCESS_DENIED, "allow outposts:{action} in the function's role or the organization's SCP"
)
_THROTTLED = Meaning(Code.THROTTLING, "wait some minutes")
_NO_CONNECTION = Meaning(
    Code.NETWORK_FAILURE, "let the function reach the Outposts endpoint (VPC, DNS, proxy, Region)"
)
_NO_CREDENTIALS = Meaning(Code.INVALID_CREDENTIALS, "give the function a role")

# The allowlist of refusals. With one request, and an HTTP status of 4xx, these
# prove that no order was made. Whatever is not here proves nothing.
REFUSALS = {
    "ValidationException": Meaning(Code.INVALID_REQUEST, "correct the order"),
    "ConflictException": Meaning(Code.RESOURCE_CONFLICT, "resolve the conflict"),
    "AccessDeniedException": _ACCESS_DENIED,
    "NotFoundException": Meaning(
        Code.NOT_FOUND, "check Outpost, catalog items, Region and account"
    ),
    "ServiceQuotaExceededException": Meaning(
        Code.SERVICE_LIMIT_EXCEEDED, "ask AWS Support for a higher quota"
    ),
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "ThrottledException": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "RequestThrottledException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
}

# Raised before the request has left. SSLError is not here: it can break an
# answer as well as a handshake (see _certificate_was_refused).
_NEVER_SENT: tuple[tuple[type[Exception], Meaning], ...] = (
    (exceptions.ParamValidationError, Meaning(Code.INVALID_REQUEST, "correct the order")),
    (exceptions.NoCredentialsError, _NO_CREDENTIALS),
    (exceptions.PartialCredentialsError, _NO_CREDENTIALS),
    (exceptions.CredentialRetrievalError, _NO_CREDENTIALS),
    (exceptions.NoRegionError, Meaning(Code.INVALID_REQUEST, "set the Region")),
    (exceptions.EndpointConnectionError, _NO_CONNECTION),
    (exceptions.ConnectTimeoutError, _NO_CONNECTION),
)
_NETWORK_ERRORS = (exceptions.ConnectionError, exceptions.HTTPClientError)


class Outposts:
    """The Outposts API as an order needs it."""

    def __init__(self, make_client: Callable[[float, int], Any] | None = None) -> None:
        """Take what makes a client of a read timeout and a number of attempts."""
        self._make_client = make_client or _client

    def create_order(
        self, request: OrderRequest, read_timeout: float = READ_TIMEOUT_OF_CREATE_ORDER
    ) -> Order:
        """Send CreateOrder once.

        Raises:
            NotPlaced: It is proven that no order was made.
            InDoubt: Anything else that is not an order with its id.
        """
        try:
            buyer = self._make_client(read_timeout, 1)
            response = buyer.create_order(**request.parameters())
        except Exception as error:
            raise _failed_purchase(error, request) from error
        order = order_in(response)
        if order is None:
            raise InDoubt(
                Code.GENERAL_SERVICE_EXCEPTION, "NoOrderId", request.outpost_id, request.order_name
            )
        return order

    def get_order(self, order_id: str) -> Order:
        """Read one order.

        Raises:
            NotReadable: There is no such order, or it cannot be read now.
        """
        try:
            response = self._reader.get_order(OrderId=order_id)
        except Exception as error:
            raise _failed_read(error, "GetOrder", order_id) from error
        order = order_in(response)
        if order is None or order.order_id != order_id:
            raise NotReadable(
                Code.GENERAL_SERVICE_EXCEPTION, "NoOrderId", order_id, "look at the order"
            )
        return order

    def orders_on(self, outpost_id: str) -> list[OrderSummary]:
        """List every order of an Outpost; a new one may not be in the list yet.

        Raises:
            NotReadable: The list cannot be read now, or is not one.
        """
        try:
            pages = self._reader.get_paginator("list_orders").paginate(
                OutpostIdentifierFilter=outpost_id
            )
            summaries = [summaries_in(page) for page in pages]
        except Exception as error:
            raise _failed_read(error, "ListOrders", f"the orders of {outpost_id}") from error
        return [summary for page in summaries for summary in page]

    def cancel_order(self, order_id: str) -> None:
        """Ask the service to cancel an order; whether it did, only `get_order` tells.

        Raises:
            NotCancelled: It refused, or nobody knows what it did.
        """
        try:
            self._reader.cancel_order(OrderId=order_id)
        except Exception as error:
            raise _failed_cancelling(error, order_id) from error

    @cached_property
    def _reader(self) -> Any:  # noqa: ANN401 (boto3 makes its clients at run time)
        return self._make_client(READ_TIMEOUT, READ_ATTEMPTS)


def _client(read_timeout: float, attempts: int) -> Any:  # noqa: ANN401
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(connect_timeout=CONNECT_TIMEOUT, read_timeout=read_timeout, retries=retries)
    return boto3.client("outposts", config=config)


def _failed_purchase(error: Exception, request: OrderRequest) -> NotPlaced | InDoubt:
    name, meaning = _name_of(error), _refusal(error) or _never_sent(error)
    if meaning is None:
        return InDoubt(_kind_of(error), name, request.outpost_id, request.order_name)
    step = meaning.step.format(action="CreateOrder")
    return NotPlaced(meaning.code, name, request.outpost_id, step, _words_of(error))


def _failed_read(error: Exception, action: str, subject: str) -> NotReadable:
    meaning = _meaning(error, "wait some minutes")
    step = meaning.step.format(action=action)
    return NotReadable(meaning.code, _name_of(error), subject, step, _words_of(error))


def _failed_cancelling(error: Exception, order_id: str) -> NotCancelled:
    refused = _refusal(error) or _never_sent(error)
    fact = "was not cancelled" if refused else "may or may not be cancelled"
    return NotCancelled(
        _meaning(error, "").code, _name_of(error), f"{order_id} {fact}", _words_of(error)
    )


def _meaning(error: Exception, step: str) -> Meaning:
    return _refusal(error) or _never_sent(error) or Meaning(_kind_of(error), step)


def _refusal(error: Exception) -> Meaning | None:
    if isinstance(error, exceptions.ClientError) and 400 <= _status_of(error) < 500:  # noqa: PLR2004
        return REFUSALS.get(_name_of(error))
    return None


def _never_sent(error: Exception) -> Meaning | None:
    if _certificate_was_refused(error):
        return _NO_CONNECTION
    return next((meaning for kind, meaning in _NEVER_SENT if isinstance(error, kind)), None)


def _certificate_was_refused(error: Exception) -> bool:
    """Tell whether the handshake failed, which is before the request is sent."""
    cause: object = error.kwargs.get("error") if isinstance(error, exceptions.SSLError) else None
    while isinstance(cause, Exception):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = next((arg for arg in cause.args if isinstance(arg, Exception)), None)
    return False


def _kind_of(error: Exception) -> Code:
    if isinstance(error, exceptions.ClientError):
        server = _status_of(error) >= 500  # noqa: PLR2004
        return Code.SERVICE_INTERNAL_ERROR if server else Code.GENERAL_SERVICE_EXCEPTION
    if isinstance(error, _NETWORK_ERRORS):
        return Code.NETWORK_FAILURE
    return Code.GENERAL_SERVICE_EXCEPTION


def _status_of(error: exceptions.ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _name_of(error: Exception) -> str:
    if isinstance(error, exceptions.ClientError):
        return str(error.response.get("Error", {}).get("Code") or "Unknown")
    return type(error).__name__


def _words_of(error: Exception) -> str:
    """Return the service's own words, with the resource that a conflict names first."""
    if not isinstance(error, exceptions.ClientError):
        return str(error)
    response = error.response
    resource = " ".join(
        str(response[key]) for key in ("ResourceType", "ResourceId") if response.get(key)
    )
    message = str(response.get("Error", {}).get("Message", ""))
    return f"{resource}: {message}" if resource else message
