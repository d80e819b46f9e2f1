"""What the props of an order ask for, and how a template says it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Token

from outpost_order.line_item import LineItem
from outpost_order.outpost import IOutpostRef, arn_of
from outpost_order.payment import PaymentOption, PaymentTerm
from outpost_order.quote import QuotePrice, plain_decimal
from outpost_order_handler.contract import DEFAULT_LEDGER, PAYMENT_TERMS, Preflight, Property

UNCHECKED = object()
"""Replaces a value of the wrong type or a missing one, whose problem `validation.py` reports."""

_PROPS: dict[str, str] = {
    Property.UPFRONT_PRICE: "upfront",
    Property.MONTHLY_RECURRING_PRICE: "monthly_recurring",
}


def is_hidden(value: object) -> bool:
    """Return whether the rules can't check a value: a token, or one that stays `UNCHECKED`."""
    # Other values can't be tokens, and jsii can't pass on all of them: a Decimal, NaN.
    if isinstance(value, str):
        may_be_token = "${Token[" in value
    elif isinstance(value, float):
        may_be_token = math.isfinite(value)
    else:
        may_be_token = hasattr(value, "creation_stack")
    return value is UNCHECKED or (may_be_token and Token.is_unresolved(value))


@dataclass(frozen=True)
class OrderRequest:
    """One order as its props ask for it, not yet checked."""

    order_name: str | None
    outpost_identifier: str | None
    outpost: IOutpostRef | None
    line_items: Sequence[LineItem] | None
    quote_identifier: str | None
    quote_option_identifier: str | None
    quote_price: QuotePrice | None
    payment_option: PaymentOption
    payment_term: PaymentTerm | None
    in_addition_to: Sequence[str] | None
    adopt_order_id: str | None
    preflight: bool
    ledger_name: str

    @property
    def outpost_arn(self) -> str | None:
        """The ARN of the Outpost, if CDK knows it."""
        return arn_of(self.outpost)

    @property
    def outpost_told(self) -> str:
        """The Outpost as the template has it: its id, its ARN, or a token."""
        return self.outpost_arn or self.outpost_identifier or ""

    @property
    def is_from_quote(self) -> bool:
        """Whether a quote says what is bought."""
        return (self.quote_identifier, self.quote_option_identifier) != (None, None)

    @property
    def may_buy(self) -> bool:
        """Whether it can lead to CreateOrder: an order that is adopted exists already."""
        return self.adopt_order_id is None

    @property
    def looks_first(self) -> bool:
        """Whether the function checks the Outpost and the catalog items before it sends."""
        return self.preflight and self.may_buy

    def properties(self) -> dict[str, Any]:
        """Return the properties of the resource; those at their defaults are left out."""
        properties = {
            Property.ORDER_NAME: UNCHECKED if self.order_name is None else self.order_name,
            Property.OUTPOST_IDENTIFIER: self._outpost_identifier(),
            Property.LINE_ITEMS: _line_items(self.line_items),
            Property.QUOTE_IDENTIFIER: self.quote_identifier,
            Property.QUOTE_OPTION_IDENTIFIER: self.quote_option_identifier,
            Property.QUOTE_PRICE: _quote_price(self.quote_price),
            Property.PAYMENT_OPTION: _text(self.payment_option),
            Property.PAYMENT_TERM: _payment_term(self.payment_term),
            Property.IN_ADDITION_TO: _in_addition_to(self.in_addition_to),
            Property.ADOPT_ORDER_ID: self.adopt_order_id,
            Property.PREFLIGHT: None if self.preflight else Preflight.SKIP.value,
            Property.LEDGER: None if self.ledger_name == DEFAULT_LEDGER else self.ledger_name,
        }
        return {name.value: value for name, value in properties.items() if value is not None}

    def prop(self, name: str) -> str:
        """Return the prop that a property of the template comes from."""
        if name == Property.OUTPOST_IDENTIFIER and self.outpost is not None:
            return "outpost"
        return prop_name(name)

    def _outpost_identifier(self) -> object:
        given = [self.outpost is not None, self.outpost_identifier is not None]
        if sum(given) != 1 or (self.outpost is not None and self.outpost_arn is None):
            return UNCHECKED
        return self.outpost_arn or self.outpost_identifier


def prop_name(name: str) -> str:
    """Return the prop that has most often the name of a property: `line_items` of `LineItems`."""
    return _PROPS.get(name) or re.sub(r"(?<=.)(?=[A-Z])", "_", name).lower()


def _line_items(line_items: object) -> object:
    if line_items is None:
        return None
    if not isinstance(line_items, Sequence) or isinstance(line_items, str):
        return UNCHECKED
    return [_line_item(item) for item in line_items]


def _line_item(item: object) -> object:
    if not isinstance(item, LineItem):
        return UNCHECKED
    return {
        Property.CATALOG_ITEM_ID.value: item.catalog_item_id,
        Property.QUANTITY.value: item.quantity,
    }


def _quote_price(price: object) -> object:
    if price is None:
        return None
    if not isinstance(price, QuotePrice):
        return UNCHECKED
    return {
        Property.UPFRONT_PRICE.value: plain_decimal(price.upfront),
        Property.MONTHLY_RECURRING_PRICE.value: plain_decimal(price.monthly_recurring),
        Property.CURRENCY.value: price.currency,
    }


def _payment_term(term: object) -> object:
    if isinstance(term, PaymentTerm):
        return term.value
    return term if term is None or term in PAYMENT_TERMS or is_hidden(term) else UNCHECKED


def _in_addition_to(names: object) -> object:
    if names is None:
        return None
    if not isinstance(names, Sequence) or isinstance(names, str):
        return UNCHECKED
    return list(names) or None


def _text(value: object) -> object:
    """Return the plain text of an enum's member; any other value as it is."""
    return str(value) if isinstance(value, str) else value
