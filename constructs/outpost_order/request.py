"""What the props of an order ask for, and how a template says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import RemovalPolicy

from outpost_order.line_item import LineItem
from outpost_order.outpost import IOutpostRef, arn_of
from outpost_order.payment import PaymentOption, PaymentTerm
from outpost_order.quote import QuotePrice, plain_decimal
from outpost_order_handler.contract import ExistingOrder, OnDelete, Preflight, Property


@dataclass(frozen=True)
class OrderRequest:
    """One order as its props ask for it, not yet checked."""

    order_name: str
    outpost_identifier: str | None
    outpost: IOutpostRef | None
    line_items: Sequence[LineItem] | None
    quote_identifier: str | None
    quote_option_identifier: str | None
    quote_price: QuotePrice | None
    payment_option: PaymentOption
    payment_term: PaymentTerm | None
    existing_order: ExistingOrder
    adopt_order_id: str | None
    preflight: bool
    removal_policy: RemovalPolicy

    @property
    def outpost_arn(self) -> str | None:
        """The ARN of the Outpost, where CDK knows it."""
        return arn_of(self.outpost)

    @property
    def outpost_told(self) -> str:
        """The Outpost as the template tells it: its id, its ARN, or a token."""
        return self.outpost_arn or self.outpost_identifier or ""

    @property
    def is_from_quote(self) -> bool:
        """Tell whether a quote says what is bought."""
        return (self.quote_identifier, self.quote_option_identifier) != (None, None)

    @property
    def may_buy(self) -> bool:
        """Tell whether it can lead to CreateOrder: an order that is named is taken over."""
        return self.adopt_order_id is None

    @property
    def looks_first(self) -> bool:
        """Tell whether the Outpost and the catalog items are looked at before it is sent."""
        return self.preflight and self.may_buy

    @property
    def may_cancel(self) -> bool:
        """Tell whether it can lead to CancelOrder: what was taken over by name never does."""
        return self.removal_policy != RemovalPolicy.RETAIN and self.may_buy

    def properties(self) -> dict[str, Any]:
        """Return the properties of the resource; what was not asked for is left out."""
        properties = {
            Property.OUTPOST_IDENTIFIER: self.outpost_told,
            Property.LINE_ITEMS: _line_items(self.line_items),
            Property.QUOTE_IDENTIFIER: self.quote_identifier,
            Property.QUOTE_OPTION_IDENTIFIER: self.quote_option_identifier,
            Property.QUOTE_PRICE: self.quote_price and _price(self.quote_price),
            Property.PAYMENT_OPTION: str(self.payment_option),
            Property.PAYMENT_TERM: self.payment_term and str(self.payment_term),
            Property.ORDER_NAME: self.order_name,
            Property.PREFLIGHT: None if self.preflight else Preflight.SKIP.value,
            Property.EXISTING_ORDER: _unless(ExistingOrder.REFUSE, self.existing_order),
            Property.ADOPT_ORDER_ID: self.adopt_order_id,
            Property.ON_DELETE: OnDelete.CANCEL.value if self.may_cancel else None,
        }
        return {name.value: value for name, value in properties.items() if value is not None}


def _line_items(line_items: Sequence[LineItem] | None) -> list[dict[str, Any]] | None:
    if line_items is None:
        return None
    return [
        {
            Property.CATALOG_ITEM_ID.value: item.catalog_item_id,
            Property.QUANTITY.value: item.quantity,
        }
        for item in line_items
    ]


def _price(price: QuotePrice) -> dict[str, str]:
    return {
        Property.UPFRONT_PRICE.value: plain_decimal(price.upfront),
        Property.MONTHLY_RECURRING_PRICE.value: plain_decimal(price.monthly_recurring),
        Property.CURRENCY.value: price.currency,
    }


def _unless(default: str, choice: str) -> str | None:
    return None if choice == default else str(choice)
