"""Order from a quote, at the agreed price.

The quote's option has the items. Deploy it with:
cdk deploy --app "python examples/order_from_quote.py"
"""

from aws_cdk import App, Stack

from cdk_outpost_order import OutpostOrder, PaymentOption, PaymentTerm, QuotePrice

app = App()
stack = Stack(app, "OrderFromQuote")
OutpostOrder(
    stack,
    "Rack",
    order_name="PO-4712",
    outpost_identifier="op-0123456789abcdef0",
    quote_identifier="oq-0123456789abcdef0",
    quote_option_identifier="oqo-0123456789abcdef0",
    # If the quote's price is different at deployment, nothing is bought.
    quote_price=QuotePrice(upfront=169000, monthly_recurring=0),
    payment_option=PaymentOption.ALL_UPFRONT,
    payment_term=PaymentTerm.THREE_YEARS,
)
app.synth()
