"""The entry of the console script `outpost-order`.

Each command imports what it needs when it runs: boto3 costs most of a second, and help,
`--version` and `init --show-template` need no AWS.
"""

import logging
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from outpost_order_cli.help import Command, CommandGroup, examples
from outpost_order_cli.options import (
    Against,
    AsJson,
    Confirm,
    FailOn,
    Format,
    MaxCommitment,
    Offline,
    OrderName,
    OrderNameOrId,
    Profile,
    Region,
    StackName,
    Stacks,
    TableName,
    Yes,
)
from outpost_order_cli.output import (
    COMMAND,
    escape_unprintable,
    reported_if_unwritable,
    say,
    say_as_given,
)

# Without markup, messages are plain lines: a box would break the IDs in them. A traceback
# with the values of variables could show credentials.
app = typer.Typer(
    cls=CommandGroup,
    epilog=examples(f"{COMMAND} list", f"{COMMAND} show PO-4710"),
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _outpost_order(
    context: typer.Context,
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.")
    ] = False,
) -> None:
    """View and cancel AWS Outposts orders, and resolve orders whose outcome is unknown.

    Exit codes: 0 done, 1 failed, 2 usage error, 3 outcome still unknown.
    """
    if show_version:
        say(f"{COMMAND} {version('cdk-outpost-order')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        say_as_given(context.get_help())


@app.command(
    cls=Command,
    epilog=examples(
        f"{COMMAND} init --region us-west-2",
        f"{COMMAND} init --show-template > ledger.template.json",
    ),
)
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
    exists, nothing is changed. Without --start-empty, a deleted ledger is never replaced.

    It needs these permissions. cloudformation: CreateStack, DescribeStacks,
    DescribeStackEvents. dynamodb: CreateTable, DescribeTable, DescribeContinuousBackups,
    ListBackups, TagResource, UpdateContinuousBackups, UpdateTable, and the other
    permissions that CloudFormation needs to create a table.
    """
    if show_template:
        from outpost_order_cli.template import ledger_template

        say_as_given(ledger_template())
        return
    from outpost_order_cli import init as initialization
    from outpost_order_cli.location import Location

    initialization.init(Location(region, profile), tags or [], start_empty=start_empty, yes=yes)


@app.command(
    "list",
    cls=Command,
    epilog=examples(
        f"{COMMAND} list", f'{COMMAND} list --json | jq -r ".orders[] | select(.needs) | .name"'
    ),
)
def list_(
    *,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
    unresolved: Annotated[
        bool, typer.Option("--unresolved", help="Show only orders whose outcome is unknown.")
    ] = False,
    wide: Annotated[
        bool,
        typer.Option("--wide", help="Add columns: sent, needs, stack, and what was asked for."),
    ] = False,
    as_json: AsJson = False,
    offline: Offline = False,
) -> None:
    """List the orders of a ledger, those that need attention first.

    An order that remains in force although no stack has it is marked "no stack".

    It needs these permissions. dynamodb: Scan on the ledger's table. Without --offline, also
    cloudformation: ListStacks, ListStackResources.
    """
    from outpost_order_cli.listing import list_orders
    from outpost_order_cli.location import Location, opened

    location = Location(region, profile, table, stack)
    with opened(location) as services:
        list_orders(
            services,
            location,
            unresolved=unresolved,
            wide=wide,
            as_json=as_json,
            offline=offline,
        )


@app.command(
    cls=Command,
    epilog=examples(f"{COMMAND} show PO-4710", f"{COMMAND} show oo-0123456789abcdef0 --offline"),
)
def show(
    name: OrderNameOrId,
    *,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
    offline: Offline = False,
) -> None:
    """Show an order: state, content, live status, stack, history.

    It needs these permissions. dynamodb: GetItem on the ledger's table, and Scan for an order
    ID. Without --offline, also outposts: GetOrder, and cloudformation: ListStacks,
    ListStackResources.
    """
    from outpost_order_cli import show as showing
    from outpost_order_cli.location import Location, opened

    location = Location(region, profile, table, stack)
    with opened(location) as services:
        showing.show(name, services, location, as_json=as_json, offline=offline)


@app.command(
    cls=Command,
    epilog=examples(
        f"{COMMAND} reconcile PO-4711",
        f"{COMMAND} reconcile PO-4711 --region us-west-2 --profile operator",
    ),
)
def reconcile(
    name: OrderName,
    *,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Look for an order in AWS, and record it if it is found.

    Exits with 3 if the outcome is still unknown.

    It needs these permissions. outposts: ListOrders, GetOrder, and GetQuote for an order from
    a quote. dynamodb: GetItem, PutItem on the ledger's table.
    """
    from outpost_order_cli import reconcile as reconciling
    from outpost_order_cli.location import Location, opened

    location = Location(region, profile, table, stack)
    with opened(location) as services:
        reconciling.reconcile(name, services, location)


@app.command(
    cls=Command,
    epilog=examples(
        f"{COMMAND} resolve PO-4711 --placed oo-0123456789abcdef0",
        f'{COMMAND} resolve PO-4711 --not-placed --why "Support case 1234"',
    ),
)
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
        typer.Option(
            "--why", metavar="TEXT", help='How you know, for example "Support case 1234"; recorded.'
        ),
    ] = None,
    confirm: Confirm = None,
    yes: Annotated[bool, typer.Option("--yes", help="Skip the question of --placed.")] = False,
    table: TableName = None,
    stack: StackName = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Record whether an order was placed, if its outcome is unknown.

    It shows what was asked for. With --placed, it asks for a yes, which --yes gives. With
    --not-placed, it asks you to type the order name, which --confirm gives. Your identity, the
    time, and the reason are recorded.

    It needs these permissions. outposts: ListOrders, GetOrder, and GetQuote for an order from
    a quote. dynamodb: GetItem, PutItem on the ledger's table.
    """
    from outpost_order_cli import resolve as resolving
    from outpost_order_cli.location import Location, opened

    location = Location(region, profile, table, stack)
    with opened(location) as services:
        verdict = resolving.Verdict.of(
            name,
            placed=placed,
            not_placed=not_placed,
            exclude=exclude,
            why=why,
            confirm=confirm,
            yes=yes,
        )
        resolving.resolve(name, verdict, services, location)


@app.command(cls=Command, epilog=examples(f'{COMMAND} cancel PO-4710 --why "Deployed by mistake"'))
def cancel(
    name: OrderName,
    *,
    confirm: Confirm = None,
    why: Annotated[
        str | None,
        typer.Option(
            "--why",
            metavar="TEXT",
            help='Why you cancel it, for example "Deployed by mistake"; recorded.',
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


@app.command(
    cls=Command,
    epilog=examples(
        f"{COMMAND} review --against ../main/cdk.out",
        f"{COMMAND} review --against deployed --live",
        f"{COMMAND} review --against ../main/cdk.out --fail-on will-fail,unpriced",
    ),
)
def review(
    stacks: Stacks = None,
    *,
    synthesized: Annotated[
        str, typer.Option("--app", metavar="PATH", help="The synthesized app.")
    ] = "cdk.out",
    against: Against = None,
    live: Annotated[
        bool, typer.Option("--live", help="Also ask the ledger and AWS; nothing is written.")
    ] = False,
    form: Annotated[
        Format, typer.Option("--format", help="How the review is printed.")
    ] = Format.TERMINAL,
    summary: Annotated[
        Path | None,
        typer.Option("--summary", metavar="FILE", help="Append the whole text to this file, too."),
    ] = None,
    fail_on: FailOn = None,
    max_commitment: MaxCommitment = None,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Show what a change of an app buys, and which deployments will fail.

    It compares two synthesized apps, and needs no AWS unless you give --live or
    --against deployed. Exits with 4 if the gate of --fail-on or --max-commitment fails.

    With --live, it needs the permissions of list and show, and outposts: GetCatalogItem,
    GetOutpost, GetQuote, ListCatalogItems, ListOrders. With --against deployed, it needs
    cloudformation: GetTemplate, ListStackResources.
    """
    from outpost_order_cli.exits import reported
    from outpost_order_cli.review.command import Review
    from outpost_order_cli.review.gate import Gate

    with reported():
        gate = Gate.of(fail_on, max_commitment or ())
        Review(synthesized, against, stacks or (), live, region, profile).run(gate, form, summary)


