"""People beside CloudFormation: operators, buyers in the console, and AWS itself.

An operator calls what the command line calls, and does what it allows: the command itself
is tested in tests/cli. Buyers order elsewhere, with or without a date; AWS advances, cancels
and replaces orders and changes line items. Left out: `cancel` by command, which comes later.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from outpost_order_handler.clock import StartOver
from outpost_order_handler.failures import OrderError
from outpost_order_handler.ledger.records import State
from outpost_order_handler.placement.context import RequestContext, Services
from outpost_order_handler.placement.evidence import conclude, strangers
from tests.safety.history import Order, Properties, Ruled
from tests.safety.scheduler import Process
from tests.safety.world import outposts
from tests.safety.world.universe import Universe

NOT_PLACED_AFTER = timedelta(minutes=15)
TRIES = 20

Verdict = Callable[[RequestContext, Universe], str]


def operate(name: str, verdict: Verdict, services: Services, universe: Universe) -> str:
    """Give a verdict on an attempt, as the command line does, and return what it says."""
    for _ in range(TRIES):
        try:
            record = services.ledger.record(name)
            if record.request is None:
                return str(record.state)
            context = RequestContext(record.request, services, "an operator")
            context.load()
            return verdict(context, universe)
        except StartOver as again:
            services.clock.wait(again.pause)
        except OrderError as error:
            return f"fails: {error.name}"
    return "fails: too many tries"


def reconcile(context: RequestContext, _: Universe) -> str:
    """Record what the evidence proves."""
    if context.order.state == State.SUBMITTING:
        conclude(context)
        context.commit()
    return f"{context.order.state} {context.order.order_id}"


def resolve_not_placed(context: RequestContext, universe: Universe) -> str:
    """Record that no order came of an attempt, if nothing speaks against it."""
    attempt, now = context.order.attempt, context.services.clock.now()
    if context.order.state != State.SUBMITTING or attempt is None:
        return "refused"
    too_early = now < attempt.started_at + NOT_PLACED_AFTER or not attempt.sender_has_ended(now)
    if too_early or strangers(context):
        return "refused"
    return _rule_not_placed(context, universe)


def resolve_with_the_truth(context: RequestContext, universe: Universe) -> str:
    """Record what really came of an attempt: the operator asked AWS Support."""
    order = context.order
    if order.state != State.SUBMITTING:
        return str(order.state)
    orders = [each for each in universe.orders.values() if each.order_name == order.name]
    if not orders:
        return _rule_not_placed(context, universe)
    real = context.services.outposts.get_order(orders[0].order_id)
    context.placed(real, "an operator")
    universe.history.add(Ruled(order.name, real.order_id))
    context.commit()
    return real.order_id


def _rule_not_placed(context: RequestContext, universe: Universe) -> str:
    order = context.order

    def is_recorded() -> bool:
        records = (items.get(f"order#{order.name}") for items in universe.tables.values())
        return any(each and each["State"]["S"] == State.NOT_PLACED for each in records)

    context.not_placed("an operator")
    try:
        context.commit()
    finally:
        # An operator whose command dies after the write has ruled, too.
        if is_recorded():
            universe.history.add(Ruled(order.name))
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
