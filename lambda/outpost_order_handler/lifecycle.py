"""What CloudFormation asks of an order: create, update, delete."""

import logging

from outpost_order_handler import rules
from outpost_order_handler.answers import (
    Answer,
    Event,
    answered_once,
    in_doubt,
    physical_id_before,
    resource_of,
)
from outpost_order_handler.cancellation import cancel
from outpost_order_handler.contract import Property
from outpost_order_handler.delivery import Delivery, World
from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.failures import (
    InDoubt,
    NotReadable,
    NotUpdatable,
    OrderError,
    Unexpected,
)
from outpost_order_handler.ownership import heir_of, is_undoing_a_move, settle_a_move
from outpost_order_handler.placement import place
from outpost_order_handler.properties import cancels_on_delete, order_name_in, parse
from outpost_order_handler.reconciliation import reconcile
from outpost_order_handler.records import Row, Witness
from outpost_order_handler.table import TableUnavailable

logger = logging.getLogger(__name__)


def create(event: Event, world: World) -> Answer:
    """Place the order; its id becomes the physical id."""
    return answered_once(event, world, _create)


def update(event: Event, world: World) -> Answer:
    """Succeed where the real order is what the template asks for; never buy.

    The real order is asked, not OldResourceProperties: a rollback sends an
    Update with old and new swapped, and that one then succeeds by itself.
    """
    order_id = physical_id_before(event)
    if not rules.ORDER_ID.accepts(order_id):
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
    return answered_once(event, world, _delete)


def defect(event: Event, exception: str) -> OrderError:
    """Return what is true all the same where our own code failed."""
    if event["RequestType"] == "Create":
        return in_doubt(event, Code.INTERNAL_FAILURE, exception)
    if event["RequestType"] == "Update":
        return Unexpected(exception, "nothing was bought or changed")
    return Unexpected(exception, "the order may or may not be cancelled")


def _create(event: Event, delivery: Delivery) -> Answer:
    try:
        row = place(parse(event.get("ResourceProperties")), delivery)
    except OrderError as error:
        logger.exception("no order was placed for sure")
        return Answer.failed(physical_id_before(event), error)
    return Answer(row.order_id, row.attributes)


def _delete(event: Event, delivery: Delivery) -> Answer:
    held = physical_id_before(event)
    try:
        row = _row_of(event, delivery)
        if row is not None:
            _let_go(row, cancels_on_delete(event.get("ResourceProperties")), delivery)
    except OrderError as error:
        logger.exception("%s is not let go of", held)
        return Answer.failed(held, error)
    logger.warning("the stack lets go of %s; what was not cancelled stands", held)
    return Answer(held)


def _row_of(event: Event, delivery: Delivery) -> Row | None:
    """Return the row of the order that belongs to this resource, whatever its physical id.

    CloudFormation makes up an id where a Create was not answered, and another
    stack may have the order by now.
    """
    ledger, order_id = delivery.world.ledger, physical_id_before(event)
    name = ledger.claim(order_id).order_name if rules.ORDER_ID.accepts(order_id) else ""
    name = name or order_name_in(event.get("ResourceProperties")) or ""
    row = ledger.row(name) if name else None
    return row if row is not None and row.resource == delivery.receipt.name else None


def _let_go(row: Row, cancelling: bool, delivery: Delivery) -> None:  # noqa: FBT001
    world = delivery.world
    if row.is_unresolved:
        row = reconcile(row, world)
    if row.is_unresolved:
        raise InDoubt(Code.GENERAL_SERVICE_EXCEPTION, "OutcomeUnknown", row.outpost_id, row.name)
    if not row.has_order:
        return
    heir = heir_of(row, world)
    if heir and (not cancelling or is_undoing_a_move(row, heir, world)):
        world.ledger.handed_back(row, heir)
    elif cancelling and row.witness != Witness.ADOPTED:
        cancel(row, world, also_of=heir)


def _ledger_not_readable(error: TableUnavailable) -> NotReadable:
    return NotReadable(
        Code.GENERAL_SERVICE_EXCEPTION, error.name, "the ledger", "restore access to it", str(error)
    )
