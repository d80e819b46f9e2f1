"""The entry of the console script `outpost-order`.

Each command imports what it needs when it runs: boto3 costs most of a second, and help,
`--version` and `init --show-template` need no AWS.
"""

import logging
from importlib.metadata import version
from typing import Annotated

import typer

from outpost_order_cli.options import (
    OrderName,
    OrderNameOrId,
    Profile,
    Region,
    StackName,
    TableName,
    Yes,
)
from outpost_order_cli.output import COMMAND, escape_unprintable, say

# Without markup, messages are plain lines: a box would break the IDs in them. A traceback
# with the values of variables could show credentials.
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 (typer calls it)
    if wanted:
        say(f"{COMMAND} {version('cdk-outpost-order')}")
        raise typer.Exit


@app.callback()
def _outpost_order(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """View and cancel AWS Outposts orders, and resolve orders whose outcome is unknown.

    Exit codes: 0 done, 1 failed, 2 usage error, 3 outcome still unknown.
    """


@app.command()
def init(
    *,
    region: Region = None,
    profile: Profile = None,
    tags: Annotated[
        list[str] | None,
        typer.Option(
            "--tags", metavar="KEY=VALUE", help="A tag of the stack and table. Can be repeated."
        ),
    ] = None,
    show_template: Annotated[
        bool,
        typer.Option("--show-template", help="Print the CloudFormation template and exit."),
    ] = False,
    start_empty: Annotated[
        bool,
        typer.Option("--start-empty", help="Create an empty ledger in place of a deleted one."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Create the ledger, once for each account and Region.

    It creates the table outpost-orders as the CloudFormation stack outpost-orders. If the table
    exists, nothing is changed. A deleted ledger is never replaced without --start-empty.

    It needs these permissions. cloudformation: CreateStack, DescribeStacks,
    DescribeStackEvents. dynamodb: CreateTable, DescribeTable, DescribeContinuousBackups,
    ListBackups, TagResource, UpdateContinuousBackups, UpdateTable, and what else
    CloudFormation needs to create a table.
    """
    if show_template:
        from outpost_order_cli.template import ledger_template

        say(ledger_template())
        return
    from outpost_order_cli import init as initialization
    from outpost_order_cli.location import Location

    initialization.init(Location(region, profile), tags or [], start_empty=start_empty, yes=yes)


@app.command("list")
def list_(
    *,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
    unresolved: Annotated[
        bool, typer.Option("--unresolved", help="Only orders whose outcome is unknown.")
    ] = False,
    wide: Annotated[
        bool, typer.Option("--wide", help="Also show when each order was sent and what it needs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")] = False,
) -> None:
    """List the orders of a ledger, those that need attention first."""
    from outpost_order_cli.location import Location, opened
    from outpost_order_cli.orders import list_orders

    location = Location(region, profile, table, stack)
    with opened(location) as services:
        list_orders(services, location, unresolved=unresolved, wide=wide, as_json=as_json)


@app.command()
def show(
    name: OrderNameOrId,
    *,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Show everything that the ledger knows of an order."""
    from outpost_order_cli import orders
    from outpost_order_cli.location import Location, opened

    location = Location(region, profile, table, stack)
    with opened(location) as services:
        orders.show(name, services, location)


@app.command()
def reconcile(
    name: OrderName,
    *,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Look for the order in AWS and record it if found.

    Exits with 3 if the outcome is still unknown.
    """
    from outpost_order_cli import reconcile as reconciling
    from outpost_order_cli.location import Location, opened

    location = Location(region, profile, table, stack)
    with opened(location) as services:
        reconciling.reconcile(name, services, location)


@app.command()
def resolve(
    name: OrderName,
    *,
    placed: Annotated[
        str | None, typer.Option("--placed", metavar="oo-...", help="The order that was placed.")
    ] = None,
    not_placed: Annotated[
        bool, typer.Option("--not-placed", help="Record that no order was placed.")
    ] = False,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude",
            metavar="oo-...",
            help="A matching order that is not this one. Can be repeated.",
        ),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option("--why", help='How you know, for example "Support case 1234"; recorded.'),
    ] = None,
    yes: Yes = False,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Record your verdict on an order whose outcome is unknown.

    Your identity, the time, and the reason are recorded with it.
    """
    from outpost_order_cli import resolve as resolving
    from outpost_order_cli.location import Location, opened

    location = Location(region, profile, table, stack)
    with opened(location) as services:
        verdict = resolving.Verdict.of(
            placed=placed, not_placed=not_placed, exclude=exclude, why=why
        )
        resolving.resolve(name, verdict, services, location, yes=yes)


@app.command()
def cancel(
    name: OrderName,
    *,
    confirm: Annotated[
        str | None,
        typer.Option(
            "--confirm", metavar="NAME", help="The order name again, to skip the question."
        ),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option(
            "--why", help='Why you cancel it, for example "Deployed by mistake"; recorded.'
        ),
    ] = None,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Cancel the order of a name, in AWS and in the ledger.

    It shows the order, asks you to type the order name, and sends CancelOrder. Exits with 1 if
    the order remains in force, and with 3 if that isn't known yet: run it again. Your identity,
    the time, and the reason are recorded. The order name can't be used again.

    It needs these permissions. outposts: CancelOrder, GetOrder. dynamodb: GetItem, PutItem on
    the ledger's table. For an unresolved order, also those of reconcile.
    """
    from outpost_order_cli import cancel as cancelling
    from outpost_order_cli.location import Location, opened

    location = Location(region, profile, table, stack)
    with opened(location) as services:
        typed = cancelling.Cancellation.of(name, location, confirm=confirm, why=why)
        cancelling.cancel(typed, services)


def main() -> None:
    """Run the command that the terminal asks for."""
    escape_unprintable()
    # The function's log would come between the lines that are meant for a terminal.
    logging.getLogger("outpost_order_handler").addHandler(logging.NullHandler())
    app(prog_name=COMMAND)
