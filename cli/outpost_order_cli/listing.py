"""`outpost-order list`: every order of a ledger, those that need attention first."""

from collections.abc import Sequence
from dataclasses import replace

from outpost_order_cli.document import document, summary
from outpost_order_cli.ledger import OperatorServices
from outpost_order_cli.location import Location, region_in_use
from outpost_order_cli.orders import (
    NOTHING,
    RECONCILE,
    UPGRADE,
    KnownOrder,
    described,
    has_order_in_force,
    moment,
)
from outpost_order_cli.output import one_line, say, say_as_given, table
from outpost_order_cli.problems import UPGRADE_FIRST
from outpost_order_cli.progress import progress
from outpost_order_cli.stacks import OrderStacks, find_stacks, stack_name

_HEADS = ("Name", "State", "Order", "Outpost")
_WIDE_HEADS = (*_HEADS, "Sent", "Needs", "Stack", "Asked for")


def list_orders(
    services: OperatorServices,
    location: Location,
    *,
    unresolved: bool,
    wide: bool,
    as_json: bool,
    offline: bool,
) -> None:
    """Print the records of a ledger, those that need attention first; as JSON by name."""
    now = services.clock.now()
    with progress(f"Reading the ledger {location.table} in {region_in_use()}"):
        records = sorted(services.ledger.records(), key=lambda record: record.name)
    listed = [KnownOrder(record, now) for record in records]
    listed = [each for each in listed if each.needs or not unresolved]
    if not offline:
        listed = _with_stacks(listed)
    if as_json:
        say_as_given(document(location, orders=[summary(each) for each in listed]))
    elif listed:
        listed.sort(key=lambda each: (each.needs != RECONCILE, not each.needs, each.stack != ""))
        _print_table(listed, wide=wide)
        _print_attention(listed, location)
    else:
        say("No order is unresolved." if unresolved else "The ledger is empty.")


def _with_stacks(listed: Sequence[KnownOrder]) -> list[KnownOrder]:
    """Find the stack of each order that remains in force, and say if that isn't possible."""
    in_force = [each.record for each in listed if has_order_in_force(each.record)]
    stacks = OrderStacks()
    if in_force:
        orders = "1 order" if len(in_force) == 1 else f"{len(in_force)} orders"
        with progress(f"Looking for the stacks of {orders}"):
            stacks = find_stacks(in_force)
    stacks.report_problem()
    return [
        replace(each, stack=stacks.stack_of(each.record.order_id))
        if has_order_in_force(each.record)
        else each
        for each in listed
    ]


def _print_table(listed: Sequence[KnownOrder], *, wide: bool) -> None:
    rows = []
    for each in listed:
        record = each.record
        row = [record.name, record.order_id, each.outpost_id]
        if wide:
            stack = stack_name(each.stack) if each.stack else ""
            content = described(record.content) if record.content else ""
            row += [moment(each.sent_at), each.needs, stack, content]
        name, *others = [one_line(cell) or NOTHING for cell in row]
        rows.append([name, each.shown_state, *others])
    for line in table(_WIDE_HEADS if wide else _HEADS, rows):
        say(line)


def _print_attention(listed: Sequence[KnownOrder], location: Location) -> None:
    waiting = [each.record.name for each in listed if each.needs == RECONCILE]
    if waiting:
        count = "1 order needs" if len(waiting) == 1 else f"{len(waiting)} orders need"
        say(f"\n{count} attention. Run:\n  {location.command(RECONCILE, waiting[0])}")
    unknown = [each.record.name for each in listed if each.needs == UPGRADE]
    if unknown:
        names = one_line(", ".join(unknown))
        say(f"\nThis version doesn't know the state of {names}. {UPGRADE_FIRST}")
    left = [each.record.name for each in listed if each.stack == ""]
    if left:
        facts = (
            "1 order is in no stack. It remains in force and is payable. To cancel it, run:"
            if len(left) == 1
            else f"{len(left)} orders are in no stack. They remain in force and are payable. "
            "To cancel one, run:"
        )
        say(f"\n{facts}\n  {location.command('cancel', left[0])}")
