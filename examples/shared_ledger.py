"""Create the account's ledger in a CDK app, instead of `outpost-order init`.

Do one or the other: both create the table `outpost-orders`, which every order of the account and
Region uses. The stack of the ledger contains no orders, and the stacks of the orders depend on it.
Deploy it with: cdk deploy --all --app "python examples/shared_ledger.py"
"""

from aws_cdk import App, Stack

from cdk_outpost_order import LineItem, OrderLedger, OutpostOrder, PaymentOption, PaymentTerm

OUTPOSTS = {"Berlin": "op-0123456789abcdef0", "Lisbon": "op-0fedcba9876543210"}

app = App()
ledger = OrderLedger(Stack(app, "OrderLedger"), "Ledger")
for city, outpost_id in OUTPOSTS.items():
    OutpostOrder(
        Stack(app, city),
        "Rack",
        order_name=f"{city}-Rack",
        outpost_identifier=outpost_id,
        line_items=[LineItem("OR-ABCDEFG")],
        payment_option=PaymentOption.NO_UPFRONT,
        payment_term=PaymentTerm.THREE_YEARS,
        # Without `ledger=`, the orders use the same table, but can be deployed before it exists.
        ledger=ledger,
    )
app.synth()