@app.command(
    cls=Command,
    epilog=examples(
        f"{COMMAND} rehearse",
        f"{COMMAND} rehearse 'Prod/*' --app 'python3 app.py'",
        f"{COMMAND} rehearse --app cdk.out --json",
        f"{COMMAND} rehearse --keep",
    ),
)
def rehearse(
    stacks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STACKS]...", help="The stacks to deploy, by name or path."),
    ] = None,
    *,
    application: Annotated[
        str | None,
        typer.Option(
            "--app",
            metavar="APP",
            help="The command of the app, or a synthesized app. Default: that of cdk.json.",
        ),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(
            "--env",
            metavar="NAME[=VALUE]",
            help="An environment variable that the app gets. Can be repeated.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse an app of which a part isn't rehearsed.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show the events of each stack.")
    ] = False,
    as_json: AsJson = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Open a shell at the end, whose commands use this AWS. It ends with the shell.",
        ),
    ] = False,
    region: Annotated[
        str | None,
        typer.Option(
            "--region", metavar="REGION", help="The Region of stacks that name none: us-west-2."
        ),
    ] = None,
) -> None:
    """Deploy an app into an AWS on this machine. Nothing reaches AWS, nothing is bought.

    It synthesizes the app, creates the ledgers, deploys the stacks in order, and shows what the
    Outposts API received. It needs the extra [rehearse], and no permissions. Exits with 1 if a
    stack fails, or if the outcome differs from what review says.
    """
    from outpost_order_cli.exits import reported
    from outpost_order_cli.problem import Problem

    with reported():
        try:
            from outpost_order_cli.rehearse.command import Rehearsal
        except ModuleNotFoundError as error:
            raise Problem(
                f"rehearse needs the extra [rehearse]: {error.name} isn't installed. "
                "To install it, run: pip install 'cdk-outpost-order[rehearse]'"
            ) from error

        Rehearsal(
            stacks or (), application, region, env or (), strict, verbose, as_json, keep
        ).run()


def main() -> None:
    """Run the command that the terminal asks for."""
    escape_unprintable()
    # The function's log would come between the lines that are meant for a terminal.
    logging.getLogger("outpost_order_handler").addHandler(logging.NullHandler())
    with reported_if_unwritable():
        app(prog_name=COMMAND)
