"""Order a rack, and cancel the order if the deployment that placed it is rolled back.

Deploy it with: cdk deploy --app "python examples/cancel_on_rollback.py"
"""

from aws_cdk import Annotations, App, RemovalPolicy, Stack

from outpost_order import LineItem, OutpostOrder, PaymentOption, PaymentTerm

app = App()
stack = Stack(app, "CancelOnRollback")
order = OutpostOrder(
    stack,
    "Rack",
    order_name="PO-4714",
    outpost_identifier="op-0123456789abcdef0",
    line_items=[LineItem("OR-ABCDEFG")],
    payment_option=PaymentOption.NO_UPFRONT,
    payment_term=PaymentTerm.THREE_YEARS,
    # DESTROY would also cancel it when it leaves the stack. The service may refuse to cancel.
    removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
)
# Without this, each synth warns that the order may be cancelled.
Annotations.of(order).acknowledge_warning(
    "cdk-outpost-order:cancelsOrder", "agreed with procurement"
)
app.synth()
