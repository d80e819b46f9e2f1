"""An app with one stack for each way to remove an order and to keep the ledger."""

import json

from tests.rehearsal.assembly import Assembly, Template

TABLE = "table-of-the-books"  # stands in the templates for the name that AWS makes up
APP = f"""
from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from outpost_order import ExistingOrder, LineItem, OrderLedger, OutpostOrder, PaymentOption

def order(stack, construct_id, order_name=None, **props):
    OutpostOrder(
        stack,
        construct_id,
        order_name=order_name or stack.stack_name + "-" + construct_id,
        outpost_identifier="op-0123456789abcdef0",
        line_items=[LineItem("OR-ABCDEFG", quantity=2)],
        payment_option=PaymentOption.NO_UPFRONT,
        **props,
    )

app = App()
books = Stack(app, "Books")
CfnOutput(books, "Table", value=OrderLedger(books, "Ledger").table_name)
for policy in RemovalPolicy:
    if policy != RemovalPolicy.SNAPSHOT:
        name = policy.name.replace("_", "-")
        order(Stack(app, name), "Rack", removal_policy=policy)
        shared = Stack(app, name + "-shared")
        ledger = OrderLedger.from_table_name(shared, "Books", "{TABLE}")
        order(shared, "Rack", removal_policy=policy, ledger=ledger, order_name="PO-4711")
pair = Stack(app, "Pair")
for construct_id in ("Rack", "Spare"):
    order(pair, construct_id, existing_order=ExistingOrder.ALLOW)
app.synth()
"""
RETAIN, DESTROY, ON_ROLLBACK = "RETAIN", "DESTROY", "RETAIN-ON-UPDATE-OR-DELETE"


class Variants(Assembly):
    """One order with each removal policy, with a ledger of its stack and with a shared one."""

    def stack(self, name: str) -> Template:
        """Return a stack's template, a fresh copy to be changed at will."""
        template: Template = json.loads((self.folder / f"{name}.template.json").read_text())
        return template


def sharing(template: Template, table: str) -> Template:
    """Give the orders of a stack a shared ledger."""
    shared: Template = json.loads(json.dumps(template).replace(TABLE, table))
    return shared


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
