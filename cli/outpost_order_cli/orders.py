"""Orders and records as an operator sees them."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from outpost_order_cli.location import Location
from outpost_order_cli.output import columns, fit, one_line, say, wrapped
from outpost_order_cli.problems import Problem
from outpost_order_handler import rules
from outpost_order_handler.delivery import World
from outpost_order_handler.order import Order
from outpost_order_handler.records import Row, State, Witness
from outpost_order_handler.request import OrderRequest

NOTHING = "-"
RECONCILE = "reconcile"
NEEDS = {
    State.SUBMITTING: RECONCILE,
    State.IN_DOUBT: RECONCILE,
    State.CANCELLING: RECONCILE,
    State.CANCEL_REFUSED: "cancel by hand",
}
_EVIDENCE: dict[str, str] = {
    Witness.RESPONSE: "the response to CreateOrder",
    Witness.QUOTE: "the quote",
    Witness.ORDERS_OF_THE_OUTPOST: "the orders of the Outpost",
    Witness.ADOPTED: "adopt_order_id",
    Witness.PERSON: "an operator",
}
_STATES_WITH_REASON = (State.SUBMITTING, State.IN_DOUBT, State.REJECTED)
_LABEL = 15  # characters


def list_orders(
    world: World, location: Location, *, unresolved: bool, wide: bool, as_json: bool
) -> None:
    """Print the records of a ledger, those that need attention first; as JSON by name."""
    rows = [row for row in world.ledger.rows() if row.is_unresolved or not unresolved]
    rows.sort(key=lambda row: row.name)
    if as_json:
        for row in rows:
            say(json.dumps(summary(row)))
    elif rows:
        rows.sort(key=lambda row: NEEDS.get(row.state) != RECONCILE)
        _print_rows(rows, wide=wide)
        _print_attention(rows, location)
    else:
        say("No order is unresolved." if unresolved else "The ledger is empty.")


def row_of(name: str, world: World, location: Location) -> Row:
    """Return the record of an order name.

    Raises:
        Problem: There is none.
    """
    row = world.ledger.row(name)
    if row.state == State.NONE:
        raise _not_found(f"order {name}", location)
    return row


def show(name_or_id: str, world: World, location: Location) -> None:
    """Print everything that is known of an order, given its name or its ID."""
    name = name_or_id
    if rules.ORDER_ID.accepts(name_or_id):
        name = world.ledger.claim(name_or_id).order_name
        if not name:
            raise _not_found(f"order ID {name_or_id}", location)
    row = row_of(name, world, location)
    print_row(row)
    if name != name_or_id != row.order_id:
        say(f"\n{name_or_id} was placed by an earlier attempt of {name}.")
    if NEEDS.get(row.state) == RECONCILE:
        say(f"\nTo look for the order in AWS, run:\n  {location.command(RECONCILE, row.name)}")


def summary(row: Row) -> dict[str, str]:
    """Return what a list says of a record."""
    return {
        "Name": row.name,
        "State": row.state,
        "OutpostId": row.outpost_id,
        "OrderId": row.order_id,
        "SubmittedAt": row.submitted_at,
        "Needs": NEEDS.get(row.state, ""),
    }


def print_row(row: Row) -> None:
    """Print everything that is known of a record."""
    stack, _, logical_id = row.resource.rpartition("|")
    facts = {
        "Name": row.name,
        "State": row.state,
        "Outpost": row.outpost_id,
        "Order": row.order_id,
        "Last status": row.attributes.get("Status", ""),
        "Known from": _EVIDENCE.get(row.witness, row.witness),
        "Submitted": moment(row.submitted_at),
        "Asked for": asked_for(row),
        "Earlier orders": f"{len(row.baseline)} on the Outpost before the attempt",
        "Resource": f"{logical_id} of {stack}" if row.resource else "",
        "Reason": row.reason if row.state in _STATES_WITH_REASON else "",
    }
    for label, fact in facts.items():
        say(wrapped(f"{label:<{_LABEL}}{one_line(fact) or NOTHING}", _LABEL))
    _print_history(row)


def print_orders(orders: Iterable[Order], *, err: bool = False) -> None:
    """Print real orders, each with its content."""
    orders = list(orders)
    heads = columns([(each.order_id, each.status, moment(each.submitted_at)) for each in orders])
    for head, order in zip(heads, orders, strict=True):
        say(head, err=err)
        say(wrapped(f"  {one_line(described(order))}", 2), err=err)


def described(order: Order | OrderRequest) -> str:
    """Return in one line what is ordered."""
    shown_elsewhere = ("OutpostIdentifier",)
    return ", ".join(
        value
        for name, value in content(order).items()
        if name not in shown_elsewhere and value != NOTHING
    )


def content(order: Order | OrderRequest) -> dict[str, str]:
    """Return what is ordered, by the names of the API."""
    items = ", ".join(f"{quantity} x {item}" for item, quantity in order.line_items)
    return {
        "OutpostIdentifier": order.outpost_id,
        "LineItems": items or NOTHING,
        "QuoteIdentifier": order.quote_id or NOTHING,
        "QuoteOptionIdentifier": order.quote_option_identifier or NOTHING,
        "PaymentOption": order.payment_option,
        "PaymentTerm": order.payment_term or NOTHING,
    }


def asked_for(row: Row) -> str:
    """Return what the template asked for; a newer version's record is shown as well."""
    properties: Mapping[str, Any] = row.properties
    items = properties.get("LineItems", ())
    shown_elsewhere = ("OrderName", "OutpostIdentifier", "LineItems")
    others = [
        " ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value)
        for name, value in properties.items()
        if name not in shown_elsewhere
    ]
    return ", ".join([f"{item['Quantity']} x {item['CatalogItemId']}" for item in items] + others)


def moment(at: str) -> str:
    """Return a time of the ledger to the second, in UTC."""
    return f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if at else NOTHING


def _not_found(what: str, location: Location) -> Problem:
    return Problem(
        f"The ledger {location.table} has no {one_line(what)}. "
        f"To list its orders, run: {location.command('list')}"
    )


def _print_rows(rows: list[Row], *, wide: bool) -> None:
    heads = ["Name", "State", "Order", "Outpost"]
    lines = [[row.name, row.state, row.order_id, row.outpost_id] for row in rows]
    if wide:
        heads += ["Submitted", "Needs"]
        for line, row in zip(lines, rows, strict=True):
            line += [moment(row.submitted_at), NEEDS.get(row.state, "")]
    cells = [heads, *([one_line(cell) or NOTHING for cell in line] for line in lines)]
    table = columns(cells)
    if not fit(table):
        # A name of 64 characters leaves no room: it gets a line, so that no ID is folded.
        others = columns([line[1:] for line in cells])
        table = [f"{line[0]}\n  {other}" for line, other in zip(cells, others, strict=True)]
    for each in table:
        say(each)


def _print_attention(rows: list[Row], location: Location) -> None:
    waiting = [row for row in rows if NEEDS.get(row.state) == RECONCILE]
    if waiting:
        count = "1 order needs" if len(waiting) == 1 else f"{len(waiting)} orders need"
        say(f"\n{count} attention. Run:\n  {location.command(RECONCILE, waiting[0].name)}")


def _print_history(row: Row) -> None:
    say("\nHistory")
    states = columns([(moment(entry["At"]), entry["State"]) for entry in row.history])
    for head, entry in zip(states, row.history, strict=True):
        why = one_line(entry.get("Why", ""))
        say(wrapped(f"{head}  {why}".rstrip(), 2))
        if who := entry.get("Who"):
            say(f"  by {one_line(who)}")
