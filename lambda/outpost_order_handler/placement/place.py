"""The purchase: an order is placed, joined, or adopted."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from outpost_order_handler.clock import TIME_TO_READ, TIME_TO_RECORD, TIME_TO_SEND
from outpost_order_handler.failures import OrderError, Outcome, full_text
from outpost_order_handler.ledger.records import Attempt, OrderRecord
from outpost_order_handler.outposts.responses import CANCELLED
from outpost_order_handler.placement.context import RequestContext
from outpost_order_handler.placement.evidence import conclude
from outpost_order_handler.placement.identical import require_no_identical_order
from outpost_order_handler.placement.preflight import require_orderable

logger = logging.getLogger(__name__)
MAX_CONFIRMATION_AGE = 30  # seconds for which CloudFormation's confirmation is valid
CONFIRMATION_PATIENCE = 30  # seconds until CloudFormation shows the resource
CONFIRMATION_INTERVAL = 5  # seconds
MAX_RESPONSE_TIME = 60  # seconds; without a response, the outcome is unknown


def place(context: RequestContext) -> None:
    """Place the order, at most once, or raise; afterwards the record has it."""
    request, clock = context.request, context.services.clock
    context.require_time(TIME_TO_SEND)
    require_orderable(context)
    baseline = require_no_identical_order(context)
    context.require_time(TIME_TO_SEND)
    time_left = clock.remaining() - MAX_CONFIRMATION_AGE - TIME_TO_RECORD
    response_time = min(MAX_RESPONSE_TIME, time_left)
    send = context.services.outposts.client_that_sends_once(response_time)
    confirmed_at = require_creating(context)
    now, left = clock.now(), timedelta(seconds=clock.remaining())
    attempt = Attempt(context.resource, baseline, now, context.sender, now + left)
    context.order = context.order.submitting(request, attempt)
    context.outpost = context.outpost.with_attempt(request.order_name, request.content)
    context.commit()
    # The point of no return: nothing above this line sends, nothing below it sends twice.
    parameters = json.dumps(request.content.parameters())
    logger.info("placing order %s: %s", request.order_name, parameters)
    try:
        _require_fresh(confirmed_at, clock.now())
        context.require_time(response_time + TIME_TO_RECORD)
        context.response = OrderError.unknown()
        context.response = send(request.content)  # The line that spends the money.
        logger.info("placed order %s: %s", request.order_name, context.response)
    except OrderError as error:
        context.response = error
        if error.outcome is Outcome.UNKNOWN:
            logger.info("no response says what %s is: %s", request.order_name, full_text(error))
    conclude(context)


def join(context: RequestContext) -> None:
    """Give the order of the name to this resource, or raise if the name has another order."""
    request, order = context.request, context.order
    real, now = context.order_or_none(order.order_id), context.services.clock.now()
    if real is not None and real.status == CANCELLED:
        context.cancelled(real, why="shown by the service")
        return
    if real is not None:  # its term counts if the template has none
        context.order = order = order.placed(order.order_id, real.attributes(), now)
    if differences := request.differences(order.content or request.content, order.order_id):
        raise name_taken(order, differences)
    logger.info("%s joins order %s of %s", context.resource, order.order_id, order.name)


def adopt(context: RequestContext) -> None:
    """Give the name to an order that was placed elsewhere, or raise; nothing is bought."""
    request, order_id = context.request, context.request.adopt_order_id
    if owner := context.outpost.orders.get(order_id):
        raise OrderError("OrderHasName", f"{order_id} belongs to order name {owner}")
    real = context.reading(context.services.outposts.get_order, order_id)
    differences = request.content.differences(real.content)
    if not real.counts:
        differences = [f"Status or OrderType: {real.status} {real.order_type}".strip()]
    if differences:
        raise OrderError("NotAdoptable", f"{order_id} differs in {', '.join(differences)}")
    context.order = replace(context.order, request=request)
    context.placed(real, why="adopted")


def name_taken(order: OrderRecord, differences: Sequence[str]) -> OrderError:
    """Return the error of a name that has an order with other content."""
    what = order.order_id or "an unresolved attempt"
    taken = f"{order.name} has {what}, which differs in {', '.join(differences)}"
    return OrderError("OrderNameTaken", taken)


def require_creating(context: RequestContext) -> datetime:
    """Return the time at which CloudFormation confirmed that it creates this resource, or raise."""
    clock, began = context.services.clock, context.services.clock.now()
    context.require_reachable()
    while True:
        asked_at = clock.now()
        try:
            context.services.stacks.require_creating(context.resource, context.order_line)
        except OrderError:
            patience = CONFIRMATION_PATIENCE if clock.remaining() >= TIME_TO_READ else 0
            if (asked_at - began).total_seconds() >= patience:
                raise
        else:
            return asked_at
        clock.wait(CONFIRMATION_INTERVAL)


def _require_fresh(confirmed_at: datetime, now: datetime) -> None:
    if (now - confirmed_at).total_seconds() > MAX_CONFIRMATION_AGE:
        raise OrderError("ConfirmationTooOld", "CloudFormation's confirmation is too old")
