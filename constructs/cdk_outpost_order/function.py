"""The Lambda function that answers CloudFormation: its code, its times and its limits."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import jsii
from aws_cdk import CfnResource, Duration, IAnyProducer, IResolveContext, Lazy, Stage, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from cdk_outpost_order.ledger import OrderLedger
from outpost_order_handler import contract
from outpost_order_handler.rules import bounded_repr

CODE = Path(__file__).with_name("_function")
"""The handler and crhelper as they are deployed; the build of the package makes the folder."""

DEFAULT_TIMEOUT = Duration.minutes(4)
"""Far above the sum of all bounded calls: crhelper's own timer must never fire."""

_SHORTEST_TIMEOUT, _LONGEST_TIMEOUT = 240, 900  # seconds; the longest is Lambda's own limit
LONGEST_SERVICE_TIMEOUT = 3600
"""CloudFormation's own limit, in seconds."""

_TIME_FOR_A_RETRY = 300  # seconds
_RETRIES = 2
_SHORTEST_DEFAULT, _STEP = 900, 300  # seconds that CloudFormation waits by default
_HANDLER = "outpost_order_handler.entry.handler"
_MODE = 0o644
_LEAST_MEMORY, _MOST_MEMORY = 128, 10_240  # MiB, Lambda's own limits
_OLDEST_PYTHON = 11


def max_event_age(timeout: int) -> int:
    """Return how many seconds Lambda may keep an event before it drops the event.

    Lambda waits a minute before it runs an event again that ran into the function's limit.
    """
    return timeout + _TIME_FOR_A_RETRY


def latest_answer(timeout: int) -> int:
    """Return when the last event has ended: kept as long as can be, then run to the limit."""
    return max_event_age(timeout) + timeout


