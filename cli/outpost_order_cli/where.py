"""Where the ledger is: the options that say it, and the way to it."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import boto3
import typer

from outpost_order_cli.problems import FAILED, Problem, cause_of, line_of, misused, name_of
from outpost_order_handler import contract
from outpost_order_handler.clock import Clock
from outpost_order_handler.delivery import World
from outpost_order_handler.ledger import Ledger
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.rules import bounded_repr
from outpost_order_handler.table import Table

TableName = Annotated[
    str | None,
    typer.Option(
        "--table", metavar="NAME", envvar=contract.LEDGER_TABLE, help="The ledger's table."
    ),
]
StackName = Annotated[
    str | None,
    typer.Option("--stack", metavar="STACK", help="A stack whose orders are in the ledger."),
]
Region = Annotated[
    str | None,
    # boto3 does not know this variable, the AWS CLI does.
    typer.Option("--region", metavar="REGION", envvar="AWS_REGION", help="As in the AWS CLI."),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", metavar="PROFILE", help="As in the AWS CLI."),
]

_MILLIS_OF_A_TERMINAL = 3_600_000  # nothing ends a command but its person


@dataclass(frozen=True)
class Where:
    """Where the ledger is, as it was given."""

    table: str | None
    stack: str | None
    region: str | None
    profile: str | None

    @property
    def options(self) -> str:
        """The options to type again; what the environment says needs no typing."""
        given = {
            "--table": None if self.table == _of_environment() else self.table,
            "--stack": self.stack,
            "--region": None if self.region == os.environ.get("AWS_REGION") else self.region,
            "--profile": self.profile,
        }
        return "".join(f" {name} {shlex.quote(value)}" for name, value in given.items() if value)

    def table_name(self) -> str:
        """Return the name of the ledger's table.

        Raises:
            Problem: It is not given, or the stack does not tell it.
        """
        # What is typed outranks the environment.
        table = None if self.stack and self.table == _of_environment() else self.table
        if bool(table) == bool(self.stack):
            got = f"{bounded_repr(table)} and {bounded_repr(self.stack)}" if table else "none"
            raise misused(f"exactly one of --table and --stack must be given, got {got}")
        return table or _table_of(str(self.stack))


@contextmanager
def opened(where: Where) -> Iterator[World]:
    """Give what a command works with, and end it with one line where that fails as expected."""
    table = ""
    try:
        boto3.setup_default_session(profile_name=where.profile, region_name=where.region)
        table = where.table_name()
        clock = Clock(lambda: _MILLIS_OF_A_TERMINAL)
        yield World(Outposts(), Ledger(Table(table), clock), clock)
    except Exception as error:
        line = _no_such_table(table, error) or line_of(error)
        if line is None:
            raise
        typer.echo(f"Error: {line}", err=True)
        exit_code = error.exit_code if isinstance(error, Problem) else FAILED
        raise typer.Exit(exit_code) from error


def _of_environment() -> str | None:
    return os.environ.get(contract.LEDGER_TABLE)


def _no_such_table(table: str, error: Exception) -> str | None:
    if not table or name_of(cause_of(error)) != "ResourceNotFoundException":
        return None
    region = boto3.DEFAULT_SESSION.region_name
    name = bounded_repr(table)
    return f"there is no table {name} in {region}; check the table, --region and --profile"


def _table_of(stack: str) -> str:
    """Ask the functions behind the stack's orders; the ledger may be another stack's."""
    lambda_ = boto3.client("lambda")
    tables = set()
    for function in _functions_of(stack):
        configuration = lambda_.get_function_configuration(FunctionName=function)
        variables = configuration.get("Environment", {}).get("Variables", {})
        tables.add(variables.get(contract.LEDGER_TABLE))
    found = sorted(tables - {None})
    if not found:
        raise Problem(
            f"stack {bounded_repr(stack)} has no function that names the ledger of its orders; "
            "name the stack of an OutpostOrder, or the table with --table"
        )
    if len(found) > 1:
        names = " and ".join(found)
        raise Problem(
            f"stack {bounded_repr(stack)} has {len(found)} ledgers, {names}; name one with --table"
        )
    return str(found[0])


def _functions_of(stack: str) -> Iterator[str]:
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
    for page in pages.paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            if (
                resource["ResourceType"] == "AWS::Lambda::Function"
                and resource["ResourceStatus"] != "DELETE_COMPLETE"
                and resource.get("PhysicalResourceId")
            ):
                yield resource["PhysicalResourceId"]
