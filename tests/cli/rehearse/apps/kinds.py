"""Apps of all kinds, as users have them; APP_KIND names one."""

import os
from pathlib import Path

from aws_cdk import App, Environment, NestedStack, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption, PaymentTerm

FRANKFURT = Environment(account="111122223333", region="eu-central-1")
OREGON = Environment(account="444455556666", region="us-west-2")


def order(scope: Construct, name: str, quantity: int = 1) -> None:
    """Order racks."""
    OutpostOrder(
        scope,
        "Rack",
        order_name=name,
        outpost_identifier="op-0123456789abcdef0",
        line_items=[LineItem("OR-ABCDEFG", quantity=quantity)],
        payment_option=PaymentOption.NO_UPFRONT,
        payment_term=PaymentTerm.THREE_YEARS,
    )


def explicit(app: App) -> None:
    """One account and Region."""
    order(Stack(app, "Berlin", env=FRANKFURT), "PO-1")


def stages(app: App) -> None:
    """Two stages with two accounts."""
    order(Stack(Stage(app, "Test", env=FRANKFURT), "Rack"), "PO-1")
    order(Stack(Stage(app, "Prod", env=OREGON), "Rack"), "PO-1")


def nested(app: App) -> None:
    """A nested stack."""
    order(NestedStack(Stack(app, "Parent"), "Inner"), "PO-1")


def lookups(app: App) -> None:
    """A VPC that is looked up, and one of its own with types that the embedded AWS lacks."""
    stack = Stack(app, "Net", env=FRANKFURT)
    ec2.Vpc.from_lookup(stack, "Vpc", is_default=True)
    ec2.Vpc(stack, "Own", max_azs=1)
    order(stack, "PO-1")


def assets(app: App) -> None:
    """A function with an asset, and a bucket."""
    stack = Stack(app, "Assets")
    s3.Bucket(stack, "Bucket")
    code = lambda_.Code.from_asset(str(Path(__file__).with_name("code")))
    lambda_.Function(
        stack, "Code", runtime=lambda_.Runtime.PYTHON_3_12, handler="index.handler", code=code
    )
    order(stack, "PO-1")


def twenty(app: App) -> None:
    """Twenty stacks."""
    for number in range(1, 21):
        order(Stack(app, f"Site{number}"), f"PO-{number}", number)


def identical(app: App) -> None:
    """Two identical orders, of which the second one fails."""
    order(Stack(app, "One"), "PO-1")
    two = Stack(app, "Two")
    two.add_stack_dependency(app.node.find_child("One"))  # type: ignore[arg-type]
    order(two, "PO-2")


KINDS = (explicit, stages, nested, lookups, assets, twenty, identical)

if __name__ == "__main__":
    cdk_app = App()
    {each.__name__: each for each in KINDS}[os.environ["APP_KIND"]](cdk_app)
    cdk_app.synth()
