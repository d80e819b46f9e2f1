"""An app with an order, the same one in another ledger, adopted there, and a pair of orders."""

import json

from outpost_order_handler import contract
from tests.rehearsal.assembly import Assembly, Template

ADOPTED = "oo-000000000000000ad"
APP = f"""
from aws_cdk import App, Stack
from cdk_outpost_order import LineItem, OrderLedger, OutpostOrder, PaymentOption

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
order(Stack(app, "Kept"))
OrderLedger(Stack(app, "Books"), "Ledger", table_name="books")
for name, props in (("InBooks", {{}}), ("AdoptedInBooks", {{"adopt_order_id": "{ADOPTED}"}})):
    stack = Stack(app, name)
    order(stack, ledger=OrderLedger.from_table_name(stack, "Books", "books"), **props)
pair = Stack(app, "Pair")
order(pair)
order(pair, "Spare", "PO-4712", in_addition_to=["PO-4711"])
app.synth()
"""
KEPT, IN_BOOKS, ADOPTED_IN_BOOKS, PAIR = "Kept", "InBooks", "AdoptedInBooks", "Pair"
POLICIES = ("Retain", "Delete")
"""What the template says about the order, and what a deployer can make of it."""


class Variants(Assembly):
    """One order; the same order in another ledger, and adopted there; a pair of orders."""

    def stack(self, name: str) -> Template:
        """Return a stack's template, a fresh copy to be changed at will."""
        template: Template = json.loads((self.folder / f"{name}.template.json").read_text())
        return template


def order_resource(template: Template) -> str:
    """Return the logical ID of the first order."""
    resources: dict[str, Template] = template["Resources"]
    return next(name for name, each in resources.items() if each["Type"] == "Custom::OutpostOrder")


def with_failing_sibling(template: Template) -> Template:
    """Add a resource that fails after the order was placed, without a request of its own."""
    order_id = order_resource(template)
    order = template["Resources"][order_id]
    broken = {**order["Properties"], "OrderName": "sibling", "PaymentOption": "cash"}
    sibling = {**order, "Properties": broken, "DependsOn": [order_id]}
    return {**template, "Resources": {**template["Resources"], "Sibling": sibling}}


def with_policy(template: Template, policy: str) -> Template:
    """Change what CloudFormation does with an order that it no longer contains, in place."""
    for each in template["Resources"].values():
        if each["Type"] == "Custom::OutpostOrder":
            each |= {"DeletionPolicy": policy, "UpdateReplacePolicy": policy}
    return template


def with_term(template: Template, term: str) -> Template:
    """Order for another term, in place: a synthesis changes the line of the metadata too."""
    order = template["Resources"][order_resource(template)]
    assert order["Metadata"]["Order"] == contract.order_line(order["Properties"])
    order["Properties"]["PaymentTerm"] = term
    order["Metadata"]["Order"] = contract.order_line(order["Properties"])
    return template


def moved(template: Template) -> Template:
    """Give the order another logical ID, as moving the construct within the app does."""
    moved: Template = json.loads(
        json.dumps(template).replace(order_resource(template), "MovedRack")
    )
    return moved