def default_service_timeout(timeout: int) -> int:
    """Return how many seconds CloudFormation waits for such a function by default."""
    return max(_SHORTEST_DEFAULT, (latest_answer(timeout) // _STEP + 1) * _STEP)


@dataclass(frozen=True)
class FunctionOptions:
    """How the function runs, and where."""

    memory_size: int
    timeout: Duration
    runtime: lambda_.Runtime
    architecture: lambda_.Architecture
    vpc: ec2.IVpc | None
    vpc_subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup] | None


def stage_code(provider: Construct) -> None:
    """Let CDK copy the code into the cloud assembly, also with `--no-staging`.

    The CLI would zip the installed package: with what pip compiled, and the modes of this machine.
    """
    provider.node.set_context("aws:cdk:disable-asset-staging", False)  # noqa: FBT003


def make_function(
    scope: Construct,
    options: FunctionOptions,
    *,
    role: iam.IRole,
    log_group: logs.ILogGroup,
    ledger: OrderLedger,
) -> lambda_.Function:
    """Make the function below a construct."""
    groups = options.security_groups
    function = lambda_.Function(
        scope,
        "Function",
        description="Answers CloudFormation for the OutpostOrders of a stack",
        code=lambda_.Code.from_asset(str(CODE), exclude=["**/__pycache__"]),
        handler=_HANDLER,
        architecture=options.architecture,
        role=role,
        log_group=log_group,
        environment={contract.LEDGER_TABLE: ledger.table_name},
        # The ledger makes it safe to run an event again.
        retry_attempts=_RETRIES,
        max_event_age=Duration.seconds(max_event_age(int(options.timeout.to_seconds()))),
        memory_size=options.memory_size,
        timeout=options.timeout,
        runtime=options.runtime,
        vpc=options.vpc,
        vpc_subnets=options.vpc_subnets,
        security_groups=None if groups is None else list(groups),
    )
    _set_modes(function)
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    resource.add_override("DependsOn", Lazy.uncached_any(_DependsOn(resource, role)))
    return function


@jsii.implements(IAnyProducer)
class _DependsOn:
    """The dependencies of the function, without the role, which it references already.

    CDK names it a second time, because a policy beside a role must be there before a function.
    """

    def __init__(self, function: lambda_.CfnFunction, role: iam.IRole) -> None:
        self._function, self._role = function, role

    def produce(self, _context: IResolveContext) -> Any:  # noqa: ANN401
        """Return the logical IDs of all others."""
        role = self._role.node.default_child
        found = {
            each.node.path: each.logical_id
            for each in self._function.obtain_dependencies()
            if isinstance(each, CfnResource)
        }
        if role is not None:
            found.pop(role.node.path, None)
        return [found[path] for path in sorted(found)] or None


def _set_modes(function: lambda_.Function) -> None:
    """Let everybody read the code that the CLI zips: CDK copied the modes of this machine."""
    asset = cast("s3_assets.Asset", function.node.find_child("Code"))
    folder = Path(str(cast("Stage", Stage.of(function)).outdir), asset.asset_path)
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_mode & 0o777 != _MODE:
            path.chmod(_MODE)


def option_problems(options: FunctionOptions) -> Iterator[str]:
    """Yield what is wrong with how the function is to run."""
    if not CODE.is_dir():
        yield (
            f"the code of the function must be in {CODE}, but that isn't a folder: install the "
            "package with pip, because it can't work in a zip; in a checkout, run make install"
        )
    yield from _memory_problems(options.memory_size)
    yield from duration_problems("timeout", options.timeout, _timeout_problems)
    yield from _runtime_problems(options.runtime)
    if not isinstance(options.architecture, lambda_.Architecture):
        got = bounded_repr(options.architecture)
        yield f"'architecture' must be an aws_lambda.Architecture, got {got}"
    if options.vpc is None:
        for name in ("vpc_subnets", "security_groups"):
            if getattr(options, name) is not None:
                yield f"'{name}' must not be given without 'vpc': give the VPC they belong to"


def duration_problems(
    name: str, value: object, problems: Callable[[float], Iterator[str]]
) -> Iterator[str]:
    """Yield why a value is no duration that is known at synth, or what its seconds break."""
    if not isinstance(value, Duration):
        yield (
            f"'{name}' must be a Duration, such as Duration.minutes(15), got {bounded_repr(value)}"
        )
    elif value.is_unresolved():
        yield f"'{name}' must be known at synth, got a token"
    else:
        yield from problems(value.to_seconds())


def _memory_problems(memory_size: object) -> Iterator[str]:
    if isinstance(memory_size, int | float) and Token.is_unresolved(memory_size):
        return
    whole = isinstance(memory_size, int) and not isinstance(memory_size, bool)
    if not whole or not _LEAST_MEMORY <= int(str(memory_size)) <= _MOST_MEMORY:
        yield (
            f"'memory_size' must be a whole number of {_LEAST_MEMORY} to {_MOST_MEMORY} MiB, "
            f"got {bounded_repr(memory_size)}"
        )


def _timeout_problems(seconds: float) -> Iterator[str]:
    if not _SHORTEST_TIMEOUT <= seconds <= _LONGEST_TIMEOUT:
        yield (
            f"'timeout' must be 4 to 15 minutes, got {seconds:g} seconds: if a function is "
            "stopped while it places an order, the outcome is unknown"
        )


def _runtime_problems(runtime: object) -> Iterator[str]:
    name = runtime.name if isinstance(runtime, lambda_.Runtime) else bounded_repr(runtime)
    found = re.fullmatch(r"python3\.([0-9]{1,3})", name)
    if found is None or int(found[1]) < _OLDEST_PYTHON:
        yield f"'runtime' must be Python 3.{_OLDEST_PYTHON} or newer, got {name}"


def changed_function_problems(function: lambda_.Function, timeout: int) -> Iterator[str]:
    """Yield what an aspect or an escape hatch made of the function that no order can work with."""
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    invoke_config = function.node.try_find_child("EventInvokeConfig")
    values: dict[str, tuple[object, object]] = {
        "Timeout": (resource.timeout, timeout),
        "Handler": (resource.handler, _HANDLER),
    }
    if invoke_config is None:
        yield "the EventInvokeConfig of the function must remain: without it, an event can be late"
    else:
        delivery = cast("lambda_.CfnEventInvokeConfig", invoke_config.node.default_child)
        age = delivery.maximum_event_age_in_seconds
        values["MaximumEventAgeInSeconds"] = age, max_event_age(timeout)
        values["MaximumRetryAttempts"] = delivery.maximum_retry_attempts, _RETRIES
    for what, (got, wanted) in values.items():
        if got != wanted:
            yield (
                f"'{what}' of the function must remain {wanted}, got {bounded_repr(got)}, which an "
                f"aspect or an escape hatch set: no order could be placed and answered in time; "
                f"{_OWN_WAY.get(what, 'remove that')}"
            )
    if resource.runtime is not None:
        yield from _runtime_problems(lambda_.Runtime(resource.runtime))


_OWN_WAY = {"Timeout": "for a longer one, set 'timeout' of OutpostOrderProvider"}
