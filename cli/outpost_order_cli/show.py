"""`outpost-order show`: everything that is known of one order."""

import re
from dataclasses import replace

from outpost_order_cli.document import details, document
from outpost_order_cli.ledger import OperatorServices
from outpost_order_cli.location import Location, region_in_use
from outpost_order_cli.orders import (
    NOTHING,
    RECONCILE,
    KnownOrder,
    facts_of_request,
    has_order_in_force,
    moment,
    no_record,
    print_facts,
    record_of,
)
from outpost_order_cli.output import columns, one_line, say, say_as_given, wrapped
from outpost_order_cli.problem import Problem
from outpost_order_cli.problems import line_of
from outpost_order_cli.progress import progress
from outpost_order_cli.stacks import find_stacks, stack_name
from outpost_order_handler import rules
from outpost_order_handler.contract import Attribute
from outpost_order_handler.failures import NotReadable
from outpost_order_handler.ledger.records import OrderRecord, State
from outpost_order_handler.outposts.responses import CANCELLED

_LABEL = 15  # characters
_RESOURCE = re.compile(r"arn:aws[a-z-]*:cloudformation:[^|]+\|\w+")


def show(
    name_or_id: str,
    services: OperatorServices,
    location: Location,
    *,
    as_json: bool,
    offline: bool,
) -> None:
    """Print everything that is known of an order, given its name or its ID."""
    with progress(f"Reading the ledger {location.table} in {region_in_use()}"):
        record = _find(name_or_id, services, location)
    order = KnownOrder(record, services.clock.now())
    if not offline:
        order = _with_stack(_with_live_status(order, services))
    if as_json:
        say_as_given(document(location, order=details(order)))
        return
    print_order(order)
    _print_next_command(order, location)


def _find(name_or_id: str, services: OperatorServices, location: Location) -> OrderRecord:
    if not rules.ORDER_ID.accepts(name_or_id):
        return record_of(name_or_id, services, location)
    records = services.ledger.records()
    record = next((each for each in records if each.order_id == name_or_id), None)
    if record is None:
        raise Problem(no_record(f"order ID {name_or_id}", location))
    return record


def _with_live_status(order: KnownOrder, services: OperatorServices) -> KnownOrder:
    """Read the order from AWS; if that fails, say so and keep what the record has."""
    order_id = order.record.order_id
    if not order_id:
        return order
    try:
        with progress(f"Reading {order_id} from AWS Outposts"):
            live = services.outposts.get_order(order_id)
    except NotReadable as error:
        say(
            f"The live status of {order_id} can't be read: {line_of(error)} "
            "To show the ledger alone, use --offline.",
            err=True,
        )
        return order
    record = replace(order.record, order_attributes=live.attributes())
    return KnownOrder(record, services.clock.now(), is_live=True)


def _with_stack(order: KnownOrder) -> KnownOrder:
    if not has_order_in_force(order.record):
        return order
    with progress(f"Looking for the stack of {order.record.order_id}"):
        stacks = find_stacks([order.record])
    stacks.report_problem()
    return replace(order, stack=stacks.stack_of(order.record.order_id))


def print_order(order: KnownOrder) -> None:
    """Print everything that is known of an order."""
    record = order.record
    content = record.content
    facts = {
        "Name": one_line(record.name),
        "State": order.shown_state,
        "Order": one_line(record.order_id) or NOTHING,
        "Outpost": one_line(order.outpost_id) or NOTHING,
        **(facts_of_request(record.request, content) if record.request and content else {}),
        **_facts_of_order(order),
        **_facts_of_attempt(order),
    }
    print_facts(facts, _LABEL)
    _print_history(record)


def _facts_of_order(order: KnownOrder) -> dict[str, str]:
    if not order.record.order_id:
        return {}
    source = (
        f"live, read at {moment(order.now)}" if order.is_live else "when last created or updated"
    )
    facts = {
        "Status": f"{order.attribute(Attribute.STATUS) or NOTHING} ({source})",
        "Order type": order.attribute(Attribute.ORDER_TYPE),
        "Submitted": moment(order.attribute(Attribute.ORDER_SUBMISSION_DATE)),
        "Stack": stack_name(order.stack) if order.stack else "",
    }
    return {label: one_line(fact) for label, fact in facts.items() if fact}


def _facts_of_attempt(order: KnownOrder) -> dict[str, str]:
    attempt = order.record.attempt
    if attempt is None:
        return {}
    facts = {"Sent": f"{moment(attempt.started_at)} for {one_line(_readable(attempt.resource))}"}
    if order.needs == RECONCILE:
        facts["Function ends"] = f"{moment(attempt.sender_end)} at the latest"
        facts["Earlier orders"] = f"{len(attempt.baseline)} on the Outpost before the request"
    return facts


def _readable(why: str) -> str:
    """Return why a step was taken; the resource of an attempt by the name of its stack."""
    if not _RESOURCE.fullmatch(why):
        return why
    stack, _, logical_id = why.rpartition("|")
    return f"{logical_id} of {stack_name(stack)}"


def _print_history(record: OrderRecord) -> None:
    say("\nHistory")
    states = columns(
        [(moment(entry.get("At")), entry.get("State", NOTHING)) for entry in record.history]
    )
    for head, entry in zip(states, record.history, strict=True):
        why = one_line(_readable(entry.get("Why", "")))
        say(wrapped(f"{head}  {why}".rstrip(), 2))
        if who := entry.get("Who"):
            say(f"  by {one_line(who)}")


def _print_next_command(order: KnownOrder, location: Location) -> None:
    name = order.record.name
    status = order.attribute(Attribute.STATUS)
    if order.needs == RECONCILE:
        say(f"\nTo look for the order in AWS, run:\n  {location.command(RECONCILE, name)}")
    elif order.record.state == State.PLACED and order.is_live and status == CANCELLED:
        say("\nThe order is cancelled, and the ledger doesn't say so yet. To record it, run:")
        say(f"  {location.command('cancel', name)}")
    elif order.stack == "":
        say("\nNo stack has this order. It remains in force and is payable. To cancel it, run:")
        say(f"  {location.command('cancel', name)}")
