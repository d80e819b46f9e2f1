"""One stack that orders one rack: the example of the README and of `make rehearse`."""

from typing import Any

from aws_cdk import App, Stack
from constructs import Construct

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption, PaymentTerm


class RackStack(Stack):
    """A rack for the Outpost in the basement."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:  # noqa: ANN401
        """Declare the order."""
        super().__init__(scope, construct_id, **kwargs)
        OutpostOrder(
            self,
            "Rack",
            order_name="PO-4710",
            outpost_identifier="op-0123456789abcdef0",
            line_items=[LineItem("OR-ABCDEFG", quantity=2)],
            payment_option=PaymentOption.NO_UPFRONT,
            payment_term=PaymentTerm.THREE_YEARS,
        )


app = App()
RackStack(app, "OutpostRack")
app.synth()
