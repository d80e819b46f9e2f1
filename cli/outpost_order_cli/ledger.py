"""The commands `outpost-order ledger ...`."""

import json
from typing import Annotated

import typer

from outpost_order_cli import reconciling, resolving
from outpost_order_cli.problems import Problem
from outpost_order_cli.shown import print_row, print_rows, summary
from outpost_order_cli.verdict import Verdict
from outpost_order_cli.where import Profile, Region, StackName, TableName, Where, opened
from outpost_order_handler.delivery import World
from outpost_order_handler.records import Row, State
from outpost_order_handler.rules import bounded_repr

OrderName = Annotated[
    str, typer.Argument(metavar="NAME", help="The order's name, as in the template.")
]

commands = typer.Typer(
    no_args_is_help=True, help="See what was ordered, and find out what nobody knows yet."
)


@commands.command("list")
def list_rows(
    *,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
    unresolved: Annotated[
        bool, typer.Option("--unresolved", help="Only those whose outcome is unknown.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object on each line.")] = False,
) -> None:
    """List the orders of a ledger."""
    with opened(Where(table, stack, region, profile)) as world:
        rows = [row for row in _rows(world) if row.is_unresolved or not unresolved]
    if as_json:
        for row in rows:
            typer.echo(json.dumps(summary(row)))
    elif rows:
        print_rows(rows)
    else:
        typer.echo("no order is unresolved" if unresolved else "the ledger is empty")


@commands.command()
def show(
    name: OrderName,
    *,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Show everything that is known of an order."""
    where = Where(table, stack, region, profile)
    with opened(where) as world:
        row = _row(name, world)
        print_row(row)
        if row.is_unresolved or row.state == State.CANCELLING:
            typer.echo(f"\nlook again: outpost-order ledger reconcile {name}{where.options}")


@commands.command()
def reconcile(
    name: OrderName,
    *,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Look again what became of an order.

    It writes down what it finds, and exits with 3 where the outcome stays unknown.
    """
    where = Where(table, stack, region, profile)
    with opened(where) as world:
        reconciling.reconcile(_row(name, world), world, where)


@commands.command()
def resolve(
    name: OrderName,
    *,
    placed: Annotated[
        str | None, typer.Option("--placed", metavar="oo-...", help="This order came of it.")
    ] = None,
    not_placed: Annotated[
        bool, typer.Option("--not-placed", help="No order came of it, and none will.")
    ] = False,
    not_ours: Annotated[
        list[str] | None,
        typer.Option(
            "--not-ours", metavar="oo-...", help="This equal order is not it. May be repeated."
        ),
    ] = None,
    why: Annotated[
        str | None, typer.Option("--why", help="How you know; it is kept in the ledger.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Record your verdict on an order whose outcome nobody knows.

    Your identity, the time and the reason are kept with it.
    """
    with opened(Where(table, stack, region, profile)) as world:
        verdict = Verdict.of(placed=placed, not_placed=not_placed, not_ours=not_ours, why=why)
        resolving.resolve(_row(name, world), verdict, world, yes=yes)


def _rows(world: World) -> list[Row]:
    try:
        return sorted(world.ledger.rows(), key=lambda row: row.name)
    except KeyError as missing:
        raise Problem(
            f"--table must name a ledger, but an item of this table has no {missing}"
        ) from missing


def _row(name: str, world: World) -> Row:
    row = world.ledger.row(name)
    if row.state == State.NONE:
        raise Problem(
            f"there is no order {bounded_repr(name)} in this ledger; "
            "'outpost-order ledger list' shows all of them"
        )
    return row
