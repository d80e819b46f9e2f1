"""The arguments and options that several commands have."""

from enum import StrEnum
from typing import Annotated

import typer

from outpost_order_handler import contract

OrderName = Annotated[
    str, typer.Argument(metavar="NAME", help="The order name, for example PO-4710.")
]
OrderNameOrId = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The order name or the order ID, PO-4710 or oo-..."),
]
TableName = Annotated[
    str | None,
    typer.Option(
        "--table",
        metavar="NAME",
        help=f"The ledger's table. Default: ${contract.LEDGER_TABLE}, else "
        f"{contract.DEFAULT_LEDGER}.",
    ),
]
StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        metavar="STACK",
        help="The name or ARN of a stack with orders: use the ledger that its function names.",
    ),
]
Region = Annotated[
    str | None,
    typer.Option("--region", metavar="REGION", help="The AWS Region, for example us-west-2."),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", metavar="PROFILE", help="The profile of the AWS CLI to use."),
]
Offline = Annotated[
    bool,
    typer.Option("--offline", help="Read only the ledger, and no other service of AWS."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help='Print one JSON document ("schema": 1); null means unknown.')
]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", metavar="NAME", help="The order name again, in place of typing it."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Skip the question.")]


class Format(StrEnum):
    """How a review is printed."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"
    GITHUB = "github"


Stacks = Annotated[
    list[str] | None, typer.Argument(metavar="[STACKS]...", help="Report on these stacks only.")
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="PATH|deployed",
        help="The synthesized app or the template to compare with, or `deployed`. Without it, "
        "every order counts as new.",
    ),
]
FailOn = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        metavar="LIST",
        help="Fail the gate on new-order, changed, removed, unpriced, identical, will-fail, or "
        "not-checked; several with commas.",
    ),
]
MaxCommitment = Annotated[
    list[str] | None,
    typer.Option(
        "--max-commitment",
        metavar="CURRENCY=AMOUNT",
        help="Fail the gate if more is committed, for example USD=200000. Can be repeated.",
    ),
]


class Then(StrEnum):
    """An operation that follows the first deployment of a rehearsal."""

    UPDATE = "update"
    ROLLBACK = "rollback"
    DESTROY = "destroy"
    REDEPLOY = "redeploy"
    MOVE = "move"


class Story(StrEnum):
    """A whole emergency, with the commands of the operator."""

    LOST_ANSWER = "lost-answer"


Failures = Annotated[
    list[str] | None,
    typer.Option(
        "--fail",
        metavar="[ORDER_NAME=]NAME",
        help="Let the first deployment of an order fail so. Can be repeated. See --fail-list.",
    ),
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="[ORDER_NAME=]FAULT",
        help="Disturb CreateOrder of an order: hang, late, lost-answer, reset or throttle.",
    ),
]
Thens = Annotated[
    list[Then] | None,
    typer.Option("--then", help="Do this after the deployment. Can be repeated."),
]
Stories = Annotated[
    Story | None,
    typer.Option("--story", help="Go through an emergency, with each command of the operator."),
]
Expected = Annotated[
    list[str] | None,
    typer.Option(
        "--expect",
        metavar="[ORDER_NAME=]NAME",
        help="Exit with 0 only if this failure happens, and no other. Can be repeated.",
    ),
]
