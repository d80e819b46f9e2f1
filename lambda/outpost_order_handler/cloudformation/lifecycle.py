"""The meaning of Create and Update, by the state of the order name in the ledger.

| ledger | Create | Update |
|---|---|---|
| no record, NOT_PLACED | buys | the real order matches: record it |
| SUBMITTING, the sender might run | waits, then unknown | never buys |
| SUBMITTING, the sender has ended | evidence, else unknown | never buys |
| PLACED | joins, or OrderNameTaken | the order matches, or FAILED |
| CANCELLED | FAILED: a name is for one order | SUCCESS, Status CANCELLED |
| a state of a newer version | FAILED | SUCCESS if nothing changed |
"""

from dataclasses import replace

from outpost_order_handler import rules
from outpost_order_handler.contract import Property
from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger.records import MAY_BUY, State
from outpost_order_handler.order import OrderContent, OrderRequest
from outpost_order_handler.outposts.responses import Order
from outpost_order_handler.placement.context import RequestContext
from outpost_order_handler.placement.evidence import conclude
from outpost_order_handler.placement.identical import require_no_identical_attempt
from outpost_order_handler.placement.place import adopt, join, name_taken, place


def create(context: RequestContext) -> None:
    """Give the resource its order, or raise; afterwards the record has it."""
    order = context.order
    if order.state in (State.SUBMITTING, State.PLACED):
        # This request didn't read the record of another Outpost.
        if order.outpost_id not in ("", context.request.content.outpost_id):
            raise name_taken(order, [Property.OUTPOST_IDENTIFIER])
        if order.state == State.SUBMITTING:
            conclude(context)
        join(context)
    elif order.state in MAY_BUY:
        require_no_identical_attempt(context)
        adopt(context) if context.request.adopt_order_id else place(context)
    elif order.state != State.CANCELLED:
        raise OrderError(
            "FunctionTooOld",
            f"this version doesn't support {order.state}, the state of {order.name}",
        )
    if context.order.state == State.CANCELLED:  # a name is for one order
        fact = (
            f"{context.order.order_id} of {order.name} was cancelled, and no other order was placed"
        )
        raise OrderError("OrderCancelled", fact=fact)


def update(
    context: RequestContext, held: str, *, is_same_as_before: bool, old: OrderRequest | None
) -> dict[str, str]:
    """Return the attributes of the order that the resource has, or raise; nothing is bought."""
    order, is_order = context.order, rules.ORDER_ID.accepts(held)
    real = context.order_or_none(held) if is_order else None
    if real is not None and order.order_id == held:  # its term counts if the template has none
        order = replace(order, order_attributes=real.attributes())
    is_its_order = order.order_id == held != ""
    bought = (order.request if is_its_order else None) or old
    is_as_bought = is_its_order and not _changes(context, held, order.content, bought)
    if not (is_as_bought or is_same_as_before):
        if not is_order:
            fact = f"{held[:64]} has no order, and nothing was bought or changed"
            raise OrderError("NoOrderId", fact=fact)
        real = real or context.reading(context.services.outposts.get_order, held, float("inf"))
        if changes := _changes(context, held, real.content, old):
            fact = f"{held} is unchanged, and nothing was bought. You can't change an order"
            raise OrderError("NotUpdatable", ", ".join(changes), fact=fact)
    _record(context, held, real)
    if real is not None:
        return real.attributes()
    return dict(order.order_attributes) if is_its_order else {}


def _changes(
    context: RequestContext, held: str, content: OrderContent | None, before: OrderRequest | None
) -> list[str]:
    """Name the properties that differ from what was bought."""
    request, owner = context.request, context.outpost.orders.get(held)
    changes = request.differences(content or request.content, held)
    if owner not in (None, request.order_name):
        changes.append(Property.ORDER_NAME)
    if before is not None and request.quote_price != before.quote_price:
        changes.append(Property.QUOTE_PRICE)
    return changes


def _record(context: RequestContext, held: str, real: Order | None) -> None:
    """Write the order's record if this ledger lacks it, or the template's `in_addition_to`."""
    request, order = context.request, context.order
    is_unknown_here = order.state in MAY_BUY and held not in context.outpost.orders
    if real is not None and is_unknown_here and request.content.is_identical_to(real.content):
        context.order = replace(order, request=request)
        context.placed(real)
    elif order.order_id == held and order.request is not None:
        beside = replace(order.request, in_addition_to=request.in_addition_to)
        context.order = replace(order, request=beside)
    context.commit()
