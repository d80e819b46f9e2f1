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
_NAME_ONE = "name one with adopt_order_id"
_ADOPT_OR_ANOTHER = {
    True: "set existing_order to ADOPT (take over) or ALLOW (buy another)",
    False: "set existing_order to ADOPT (take over), or order from another quote",
}
_MOST_NAMED = 2  # equal orders that a reason has room for


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


def the_one(equal: list[Order], request: OrderRequest, delivery: Delivery) -> Order:
    """Return the order to adopt, where it was asked to adopt one and there is only one."""
    adopting = request.existing_order == ExistingOrder.ADOPT
    if adopting and len(equal) == 1:
        return equal[0]
    owner = delivery.world.ledger.claim(equal[0].order_id) if len(equal) == 1 else None
    if owner is not None and _belongs_to_another(owner, request):
        detail = f"{owner.name} is open there, and is order {owner.order_name}"
        step = "use that order_name, or set existing_order to ALLOW (buy another)"
    else:
        detail = f"open there: {_listed(equal)}"
        step = _NAME_ONE if adopting else _ADOPT_OR_ANOTHER[request.quote is None]
    logger.error("equal orders are open on %s: %s", request.outpost_id, equal)
    raise NotPlaced(Code.ALREADY_EXISTS, "EqualOrderExists", request.outpost_id, step, detail)


def _listed(orders: list[Order]) -> str:
    if len(orders) > _MOST_NAMED:
        named = ", ".join(order.order_id for order in orders[:_MOST_NAMED])
        return f"{named} and {len(orders) - _MOST_NAMED} more"
    return ", ".join(f"{order.order_id} ({order.status})" for order in orders)


def adopted(order: Order, row: Row, lock: Lock, request: OrderRequest, delivery: Delivery) -> Row:
    """Take over an order that is what is asked for, and nobody else's."""
    owner = delivery.world.ledger.claim(order.order_id)
    if _belongs_to_another(owner, request):
        what = f"OrderName, it is {owner.order_name}"
        raise _not_adoptable(order, what, "use that order_name", request)
    problem = ", ".join(request.differences(order))
    if order.is_cancelled:
        problem = "Status, it is CANCELLED"
    if problem:
        raise _not_adoptable(order, problem, "correct adopt_order_id or the order", request)
    logger.info("adopting %s as order %s", order.order_id, request.order_name)
    return delivery.adopt(row, lock, request, order)


def _not_adoptable(order: Order, problem: str, step: str, request: OrderRequest) -> NotPlaced:
    detail = f"{order.order_id} has another {problem}"
    return NotPlaced(Code.ALREADY_EXISTS, "NotAdoptable", request.outpost_id, step, detail)
