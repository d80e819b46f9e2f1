"""An app with one stack for each way to remove an order, and some for another ledger."""

import json

from tests.rehearsal.assembly import Assembly, Template

APP = """
from aws_cdk import App, RemovalPolicy, Stack
from outpost_order import ExistingOrder, LineItem, OrderLedger, OutpostOrder, PaymentOption

def order(stack, construct_id="Rack", order_name="PO-4711", **props):
    OutpostOrder(
        stack,
        construct_id,
        order_name=order_name,
        outpost_identifier="op-0123456789abcdef0",
        line_items=[LineItem("OR-ABCDEFG", quantity=2)],
        payment_option=PaymentOption.NO_UPFRONT,
        **props,
    )

app = App()
for policy in RemovalPolicy:
    if policy != RemovalPolicy.SNAPSHOT:
        order(Stack(app, policy.name.replace("_", "-")), removal_policy=policy)
OrderLedger(Stack(app, "Books"), "Ledger", table_name="books")
for existing_order in (ExistingOrder.REFUSE, ExistingOrder.ADOPT):
    stack = Stack(app, f"in-books-{existing_order.value}")
    ledger = OrderLedger.from_table_name(stack, "Books", "books")
    order(stack, ledger=ledger, existing_order=existing_order)
pair = Stack(app, "Pair")
order(pair)
order(pair, "Spare", "PO-4712", existing_order=ExistingOrder.ALLOW)
app.synth()
"""
RETAIN, DESTROY, ON_ROLLBACK = "RETAIN", "DESTROY", "RETAIN-ON-UPDATE-OR-DELETE"
IN_BOOKS, ADOPTED_IN_BOOKS = "in-books-REFUSE", "in-books-ADOPT"


class Variants(Assembly):
    """One order with each removal policy; the same order in another ledger; a pair of orders."""

    def stack(self, name: str) -> Template:
        """Return a stack's template, a fresh copy to be changed at will."""
        template: Template = json.loads((self.folder / f"{name}.template.json").read_text())
        return template


def order_resource(template: Template) -> str:
    """Return the logical id of the first order."""
    resources: dict[str, Template] = template["Resources"]
    return next(name for name, each in resources.items() if each["Type"] == "Custom::OutpostOrder")


def with_failing_sibling(template: Template) -> Template:
    """Add a resource that fails after the order was placed, without a request of its own."""
    order_id = order_resource(template)
    order = template["Resources"][order_id]
    broken = {**order["Properties"], "OrderName": "sibling", "PaymentOption": "CASH"}
    sibling = {**order, "Properties": broken, "DependsOn": [order_id]}
    return {**template, "Resources": {**template["Resources"], "Sibling": sibling}}


def moved(template: Template) -> Template:
    """Give the order another logical id, as moving the construct within the app does."""
    moved: Template = json.loads(
        json.dumps(template).replace(order_resource(template), "MovedRack")
    )
    return moved
