"""People beside CloudFormation: operators, buyers in the console, and AWS itself.

An operator calls what the command line calls, and does what it allows: the command itself
is tested in tests/cli. Buyers order elsewhere, with or without a date; AWS advances, cancels
and replaces orders and changes line items. Left out: `cancel` by command, which comes later.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from outpost_order_handler.delivery import World as Services
from outpost_order_handler.failures import OrderError
from outpost_order_handler.reconciliation import evidence, witness_of
from outpost_order_handler.records import Row, State, Witness
from outpost_order_handler.table import Lost, TableUnavailable
from tests.safety.history import Order, Properties, Ruled
from tests.safety.scheduler import Process
from tests.safety.world import outposts
from tests.safety.world.universe import Universe

NOT_PLACED_AFTER = timedelta(minutes=15)

Verdict = Callable[[Row, Services, Universe], str]


def operate(name: str, verdict: Verdict, services: Services, universe: Universe) -> str:
    """Give a verdict on an attempt, as the command line does, and return what it says."""
    try:
        row = services.ledger.row(name)
        return verdict(row, services, universe)
    except (OrderError, Lost, TableUnavailable) as error:
        return f"fails: {type(error).__name__}"


def reconcile(row: Row, services: Services, _: Universe) -> str:
    """Record what the evidence proves."""
    if row.state == State.CANCELLING and services.outposts.get_order(row.order_id).is_cancelled:
        services.ledger.cancelled(row)
        return "cancelled"
    if not row.is_unresolved:
        return str(row.state)
    candidates = evidence(row, services)
    if len(candidates) != 1:
        return "still unknown"
    services.ledger.placed(row, candidates[0], witness_of(row))
    return candidates[0].order_id


def resolve_not_placed(row: Row, services: Services, universe: Universe) -> str:
    """Record that no order came of an attempt, if nothing speaks against it."""
    too_early = row.is_unresolved and services.clock.now() < _begun(row) + NOT_PLACED_AFTER
    if not row.is_unresolved or too_early or evidence(row, services):
        return "refused"
    return _rule_not_placed(row, services, universe)


def resolve_with_the_truth(row: Row, services: Services, universe: Universe) -> str:
    """Record what really came of an attempt: the operator asked AWS Support."""
    if not row.is_unresolved:
        return str(row.state)
    orders = [order for order in universe.orders.values() if order.order_name == row.name]
    if not orders:
        return _rule_not_placed(row, services, universe)
    order = services.outposts.get_order(orders[0].order_id)
    services.ledger.placed(row, order, Witness.PERSON)
    universe.history.add(Ruled(row.name, order.order_id))
    return order.order_id


def _rule_not_placed(row: Row, services: Services, universe: Universe) -> str:
    def is_recorded() -> bool:
        records = (items.get(Row.key_of(row.name)) for items in universe.tables.values())
        return any(each and each["State"]["S"] == State.NOT_PLACED for each in records)

    try:
        services.ledger.not_placed(row, "an operator says so", "operator")
    finally:
        # An operator whose command dies after the write has ruled, too.
        if is_recorded():
            universe.history.add(Ruled(row.name))
    return "recorded"


def _begun(row: Row) -> datetime:
    return datetime.fromisoformat(row.submitted_at)


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
