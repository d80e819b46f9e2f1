"""One answer for each request of CloudFormation, however often it is delivered.

An answer is written into the ledger before it is given. So every copy of a
request gets the same one, and a copy that comes late cannot buy what
CloudFormation was told not to exist.
"""

import hashlib
import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from outpost_order_handler import rules
from outpost_order_handler.delivery import Delivery, World
from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.failures import (
    InDoubt,
    InvalidRequest,
    LedgerNotFound,
    NotCancelled,
    OrderError,
)
from outpost_order_handler.placement import PAUSES_FOR_THE_LEDGER
from outpost_order_handler.properties import cancels_on_delete, order_name_in, parse
from outpost_order_handler.table import Lost, TableNotFound, TableUnavailable

logger = logging.getLogger(__name__)

Event = Mapping[str, Any]

_PAUSE = 0.3  # seconds before work starts again that somebody else overtook
_TIME_TO_START_AGAIN = 10  # seconds that must be left


@dataclass(frozen=True)
class Answer:
    """What CloudFormation is told: success, or the reason for a failure.

    Attributes:
        physical_id: The id of the resource.
        attributes: What `Fn::GetAtt` answers.
        reason: Why it failed; empty where it did not.
        is_in_doubt: Whether nobody knows if there is an order.
    """

    physical_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    is_in_doubt: bool = False

    @classmethod
    def failed(cls, physical_id: str, error: OrderError) -> Self:
        """Return the answer that tells an error."""
        return cls(physical_id, reason=str(error), is_in_doubt=isinstance(error, InDoubt))


def physical_id_before(event: Event) -> str:
    """Return the physical id to answer with when nothing better comes of the event.

    On Update and Delete it is the one CloudFormation holds: another one would
    ask for a replacement. On Create it is the order's name.
    """
    if event["RequestType"] != "Create":
        return str(event.get("PhysicalResourceId", ""))
    name = order_name_in(event.get("ResourceProperties"))
    return name or str(event["LogicalResourceId"])


def answered_once(event: Event, world: World, work: Callable[[Event, Delivery], Answer]) -> Answer:
    """Work out the answer, or give the one that a copy of the request was given."""
    request_id, resource = _request_id(event), resource_of(event)
    patience, began_at = iter(PAUSES_FOR_THE_LEDGER), world.clock.now()
    while True:
        try:
            receipt = world.ledger.receipt(resource)
            stored = receipt.answer_to(request_id)
            if stored is not None:
                return _answer_in(stored)
            delivery = Delivery(request_id, world, began_at, receipt)
            return _recorded(work(event, delivery), event, delivery)
        except Lost:
            why, pause = "Overtaken", _PAUSE
        except TableNotFound as error:
            # Past the point of no return, the ledger's failures don't come here: nothing was sent.
            logger.exception("the ledger does not exist")
            return _without_table(event, error.name)
        except TableUnavailable as error:
            logger.exception("the ledger cannot be used now")
            why, pause = f"Ledger {error.name}", next(patience, math.inf)
        if world.clock.remaining() < _TIME_TO_START_AGAIN + pause:
            return _without_ledger(event, why)
        world.clock.wait(pause)


def _recorded(answer: Answer, event: Event, delivery: Delivery) -> Answer:
    """Write the answer down; only what stays true without a record is given without one."""
    deleted = event["RequestType"] == "Delete"
    if deleted and answer.reason:
        return answer  # deleting is asked for again, and then it may go well
    if not delivery.is_settled:
        return answer  # a copy must not stop here: it may yet settle the row
    stored = {
        "PhysicalResourceId": answer.physical_id,
        "Data": dict(answer.attributes),
        "Reason": answer.reason,
        "IsInDoubt": answer.is_in_doubt,
    }
    ledger, receipt = delivery.world.ledger, delivery.receipt
    try:
        ledger.answered(receipt, delivery.request_id, stored, deleted=deleted)
    except TableUnavailable:
        lasting = receipt.is_open if deleted else delivery.is_in_the_row
        if not lasting:
            raise
        logger.exception("the ledger does not know yet what was answered")
    return answer


def _answer_in(stored: Mapping[str, Any]) -> Answer:
    # A function that is updated between two copies finds what the one before wrote.
    is_in_doubt = stored.get("IsInDoubt", False)
    return Answer(stored["PhysicalResourceId"], stored["Data"], stored["Reason"], is_in_doubt)


def _without_ledger(event: Event, why: str) -> Answer:
    """Answer what is true whatever the ledger holds."""
    held = physical_id_before(event)
    if event["RequestType"] == "Delete":
        cancelling = cancels_on_delete(event.get("ResourceProperties"))
        if rules.ORDER_ID.accepts(held) and not cancelling:
            return Answer(held)
        error = NotCancelled(
            Code.GENERAL_SERVICE_EXCEPTION, why, f"it is not known whether {held} has an order"
        )
        return replace(Answer.failed(held, error), is_in_doubt=True)
    return Answer.failed(held, in_doubt(event, Code.GENERAL_SERVICE_EXCEPTION, why))


def _without_table(event: Event, why: str) -> Answer:
    """Answer without a ledger that could have permitted an order."""
    if event["RequestType"] != "Create":
        return _without_ledger(event, why)
    try:
        error: OrderError = LedgerNotFound(parse(event.get("ResourceProperties")).outpost_id)
    except InvalidRequest as invalid:
        error = invalid
    return Answer.failed(physical_id_before(event), error)


def in_doubt(event: Event, code: Code, why: str) -> OrderError:
    """Return the doubt about a Create; one that breaks a rule was never sent."""
    try:
        request = parse(event.get("ResourceProperties"))
    except InvalidRequest as invalid:
        return invalid
    return InDoubt(code, why, request.outpost_id, request.order_name)


def resource_of(event: Event) -> str:
    """Return what tells a resource from every other, in all stacks."""
    return f"{event['StackId']}|{event['LogicalResourceId']}"


def _request_id(event: Event) -> str:
    """Return what all copies of a request share, and no other request has.

    A stack that is tried again can repeat a RequestId, with a mended template.
    The address for the answer is no part of the request.
    """
    told = {name: value for name, value in event.items() if name != "ResponseURL"}
    text = json.dumps(told, sort_keys=True, default=str)
    return f"{event['RequestId']}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
