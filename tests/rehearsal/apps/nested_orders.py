"""A stack and a stack that is nested in it, an order in each, and one function for both."""

from aws_cdk import App, NestedStack, Stack

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption

app = App()
site = Stack(app, "Site")
for scope, number, quantity in ((site, "PO-4710", 2), (NestedStack(site, "Hall"), "PO-4711", 1)):
    OutpostOrder(
        scope,
        "Rack",
        order_name=number,
        outpost_identifier="op-0123456789abcdef0",
        line_items=[LineItem("OR-ABCDEFG", quantity=quantity)],
        payment_option=PaymentOption.NO_UPFRONT,
    )
app.synth()
