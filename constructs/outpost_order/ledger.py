"""Where it is written down what was ordered."""

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from outpost_order_handler import contract


class OrderLedger(Construct):
    """The record of every order, which keeps each from being bought twice.

    A DynamoDB table, paid by request, encrypted with the account's key for DynamoDB,
    with point-in-time recovery. It outlives its stack, and refuses to be deleted until
    its deletion protection is taken away.

    Each stack makes one for its own orders. Make one yourself in a long-lived
    stack, and give it to the orders of many: then the record also outlives the
    stacks of the orders, and a stack that is made again finds what it bought before.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Make the table below `scope`."""
        super().__init__(scope, construct_id)
        self._table: dynamodb.ITable = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(
                name=contract.LEDGER_KEY, type=dynamodb.AttributeType.STRING
            ),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            # With the account's own key for DynamoDB: nobody needs a permission for it.
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    @classmethod
    def from_table_name(cls, scope: Construct, construct_id: str, table_name: str) -> "OrderLedger":
        """Take the ledger of another app or stack, in the same account and Region.

        Args:
            scope: The construct it is needed in.
            construct_id: Its id within the scope.
            table_name: The name of the ledger's table.
        """
        return _ImportedLedger(scope, construct_id, table_name)

    @property
    def table_name(self) -> str:
        """The name of the table, as a token."""
        return self._table.table_name

    @property
    def table_arn(self) -> str:
        """The ARN of the table, as a token."""
        return self._table.table_arn

    def statement(self) -> iam.PolicyStatement:
        """Return the permission to read records and write them, not to delete or list them."""
        return iam.PolicyStatement(
            actions=["dynamodb:GetItem", "dynamodb:PutItem"], resources=[self.table_arn]
        )


class _ImportedLedger(OrderLedger):
    def __init__(self, scope: Construct, construct_id: str, table_name: str) -> None:
        Construct.__init__(self, scope, construct_id)
        arn = Stack.of(self).format_arn(
            service="dynamodb",
            resource="table",
            resource_name=table_name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self._table = dynamodb.Table.from_table_arn(self, "Table", arn)
