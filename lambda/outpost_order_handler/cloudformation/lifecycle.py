"""What Create and Update mean, by what the ledger says of the order name.

| ledger | Create | Update |
|---|---|---|
| no record, NOT_PLACED | buys | the real order is as asked for: record it |
| SUBMITTING, the sender might run | waits, then unknown | never buys |
| SUBMITTING, the sender has ended | evidence, else unknown | never buys |
| PLACED | joins, or OrderNameTaken | the order is as asked for, or FAILED |
| CANCELLED | FAILED: a name is spent once | SUCCESS, Status CANCELLED |
| a state of a newer version | FAILED | SUCCESS if nothing changed |
"""

from dataclasses import replace

from outpost_order_handler import rules
from outpost_order_handler.contract import Property
from outpost_order_handler.failures import NotReadable, OrderError
from outpost_order_handler.ledger.records import MAY_BUY, OrderRecord, State
from outpost_order_handler.order import OrderRequest
from outpost_order_handler.outposts.responses import Order
from outpost_order_handler.placement.context import RequestContext
from outpost_order_handler.placement.evidence import conclude
from outpost_order_handler.placement.identical import require_no_identical_attempt
from outpost_order_handler.placement.place import (
    adopt,
    cancelled,
    join,
    place,
    require_same_outpost,
)


def create(context: RequestContext) -> None:
    """Give the resource its order; afterwards the record has it.

    Raises:
        OrderError: No order was placed, or it isn't known.
        StartOver: Others must be waited for, or were faster.
    """
    if context.order.state in (State.SUBMITTING, State.PLACED):
        require_same_outpost(context)
    if context.order.state == State.SUBMITTING:
        conclude(context)
    state = context.order.state
    if state == State.PLACED:
        join(context)
    elif state == State.CANCELLED:
        raise cancelled(context)
    elif state not in MAY_BUY:
        raise OrderError("FunctionTooOld", f"{context.order.name} is {state}")
    else:
        require_no_identical_attempt(context)
        adopt(context) if context.request.adopt_order_id else place(context)


def update(
    context: RequestContext, *, held: str, is_same_as_before: bool, old: OrderRequest | None
) -> dict[str, str]:
    """Return the attributes of the order that the resource has; nothing is ever bought.

    Args:
        context: The request.
        held: The physical ID that CloudFormation holds.
        is_same_as_before: Whether the template asks for what it asked for before.
        old: What it asked for before; None if that isn't valid.

    Raises:
        OrderError: The template asks for something else, and an order can't be changed.
    """
    order = context.order
    real = context.order_or_none(held) if rules.ORDER_ID.accepts(held) else None
    if real is not None and order.order_id == held:  # its term counts if the template has none
        order = replace(order, order_attributes=real.attributes())
    is_as_bought = order.order_id == held != "" and not _changes(context.request, order, old)
    if not (is_as_bought or is_same_as_before):
        _require_as_asked(context, held, real, old)
    _record(context, held, real)
    if real is not None:
        return real.attributes()
    return dict(order.order_attributes) if order.order_id == held else {}


def _changes(request: OrderRequest, order: OrderRecord, old: OrderRequest | None) -> list[str]:
    """Name the properties that differ from what the record says was bought."""
    changes = [] if order.content is None else request.content.differences(order.content)
    bought = order.request or old
    if bought is not None and request.quote_price != bought.quote_price:
        changes.append(Property.QUOTE_PRICE)
    if request.adopt_order_id not in ("", order.order_id):
        changes.append(Property.ADOPT_ORDER_ID)
    return changes


def _require_as_asked(
    context: RequestContext, held: str, real: Order | None, old: OrderRequest | None
) -> None:
    """Compare changed content with the real order."""
    request, owner = context.request, context.outpost.orders.get(held)
    if not rules.ORDER_ID.accepts(held):
        raise OrderError(
            "NoOrderId", fact=f"{held[:64]} has no order, nothing was bought or changed"
        )
    real = real or _read_or_wait(context, held)
    changes = request.content.differences(real.content)
    if owner not in (None, request.order_name):
        changes.append(Property.ORDER_NAME)
    if old is not None and request.quote_price != old.quote_price:
        changes.append(Property.QUOTE_PRICE)
    if request.adopt_order_id not in ("", held):
        changes.append(Property.ADOPT_ORDER_ID)
    if changes:
        fact = f"{held} is unchanged, nothing was bought; an order can't be changed"
        raise OrderError("NotUpdatable", ", ".join(changes), fact=fact)


def _read_or_wait(context: RequestContext, order_id: str) -> Order:
    """Read an order that the answer depends on."""
    try:
        return context.look(context.services.outposts.get_order, order_id)
    except NotReadable as error:
        context.start_over_or(error)


def _record(context: RequestContext, held: str, real: Order | None) -> None:
    """Write what this ledger lacks: the order's record, or what the template names beside it."""
    request, order, clock = context.request, context.order, context.services.clock
    is_unknown_here = order.state in MAY_BUY and held not in context.outpost.orders
    if real is not None and is_unknown_here and request.content.is_identical_to(real.content):
        context.order = order.asking_for(request).placed(held, real.attributes(), clock.now())
        context.outpost = context.outpost.with_order(held, request.order_name)
    elif order.order_id == held and order.request is not None:
        beside = replace(order.request, in_addition_to=request.in_addition_to)
        context.order = order.asking_for(beside)
    if context.has_changed:
        context.commit()
