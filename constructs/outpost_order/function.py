"""The Lambda function that answers CloudFormation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from aws_cdk import CfnResource, Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from outpost_order.asset import handler_folder
from outpost_order.ledger import OrderLedger
from outpost_order.timing import max_event_age
from outpost_order_handler import contract


@dataclass(frozen=True)
class FunctionOptions:
    """How the function runs, and where."""

    memory_size: int
    timeout: Duration
    runtime: lambda_.Runtime
    vpc: ec2.IVpc | None
    vpc_subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup] | None


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
    with handler_folder() as folder:
        return lambda_.Function(
            scope,
            "Function",
            description="Answers CloudFormation for the OutpostOrders of a stack",
            code=lambda_.Code.from_asset(str(folder)),
            handler="outpost_order_handler.entry.handler",
            architecture=lambda_.Architecture.ARM_64,
            role=role,
            log_group=log_group,
            environment={contract.LEDGER_TABLE: ledger.table_name},
            # The ledger makes it safe to run an event again, and then it is a help.
            retry_attempts=2,
            max_event_age=max_event_age(options.timeout),
            memory_size=options.memory_size,
            timeout=options.timeout,
            runtime=options.runtime,
            vpc=options.vpc,
            vpc_subnets=options.vpc_subnets,
            security_groups=None if groups is None else list(groups),
        )


def needs_nothing_beside_its_role(function: lambda_.Function) -> None:
    """Take away that CDK names the role a second time, for policies beside it."""
    cast("CfnResource", function.node.default_child).add_deletion_override("DependsOn")
