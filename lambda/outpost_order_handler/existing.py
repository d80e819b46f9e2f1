"""What stands already: the order of a name, and equal orders on the Outpost."""

import logging
from datetime import datetime, timedelta

from outpost_order_handler.contract import ExistingOrder
from outpost_order_handler.delivery import Delivery, refuse_without_time
from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.failures import InDoubt, NotPlaced
from outpost_order_handler.order import Order
from outpost_order_handler.records import Claim, Lock, Row, State
from outpost_order_handler.request import OrderRequest
from outpost_order_handler.table import Lost

logger = logging.getLogger(__name__)

# Equal orders under two names are meant, where one deployment asks for both. An equal
# order of an earlier one is more likely the same order, moved or renamed in the app.
_ONE_DEPLOYMENT = timedelta(hours=1)


def kept(row: Row, request: OrderRequest, delivery: Delivery) -> Row:
    """Return the order that the name has, if it is the one that is asked for."""
    order = delivery.world.outposts.get_order(row.order_id)
    if order.is_cancelled:
        delivery.world.ledger.cancelled(row)
        raise Lost
    if row.state == State.CANCELLING:
        raise InDoubt(Code.RESOURCE_CONFLICT, "BeingCancelled", row.outpost_id, row.name)
    differences = request.differences(order)
    if differences:
        raise NotPlaced(
            Code.ALREADY_EXISTS,
            "OrderNameTaken",
            request.outpost_id,
            "give this order another order_name",
            f"{request.order_name} is {order.order_id}, with other {', '.join(differences)}",
        )
    logger.info("order %s stands already: %s", request.order_name, order)
    return delivery.take_over(row, order)


def look(request: OrderRequest, delivery: Delivery) -> tuple[list[Order], list[str]]:
    """Return the equal open orders of the Outpost, and the ids of all its orders."""
    outposts = delivery.world.outposts
    equal = []
    summaries = outposts.orders_on(request.outpost_id)
    for summary in summaries:
        refuse_without_time(request, delivery.world)
        if not summary.is_open or _is_a_neighbours(summary.order_id, request, delivery):
            continue
        order = outposts.get_order(summary.order_id)
        if order.is_open and not request.differences(order):
            equal.append(order)
    return equal, [summary.order_id for summary in summaries]


def _is_a_neighbours(order_id: str, request: OrderRequest, delivery: Delivery) -> bool:
    claim = delivery.world.ledger.claim(order_id)
    return _belongs_to_another(claim, request) and (
        delivery.world.clock.now() - datetime.fromisoformat(claim.claimed_at) < _ONE_DEPLOYMENT
    )


def _belongs_to_another(claim: Claim, request: OrderRequest) -> bool:
    return claim.order_name not in ("", request.order_name)


def the_one(equal: list[Order], request: OrderRequest) -> Order:
    """Return the order to adopt, where it was asked to adopt one and there is only one."""
    if request.existing_order == ExistingOrder.ADOPT and len(equal) == 1:
        return equal[0]
    step = (
        "name one with adopt_order_id"
        if request.existing_order == ExistingOrder.ADOPT
        else "set existing_order to ADOPT (take it over) or ALLOW (buy another)"
    )
    orders = ", ".join(f"{order.order_id} ({order.status})" for order in equal)
    raise NotPlaced(
        Code.ALREADY_EXISTS,
        "EqualOrderExists",
        request.outpost_id,
        step,
        f"it is open there already: {orders}",
    )


def adopted(order: Order, row: Row, lock: Lock, request: OrderRequest, delivery: Delivery) -> Row:
    """Take over an order that is what is asked for, and nobody else's."""
    problem = ", ".join(request.differences(order))
    if order.is_cancelled:
        problem = "Status, it is CANCELLED"
    owner = delivery.world.ledger.claim(order.order_id)
    if _belongs_to_another(owner, request):
        problem = f"OrderName, it is {owner.order_name}"
    if problem:
        raise NotPlaced(
            Code.ALREADY_EXISTS,
            "NotAdoptable",
            request.outpost_id,
            "correct adopt_order_id or the order",
            f"{order.order_id} has another {problem}",
        )
    logger.info("adopting %s as order %s", order.order_id, request.order_name)
    return delivery.adopt(row, lock, request, order)
