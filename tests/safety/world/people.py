"""People beside CloudFormation: operators, buyers in the console, and AWS itself.

An operator calls what the command line calls, and does what it allows: the command itself is
tested in tests/cli. An operator who records that nothing was placed asked AWS Support first,
because a list can be stale. Without that, the next deployment could buy again. Buyers order
elsewhere, with or without a date; AWS advances, cancels and replaces orders and changes line
items. A cancellation can be shown later than it was accepted. Left out: `--exclude`, which only a
person can judge.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from botocore.exceptions import ClientError

from outpost_order_handler.clock import StartOver
from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger.records import State
from outpost_order_handler.outposts.responses import CANCELLED
from outpost_order_handler.placement.context import RequestContext, Services
from outpost_order_handler.placement.evidence import conclude, is_proof, strangers
from tests.safety.history import Order, Properties, Ruled
from tests.safety.scheduler import Process
from tests.safety.world import outposts
from tests.safety.world.universe import Universe

NOT_PLACED_AFTER = timedelta(minutes=15)
TRIES = 20


@dataclass(frozen=True)
class Desk:
    """An operator's tools.

    Attributes:
        services: The services that the function has, too.
        account: The Outposts client of the operator's own role, which may cancel.
        universe: The truth, for an operator who asked AWS Support, and for the judge.
    """

    services: Services
    account: outposts.SimulatedOutposts
    universe: Universe


Verdict = Callable[[RequestContext, Desk], str]


def operate(name: str, verdict: Verdict, desk: Desk) -> str:
    """Run a verdict on an order, as the command line does, and return its message."""
    services = desk.services
    for _ in range(TRIES):
        try:
            record = services.ledger.record(name)
            if record.request is None:
                return str(record.state)
            context = RequestContext(record.request, services, "an operator")
            context.load()
            return verdict(context, desk)
        except StartOver as again:
            services.clock.wait(again.pause)
        except OrderError as error:
            return f"fails: {error.name}"
    return "fails: too many tries"


def reconcile(context: RequestContext, _: Desk) -> str:
    """Record what the evidence proves."""
    if context.order.state == State.SUBMITTING:
        conclude(context)
        context.commit()
    return f"{context.order.state} {context.order.order_id}"


def resolve_not_placed(context: RequestContext, desk: Desk) -> str:
    """Record that an attempt placed no order, if there is no objection."""
    attempt, now = context.order.attempt, context.services.clock.now()
    if context.order.state != State.SUBMITTING or attempt is None:
        return "refused"
    too_early = now < attempt.started_at + NOT_PLACED_AFTER or not attempt.sender_has_ended(now)
    if too_early or strangers(context):
        return "refused"
    if _orders_of(context.order.name, desk.universe):
        return "AWS Support knows of an order that no list shows yet"
    return _rule_not_placed(context)


def resolve_placed(context: RequestContext, desk: Desk) -> str:
    """Record the order of an attempt, by the same rule as the function."""
    attempt, now = context.order.attempt, context.services.clock.now()
    if context.order.state != State.SUBMITTING or attempt is None:
        return "refused"
    ours = {each.order_id for each in _orders_of(context.order.name, desk.universe)}
    proven = [each for each in strangers(context) if is_proof(each, context)]
    meant = [each for each in proven if each.order_id in ours]
    if not meant or not attempt.sender_has_ended(now):
        return "refused"
    context.placed(meant[0], "an operator")
    context.commit()
    return meant[0].order_id


def cancel(context: RequestContext, desk: Desk) -> str:
    """Cancel the order of a name; GetOrder decides whether it is cancelled."""
    if context.order.state == State.SUBMITTING:
        conclude(context)
        context.commit()
    order = context.order
    if order.state != State.PLACED:
        return f"nothing to cancel: {order.state}"
    get_order, refusal = context.services.outposts.get_order, ""
    if get_order(order.order_id).status != CANCELLED:
        try:
            desk.account.cancel_order(OrderId=order.order_id)
        except ClientError as error:
            refusal = str(error)
        if get_order(order.order_id).status != CANCELLED:
            return refusal or "accepted, run it again"
    now = context.services.clock.now()
    context.order = order.to(State.CANCELLED, now, "an operator", "ordered by mistake")
    context.commit()
    return "CANCELLED"


def resolve_with_the_truth(context: RequestContext, desk: Desk) -> str:
    """Record the true outcome of an attempt: the operator asked AWS Support."""
    order, universe = context.order, desk.universe
    if order.state != State.SUBMITTING:
        return str(order.state)
    orders = _orders_of(order.name, universe)
    if not orders:
        return _rule_not_placed(context)
    real = context.services.outposts.get_order(orders[0].order_id)
    context.placed(real, "an operator")
    universe.history.add(Ruled(order.name, real.order_id))
    context.commit()
    return real.order_id


def _orders_of(name: str, universe: Universe) -> list[Order]:
    return [each for each in universe.orders.values() if each.order_name == name]


def _rule_not_placed(context: RequestContext) -> str:
    context.not_placed("an operator")
    context.commit()
    return "recorded"


def order_elsewhere(
    universe: Universe, process: Process, properties: Properties, *, is_dated: bool, kind: str
) -> Order:
    """Order in the console, or from another account's pipeline."""
    items = [
        {**item, "Quantity": int(item["Quantity"])} for item in properties.get("LineItems", ())
    ]
    order = outposts.place(universe, {**properties, "LineItems": items}, process, None)
    if is_dated and kind == order.order_type:
        return order
    order = replace(order, is_dated=is_dated, order_type=kind)
    universe.became(order, "a person elsewhere")
    return order
