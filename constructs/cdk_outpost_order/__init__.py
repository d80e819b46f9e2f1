"""Place AWS Outposts hardware orders from AWS CDK stacks, each at most once."""

from cdk_outpost_order.content import LineItem, PaymentOption, PaymentTerm, QuotePrice
from cdk_outpost_order.interface import InvalidOrderError, IOutpostOrder
from cdk_outpost_order.ledger import OrderLedger
from cdk_outpost_order.order import OutpostOrder
from cdk_outpost_order.outpost import IOutpostRef
from cdk_outpost_order.provider import OutpostOrderProvider

__all__ = [
    "IOutpostOrder",
    "IOutpostRef",
    "InvalidOrderError",
    "LineItem",
    "OrderLedger",
    "OutpostOrder",
    "OutpostOrderProvider",
    "PaymentOption",
    "PaymentTerm",
    "QuotePrice",
]
