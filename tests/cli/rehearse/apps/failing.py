"""An app with one order for each failure that ORDERS names, each in a stack of its own."""

import os

from aws_cdk import App, Stack

from cdk_outpost_order import (
    LineItem,
    OutpostOrder,
    PaymentOption,
    PaymentTerm,
    QuotePrice,
)

CONTENT = {"line_items": [LineItem("OR-ABCDEFG", quantity=1)]}


def content(number: int, need: str) -> dict[str, object]:
    """Return the properties of an order that can meet a situation."""
    if need in ("QUOTE", "PRICE"):
        price = QuotePrice(upfront=0, monthly_recurring=4700)
        quoted = {
            "quote_identifier": f"oq-{number:017x}",
            "quote_option_identifier": f"oqo-{number:017x}",
        }
        return {**quoted, "quote_price": price}
    return {**CONTENT, **({"adopt_order_id": f"oo-{number:017x}"} if need == "ADOPTION" else {})}


def declare(app: App) -> None:
    """Declare the orders."""
    for number, given in enumerate(os.environ["ORDERS"].split(), 1):
        name, _, need = given.partition(":")
        OutpostOrder(
            Stack(app, name),
            "Rack",
            order_name=f"PO-{name}",
            outpost_identifier=f"op-{number:017x}",
            payment_option=PaymentOption.NO_UPFRONT,
            payment_term=PaymentTerm.THREE_YEARS,
            **content(number, need),  # type: ignore[arg-type]
        )


if __name__ == "__main__":
    cdk_app = App()
    declare(cdk_app)
    cdk_app.synth()
