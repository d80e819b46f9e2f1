"""The construct and its peers: five ways to declare the same orders in a stack.

A process of its own synthesizes an app: `python -m benchmarks.designs FOLDER PLAN`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import App, CustomResource, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import custom_resources as cr

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption
from cdk_outpost_order.function import CODE

PEERS = Path(__file__).with_name("peers")
ITEM, PAYMENT, OUTPOST = "OR-ABCDEFG", "NO_UPFRONT", "op-0123456789abcdef0"
LIMIT = Duration.seconds(20)  # of the functions that send orders; the one of OutpostOrder has 240

Orders = Sequence[tuple[int, str]]
"""The number of each order, which is its quantity too, and the ID of its Outpost."""

Plan = Mapping[str, tuple[str, Orders]]
"""The name of each stack, with the design and the orders of it."""


def outpost_order(stack: Stack, orders: Orders) -> None:
    """Declare orders; without outputs, of which a template can have 200."""
    for number, outpost in orders:
        OutpostOrder(
            stack,
            f"Rack{number}",
            order_name=f"PO-{number}",
            outpost_identifier=outpost,
            line_items=[LineItem(ITEM, quantity=number)],
            payment_option=PaymentOption.NO_UPFRONT,
            stack_outputs=False,
        )


def aws_custom_resource(stack: Stack, orders: Orders) -> None:
    """Declare a call of the API for each order; CDK brings the function."""
    for number, outpost in orders:
        cr.AwsCustomResource(
            stack,
            f"Rack{number}",
            on_create=cr.AwsSdkCall(
                service="Outposts",
                action="createOrder",
                parameters=_content(number, outpost),
                physical_resource_id=cr.PhysicalResourceId.from_response("Order.OrderId"),
            ),
            policy=cr.AwsCustomResourcePolicy.from_sdk_calls(
                resources=cr.AwsCustomResourcePolicy.ANY_RESOURCE
            ),
            timeout=LIMIT,
            install_latest_aws_sdk=False,
        )


def provider(stack: Stack, orders: Orders) -> None:
    """Declare custom resources with CDK's provider framework."""
    function = _function(stack, lambda_.Code.from_asset(str(PEERS / "provider")))
    token = cr.Provider(stack, "Provider", on_event_handler=function).service_token
    _custom_resources(stack, orders, token)


def crhelper(stack: Stack, orders: Orders) -> None:
    """Declare custom resources, and a function with crhelper."""
    folder = Path(os.environ["CDK_OUTDIR"], "crhelper")
    shutil.copytree(CODE / "crhelper", folder / "crhelper", dirs_exist_ok=True)
    shutil.copy(PEERS / "crhelper" / "index.py", folder)
    code = lambda_.Code.from_asset(str(folder), exclude=["**/__pycache__"])
    _custom_resources(stack, orders, _function(stack, code).function_arn)


def custom_resource(stack: Stack, orders: Orders) -> None:
    """Declare custom resources, and a function without any library."""
    function = _function(stack, lambda_.Code.from_asset(str(PEERS / "plain")))
    _custom_resources(stack, orders, function.function_arn)


DESIGNS: dict[str, Callable[[Stack, Orders], None]] = {
    "OutpostOrder": outpost_order,
    "AwsCustomResource": aws_custom_resource,
    "Provider": provider,
    "crhelper": crhelper,
    "CustomResource": custom_resource,
}


def synthesize(folder: Path, plan: Plan, *, validate: bool = False) -> None:
    """Synthesize an app in a process of its own; CalledProcessError has what it printed.

    Args:
        folder: The folder for the assembly.
        plan: The stacks.
        validate: Whether CDK validates the templates, as it does for its users.
    """
    subprocess.run(
        [sys.executable, "-m", "benchmarks.designs", str(folder), json.dumps(plan)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ
        | {"CDK_OUTDIR": str(folder)}
        | ({} if validate else {"CDK_VALIDATION": "false"}),
    )


def _content(number: int, outpost: str) -> dict[str, Any]:
    return {
        "OutpostIdentifier": outpost,
        "LineItems": [{"CatalogItemId": ITEM, "Quantity": number}],
        "PaymentOption": PAYMENT,
    }


def _function(stack: Stack, code: lambda_.Code) -> lambda_.Function:
    function = lambda_.Function(
        stack,
        "Function",
        code=code,
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        timeout=LIMIT,
    )
    function.add_to_role_policy(
        iam.PolicyStatement(actions=["outposts:CreateOrder"], resources=["*"])
    )
    return function


def _custom_resources(stack: Stack, orders: Orders, token: str) -> None:
    for number, outpost in orders:
        CustomResource(
            stack,
            f"Rack{number}",
            service_token=token,
            resource_type="Custom::OutpostOrder",
            properties=_content(number, outpost),
        )


def main() -> None:
    """Synthesize the app of a plan into the folder `CDK_OUTDIR`."""
    app = App()
    for name, (design, orders) in json.loads(sys.argv[2]).items():
        DESIGNS[design](Stack(app, name), orders)
    app.synth()


if __name__ == "__main__":
    main()
