"""Order for many places, and write all of it into one ledger.

The ledger is in a stack of its own, which outlives those of the orders: a stack that is
deleted and made again finds what it bought before. Deploy it with:
cdk deploy --all --app "python examples/shared_ledger.py"
"""

from aws_cdk import App, Stack

from outpost_order import LineItem, OrderLedger, OutpostOrder, PaymentOption, PaymentTerm

OUTPOSTS = {"Berlin": "op-0123456789abcdef0", "Lisbon": "op-0fedcba9876543210"}

app = App()
ledger = OrderLedger(Stack(app, "OrderLedger"), "Ledger")
for city, outpost_id in OUTPOSTS.items():
    OutpostOrder(
        Stack(app, city),
        "Rack",
        outpost_identifier=outpost_id,
        line_items=[LineItem("OR-ABCDEFG")],
        payment_option=PaymentOption.NO_UPFRONT,
        payment_term=PaymentTerm.THREE_YEARS,
        # The key to what was bought: in one ledger, the same name never buys twice.
        order_name=f"{city}-Rack",
        ledger=ledger,
    )
app.synth()
