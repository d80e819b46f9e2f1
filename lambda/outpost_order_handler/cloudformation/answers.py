"""What is answered: one loop, one stored answer for each request, one fallback.

Each definite answer to a Create is written together with the records that it was derived
from, on the versions that were read. "Unknown" contradicts nothing, so it isn't stored: a
redelivered event can say what was found since.
"""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from outpost_order_handler import rules
from outpost_order_handler.clock import StartOver
from outpost_order_handler.cloudformation.event import Event
from outpost_order_handler.cloudformation.lifecycle import create, update
from outpost_order_handler.failures import (
    Code,
    LedgerNotFound,
    OrderError,
    Outcome,
    reason,
    unknown,
)
from outpost_order_handler.ledger.table import LedgerUnavailable
from outpost_order_handler.placement.context import (
    ACCESS_PATIENCE,
    TIME_TO_RECORD,
    RequestContext,
    Resource,
    Services,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What CloudFormation gets: success, or the reason for a failure.

    Attributes:
        physical_id: The ID of the resource.
        outcome: What the request came to.
        attributes: What `Fn::GetAtt` answers.
        reason: Why the request failed; empty if it didn't.
        is_joined: Whether the order name had the order before this request.
    """

    physical_id: str
    outcome: Outcome
    attributes: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    is_joined: bool = False

    @classmethod
    def failed(cls, event: Event, error: OrderError) -> Self:
        """Return the answer of an error; the log has its full text."""
        logger.error("%s fails: %s %s", event.request_type, error.fact, error, exc_info=error)
        outpost_id = _outpost_id(event)
        return cls(
            event.fallback_physical_id,
            error.outcome,
            {},
            reason(error, event.order_name, outpost_id),
        )

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read an answer that a record keeps."""
        outcome = Outcome(stored["Outcome"])
        is_joined = stored.get("IsJoined") == str(True)
        return cls(stored["PhysicalId"], outcome, stored["Attributes"], stored["Reason"], is_joined)

    def stored(self) -> dict[str, Any]:
        """Return what a record keeps."""
        return {
            "PhysicalId": self.physical_id,
            "Outcome": str(self.outcome),
            "Attributes": dict(self.attributes),
            "Reason": self.reason,
            "IsJoined": self.is_joined,
        }


def answer(
    event: Event, services: Services, require_reachable: Callable[[], None] = lambda: None
) -> Answer:
    """Return the answer to an event, some seconds before Lambda's limit at the latest."""
    if event.request_type == "Delete":
        return deleted(event)
    try:
        return _answer(event, _context(event, services, require_reachable))
    except OrderError as error:
        return Answer.failed(event, error)
    except Exception as error:
        logger.exception("this is a defect of the handler")
        return _defect(event, error)


def deleted(event: Event) -> Answer:
    """Answer a Delete: nothing is called, and nothing changes about an order."""
    if rules.ORDER_ID.accepts(event.physical_id):
        logger.warning("%s remains in force: only its resource is deleted", event.physical_id)
    return Answer(event.physical_id, Outcome.DONE)


def _answer(event: Event, context: RequestContext) -> Answer:
    clock = context.services.clock
    work = _update if event.request_type == "Update" else _create
    while True:
        try:
            return work(event, context)
        except StartOver as again:
            pause, why = again.pause, ["NoTimeLeft"]
            if isinstance(again, LedgerUnavailable):
                why = [again.name, f"the ledger is unavailable: {again.message}"]
                logger.warning("%s: %s", *why)
                if again.is_denied and clock.elapsed() > ACCESS_PATIENCE:
                    return _fallback(event, context, *why)
        if clock.remaining() < TIME_TO_RECORD + pause:
            return _fallback(event, context, *why)
        clock.wait(pause)


def _create(event: Event, context: RequestContext) -> Answer:
    """Create, and write the answer with the records that it was derived from."""
    try:
        context.load()
        if (stored := context.order.answer_to(event.key)) is not None:
            return Answer.of(stored)
        result = _created(event, context)
        if result.outcome is not Outcome.UNKNOWN:
            context.order = context.order.answered(event.key, result.stored())
            context.commit(outpost_decided=result.outcome is Outcome.NOT_PLACED)
    except LedgerNotFound as error:
        return Answer.failed(event, error if context.response is None else unknown(error.name))
    return result


def _created(event: Event, context: RequestContext) -> Answer:
    try:
        create(context)
    except OrderError as error:
        return Answer.failed(event, error)
    order = context.order
    is_joined = order.attempt is None or order.attempt.sender != context.sender
    return Answer(order.order_id, Outcome.PLACED, dict(order.order_attributes), is_joined=is_joined)


def _update(event: Event, context: RequestContext) -> Answer:
    try:
        context.load()
    except (LedgerUnavailable, OrderError):
        if event.is_same_as_before:  # no record decides it
            real = context.order_or_none(event.physical_id)
            attributes = real.attributes() if real else event.known_attributes
            return Answer(event.physical_id, Outcome.DONE, attributes)
        raise
    attributes = update(
        context,
        held=event.physical_id,
        is_same_as_before=event.is_same_as_before,
        old=event.old_request,
    )
    return Answer(event.physical_id, Outcome.DONE, attributes or event.known_attributes)


def _fallback(event: Event, context: RequestContext, *why: str) -> Answer:
    """Answer what is true without a record."""
    if event.request_type == "Update":
        if event.is_same_as_before:
            return Answer(event.physical_id, Outcome.DONE, event.known_attributes)
        fact = "the order could not be compared, nothing was bought or changed"
        return Answer.failed(event, OrderError(*why, fact=fact))
    error = OrderError(*why, outcome=Outcome.UNKNOWN)
    if context.response is None:
        error.fact = "outcome unknown, this request sent nothing"
    return Answer.failed(event, error)


def _defect(event: Event, error: Exception) -> Answer:
    name = type(error).__name__
    if event.request_type == "Update":
        fact = "nothing was bought or changed"
        return Answer.failed(event, OrderError(name, fact=fact, code=Code.INTERNAL_FAILURE))
    return Answer.failed(event, unknown(name, Code.INTERNAL_FAILURE))


def _context(
    event: Event, services: Services, require_reachable: Callable[[], None]
) -> RequestContext:
    request = event.request
    resource = Resource(event.stack_id, event.logical_id, event.order_line, require_reachable)
    return RequestContext(request, services, uuid.uuid4().hex, resource)


def _outpost_id(event: Event) -> str:
    try:
        return event.request.content.outpost_id
    except OrderError:
        return ""
