"""`outpost-order reconcile`: search AWS for the order of an attempt, and record it."""

from collections.abc import Sequence
from typing import NoReturn

import typer

from outpost_order_cli.location import Location
from outpost_order_cli.orders import (
    RECONCILE,
    UPGRADE,
    described_state,
    moment,
    needs,
    no_record,
    print_orders,
)
from outpost_order_cli.output import best_effort, say
from outpost_order_cli.problem import STILL_UNKNOWN, Problem
from outpost_order_cli.problems import UPGRADE_FIRST
from outpost_order_cli.progress import progress
from outpost_order_cli.unresolved import Unresolved
from outpost_order_handler.clock import StartOver
from outpost_order_handler.ledger.records import State
from outpost_order_handler.ledger.table import VersionConflict
from outpost_order_handler.outposts.responses import Order
from outpost_order_handler.placement.context import Services
from outpost_order_handler.placement.evidence import conclude, is_proof

_TRIES = 3  # to record what was found, while other processes write


def reconcile(name: str, services: Services, location: Location) -> None:
    """Look for evidence, record what it proves, and print what is left to do.

    Raises:
        Problem: The name has no record, or one of a newer version.
        typer.Exit: The outcome is still unknown; the exit code is 3.
        VersionConflict: Other processes changed the ledger each time.
    """
    for _ in range(_TRIES - 1):
        try:
            return _reconcile(name, services, location)
        except VersionConflict as conflict:
            services.clock.wait(conflict.pause)
    return _reconcile(name, services, location)


def _reconcile(name: str, services: Services, location: Location) -> None:
    record = services.ledger.record(name)
    if not record.version:
        raise Problem(
            f"{no_record(f'order {name}', location)}\n"
            "If a failure reason has this name, no order was sent for it, and you can deploy again."
        )
    if needs(record.state) == UPGRADE:
        raise Problem(f"{name} is {record.state}, which this version doesn't know. {UPGRADE_FIRST}")
    if record.state == State.SUBMITTING:
        _find(Unresolved.load(record, services), location)
    else:
        say(f"{name} is already resolved: {described_state(record)}. Nothing to do.")


def _find(unresolved: Unresolved, location: Location) -> None:
    if unresolved.still_running:
        _end_unknown(unresolved, [], unresolved.still_running, location)
    found = unresolved.matching_orders()  # an error of this search is shown, and not one below
    try:
        with progress(f"Searching the orders of {unresolved.context.outpost.name}"):
            conclude(unresolved.context)
    except StartOver:  # the function would look again; here, the operator does
        _end_unknown(unresolved, found, _what_was_found(unresolved, found), location)
    unresolved.record(f"{unresolved.name} is {unresolved.context.order.order_id}")


def _what_was_found(unresolved: Unresolved, found: Sequence[Order]) -> str:
    name = unresolved.name
    if len(found) > 1:
        return f"Found {len(found)} matching orders. At most one of them is {name}."
    if found:
        return f"Found 1 matching order, which can't be shown to be {name}."
    return (
        f"No matching order found on {unresolved.context.outpost.name} yet. "
        "It might still appear: try again in a few minutes."
    )


def _end_unknown(
    unresolved: Unresolved, found: Sequence[Order], what: str, location: Location
) -> NoReturn:
    proven = [order for order in found if is_proof(order, unresolved.context)]
    with best_effort():
        if found:
            print_orders(found)
            say()
        say(what)
        _print_next_commands(unresolved, proven, found, location)
    raise typer.Exit(STILL_UNKNOWN)


def _print_next_commands(
    unresolved: Unresolved, proven: Sequence[Order], found: Sequence[Order], location: Location
) -> None:
    name, allowed = unresolved.name, unresolved.not_placed_from
    say(f"To look again, run:\n  {location.command(RECONCILE, name)}")
    if proven:
        say(f"If you know that an order is {name}, run:")
    for order in proven:
        say(f"  {location.command('resolve', name, f' --placed {order.order_id}')}")
    when = f", from {moment(allowed)} on" if unresolved.now < allowed else ""
    excluded = "".join(f" --exclude {order.order_id}" for order in found)
    options = f' --not-placed{excluded} --why "..."'
    say(f"If you know that no order was placed, run{when}:")
    say(f"  {location.command('resolve', name, options)}")
