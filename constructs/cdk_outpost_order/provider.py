"""The construct of the function that places the orders of a stack."""

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
    """The function that places the orders of a stack, with its role and log group.

    The first `OutpostOrder` of a stack creates a provider, and nested stacks use the provider of
    their parent. Create one yourself to run the function in a VPC, with a role or log group of
    yours, or with other settings. Orders without `provider=` use the only provider of their
    stack.

    The role can create orders on the Outposts that its orders name. It can read Outposts, orders,
    and the catalog, and quotes if an order is from a quote. It can read and write records of the
    ledger, and ask CloudFormation whether it is creating a resource of the stack. It can't cancel
    orders. Permissions that you grant to the provider are in place before an order is placed.

    The log group remains when you delete the stack.
    """

    @classmethod
    def of(cls, scope: Construct, ledger: OrderLedger | None = None) -> "OutpostOrderProvider":
        """Return the default provider of the stack that contains `scope`.

        The first call creates the provider.

        Args:
            scope: A construct of the stack, or of a stack that is nested in it.
            ledger: The ledger of the provider. Default: the table `outpost-orders`.

        Raises:
            InvalidOrderError: The provider has another ledger, or another construct has its id.
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
        """Check every argument, and create the function.

        Args:
            scope: The construct that contains the provider, most often the stack.
            id: The construct's id within the scope.
            ledger: The table that records the orders. Default: the table `outpost-orders`
                of the account and Region, which `outpost-order init` creates.
            role: The role of the function. It gets one inline policy. If CDK can't change an
                imported role, synthesis warns and lists the permissions that the role needs
                (to acknowledge: `cdk-outpost-order:roleNotChanged`). Default: a new role.
            log_group: The log group of the function. Default: a new log group, which keeps
                events for one year and remains when you delete the stack.
            vpc: The VPC of the function. From there, it must reach the APIs of Outposts,
                DynamoDB, and CloudFormation, and S3, where CloudFormation takes its
                responses. Default: no VPC.
            vpc_subnets: The subnets of the VPC. Default: the private subnets.
            security_groups: The security groups in the VPC. Default: a new security group.
            memory_size: The memory in MiB, 128 to 10,240. Default: 256.
            timeout: How long the function can run, 4 to 15 minutes. Default: 4 minutes.
            runtime: The Lambda runtime, Python 3.11 or later. Default: Python 3.13.
            architecture: The processor of the function. Default: ARM_64.

        Raises:
            InvalidOrderError: An argument breaks a rule. The text lists every problem.
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
        self.ledger: OrderLedger = ledger or OrderLedger.from_table_name(
            self, "Ledger", contract.DEFAULT_LEDGER
        )
        """The ledger that records the orders."""
        self.timeout: Duration = timeout
        """How long the function can run."""
        if is_created_here(self.ledger):
            # CDK can't see it: the function knows the table by its name.
            self.node.add_dependency(self.ledger)
        self.log_group: logs.ILogGroup = log_group or logs.LogGroup(
            self, "LogGroup", retention=logs.RetentionDays.ONE_YEAR
        )
        """The log group of the function."""
        self.role: iam.IRole = role or own_role(self)
        """The role of the function."""
        permissions = Permissions(
            self, self.role, ledger=self.ledger, log_group=self.log_group, in_vpc=vpc is not None
        )
        self.function: lambda_.Function = make_function(
            self, options, role=self.role, log_group=self.log_group, ledger=self.ledger
        )
        """The Lambda function."""
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
        """The role of the function, which gets what you grant to the provider."""
        return self.role

    @property
    def connections(self) -> ec2.Connections:
        """The network connections of the function in its VPC, for security groups.

        Raises:
            InvalidOrderError: The function isn't in a VPC.
        """
        if self._vpc is None:
            problem = "'vpc' must be given: a function in no VPC has no security groups"
            raise InvalidOrderError(self.node.path, [problem], cannot="have connections")
        return self.function.connections

    @property
    def service_token(self) -> str:
        """The ARN of the function, which is the ServiceToken of the orders."""
        return serving(self).service_token

    def metric(self, metric_name: str, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return a metric of the function, in the namespace `OutpostOrder`.

        Args:
            metric_name: `"OrdersPlaced"`, `"OrdersJoined"`, `"OrdersRefused"` or
                `"OrdersInDoubt"`.
            **props: The options of `aws_cloudwatch.MetricOptions`. Default: the sum of 5
                minutes.

        Raises:
            InvalidOrderError: The function has no such metric.
        """
        problems = tuple(_METRIC_NAME.problems("'metric_name'", metric_name))
        if problems:
            raise InvalidOrderError(self.node.path, problems, cannot="be measured")
        return metric_of(self.function, metric_name, props)

    def metric_placed(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of Create requests that placed an order; `props` as in `metric`."""
        return self.metric(contract.Metric.PLACED, **props)

    def metric_joined(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of Create requests that joined an order; `props` as in `metric`.

        Such a request gets the order that its order name already has, and buys nothing.
        """
        return self.metric(contract.Metric.JOINED, **props)

    def metric_refused(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of Create requests that failed; `props` as in `metric`.

        Such a request placed no order.
        """
        return self.metric(contract.Metric.REFUSED, **props)

    def metric_in_doubt(self, **props: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of Create requests with an unknown outcome; `props` as in `metric`."""
        return self.metric(contract.Metric.IN_DOUBT, **props)

    def add_in_doubt_alarm(
        self,
        id: str = "InDoubtAlarm",
        *,
        actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> cloudwatch.Alarm:
        """Add an alarm for orders whose outcome is unknown.

        One such order within 5 minutes raises the alarm. The alarm's description has the
        command that finds the order.

        Args:
            id: The alarm's id within the provider.
            actions: The actions of the alarm, such as an `aws_cloudwatch_actions.SnsAction`.
                Default: none.
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
