"""The location of the ledger, and the connection to it."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import boto3
from botocore.exceptions import ClientError

from outpost_order_cli.exits import reported
from outpost_order_cli.ledger import OperatorLedger, OperatorOutposts, OperatorServices
from outpost_order_cli.output import COMMAND
from outpost_order_cli.problem import Problem, misused
from outpost_order_cli.problems import cause_of, code_of, is_gone
from outpost_order_cli.progress import progress
from outpost_order_handler import contract
from outpost_order_handler.clock import Clock
from outpost_order_handler.ledger.table import VERSION, LedgerUnavailable
from outpost_order_handler.stacks import Stacks

_STACK_ARN = re.compile(r"arn:aws[a-z-]*:cloudformation:([a-z0-9-]+):[0-9]{12}:stack/.+")
_MILLIS_OF_A_TERMINAL = 3_600_000  # only its operator ends a command
_WITHOUT_STACK = (
    f"If its orders are in the default ledger, replace --stack with --table "
    f"{contract.DEFAULT_LEDGER}; if not, with --table and the name of their ledger."
)
_OTHER_KEY = ("ValidationError", "ValidationException")  # a transaction says it in other words
_DENIED = ("AccessDenied", "AccessDeniedException")


@dataclass(frozen=True)
class Location:
    """The location of the ledger, as the operator typed it."""

    region: str | None = None
    profile: str | None = None
    given_table: str | None = None
    stack: str | None = None

    def connect(self) -> None:
        """Let boto3 use the profile and the Region.

        Raises:
            Problem: The options contradict each other.
        """
        if self.given_table and self.stack:
            raise misused("--table and --stack can't be used together. Give one of them.")
        if self.region and self._region_of_stack not in (None, self.region):
            raise misused(
                f"--region {self.region} contradicts --stack, which is in {self._region_of_stack}. "
                "Omit --region, or correct --stack."
            )
        # boto3 doesn't know AWS_REGION, the AWS CLI does.
        region = self.typed_region or os.environ.get("AWS_REGION") or None
        boto3.setup_default_session(profile_name=self.profile, region_name=region)

    @property
    def typed_region(self) -> str | None:
        """The Region as it was typed, alone or in an ARN."""
        return self.region or self._region_of_stack

    @property
    def _region_of_stack(self) -> str | None:
        arn = _STACK_ARN.fullmatch(self.stack or "")
        return arn[1] if arn else None

    @cached_property
    def table(self) -> str:
        """The name of the ledger's table; what was typed outranks the environment."""
        if self.stack:
            with progress(f"Looking for the ledger of the stack {self.stack}"):
                return _table_of(self.stack)
        return self.given_table or _table_without_options()

    @property
    def access_options(self) -> str:
        """The Region and the profile to type again; what the environment says needs no typing."""
        return _options({"--region": self.typed_region, "--profile": self.profile})

    def command(self, verb: str, name: str = "", options: str = "") -> str:
        """Return a command that works here when it is pasted into the same shell."""
        other_table = None if self.table == _table_without_options() else self.table
        where = _options(
            {"--region": self.typed_region, "--table": other_table, "--profile": self.profile}
        )
        if name.startswith("-"):
            return f"{COMMAND} {verb}{options}{where} -- {shlex.quote(name)}"
        subject = f" {shlex.quote(name)}" if name else ""
        return f"{COMMAND} {verb}{subject}{options}{where}"


@contextmanager
def opened(location: Location) -> Iterator[OperatorServices]:
    """Give what a command works with; end it with one line if that fails as expected."""
    with reported():
        location.connect()
        ledger, clock = OperatorLedger(location.table), Clock(lambda: _MILLIS_OF_A_TERMINAL)
        try:
            yield OperatorServices(ledger, OperatorOutposts(), Stacks(), clock)
        except Exception as error:
            problem = _problem_of_ledger(location, error)
            if problem is None:
                raise
            raise problem from error


def region_in_use() -> str:
    """Return the Region that boto3 uses."""
    return str(boto3.DEFAULT_SESSION.region_name)


def identity_in_use() -> str:
    """Return the ARN of the operator."""
    return str(boto3.client("sts").get_caller_identity()["Arn"])


