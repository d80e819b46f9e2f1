"""The rules of the function behind the orders, checked while the app synthesizes."""

import re
from collections.abc import Iterator

from aws_cdk import Duration, Stack, Stage, Token
from aws_cdk import aws_lambda as lambda_

from outpost_order.function import FunctionOptions
from outpost_order.ledger import OrderLedger
from outpost_order.names import place_of
from outpost_order.timing import DEFAULT_TIMEOUT, LONGEST_TIMEOUT
from outpost_order_handler.rules import bounded_repr

_LEAST_MEMORY, _MOST_MEMORY = 128, 10_240  # MiB, Lambda's own limits
_OLDEST_PYTHON = 11


def function_problems(options: FunctionOptions) -> Iterator[str]:
    """Yield what is wrong with how the function is to run."""
    yield from _memory_problems(options.memory_size)
    yield from _timeout_problems(options.timeout)
    yield from _runtime_problems(options.runtime)
    if options.vpc is None:
        for name in ("vpc_subnets", "security_groups"):
            if getattr(options, name) is not None:
                yield f"'{name}' must not be given without 'vpc': give the VPC they belong to"


def _memory_problems(memory_size: object) -> Iterator[str]:
    if Token.is_unresolved(memory_size):
        return
    whole = isinstance(memory_size, int) and not isinstance(memory_size, bool)
    if not whole or not _LEAST_MEMORY <= int(str(memory_size)) <= _MOST_MEMORY:
        yield (
            f"'memory_size' must be a whole number of {_LEAST_MEMORY} to {_MOST_MEMORY} MiB, "
            f"got {bounded_repr(memory_size)}"
        )


def _timeout_problems(timeout: Duration) -> Iterator[str]:
    if timeout.is_unresolved():
        yield "'timeout' must be known at synth, got a token"
        return
    seconds = timeout.to_seconds()
    if not DEFAULT_TIMEOUT.to_seconds() <= seconds <= LONGEST_TIMEOUT.to_seconds():
        yield (
            f"'timeout' must be 4 to 15 minutes, got {seconds:g} seconds: what is stopped while "
            "it buys leaves the outcome unknown"
        )


def _runtime_problems(runtime: lambda_.Runtime) -> Iterator[str]:
    found = re.fullmatch(r"python3\.([0-9]{1,3})", runtime.name)
    if found is None or int(found[1]) < _OLDEST_PYTHON:
        yield f"'runtime' must be Python 3.{_OLDEST_PYTHON} or newer, got {runtime.name}"


def ledger_problems(stack: Stack, ledger: OrderLedger) -> Iterator[str]:
    """Yield why the orders of a stack can't use the table that another stack creates."""
    if not ledger.is_created_here:
        return
    path = ledger.node.path
    if Stage.of(ledger) != Stage.of(stack):
        yield (
            f"'ledger' must be in the stage of its orders, got {path}: use "
            "OrderLedger.from_table_name, and deploy the table first"
        )
    here, there = place_of(stack), place_of(ledger)
    for one, other in ((here.account, there.account), (here.region, there.region)):
        if one and other and one != other:
            yield f"'ledger' must be in {one}, as its orders are, got {path}, which is in {other}"
