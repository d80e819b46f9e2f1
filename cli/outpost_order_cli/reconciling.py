"""Looking again what became of an order."""

import typer

from outpost_order_cli.problems import IN_DOUBT
from outpost_order_cli.shown import moment, print_orders, print_row
from outpost_order_cli.waiting import earliest_not_placed, sender_may_tell
from outpost_order_cli.where import Where
from outpost_order_handler.delivery import World
from outpost_order_handler.order import Order
from outpost_order_handler.reconciliation import evidence, witness_of
from outpost_order_handler.records import Row, State


def reconcile(row: Row, world: World, where: Where) -> None:
    """Look for evidence, write down what it proves, and say what is left to do.

    Raises:
        typer.Exit: It is still not known; the exit code is 3.
    """
    if row.state == State.CANCELLING:
        _confirm_cancelling(row, world)
    elif row.is_unresolved:
        _find(row, world, where)
    else:
        order = f" ({row.order_id})" if row.order_id else ""
        typer.echo(f"{row.name} is {row.state}{order} already, nothing is to be found out")


def _confirm_cancelling(row: Row, world: World) -> None:
    order = world.outposts.get_order(row.order_id)
    if order.is_cancelled:
        row = world.ledger.cancelled(row)
        typer.echo(f"recorded: {row.order_id} is cancelled\n")
        print_row(row)
        return
    typer.echo(
        f"{row.order_id} was to be cancelled, and is {order.status}: "
        "delete its resource again, or cancel it in the Outposts console or with AWS Support"
    )
    raise typer.Exit(IN_DOUBT)


def _find(row: Row, world: World, where: Where) -> None:
    candidates = evidence(row, world)
    if len(candidates) == 1:
        row = world.ledger.placed(row, candidates[0], witness_of(row))
        typer.echo(f"found and recorded: {row.name} is {row.order_id}\n")
        print_row(row)
        return
    if candidates:
        print_orders(candidates)
        typer.echo(f"\nthese {len(candidates)} may all be {row.name}, and at most one of them is")
    else:
        typer.echo(
            f"no order on {row.outpost_id} can be {row.name}: none is new since the attempt, "
            "equal to it and nobody else's; that proves nothing, it may come late"
        )
    _say_what_is_left(row, candidates, world, where)
    raise typer.Exit(IN_DOUBT)


def _say_what_is_left(row: Row, candidates: list[Order], world: World, where: Where) -> None:
    typer.echo(sender_may_tell(row, world.clock.now()))
    command = "outpost-order ledger {} " + row.name
    not_ours = "".join(f" --not-ours {order.order_id}" for order in candidates)
    allowed = moment(earliest_not_placed(row).isoformat())
    for when, step in {
        "in some minutes, look again": command.format("reconcile"),
        "if you know the order": command.format("resolve") + " --placed oo-...",
        f"if you know that there is none, from {allowed} on": command.format("resolve")
        + f' --not-placed{not_ours} --why "..."',
    }.items():
        typer.echo(f"{when}:\n  {step}{where.options}")
