"""Place AWS Outposts hardware orders from AWS CDK stacks, each at most once."""

from outpost_order.errors import InvalidOrderError
from outpost_order.ledger import OrderLedger
from outpost_order.line_item import LineItem
from outpost_order.order import OutpostOrder
from outpost_order.order_base import IOutpostOrder
from outpost_order.payment import PaymentOption, PaymentTerm
from outpost_order.provider import OutpostOrderProvider
from outpost_order.quote import QuotePrice

__all__ = [
    "IOutpostOrder",
    "InvalidOrderError",
    "LineItem",
    "OrderLedger",
    "OutpostOrder",
    "OutpostOrderProvider",
    "PaymentOption",
    "PaymentTerm",
    "QuotePrice",
]
