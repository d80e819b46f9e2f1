"""Placing an order, once."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from outpost_order_handler import commands
from outpost_order_handler.contract import ExistingOrder
from outpost_order_handler.delivery import TIME_TO_SEND, Delivery, no_time_left, refuse_without_time
from outpost_order_handler.existing import adopted, kept, look, the_one
from outpost_order_handler.failures import (
    Cancelled,
    InDoubt,
    NotPlaced,
    Recorded,
    Superseded,
    Withdrawn,
)
from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.order import Order
from outpost_order_handler.outposts import READ_TIMEOUT_OF_CREATE_ORDER
from outpost_order_handler.preflight import check, check_quote
from outpost_order_handler.reconciliation import SENDER_MAY_LIVE, reconcile
from outpost_order_handler.records import Lock, Row, State, Witness
from outpost_order_handler.request import OrderRequest
from outpost_order_handler.table import Lost, TableUnavailable

logger = logging.getLogger(__name__)

TIME_TO_RECORD = 20  # seconds that stay for the ledger and the answer after it was sent
PATIENCE_WITH_NEIGHBOURS = 60  # seconds
PAUSES_FOR_THE_LEDGER = (1.0, 3.0)  # seconds before what was bought is written down again
_PAUSE = 2  # seconds

# A Create that Lambda held back can arrive this long after its Delete, and no longer.
WITHDRAWN_FOR = timedelta(minutes=10)


def place(request: OrderRequest, delivery: Delivery) -> Row:
    """Return the ledger's row of the order that was asked for, bought at most once.

    Raises:
        NotPlaced: No order was made, and none will be for this request.
        Superseded: The attempt of this request is over, and a later one was made.
        InDoubt: The order may have been made.
        NotReadable: What must be known before buying cannot be read.
        Lost: Somebody else was first: start again from the top.
    """
    row = _resolved(request, delivery)
    if row.request == delivery.request_id:
        delivery.is_in_the_row = True
        return _ended(row, request)
    if delivery.request_id in row.ended:
        raise Superseded(row.name)
    _refuse_what_was_withdrawn(request, delivery)
    if row.has_order:
        return kept(row, request, delivery)
    lock = _free_lock(request, delivery)
    if request.adopt_order_id is not None:
        order = delivery.world.outposts.get_order(request.adopt_order_id)
        return adopted(order, row, lock, request, delivery)
    check(request, delivery.world)
    equal, baseline = look(request, delivery)
    if equal and request.existing_order != ExistingOrder.ALLOW:
        _start_again_if_bought(row, lock, delivery)
        return adopted(the_one(equal, request, delivery), row, lock, request, delivery)
    check_quote(request, delivery.world)
    refuse_without_time(request, delivery.world)
    row = delivery.begin(row, lock, request, baseline)
    # The point of no return: nothing above this line sends, and nothing below it sends again.
    return _submit(row, request, delivery)


def _submit(row: Row, request: OrderRequest, delivery: Delivery) -> Row:
    ledger, clock = delivery.world.ledger, delivery.world.clock
    logger.info("placing order %s: %s", request.order_name, json.dumps(request.parameters()))
    try:
        _refuse_when_late(row, request, delivery)
        read_timeout = min(READ_TIMEOUT_OF_CREATE_ORDER, clock.remaining() - TIME_TO_RECORD)
        order = delivery.world.outposts.create_order(request, read_timeout)
    except NotPlaced as refusal:
        reason = str(refusal)
        _settled(row, State.REJECTED, delivery, lambda row: ledger.rejected(row, reason))
        raise
    except InDoubt as doubt:
        logger.exception("nobody knows what became of order %s", request.order_name)
        return _searched(row, doubt, delivery)
    logger.info("placed order %s: %s", request.order_name, order)
    return _settled(
        row, State.PLACED, delivery, lambda row: ledger.placed(row, order, Witness.RESPONSE), order
    )


def _settled(
    row: Row,
    state: State,
    delivery: Delivery,
    write: Callable[[Row], Row],
    order: Order | None = None,
) -> Row:
    """Write what became of this attempt, over what others supposed of it meanwhile."""
    order_id = order.order_id if order else ""
    pauses = iter(PAUSES_FOR_THE_LEDGER)
    while True:
        try:
            return write(row)
        except Lost:
            attempt, row = row.attempt, delivery.world.ledger.row(row.name)
            if row.attempt == attempt and row.is_unresolved:
                continue
            if (row.state, row.order_id) == (state, order_id):
                return row
            raise _doubt(row, "LedgerDisagrees") from None
        except TableUnavailable:
            pause = next(pauses, None)
            if pause is None or delivery.world.clock.remaining() < TIME_TO_RECORD / 2 + pause:
                logger.exception("the ledger does not know that %s is %s", row.name, state)
                delivery.is_settled = False
                attributes = order.attributes() if order else {}
                return replace(row, state=state, order_id=order_id, attributes=attributes)
            delivery.world.clock.wait(pause)


def _searched(row: Row, doubt: InDoubt, delivery: Delivery) -> Row:
    """Look for the order that may have come of an attempt, or raise the doubt."""
    try:
        row = reconcile(row, delivery.world, reason=str(doubt))
    except TableUnavailable:
        logger.exception("the ledger does not know that %s is in doubt", row.name)
        delivery.is_settled = False
        raise doubt from None
    if row.state == State.PLACED:
        return row
    raise doubt


def _resolved(request: OrderRequest, delivery: Delivery) -> Row:
    """Return the name's row; what is left of an earlier attempt is cleared up first."""
    row = delivery.world.ledger.row(request.order_name)
    if row.is_unresolved:
        row = reconcile(row, delivery.world)
    if row.is_unresolved:
        raise _doubt(row, "OutcomeUnknown")
    return row


