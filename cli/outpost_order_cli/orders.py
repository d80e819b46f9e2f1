"""Orders and records as an operator sees them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from outpost_order_cli.location import Location
from outpost_order_cli.output import columns, fit, one_line, say, wrapped
from outpost_order_cli.problems import Problem
from outpost_order_handler import rules
from outpost_order_handler.contract import Attribute, Preflight
from outpost_order_handler.ledger.records import OrderRecord, State
from outpost_order_handler.order import OrderContent, OrderRequest
from outpost_order_handler.outposts.responses import Order
from outpost_order_handler.placement.context import Services

NOTHING = "-"
RECONCILE = "reconcile"
IN_DOUBT = "IN_DOUBT"
"""What is shown of an order whose sender has ended while it is SUBMITTING; no record has it."""
UPGRADE = "upgrade"
NEEDS = {
    State.SUBMITTING: RECONCILE,
    IN_DOUBT: RECONCILE,
    State.NONE: "",
    State.PLACED: "",
    State.NOT_PLACED: "",
    State.CANCELLED: "",
}
"""What each state needs of an operator; a state that isn't here is of a newer version."""
_SHOWN_ELSEWHERE = (Attribute.ORDER_ID, Attribute.OUTPOST_ID, Attribute.STATUS)
_LABEL = 15  # characters


def list_orders(
    services: Services, location: Location, *, unresolved: bool, wide: bool, as_json: bool
) -> None:
    """Print the records of a ledger, those that need attention first; as JSON by name."""
    now = services.clock.now()
    records = sorted(services.ledger.records(), key=lambda record: record.name)
    listed = [summary(record, now) for record in records]
    listed = [each for each in listed if each["Needs"] or not unresolved]
    if as_json:
        for each in listed:
            say(json.dumps(each))
    elif listed:
        listed.sort(key=lambda each: each["Needs"] != RECONCILE)
        _print_table(listed, wide=wide)
        _print_attention(listed, location)
    else:
        say("No order is unresolved." if unresolved else "The ledger is empty.")


def record_of(name: str, services: Services, location: Location) -> OrderRecord:
    """Return the record of an order name.

    Raises:
        Problem: There is none.
    """
    record = services.ledger.record(name)
    if not record.version:
        raise Problem(no_record(f"order {name}", location))
    return record


def no_record(what: str, location: Location) -> str:
    """Return that the ledger doesn't have something, and how to find what it has."""
    return (
        f"The ledger {location.table} has no {one_line(what)}. "
        f"To list its orders, run: {location.command('list')}"
    )


def show(name_or_id: str, services: Services, location: Location) -> None:
    """Print everything that is known of an order, given its name or its ID."""
    if rules.ORDER_ID.accepts(name_or_id):
        records = services.ledger.records()
        record = next((each for each in records if each.order_id == name_or_id), None)
        if record is None:
            raise Problem(no_record(f"order ID {name_or_id}", location))
    else:
        record = record_of(name_or_id, services, location)
    now = services.clock.now()
    print_record(record, now)
    if needs(state_of(record, now)) == RECONCILE:
        say(f"\nTo look for the order in AWS, run:\n  {location.command(RECONCILE, record.name)}")


def state_of(record: OrderRecord, now: datetime) -> str:
    """Return the state as an operator sees it."""
    attempt = record.attempt
    has_ended = attempt is not None and attempt.sender_has_ended(now)
    return IN_DOUBT if record.state == State.SUBMITTING and has_ended else str(record.state)


def described_state(record: OrderRecord) -> str:
    """Return the state of a record, with its order if it has one."""
    return f"{record.state} ({record.order_id})" if record.order_id else str(record.state)


def needs(state: str) -> str:
    """Return what a state needs of an operator; nothing is empty."""
    return NEEDS.get(state, UPGRADE)


def summary(record: OrderRecord, now: datetime) -> dict[str, str]:
    """Return what a list says of a record."""
    state = state_of(record, now)
    return {
        "Name": record.name,
        "State": state,
        "OutpostId": outpost_of(record),
        "OrderId": record.order_id,
        "SubmittedAt": record.attempt.started_at.isoformat() if record.attempt else "",
        "Needs": needs(state),
    }


def outpost_of(record: OrderRecord) -> str:
    """Return the Outpost of an order; unknown is empty."""
    return record.outpost_id or record.order_attributes.get(Attribute.OUTPOST_ID, "")


