"""The table that records every order."""

from aws_cdk import ArnFormat, RemovalPolicy, Stack, Token
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from outpost_order.errors import InvalidOrderError
from outpost_order.names import declared_beside, place_of
from outpost_order_handler.contract import DEFAULT_LEDGER, LEDGER_KEY
from outpost_order_handler.rules import LEDGER_NAME

NOT_BESIDE_ORDERS = (
    "put the OrderLedger into a stack of its own, or run 'outpost-order init' instead: if the "
    "first deployment rolls back, the table remains, and CloudFormation can't create it again"
)
# As CDK grants them for reading and writing an encrypted table.
_KEY_ACTIONS = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
)


class OrderLedger(Construct):
    """The record of every order in an account and Region, so that none is placed twice.

    This is the table that `outpost-order init` creates, for those who want it in a CDK app:
    a DynamoDB table with on-demand capacity, point-in-time recovery and deletion protection.
    It remains when you delete its stack. Put it into a stack of its own, without orders.

    Pass it as `ledger=` to the orders of the same app: their stacks are then deployed after its
    stack. Orders without `ledger=` use the table `outpost-orders`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table_name: str = DEFAULT_LEDGER,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        """Create the table.

        Args:
            scope: The construct it belongs to, most often a stack of its own.
            construct_id: Its id within the scope.
            table_name: 3 to 60 letters, digits, `.`, `_` and `-`, or a token.
                Default: `outpost-orders`.
            encryption_key: The KMS key that encrypts the table. Its key policy must let the
                roles of the orders use it. Default: the account's own key for DynamoDB.

        Raises:
            InvalidOrderError: A rule is broken, or the stack contains orders.
        """
        super().__init__(scope, construct_id)
        declared, place = declared_beside(self), place_of(self)
        problems = _name_problems(table_name)
        problems += [
            f"its stack must not contain orders, got {each.path}: {NOT_BESIDE_ORDERS}"
            for each in list(declared.orders_in(place))[:1]
        ]
        if problems:
            raise InvalidOrderError(self.node.path, problems, cannot="be created")
        declared.ledgers.setdefault(place.stack, self.node.path)
        self._table_name = table_name
        self._encryption_key = encryption_key
        self._table: dynamodb.ITable = dynamodb.Table(
            self,
            "Table",
            table_name=table_name,
            partition_key=dynamodb.Attribute(name=LEDGER_KEY, type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            # The key that AWS manages needs no permission.
            encryption=None if encryption_key else dynamodb.TableEncryption.AWS_MANAGED,
            encryption_key=encryption_key,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    @classmethod
    def from_table_name(
        cls,
        scope: Construct,
        construct_id: str,
        table_name: str,
        *,
        encryption_key: kms.IKey | None = None,
    ) -> "OrderLedger":
        """Refer to a ledger that exists in the account and Region of the orders.

        Args:
            scope: The construct it is needed in.
            construct_id: Its id within the scope.
            table_name: The name of the table, or a token.
            encryption_key: The KMS key of the table, if the table has a key of your own.

        Raises:
            InvalidOrderError: A ledger can't have this name.
        """
        return _ImportedLedger(scope, construct_id, table_name, encryption_key)

    @property
    def table_name(self) -> str:
        """The name of the table, as it was given."""
        return self._table_name

    @property
    def table_arn(self) -> str:
        """The ARN of the table, as a token."""
        return self._table.table_arn

    @property
    def encryption_key(self) -> kms.IKey | None:
        """The KMS key that was given for the table."""
        return self._encryption_key

    @property
    def is_created_here(self) -> bool:
        """Whether this app creates the table."""
        return True

    def statements(self, stack: Stack) -> dict[str, iam.PolicyStatement]:
        """Return what the function of a stack needs: to read and write single records."""
        # The name says which table it is, so no stack must export it, nor keep the export.
        table = iam.PolicyStatement(
            actions=["dynamodb:GetItem", "dynamodb:PutItem"],
            resources=[_arn_in(stack, self.table_name)],
        )
        if self._encryption_key is None:
            return {"Ledger": table}
        key = iam.PolicyStatement(
            actions=list(_KEY_ACTIONS),
            resources=[self._encryption_key.key_arn],
            conditions={"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}},
        )
        return {"Ledger": table, "LedgerKey": key}


class _ImportedLedger(OrderLedger):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        table_name: str,
        encryption_key: kms.IKey | None,
    ) -> None:
        Construct.__init__(self, scope, construct_id)
        problems = _name_problems(table_name)
        if problems:
            raise InvalidOrderError(self.node.path, problems, cannot="be referred to")
        self._table_name = table_name
        self._encryption_key = encryption_key

    @property
    def table_arn(self) -> str:
        return _arn_in(Stack.of(self), self.table_name)

    @property
    def encryption_key(self) -> kms.IKey | None:
        """The KMS key that was given for the table."""
        return self._encryption_key

    @property
    def is_created_here(self) -> bool:
        return False


def _name_problems(table_name: str) -> list[str]:
    if Token.is_unresolved(table_name):
        return []
    return list(LEDGER_NAME.problems("'table_name'", table_name))


def _arn_in(stack: Stack, table_name: str) -> str:
    return stack.format_arn(
        service="dynamodb",
        resource="table",
        resource_name=table_name,
        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
    )
