"""app.py with one more order: another catalog item for the same Outpost."""

from aws_cdk import App, Stack

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption, PaymentTerm

app = App()
stack = Stack(app, "OutpostRack")
for name, number, item, quantity in (
    ("Rack", "PO-4710", "OR-ABCDEFG", 2),
    ("Spare", "PO-4711", "OR-BCDEFGH", 1),
):
    OutpostOrder(
        stack,
        name,
        order_name=number,
        outpost_identifier="op-0123456789abcdef0",
        line_items=[LineItem(item, quantity=quantity)],
        payment_option=PaymentOption.NO_UPFRONT,
        payment_term=PaymentTerm.THREE_YEARS,
    )
app.synth()
