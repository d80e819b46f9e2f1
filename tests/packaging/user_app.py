"""The app of a user: type checkers check it, and it uses every public name of the library."""

from dataclasses import dataclass

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk_outpost_order import (
    InvalidOrderError,
    IOutpostOrder,
    IOutpostRef,
    LineItem,
    OrderLedger,
    OutpostOrder,
    OutpostOrderProvider,
    PaymentOption,
    PaymentTerm,
    QuotePrice,
)

OUTPOST_ID = "op-0123456789abcdef0"
OUTPOST_ARN = f"arn:aws:outposts:us-west-2:111122223333:outpost/{OUTPOST_ID}"
KEY_ARN = "arn:aws:kms:us-west-2:111122223333:key/0f0e0d0c"
AUDITOR_ARN = "arn:aws:iam::111122223333:role/Auditor"
RACK = LineItem("OR-ABCDEFG", quantity=2)


@dataclass(frozen=True)
class Reference:
    """A construct that refers to an Outpost."""

    outpost_arn: str


@dataclass(frozen=True)
class Outpost:
    """An Outpost of a library that is not CDK's."""

    outpost_ref: Reference


class Books(Stack):
    """The stack of the ledger."""

    def __init__(self, scope: Construct, id: str, *, env: Environment) -> None:
        """Create the ledger."""
        super().__init__(scope, id, env=env)
        key = kms.Key.from_key_arn(self, "Key", KEY_ARN)
        self.ledger = OrderLedger(self, "Ledger", table_name="city-orders", encryption_key=key)


class City(Stack):
    """The stack of the orders."""

    def __init__(self, scope: Construct, id: str, *, env: Environment, ledger: OrderLedger) -> None:
        """Declare the orders."""
        super().__init__(scope, id, env=env)
        auditor = iam.Role.from_role_arn(self, "Auditor", AUDITOR_ARN)
        provider = self.provider(ledger)
        outpost: IOutpostRef = Outpost(Reference(OUTPOST_ARN))
        rack = OutpostOrder(
            self,
            "Rack",
            order_name="PO-4710",
            outpost=outpost,
            line_items=[RACK],
            payment_option=PaymentOption.NO_UPFRONT,
            payment_term=PaymentTerm.of("SEVEN_YEARS"),
            provider=provider,
            service_timeout=Duration.minutes(20),
        )
        quoted = OutpostOrder(
            self,
            "Quoted",
            order_name="PO-4711",
            outpost_identifier=OUTPOST_ID,
            quote_identifier="oq-0123456789abcdef0",
            quote_option_identifier="oqo-0123456789abcdef0",
            quote_price=QuotePrice("1200.50", 0, currency="USD"),
            payment_option="NO_UPFRONT",
            payment_term=PaymentTerm.THREE_YEARS,
            ledger=ledger,
            stack_outputs=False,
        )
        spare = OutpostOrder.from_order_id(self, "Spare", "oo-0123456789abcdef0")
        for order in (rack, quoted, spare):
            audit(order, auditor)
        provider.add_in_doubt_alarm()
        kms.Key(self, "Key").grant_encrypt_decrypt(provider)
        self.texts: list[str] = [rack.order_name, rack.order_status, provider.ledger.table_name]
        self.texts.append(
            provider.metric_placed(period=Duration.hours(1), label="Placed").namespace
        )

    def provider(self, ledger: OrderLedger) -> OutpostOrderProvider:
        """Return the provider of all orders, which an endpoint of its VPC lets in."""
        vpc = ec2.Vpc(self, "Vpc")
        provider = OutpostOrderProvider(
            self,
            "Buyer",
            ledger=ledger,
            vpc=vpc,
            runtime=lambda_.Runtime.PYTHON_3_12,
            architecture=lambda_.Architecture.X86_64,
        )
        service = ec2.InterfaceVpcEndpointAwsService.CLOUDFORMATION
        endpoint = vpc.add_interface_endpoint("Stacks", service=service)
        endpoint.connections.allow_default_port_from(provider)
        return provider


def audit(order: IOutpostOrder, auditor: iam.IRole) -> None:
    """Let an auditor read an order."""
    order.grant_read(auditor).assert_success()


def values_that_the_types_refuse(stack: Stack) -> None:
    """Each line is an error, so a type checker that finds none reports an unused comment."""
    LineItem("OR-ABCDEFG", quantity="2")  # type: ignore[arg-type]
    QuotePrice(None, 0)  # type: ignore[arg-type]
    OutpostOrder(stack, "Rack", payment_option=None)  # type: ignore[arg-type]
    OutpostOrder.from_order_id(stack, "Spare", 4710)  # type: ignore[arg-type]
    OutpostOrderProvider(stack, "Buyer", timeout=240)  # type: ignore[arg-type]
    OrderLedger.from_table_name(stack, "Books", None)  # type: ignore[arg-type]


def main() -> None:
    """Synthesize, and refuse an order that can't be placed."""
    app, env = App(), Environment(account="111122223333", region="us-west-2")
    City(app, "City", env=env, ledger=Books(app, "Books", env=env).ledger)
    app.synth()
    try:
        OutpostOrder(Stack(app, "Town"), "Rack", payment_option=PaymentOption.of("half"))
    except InvalidOrderError as error:
        print(len(error.problems), "problems")  # noqa: T201


if __name__ == "__main__":
    main()
