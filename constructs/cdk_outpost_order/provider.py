"""What answers CloudFormation for the orders of a stack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Unpack, cast
from weakref import WeakKeyDictionary

import jsii
from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, DependencyGroup, IDependable

from cdk_outpost_order.function import (
    DEFAULT_TIMEOUT,
    FunctionOptions,
    make_function,
    option_problems,
    stage_code,
)
from cdk_outpost_order.interface import InvalidOrderError
from cdk_outpost_order.ledger import OrderLedger, is_created_here, ledger_problems
from cdk_outpost_order.metrics import MetricOptions, in_doubt_alarm, metric_of
from cdk_outpost_order.names import deployed_stack, is_in_its_app, ledger_key, stack_of
from cdk_outpost_order.permissions import Permissions, own_role
from outpost_order_handler import contract
from outpost_order_handler.rules import one_of

_METRIC_NAME = one_of(*contract.Metric)


@dataclass(frozen=True)
class Serving:
    """The parts of a provider that its orders use."""

    stack: Stack
    permissions: Permissions
    prerequisites: IDependable
    """The dependency of every order: it must exist before the function is invoked."""
    service_token: str
    timeout: int
    """How many seconds the function can run."""


_SERVING: WeakKeyDictionary["OutpostOrderProvider", Serving] = WeakKeyDictionary()
_PROVIDERS: WeakKeyDictionary[Stack, list["OutpostOrderProvider"]] = WeakKeyDictionary()


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class OutpostOrderProvider(Construct):
    """The function behind the `OutpostOrder`s of a stack, with its role and log group.

    A stack makes one with its first order, and its nested stacks use the same. Make one yourself
    where the function must run in a VPC, under a role or with a log group that is there already,
    or otherwise than by default: orders without `provider=` use the only one of their stack.

    Its role can create orders on the Outposts of its orders, read Outposts, orders and the
    catalog, read and write records of the ledger, and ask CloudFormation whether it is
    creating a resource of the stack. The role can read quotes only if an order is from a
    quote. The role can't cancel orders. What else you grant to the provider is in place before
    an order is placed. The log group remains when you delete the stack: the log says what was
    bought and why.
    """

    @classmethod
    def of(cls, scope: Construct, ledger: OrderLedger | None = None) -> "OutpostOrderProvider":
        """Return the default provider of the stack around `scope`, made on first use.

        Args:
            scope: A construct of the stack, or of a stack that is nested in it.
            ledger: The ledger to make it with. Default: the table `outpost-orders`.

        Raises:
            InvalidOrderError: It was made with another ledger, or something else has its id.
        """
        stack = deployed_stack(stack_of(scope))
        existing = stack.node.try_find_child(cls.__name__)
        if existing is None:
            return cls(stack, cls.__name__, ledger=ledger)
        if not isinstance(existing, cls):
            problem = (
                f"the id {cls.__name__} must be free for the default provider of the stack, got a "
                f"{type(existing).__name__}: use another id for that, or make an "
                "OutpostOrderProvider and give it to the orders"
            )
            raise InvalidOrderError(existing.node.path, [problem], cannot="be a provider")
        problems = list(ledger_mismatches(existing, ledger, stack))
        if problems:
            raise InvalidOrderError(existing.node.path, problems, cannot="be used")
        return existing

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        ledger: OrderLedger | None = None,
        role: iam.IRole | None = None,
        log_group: logs.ILogGroup | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        memory_size: int = 256,
        timeout: Duration = DEFAULT_TIMEOUT,
        runtime: lambda_.Runtime = lambda_.Runtime.PYTHON_3_13,
        architecture: lambda_.Architecture = lambda_.Architecture.ARM_64,
    ) -> None:
        """Make the function, and what it needs and was not given, below `scope`.

        Args:
            scope: The construct it belongs to, most often the stack.
            id: Its id within the scope.
            ledger: The table that records the orders. Default: the table `outpost-orders`
                of the account and Region, which `outpost-order init` creates.
            role: What the function runs as. It gets one inline policy. An imported role
                that cannot be changed gets nothing: synth warns of what it must allow
                (acknowledge `cdk-outpost-order:roleNotChanged`). Default: a role of its own.
            log_group: Where the function logs. Default: one of its own, which is kept
                for a year and outlives the stack.
            vpc: Where the function runs. It must reach the APIs of Outposts, DynamoDB and
                CloudFormation, and S3 for its answers. Default: in no VPC.
            vpc_subnets: Which subnets of the VPC. Default: the private ones.
            security_groups: Which security groups of the VPC. Default: one of its own.
            memory_size: In MiB, 128 to 10,240. Default: 256.
            timeout: How long the function may run, 4 to 15 minutes. Default: 4 minutes.
            runtime: Python 3.11 or newer. Default: Python 3.13.
            architecture: The processor that it runs on. Default: ARM_64.

        Raises:
            InvalidOrderError: A rule is broken; the text lists every problem.
        """
        super().__init__(scope, id)
        stage_code(self)
        options = FunctionOptions(
            memory_size, timeout, runtime, architecture, vpc, vpc_subnets, security_groups
        )
        stack = stack_of(scope)
        problems = list(option_problems(options))
        if ledger is not None:
            problems += ledger_problems(stack, ledger)
        if problems:
            raise InvalidOrderError(self.node.path, problems, cannot="place orders")
        self.ledger = ledger or OrderLedger.from_table_name(self, "Ledger", contract.DEFAULT_LEDGER)
        self.timeout = timeout
        if is_created_here(self.ledger):
            # CDK can't see it: the function knows the table by its name.
            self.node.add_dependency(self.ledger)
        self.log_group: logs.ILogGroup = log_group or logs.LogGroup(
            self, "LogGroup", retention=logs.RetentionDays.ONE_YEAR
        )
        self.role: iam.IRole = role or own_role(self)
        permissions = Permissions(
            self, self.role, ledger=self.ledger, log_group=self.log_group, in_vpc=vpc is not None
        )
        self.function = make_function(
            self, options, role=self.role, log_group=self.log_group, ledger=self.ledger
        )
        self._vpc = vpc
        prerequisites = DependencyGroup(self.function.node.find_child("EventInvokeConfig"))
        if permissions.is_attached:
            cast("Construct", self.function.node.default_child).node.add_dependency(
                permissions.policy
            )
            prerequisites.add(permissions.policy)
        token, seconds = self.function.function_arn, int(timeout.to_seconds())
        self.node.default_child = self.function.node.default_child
        _SERVING[self] = Serving(stack, permissions, prerequisites, token, seconds)
        _PROVIDERS.setdefault(stack, []).append(self)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Who gets what is granted to the provider: its role."""
        return self.role

    @property
    def connections(self) -> ec2.Connections:
        """What the function can connect to in its VPC.

        Raises:
            InvalidOrderError: The function is in no VPC.
        """
        if self._vpc is None:
            problem = "'vpc' must be given: a function in no VPC has no security groups"
            raise InvalidOrderError(self.node.path, [problem], cannot="have connections")
        return self.function.connections

    @property
    def service_token(self) -> str:
        """The ARN of the function, as a custom resource takes it."""
        return serving(self).service_token

    def metric(self, metric_name: str, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return what the function counts: the sum of 5 minutes, unless props say otherwise.

        Args:
            metric_name: `"OrdersPlaced"`, `"OrdersJoined"`, `"OrdersRefused"` or
                `"OrdersInDoubt"`.
            **props: As of `aws_cloudwatch.MetricOptions`.

        Raises:
            InvalidOrderError: The function does not count that.
        """
        problems = tuple(_METRIC_NAME.problems("'metric_name'", metric_name))
        if problems:
            raise InvalidOrderError(self.node.path, problems, cannot="be measured")
        return metric_of(self.function, metric_name, props)

    def metric_placed(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how many Create requests placed an order; props as of `metric`."""
        return self.metric(contract.Metric.PLACED, **props)

    def metric_joined(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how many got the order that their name already had; props as of `metric`."""
        return self.metric(contract.Metric.JOINED, **props)

    def metric_refused(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return how many Create requests placed no order; props as of `metric`."""
        return self.metric(contract.Metric.REFUSED, **props)

    def metric_in_doubt(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return of how many Create requests the outcome is unknown; props as of `metric`."""
        return self.metric(contract.Metric.IN_DOUBT, **props)

    def add_in_doubt_alarm(
        self,
        id: str = "InDoubtAlarm",
        *,
        actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> cloudwatch.Alarm:
        """Raise an alarm when it is not known whether something was bought.

        One such order within 5 minutes is enough. Its description names the command
        that finds the order.

        Args:
            id: Its id within the provider.
            actions: Whom it tells, such as an `aws_cloudwatch_actions.SnsAction`.
                Default: no actions.
        """
        alarm = in_doubt_alarm(self, id, self.metric_in_doubt(), table_name=self.ledger.table_name)
        alarm.add_alarm_action(*actions)
        return alarm


def serving(provider: OutpostOrderProvider) -> Serving:
    """Return the parts of a provider that its orders use."""
    return _SERVING[provider]


def providers_in(stack: Stack) -> list[OutpostOrderProvider]:
    """Return the providers that a stack has itself, without its nested stacks."""
    found = _PROVIDERS.get(stack, [])
    # A provider can have been removed since; the first one is asked for with each order.
    return found if len(found) < 2 else [each for each in found if is_in_its_app(each)]  # noqa: PLR2004


def only_provider(scope: Construct, ledger: OrderLedger | None) -> OutpostOrderProvider:
    """Return the only provider of the stack around a scope, or of the stacks that it is nested in.

    Without one, make the default provider.

    Raises:
        InvalidOrderError: There are two or more.
    """
    stack = stack_of(scope)
    problems = ambiguous_provider_problems(stack)
    if problems:
        raise InvalidOrderError(scope.node.path, problems)
    found = _candidates(stack)
    return found[0] if found else OutpostOrderProvider.of(scope, ledger)


def ambiguous_provider_problems(stack: Stack) -> list[str]:
    """Return why an order of a stack must say which provider it has."""
    found = _candidates(stack)
    if len(found) < 2:  # noqa: PLR2004
        return []
    paths = ", ".join(each.node.path for each in found)
    problem = (
        f"'provider' must be given, because {serving(found[0]).stack.node.path} has {len(found)}: "
        f"{paths}; an order that is deployed already must keep its provider, because "
        "CloudFormation refuses another ServiceToken: if it was deployed without 'provider', use "
        "provider=OutpostOrderProvider.of(stack)"
    )
    return [problem]


def _candidates(stack: Stack) -> list[OutpostOrderProvider]:
    """Return the providers of a stack, or else of the next one that it is nested in."""
    found = providers_in(stack)
    parent = None if found else stack.nested_stack_parent
    return found if parent is None else _candidates(parent)


def ledger_mismatches(
    provider: OutpostOrderProvider, ledger: OrderLedger | None, stack: Stack
) -> Iterator[str]:
    """Yield why a provider can't be used with this ledger."""
    if ledger is None:
        return
    if not isinstance(ledger, OrderLedger):
        yield from ledger_problems(stack, ledger)
    elif not _serves(provider.ledger, ledger, stack):
        yield (
            f"'ledger' must be the same for all orders of a provider, got {ledger.node.path}, but "
            f"{provider.node.path} uses {provider.ledger.node.path}: give the same ledger to each"
        )


def _serves(used: OrderLedger, ledger: OrderLedger, stack: Stack) -> bool:
    """Return whether the ledger that a provider uses is the one that an order asks for."""
    if used is ledger:
        return True
    names = [ledger_key(stack, each.table_name) for each in (used, ledger)]
    keys = [each.encryption_key and each.encryption_key.key_arn for each in (used, ledger)]
    return names[0] == names[1] and keys[1] in (None, keys[0])
