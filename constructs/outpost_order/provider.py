"""The Lambda function that answers CloudFormation, one for all orders of a stack."""

from typing import cast

from aws_cdk import CfnResource, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IDependable

from outpost_order.asset import handler_folder
from outpost_order.ledger import OrderLedger
from outpost_order.permissions import OrderPermissions, log_statement
from outpost_order.request import OrderRequest
from outpost_order_handler import contract

FUNCTION_TIMEOUT = Duration.minutes(4)
"""Far above the sum of all bounded calls: crhelper's own timer must never fire."""

MAX_EVENT_AGE = Duration.minutes(5)
"""How long Lambda may hold an event back before it drops it."""

LATEST_ANSWER = Duration.minutes(9)
"""When the last event can have bought and answered: held back, then run to the limit."""

DEFAULT_SERVICE_TIMEOUT = Duration.minutes(15)
"""How long CloudFormation waits: longer than the latest answer takes."""

LONGEST_SERVICE_TIMEOUT = Duration.hours(1)
"""CloudFormation's own limit."""


class OutpostOrderProvider(Construct):
    """The function behind every `OutpostOrder` of a stack, with its role, log group and ledger.

    Its role may create orders on the stack's Outposts, read orders, and keep the
    ledger, nothing else; cancel orders only where a removal policy asks for it.
    The log group outlives the stack: it tells what was bought and why.
    """

    @classmethod
    def of(cls, scope: Construct, ledger: OrderLedger | None = None) -> "OutpostOrderProvider":
        """Return the provider of the stack around `scope`, made on first use.

        Args:
            scope: A construct of the stack.
            ledger: The ledger to make it with. Default: one of its own.
        """
        stack = Stack.of(scope)
        existing = stack.node.try_find_child(cls.__name__)
        if existing:
            return cast("OutpostOrderProvider", existing)
        return cls(stack, cls.__name__, ledger=ledger)

    def __init__(
        self, scope: Construct, construct_id: str, *, ledger: OrderLedger | None = None
    ) -> None:
        """Make the function, its role and its log group below `scope`.

        Args:
            scope: The construct it belongs to, most often the stack.
            construct_id: Its id within the scope.
            ledger: Where it writes down what it does. Default: a ledger of its own.
        """
        super().__init__(scope, construct_id)
        self.ledger = ledger or OrderLedger(self, "Ledger")
        self._names: dict[str, str] = {}
        self._log_group = logs.LogGroup(self, "LogGroup", retention=logs.RetentionDays.ONE_YEAR)
        orders = iam.PolicyDocument()
        self._permissions = OrderPermissions(Stack.of(self), orders)
        self._function = self._make_function(self._make_role(orders))

    @property
    def service_token(self) -> str:
        """The ARN of the function, as a custom resource takes it."""
        return self._function.function_arn

    @property
    def delivery(self) -> IDependable:
        """What every order depends on: until it stands, Lambda would retry for six hours."""
        return self._function.node.find_child("EventInvokeConfig")

    def claim_name(self, order_name: str, path: str) -> str | None:
        """Take an order's name for a construct, or return the path of the one that has it."""
        owner = self._names.setdefault(order_name, path)
        return None if owner == path else owner

    def allow(self, request: OrderRequest) -> None:
        """Let the function do what this order can lead to, and nothing more."""
        self._permissions.allow(request)

    def _make_role(self, orders: iam.PolicyDocument) -> iam.Role:
        # Inline, so that role and permissions come and go as one, before any order and
        # after every order.
        return iam.Role(
            self,
            "Role",
            description="Creates and reads AWS Outposts orders for the OutpostOrders of a stack",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={
                "Orders": orders,
                "Ledger": iam.PolicyDocument(statements=[self.ledger.statement()]),
                "Logs": iam.PolicyDocument(statements=[log_statement(self._log_group)]),
            },
        )

    def _make_function(self, role: iam.Role) -> lambda_.Function:
        with handler_folder() as folder:
            function = lambda_.Function(
                self,
                "Function",
                description="Answers CloudFormation for the OutpostOrders of a stack",
                code=lambda_.Code.from_asset(str(folder)),
                handler=contract.HANDLER,
                runtime=lambda_.Runtime.PYTHON_3_14,
                architecture=lambda_.Architecture.ARM_64,
                memory_size=256,
                timeout=FUNCTION_TIMEOUT,
                role=role,
                log_group=self._log_group,
                environment={contract.LEDGER_TABLE: self.ledger.table_name},
                # The ledger makes it safe to run an event again, and then it is a help.
                retry_attempts=2,
                max_event_age=MAX_EVENT_AGE,
            )
        # CDK names the role a second time, for policies beside it: ours are within.
        cast("CfnResource", function.node.default_child).add_deletion_override("DependsOn")
        return function
