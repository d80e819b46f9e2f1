"""The table that records every order."""

from collections.abc import Iterator

from aws_cdk import RemovalPolicy, Stack, Stage
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_outpost_order.interface import InvalidOrderError
from cdk_outpost_order.names import declared_beside, holds_token, place_of
from cdk_outpost_order.outpost import local_arn
from outpost_order_handler.contract import DEFAULT_LEDGER, LEDGER_KEY
from outpost_order_handler.rules import LEDGER_NAME, bounded_repr

NOT_BESIDE_ORDERS = (
    "put the OrderLedger into a stack of its own, or run 'outpost-order init' instead: if the "
    "first deployment rolls back, the table remains, and CloudFormation can't create it again"
)


class OrderLedger(Construct):
    """The table that records every order of an account and Region, so that none is placed twice.

    Use it to keep the table that `outpost-order init` creates in a CDK app instead. It is a
    DynamoDB table with on-demand capacity, point-in-time recovery, and deletion protection. It
    remains when you delete its stack. Put it into a stack of its own, without orders.

    Pass it as `ledger=` to the orders of the same app: their stacks are then deployed after the
    stack of the ledger. Orders without `ledger=` use the table `outpost-orders`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        table_name: str = DEFAULT_LEDGER,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        """Check every argument, and create the table.

        Args:
            scope: The construct that contains the ledger, most often a stack of its own.
            id: The construct's id within the scope.
            table_name: The name of the table: 3 to 60 letters, digits, `.`, `_` and `-`, or a
                token. Default: `outpost-orders`.
            encryption_key: The KMS key that encrypts the table. Its key policy must allow the
                roles of the providers to use it. Default: the key that AWS manages for DynamoDB.

        Raises:
            InvalidOrderError: An argument breaks a rule, or the stack contains orders.
        """
        super().__init__(scope, id)
        declared, place = declared_beside(scope), place_of(scope)
        problems = _name_problems(table_name)
        beside = (each for each in declared.orders_in(place) if each.child.is_there)
        if order := next(beside, None):
            problems.append(
                f"its stack must not contain orders, got {order.child.path}: {NOT_BESIDE_ORDERS}"
            )
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
        self.node.default_child = self._table.node.default_child

    @classmethod
    def from_table_name(
        cls,
        scope: Construct,
        id: str,
        table_name: str,
        *,
        encryption_key: kms.IKey | None = None,
    ) -> "OrderLedger":
        """Refer to a ledger that exists in the account and Region of the orders.

        Args:
            scope: The construct that contains the reference.
            id: The reference's id within the scope.
            table_name: The name of the table, or a token.
            encryption_key: The KMS key of the table. Default: the key that AWS manages for
                DynamoDB.

        Raises:
            InvalidOrderError: A ledger can't have this name.
        """
        return _ImportedLedger(scope, id, table_name, encryption_key)

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
        """The KMS key that was given for the table, or None."""
        return self._encryption_key


class _ImportedLedger(OrderLedger):
    def __init__(
        self,
        scope: Construct,
        id: str,
        table_name: str,
        encryption_key: kms.IKey | None,
    ) -> None:
        Construct.__init__(self, scope, id)
        problems = _name_problems(table_name)
        if problems:
            raise InvalidOrderError(self.node.path, problems, cannot="be referred to")
        self._table_name = table_name
        self._encryption_key = encryption_key

    @property
    def table_arn(self) -> str:
        return local_arn("dynamodb", "table", self.table_name)


def is_created_here(ledger: OrderLedger) -> bool:
    """Return whether this app creates the table."""
    return not isinstance(ledger, _ImportedLedger)


def ledger_problems(stack: Stack, ledger: object) -> Iterator[str]:
    """Yield why the orders of a stack can't use what is given as their ledger."""
    if not isinstance(ledger, OrderLedger):
        yield (
            f"'ledger' must be an OrderLedger, got {bounded_repr(ledger)}: for a table that "
            "exists, use OrderLedger.from_table_name"
        )
        return
    if not is_created_here(ledger):
        return
    path = ledger.node.path
    if Stage.of(ledger) != Stage.of(stack):
        yield (
            f"'ledger' must be in the stage of its orders, got {path}: use "
            "OrderLedger.from_table_name, and deploy the table first"
        )
    for here, there in place_of(stack).contradictions(place_of(ledger)):
        yield f"'ledger' must be in {here}, as its orders are, got {path}, which is in {there}"


def _name_problems(table_name: object) -> list[str]:
    if isinstance(table_name, str) and holds_token(table_name):
        return []
    return list(LEDGER_NAME.problems("'table_name'", table_name))
