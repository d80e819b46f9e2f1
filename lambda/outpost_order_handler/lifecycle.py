"""What CloudFormation asks of an order: create, update, delete.

An answer is written into the ledger before it is given. So every copy of a
request gets the same one, and a copy that comes late cannot buy what
CloudFormation was told not to exist.
"""

import hashlib
import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from outpost_order_handler import contract
from outpost_order_handler.cancellation import cancel
from outpost_order_handler.contract import Property
from outpost_order_handler.delivery import Delivery, World
from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.failures import (
    InDoubt,
    InvalidRequest,
    NotCancelled,
    NotReadable,
    NotUpdatable,
    OrderError,
    Unexpected,
)
from outpost_order_handler.ownership import heir_of, is_undoing_a_move, settle_a_move
from outpost_order_handler.placement import PAUSES_FOR_THE_LEDGER, place
from outpost_order_handler.reconciliation import reconcile
from outpost_order_handler.records import Row, Witness
from outpost_order_handler.request import cancels_on_delete, order_name_in, parse
from outpost_order_handler.table import Lost, TableUnavailable

logger = logging.getLogger(__name__)

Event = Mapping[str, Any]

_PAUSE = 0.3  # seconds before work starts again that somebody else overtook
_TIME_TO_START_AGAIN = 10  # seconds that must be left


@dataclass(frozen=True)
class Answer:
    """What CloudFormation is told: success, or the reason for a failure."""

    physical_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


def physical_id_before(event: Event) -> str:
    """Return the physical id to answer with when nothing better comes of the event.

    On Update and Delete it is the one CloudFormation holds: another one would
    ask for a replacement. On Create it is the order's name.
    """
    if event["RequestType"] != "Create":
        return str(event.get("PhysicalResourceId", ""))
    name = order_name_in(event.get("ResourceProperties"))
    return name or str(event["LogicalResourceId"])


def create(event: Event, world: World) -> Answer:
    """Place the order; its id becomes the physical id."""
    return _answered_once(event, world, _create)


def update(event: Event, world: World) -> Answer:
    """Succeed where the real order is what the template asks for; never buy.

    The real order is asked, not OldResourceProperties: a rollback sends an
    Update with old and new swapped, and that one then succeeds by itself.
    """
    order_id = physical_id_before(event)
    if not contract.ORDER_ID.accepts(order_id):
        step = "remove this resource from the stack and deploy, add it again"
        raise NotReadable(Code.NOT_FOUND, "NoOrderId", order_id, step)
    request = parse(event.get("ResourceProperties"))
    order = world.outposts.get_order(order_id)
    differences = request.differences(order)
    try:
        owner = world.ledger.claim(order_id).order_name
        if owner not in ("", request.order_name):
            differences.append(Property.ORDER_NAME)
        if differences:
            raise NotUpdatable(order_id, differences)
        settle_a_move(resource_of(event), owner, world)
    except TableUnavailable as error:
        raise _ledger_not_readable(error) from error
    return Answer(order_id, order.attributes())


def delete(event: Event, world: World) -> Answer:
    """Let the order stand, or cancel it where the template asked for that."""
    return _answered_once(event, world, _delete)


def defect(event: Event, exception: str) -> OrderError:
    """Return what is true all the same where our own code failed."""
    if event["RequestType"] == "Create":
        return _in_doubt(event, Code.INTERNAL_FAILURE, exception)
    if event["RequestType"] == "Update":
        return Unexpected(exception, "nothing was bought or changed")
    return Unexpected(exception, "the order may or may not be cancelled")


def _create(event: Event, delivery: Delivery) -> Answer:
    try:
        row = place(parse(event.get("ResourceProperties")), delivery)
    except OrderError as error:
        logger.exception("no order was placed for sure")
        return Answer(physical_id_before(event), reason=str(error))
    return Answer(row.order_id, row.attributes)


def _delete(event: Event, delivery: Delivery) -> Answer:
    held = physical_id_before(event)
    try:
        row = _row_of(event, delivery)
        if row is not None:
            _let_go(row, cancels_on_delete(event.get("ResourceProperties")), delivery)
    except OrderError as error:
        logger.exception("%s is not let go of", held)
        return Answer(held, reason=str(error))
    logger.warning("the stack lets go of %s; what was not cancelled stands", held)
    return Answer(held)


def _row_of(event: Event, delivery: Delivery) -> Row | None:
    """Return the row of the order that belongs to this resource, whatever its physical id.

    CloudFormation makes up an id where a Create was not answered, and another
    stack may have the order by now.
    """
    ledger, order_id = delivery.world.ledger, physical_id_before(event)
    name = ledger.claim(order_id).order_name if contract.ORDER_ID.accepts(order_id) else ""
    name = name or order_name_in(event.get("ResourceProperties")) or ""
    row = ledger.row(name) if name else None
    return row if row is not None and row.resource == delivery.receipt.name else None


def _let_go(row: Row, cancelling: bool, delivery: Delivery) -> None:  # noqa: FBT001
    world = delivery.world
    if row.is_unresolved:
        row = reconcile(row, world)
    if row.is_unresolved:
        raise InDoubt(Code.GENERAL_SERVICE_EXCEPTION, "Unresolved", row.outpost_id, row.name)
    if not row.has_order:
        return
    heir = heir_of(row, world)
    if heir and (not cancelling or is_undoing_a_move(row, heir, world)):
        world.ledger.handed_back(row, heir)
    elif cancelling and row.witness != Witness.ADOPTED:
        cancel(row, world, also_of=heir)


def _answered_once(event: Event, world: World, work: Callable[[Event, Delivery], Answer]) -> Answer:
    """Work out the answer, or give the one that a copy of the request was given."""
    request_id, resource = _request_id(event), resource_of(event)
    patience = iter(PAUSES_FOR_THE_LEDGER)
    while True:
        try:
            receipt = world.ledger.receipt(resource)
            stored = receipt.answer_to(request_id)
            if stored is not None:
                return _answer_in(stored)
            delivery = Delivery(request_id, world, receipt)
            return _recorded(work(event, delivery), event, delivery)
        except Lost:
            why, pause = "Overtaken", _PAUSE
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
    return Answer(stored["PhysicalResourceId"], stored["Data"], stored["Reason"])


def _without_ledger(event: Event, why: str) -> Answer:
    """Answer what is true whatever the ledger holds."""
    held = physical_id_before(event)
    if event["RequestType"] == "Delete":
        cancelling = cancels_on_delete(event.get("ResourceProperties"))
        if contract.ORDER_ID.accepts(held) and not cancelling:
            return Answer(held)
        error = NotCancelled(
            Code.GENERAL_SERVICE_EXCEPTION, why, f"it is not known whether {held} has an order"
        )
        return Answer(held, reason=str(error))
    return Answer(held, reason=str(_in_doubt(event, Code.GENERAL_SERVICE_EXCEPTION, why)))


def _in_doubt(event: Event, code: Code, why: str) -> OrderError:
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


def _ledger_not_readable(error: TableUnavailable) -> NotReadable:
    return NotReadable(
        Code.GENERAL_SERVICE_EXCEPTION, error.name, "the ledger", "restore access to it", str(error)
    )
