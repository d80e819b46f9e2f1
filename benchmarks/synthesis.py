"""Measure `python app.py` with many orders, and with as many plain custom resources.

Both apps are synthesized in turn, so that the load of the machine affects both:

    python benchmarks/synthesis.py --orders 450 --runs 5
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import App, CustomResource, Stack
from aws_cdk import aws_lambda as lambda_

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption

HANDLER = "def handler(event, context):\n    return None\n"


def plain(stack: Stack, orders: int) -> None:
    """Declare custom resources with the properties of orders, and a function for them."""
    function = lambda_.Function(
        stack,
        "Function",
        code=lambda_.Code.from_inline(HANDLER),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
    )
    for number in range(orders):
        CustomResource(
            stack,
            f"Rack{number}",
            service_token=function.function_arn,
            resource_type="Custom::OutpostOrder",
            properties={
                "OrderName": f"PO-{number}",
                "OutpostIdentifier": "op-0123456789abcdef0",
                "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": number + 1}],
                "PaymentOption": "NO_UPFRONT",
            },
        )


def ours(stack: Stack, orders: int) -> None:
    """Declare orders; without outputs, of which a template can have 200."""
    for number in range(orders):
        OutpostOrder(
            stack,
            f"Rack{number}",
            order_name=f"PO-{number}",
            outpost_identifier="op-0123456789abcdef0",
            line_items=[LineItem("OR-ABCDEFG", quantity=number + 1)],
            payment_option=PaymentOption.NO_UPFRONT,
            stack_outputs=False,
        )


APPS = {"plain": plain, "ours": ours}


def main() -> int:
    """Synthesize one app, or all in turn and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=450)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--app", choices=APPS, help="only synthesize this one, once")
    arguments = parser.parse_args()
    if arguments.app:
        app = App()
        APPS[arguments.app](Stack(app, "Orders"), arguments.orders)
        app.synth()
        return 0
    seconds: dict[str, list[float]] = {name: [] for name in APPS}
    for _ in range(arguments.runs):
        for name, times in seconds.items():
            times.append(_run(name, arguments.orders))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, times in seconds.items():
        ratio = medians[name] / medians["plain"]
        spread = f"{min(times):.2f} to {max(times):.2f} s"
        print(f"{name:6} {medians[name]:6.2f} s ({spread}), {ratio:.2f} times plain")
    return 0


def _run(name: str, orders: int) -> float:
    with TemporaryDirectory() as folder:
        begun = time.monotonic()
        subprocess.run(
            [sys.executable, Path(__file__).resolve(), "--app", name, "--orders", str(orders)],
            check=True,
            env=os.environ | {"CDK_OUTDIR": folder},
        )
        return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