def account_in_use() -> str:
    """Return the account of the operator."""
    return identity_in_use().split(":")[4]


def _options(given: Mapping[str, str | None]) -> str:
    return "".join(f" {name} {shlex.quote(value)}" for name, value in given.items() if value)


def _table_without_options() -> str:
    return os.environ.get(contract.LEDGER_TABLE) or contract.DEFAULT_LEDGER


def _problem_of_ledger(location: Location, error: Exception) -> Problem | None:
    """Return what is wrong with the table, if it is no ledger."""
    table, cause = location.table, cause_of(error)
    if code_of(cause) == "ResourceNotFoundException":
        missing = f"The ledger {table} doesn't exist in {region_in_use()}."
        if table == contract.DEFAULT_LEDGER:
            region = _options({"--region": region_in_use(), "--profile": location.profile})
            return Problem(f"{missing} Run: {COMMAND} init{region}")
        return Problem(
            f"{missing} Create table {table} with key {contract.LEDGER_KEY} (string), "
            f"or correct {_source_of_table(location)}."
        )
    other_key = isinstance(error, LedgerUnavailable) and error.why[0] in _OTHER_KEY
    other_items = isinstance(error, KeyError) and error.args[0] in (contract.LEDGER_KEY, VERSION)
    if other_key or other_items:
        return Problem(
            f"The table {table} isn't a ledger: an item of a ledger has the key "
            f"{contract.LEDGER_KEY} and a {VERSION}. Correct {_source_of_table(location)}."
        )
    return None


def _source_of_table(location: Location) -> str:
    if location.stack:
        return "--stack"
    return "--table" if location.given_table else contract.LEDGER_TABLE


def _table_of(stack: str) -> str:
    """Return the ledger that the functions of a stack name.

    Raises:
        Problem: There isn't exactly one.
    """
    search = _Search()
    try:
        search.look_into(stack)
    except ClientError as error:
        if not is_gone(error):
            raise
        raise Problem(
            f"The stack {stack} doesn't exist in {region_in_use()}. Correct --stack or --region; "
            f"a deleted stack is found by its ARN only. {_WITHOUT_STACK}"
        ) from error
    tables = sorted(search.tables)
    if len(tables) > 1:
        raise Problem(
            f"The stack {stack} has {len(tables)} ledgers: {' and '.join(tables)}. "
            "Choose one with --table."
        )
    if not tables:
        why = f" ({', '.join(search.passed_over)})" if search.passed_over else ""
        raise Problem(
            f"The stack {stack} has no function that names a ledger{why}. {_WITHOUT_STACK}"
        )
    return tables[0]


class _Search:
    """Looks for the ledgers that the functions of a stack name, nested stacks included.

    Attributes:
        tables: The ledgers that were found.
        passed_over: Each resource that can't be asked, and the reason.
    """

    def __init__(self) -> None:
        self.tables: set[str] = set()
        self.passed_over: list[str] = []

    def look_into(self, stack: str) -> None:
        """Ask each function of a stack and of its nested stacks."""
        pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
        for page in pages.paginate(StackName=stack):
            for resource in page["StackResourceSummaries"]:
                self._ask(resource)

    def _ask(self, resource: Mapping[str, str]) -> None:
        ask = {
            "AWS::CloudFormation::Stack": self.look_into,
            "AWS::Lambda::Function": self._ask_function,
        }.get(resource["ResourceType"])
        name = resource.get("PhysicalResourceId")
        if ask is None or not name:
            return
        what = f"{resource['LogicalResourceId']} ({name})"
        if resource["ResourceStatus"] == "DELETE_COMPLETE":
            self.passed_over.append(f"{what} was deleted")
            return
        try:
            ask(name)
        except ClientError as error:
            if is_gone(error):
                self.passed_over.append(f"{what} was deleted")
            elif code_of(error) in _DENIED:
                self.passed_over.append(f"access to {what} was denied")
            else:
                raise

    def _ask_function(self, name: str) -> None:
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=name)
        variables = configuration.get("Environment", {}).get("Variables", {})
        if table := variables.get(contract.LEDGER_TABLE):  # else it isn't ours
            self.tables.add(table)
