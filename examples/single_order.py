"""Order one rack for an Outpost that exists.

Deploy it with: cdk deploy --app "python examples/single_order.py"
"""

from aws_cdk import App, Stack

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption, PaymentTerm

app = App()
stack = Stack(app, "SingleOrder")
# Deploying this buys hardware. You can't edit the order afterwards, and it remains in force when
# you delete the stack.
OutpostOrder(
    stack,
    "Rack",
    order_name="PO-4711",
    outpost_identifier="op-0123456789abcdef0",
    line_items=[LineItem("OR-ABCDEFG", quantity=2)],
    payment_option=PaymentOption.NO_UPFRONT,
    payment_term=PaymentTerm.THREE_YEARS,
)
app.synth()
