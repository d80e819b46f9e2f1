"""The answer to an event: one loop, one stored answer for each request, one fallback.

Each definite answer to a Create is written together with the records that it was derived
from, on the versions that were read. "Unknown" contradicts nothing, so it isn't stored: a
redelivered event can say what was found since.
"""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from outpost_order_handler import contract, failures, rules
from outpost_order_handler.clock import TIME_TO_RECORD, StartOver
from outpost_order_handler.cloudformation import lifecycle
from outpost_order_handler.cloudformation.event import Event
from outpost_order_handler.failures import Code, LedgerNotFound, OrderError, Outcome
from outpost_order_handler.ledger.records import from_form, to_form
from outpost_order_handler.placement.context import RequestContext, Services

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """The answer to CloudFormation: success, or the reason for a failure."""

    physical_id: str
    outcome: Outcome
    attributes: Mapping[str, str] = field(default_factory=dict)  # the values of `Fn::GetAtt`
    reason: str = ""  # empty if it succeeds

    @classmethod
    def failed(cls, event: Event, error: OrderError) -> Self:
        """Return the answer of an error."""
        try:
            outpost_id = event.request.content.outpost_id
        except OrderError:
            outpost_id = ""
        text = failures.reason(error, event.order_name, outpost_id)
        return cls(event.physical_id, error.outcome, reason=text)


def answer(
    event: Event, services: Services, require_reachable: Callable[[], None] = lambda: None
) -> Answer:
    """Return the answer to an event, some seconds before Lambda's limit at the latest."""
    if event.request_type == "Delete":
        return answer_delete(event)
    try:
        context = RequestContext(event.request, services, uuid.uuid4().hex, event.resource)
        context.require_reachable = require_reachable
        context.order_line = contract.order_line(event.properties)
        return _answer(event, context)
    except OrderError as error:
        return _failure(event, error)
    except Exception as error:  # noqa: BLE001 (a defect of the handler)
        defect = OrderError.unknown(type(error).__name__, Code.INTERNAL_FAILURE)
        if event.request_type == "Update":
            defect.fact, defect.outcome = "nothing was bought or changed", Outcome.DONE
        return _failure(event, defect, is_defect=True)


def _failure(event: Event, error: OrderError, *, is_defect: bool = False) -> Answer:
    """Answer an error, and write one line into the log; only a defect has a traceback."""
    failed = Answer.failed(event, error)
    said = failures.full_text(error)
    logger.error("%s: %s [%s]", event.request_type, failed.reason, said, exc_info=is_defect)
    return failed


def answer_delete(event: Event) -> Answer:
    """Answer a Delete without a call to any service: the order remains in force."""
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
            is_late = clock.remaining() < TIME_TO_RECORD + again.pause
            if is_late or clock.elapsed() > again.patience:
                raise _without_record(event, context, again) from again.__cause__
            pause = again.pause
        clock.wait(pause)


def _create(event: Event, context: RequestContext) -> Answer:
    """Create, and write the answer with the records that it was derived from."""
    failure = None
    try:
        context.load()
        if (stored := context.order.answer_to(event.key)) is not None:
            known: Answer = from_form(Answer, stored)
            logger.info("the answer is as before: %s", known.reason or known.physical_id)
            return known
        try:
            lifecycle.create(context)
        except OrderError as error:
            failure = error
        result = Answer.failed(event, failure) if failure else _success(context)
        if result.outcome is not Outcome.UNKNOWN:
            context.order = context.order.answered(event.key, to_form(result))
            context.commit(outpost_decided=result.outcome is Outcome.NOT_PLACED)
    except LedgerNotFound as error:
        if context.response is None:
            raise
        raise OrderError.unknown(error.name) from error.__cause__
    if failure:
        raise failure
    return result


def _success(context: RequestContext) -> Answer:
    order = context.order
    is_ours = order.attempt is not None and order.attempt.sender == context.sender
    outcome = Outcome.PLACED if is_ours else Outcome.JOINED
    return Answer(order.order_id, outcome, order.order_attributes)


def _update(event: Event, context: RequestContext) -> Answer:
    held = event.physical_id
    try:
        context.load()
        attributes = lifecycle.update(
            context, held, is_same_as_before=event.is_same_as_before, old=event.old_request
        )
    except (StartOver, OrderError):
        if not event.is_same_as_before:  # if it is, no record decides it
            raise
        real = context.order_or_none(held)
        attributes = real.attributes() if real else {}
    return Answer(held, Outcome.DONE, attributes or event.known_attributes)


def _without_record(event: Event, context: RequestContext, again: StartOver) -> OrderError:
    """Return the error that is true without a record, when no time is left."""
    error = OrderError(*again.why, outcome=Outcome.UNKNOWN)
    if event.request_type == "Update":
        fact = "the order could not be compared, and nothing was bought or changed"
        error = OrderError(*again.why, fact=fact)
    elif context.response is None:
        error.fact = "outcome unknown. This request sent nothing"
    return error