def _ended(row: Row, request: OrderRequest) -> Row:
    """Return or raise what became of this very request, which never sends again."""
    if row.state in (State.PLACED, State.CANCEL_REFUSED):
        return row
    if row.state == State.REJECTED:
        raise Recorded(row.reason)
    if row.state == State.CANCELLING:
        raise _doubt(row, "BeingCancelled")
    if row.state == State.CANCELLED:
        raise Cancelled(row.order_id)
    raise NotPlaced(
        Code.RESOURCE_CONFLICT,
        "RequestEnded",
        request.outpost_id,
        "to see the record, run",
        f"the attempt of this request is {row.state}",
        command=commands.show(row.name),
    )


def _refuse_what_was_withdrawn(request: OrderRequest, delivery: Delivery) -> None:
    at = delivery.receipt.withdrawn_at
    if at and delivery.began_at < datetime.fromisoformat(at) + WITHDRAWN_FOR:
        raise Withdrawn(request.order_name)


def _free_lock(request: OrderRequest, delivery: Delivery) -> Lock:
    """Return the Outpost's lock; a neighbour who is about to buy is waited for."""
    ledger, clock = delivery.world.ledger, delivery.world.clock
    patience = clock.now() + timedelta(seconds=PATIENCE_WITH_NEIGHBOURS)
    while (lock := ledger.lock(request.outpost_id)).held_by:
        if clock.now() >= patience or clock.remaining() < TIME_TO_SEND + _PAUSE:
            raise NotPlaced(
                Code.RESOURCE_CONFLICT,
                "OutpostBusy",
                request.outpost_id,
                "before you deploy again, run",
                f"the outcome of order {lock.held_by} is unknown",
                command=commands.reconcile(lock.held_by),
            )
        clock.wait(_PAUSE)
    return lock


def _start_again_if_bought(row: Row, lock: Lock, delivery: Delivery) -> None:
    """An equal order may be one that was bought since, by a neighbour or under this very name."""
    ledger = delivery.world.ledger
    if (
        ledger.lock(lock.name).version != lock.version
        or ledger.row(row.name).version != row.version
    ):
        raise Lost


def _refuse_when_late(row: Row, request: OrderRequest, delivery: Delivery) -> None:
    """Send nothing on behalf of a process that was frozen where nothing can stop it."""
    clock = delivery.world.clock
    late = clock.now() - datetime.fromisoformat(row.submitted_at) > SENDER_MAY_LIVE / 2
    if late or clock.remaining() <= TIME_TO_RECORD:
        raise no_time_left(request)


def _doubt(row: Row, why: str) -> InDoubt:
    return InDoubt(Code.GENERAL_SERVICE_EXCEPTION, why, row.outpost_id, row.name)
