"""What answers CloudFormation for the orders of a stack."""

from collections.abc import Sequence
from typing import Any, cast

import jsii
from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, DependencyGroup, IDependable

from outpost_order.errors import InvalidOrderError
from outpost_order.function import FunctionOptions, make_function, needs_nothing_beside_its_role
from outpost_order.ledger import OrderLedger
from outpost_order.metrics import in_doubt_alarm, metric_of
from outpost_order.permissions import (
    OrderPermissions,
    log_statement,
    network_statement,
    stack_statement,
)
from outpost_order.provider_validation import function_problems, ledger_problems
from outpost_order.request import OrderRequest
from outpost_order.role import Statements, given_role, own_role
from outpost_order.timing import DEFAULT_TIMEOUT
from outpost_order_handler import contract
from outpost_order_handler.rules import one_of

_METRIC_NAME = one_of(*contract.Metric)


@jsii.implements(iam.IGrantable)
class OutpostOrderProvider(Construct):
    """The function behind the `OutpostOrder`s of a stack, with its role and log group.

    A stack makes one with its first order. Make one yourself, and give it to the
    orders, where the function must run in a VPC, under a role or with a log group that
    is there already, or otherwise than by default.

    Its role can create orders on the Outposts of its orders, read Outposts, orders and the
    catalog, read and write records of the ledger, and ask CloudFormation whether it is
    creating a resource of the stack. The role can read quotes only if an order is from a
    quote. The role can't cancel orders. The log group remains when you delete the stack: the
    log says what was bought and why.
    """

    @classmethod
    def of(cls, scope: Construct, ledger: OrderLedger | None = None) -> "OutpostOrderProvider":
        """Return the default provider of the stack around `scope`, made on first use.

        Args:
            scope: A construct of the stack.
            ledger: The ledger to make it with. Default: the table `outpost-orders`.
        """
        stack = Stack.of(scope)
        existing = stack.node.try_find_child(cls.__name__)
        if existing:
            return cast("OutpostOrderProvider", existing)
        return cls(stack, cls.__name__, ledger=ledger)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        ledger: OrderLedger | None = None,
        role: iam.IRole | None = None,
        log_group: logs.ILogGroup | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        memory_size: int = 256,
        timeout: Duration = DEFAULT_TIMEOUT,
        runtime: lambda_.Runtime = lambda_.Runtime.PYTHON_3_14,
    ) -> None:
        """Make the function, and what it needs and was not given, below `scope`.

        Args:
            scope: The construct it belongs to, most often the stack.
            construct_id: Its id within the scope.
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
            runtime: Python 3.11 or newer. Default: Python 3.14.

        Raises:
            InvalidOrderError: A rule is broken; the text lists every problem.
        """
        super().__init__(scope, construct_id)
        options = FunctionOptions(memory_size, timeout, runtime, vpc, vpc_subnets, security_groups)
        self.ledger = ledger or OrderLedger.from_table_name(self, "Ledger", contract.DEFAULT_LEDGER)
        stack = Stack.of(self)
        problems = (*function_problems(options), *ledger_problems(stack, self.ledger))
        if problems:
            raise InvalidOrderError(self.node.path, problems, cannot="place orders")
        self.timeout = timeout
        if self.ledger.is_created_here:
            # CDK can't see it: the function knows the table by its name.
            self.node.add_dependency(self.ledger)
        self.log_group: logs.ILogGroup = log_group or logs.LogGroup(
            self, "LogGroup", retention=logs.RetentionDays.ONE_YEAR
        )
        statements = self._statements(in_vpc=vpc is not None)
        permitted = (
            own_role(self, statements) if role is None else given_role(self, role, statements)
        )
        self.role = permitted.role
        self.function = make_function(
            self, options, role=self.role, log_group=self.log_group, ledger=self.ledger
        )
        self._permissions = OrderPermissions(self, permitted)
        self._prerequisites = DependencyGroup(self.function.node.find_child("EventInvokeConfig"))
        if permitted.policy is not None:
            self.function.node.add_dependency(permitted.policy)
            self._prerequisites.add(permitted.policy)
        elif role is None and vpc is None:
            needs_nothing_beside_its_role(self.function)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Who gets what is granted to the provider: its role."""
        return self.role

    @property
    def service_token(self) -> str:
        """The ARN of the function, as a custom resource takes it."""
        return self.function.function_arn

    @property
    def prerequisites(self) -> IDependable:
        """What every order depends on: until it stands, nothing may be invoked."""
        return self._prerequisites

    def has_room_for(self, request: OrderRequest) -> bool:
        """Tell whether the policy of the role has room for the order's Outpost."""
        return self._permissions.has_room_for(request)

    def allow(self, request: OrderRequest) -> None:
        """Let the function do what this order can lead to, and nothing more."""
        self._permissions.allow(request)

    def metric(self, metric_name: str, **props: Any) -> cloudwatch.Metric:  # noqa: ANN401
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

    def metric_placed(self, **props: Any) -> cloudwatch.Metric:  # noqa: ANN401
        """Return how many Create requests placed an order; props as of `metric`."""
        return self.metric(contract.Metric.PLACED, **props)

    def metric_joined(self, **props: Any) -> cloudwatch.Metric:  # noqa: ANN401
        """Return how many got the order that their name already had; props as of `metric`."""
        return self.metric(contract.Metric.JOINED, **props)

    def metric_refused(self, **props: Any) -> cloudwatch.Metric:  # noqa: ANN401
        """Return how many Create requests placed no order; props as of `metric`."""
        return self.metric(contract.Metric.REFUSED, **props)

    def metric_in_doubt(self, **props: Any) -> cloudwatch.Metric:  # noqa: ANN401
        """Return of how many Create requests the outcome is unknown; props as of `metric`."""
        return self.metric(contract.Metric.IN_DOUBT, **props)

    def add_in_doubt_alarm(
        self,
        construct_id: str = "InDoubtAlarm",
        *,
        actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> cloudwatch.Alarm:
        """Raise an alarm when it is not known whether something was bought.

        One such order within 5 minutes is enough. Its description names the command
        that finds the order.

        Args:
            construct_id: Its id within the provider.
            actions: Whom it tells, such as an `aws_cloudwatch_actions.SnsAction`.
                Default: nobody.
        """
        alarm = in_doubt_alarm(
            self, construct_id, self.metric_in_doubt(), table_name=self.ledger.table_name
        )
        alarm.add_alarm_action(*actions)
        return alarm

    def _statements(self, *, in_vpc: bool) -> Statements:
        statements = {
            **self.ledger.statements(Stack.of(self)),
            "Stack": stack_statement(Stack.of(self)),
            "Logs": log_statement(self.log_group),
        }
        if in_vpc:
            statements["Network"] = network_statement()
        return statements