def print_record(record: OrderRecord, now: datetime) -> None:
    """Print everything that is known of an order."""
    attributes = record.order_attributes
    others = [
        f"{name} {value}"
        for name, value in attributes.items()
        if value and name not in _SHOWN_ELSEWHERE
    ]
    facts = {
        "Name": record.name,
        "State": state_of(record, now),
        "Outpost": outpost_of(record),
        "Asked for": asked_for(record.request) if record.request else "",
        "Order": record.order_id,
        "Last status": attributes.get(Attribute.STATUS, ""),
        "Last read": ", ".join(others),
        **_facts_of_attempt(record),
        "Answers": str(len(record.answers)),
    }
    for label, fact in facts.items():
        say(wrapped(f"{label:<{_LABEL}}{one_line(fact) or NOTHING}", _LABEL))
    _print_history(record)


def print_orders(orders: Iterable[Order], *, err: bool = False) -> None:
    """Print real orders, each with its content."""
    orders = list(orders)
    heads = columns([(each.order_id, each.status, moment(each.submitted_at)) for each in orders])
    for head, order in zip(heads, orders, strict=True):
        say(head, err=err)
        say(wrapped(f"  {one_line(described(order.content))}", 2), err=err)


def described(content: OrderContent) -> str:
    """Return in one line what is ordered."""
    shown_elsewhere = ("OutpostIdentifier",)
    return ", ".join(
        value
        for name, value in facts_of(content).items()
        if name not in shown_elsewhere and value != NOTHING
    )


def facts_of(content: OrderContent) -> dict[str, str]:
    """Return what is ordered, by the names of the API."""
    items = ", ".join(f"{quantity} x {item}" for item, quantity in content.line_items)
    return {
        "OutpostIdentifier": content.outpost_id,
        "LineItems": items or NOTHING,
        "QuoteIdentifier": content.quote_id or NOTHING,
        "QuoteOptionIdentifier": content.option_id or NOTHING,
        "PaymentOption": content.payment_option or NOTHING,
        "PaymentTerm": content.payment_term or NOTHING,
    }


def asked_for(request: OrderRequest) -> str:
    """Return in one line what the template asked for."""
    parts = [
        described(request.content),
        str(request.quote_price or ""),
        f"in addition to {' and '.join(request.in_addition_to)}" if request.in_addition_to else "",
        f"adopting {request.adopt_order_id}" if request.adopt_order_id else "",
        "without preflight" if request.preflight == Preflight.SKIP else "",
    ]
    return ", ".join(filter(None, parts))


def moment(at: datetime | str | None) -> str:
    """Return a time to the second, in UTC."""
    at = datetime.fromisoformat(at) if isinstance(at, str) and at else at
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if isinstance(at, datetime) else NOTHING


def _facts_of_attempt(record: OrderRecord) -> dict[str, str]:
    attempt = record.attempt
    if attempt is None:
        return {"Attempt": ""}
    stack, _, logical_id = attempt.resource.rpartition("|")
    return {
        "Resource": f"{logical_id} of {stack}",
        "Submitted": moment(attempt.started_at),
        "Sender's end": moment(attempt.sender_end),
        "Earlier orders": f"{len(attempt.baseline)} on the Outpost before the attempt",
    }


def _print_table(listed: list[dict[str, str]], *, wide: bool) -> None:
    heads = ["Name", "State", "Order", "Outpost"]
    lines = [[each[key] for key in ("Name", "State", "OrderId", "OutpostId")] for each in listed]
    if wide:
        heads += ["Submitted", "Needs"]
        for line, each in zip(lines, listed, strict=True):
            line += [moment(each["SubmittedAt"]), each["Needs"]]
    cells = [heads, *([one_line(cell) or NOTHING for cell in line] for line in lines)]
    table = columns(cells)
    if not fit(table):
        # A name of 64 characters leaves no room: it gets a line, so that no ID is folded.
        others = columns([line[1:] for line in cells])
        table = [f"{line[0]}\n  {other}" for line, other in zip(cells, others, strict=True)]
    for each_line in table:
        say(each_line)


def _print_attention(listed: list[dict[str, str]], location: Location) -> None:
    waiting = [each["Name"] for each in listed if each["Needs"] == RECONCILE]
    if waiting:
        count = "1 order needs" if len(waiting) == 1 else f"{len(waiting)} orders need"
        say(f"\n{count} attention. Run:\n  {location.command(RECONCILE, waiting[0])}")


def _print_history(record: OrderRecord) -> None:
    say("\nHistory")
    states = columns(
        [(moment(entry.get("At")), entry.get("State", NOTHING)) for entry in record.history]
    )
    for head, entry in zip(states, record.history, strict=True):
        why = one_line(entry.get("Why", ""))
        say(wrapped(f"{head}  {why}".rstrip(), 2))
        if who := entry.get("Who"):
            say(f"  by {one_line(who)}")
