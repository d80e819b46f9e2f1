"""The content of an order, and its properties in a template."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Self, TypeVar, cast

from aws_cdk import Token

from cdk_outpost_order.names import holds_token
from cdk_outpost_order.outpost import IOutpostRef, arn_of
from outpost_order_handler.contract import (
    DEFAULT_LEDGER,
    PAYMENT_OPTIONS,
    PAYMENT_TERMS,
    Preflight,
    Property,
)
from outpost_order_handler.rules import PRICE


@dataclass(frozen=True)
class LineItem:
    """A catalog item and the quantity to buy.

    Args:
        catalog_item_id: `OR-` and 7 of A-Z, 0-9, as in the Outposts catalog, or a token.
            Required.
        quantity: The number of racks or servers, a whole number of at least 1, or a token, such
            as `value_as_number` of a parameter. Default: 1.

    Source:
        https://docs.aws.amazon.com/outposts/latest/APIReference/API_LineItemRequest.html
    """

    catalog_item_id: str
    quantity: int | float = 1


@dataclass(frozen=True)
class _Choice:
    """One of a set that the service extends."""

    value: str

    @classmethod
    def of(cls, value: str) -> Self:
        """Return the choice that the API calls `value`, also one without a constant here."""
        return cls(value)

    def __str__(self) -> str:
        return self.value


class PaymentOption(_Choice):
    """When you pay for the order.

    If the API has an option that has no constant here, use `PaymentOption.of("...")`.

    Source:
        https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
    """

    ALL_UPFRONT: ClassVar["PaymentOption"]
    """You pay the whole price upfront."""
    PARTIAL_UPFRONT: ClassVar["PaymentOption"]
    """You pay a part upfront, and the rest in monthly instalments over the term."""
    NO_UPFRONT: ClassVar["PaymentOption"]
    """You pay in monthly instalments over the term."""


PaymentOption.ALL_UPFRONT = PaymentOption("ALL_UPFRONT")
PaymentOption.PARTIAL_UPFRONT = PaymentOption("PARTIAL_UPFRONT")
PaymentOption.NO_UPFRONT = PaymentOption("NO_UPFRONT")


class PaymentTerm(_Choice):
    """How long the commitment lasts.

    If the API has a term that has no constant here, use `PaymentTerm.of("...")`.

    Source:
        https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
    """

    ONE_YEAR: ClassVar["PaymentTerm"]
    """A commitment of 1 year."""
    THREE_YEARS: ClassVar["PaymentTerm"]
    """A commitment of 3 years."""
    FIVE_YEARS: ClassVar["PaymentTerm"]
    """A commitment of 5 years."""


PaymentTerm.ONE_YEAR = PaymentTerm("ONE_YEAR")
PaymentTerm.THREE_YEARS = PaymentTerm("THREE_YEARS")
PaymentTerm.FIVE_YEARS = PaymentTerm("FIVE_YEARS")


Amount = int | float | Decimal | str

_MOST_DIGITS = 30


@dataclass(frozen=True)
class QuotePrice:
    """The agreed price of a quote option.

    The price is in the template, so a reviewer sees the money. If the quote's price is
    different at deployment, the deployment fails and nothing is bought. The amounts must be
    known at synthesis: they can't be tokens.

    Args:
        upfront: The amount to pay upfront, 0 or more: a number, or a text such as `"1200.50"`.
            Required.
        monthly_recurring: The amount to pay each month, 0 or more: a number, or a text. Required.
        currency: Three letters. Default: `"USD"`.

    Source:
        https://docs.aws.amazon.com/outposts/latest/APIReference/API_GetQuote.html
    """

    upfront: Amount
    monthly_recurring: Amount
    currency: str = "USD"


def plain_decimal(amount: object) -> object:
    """Return the amount in digits, without exponent; a text, and what is no price, unchanged."""
    if isinstance(amount, bool) or not isinstance(amount, int | float | Decimal):
        return amount
    number = Decimal(repr(amount)) if isinstance(amount, float) else Decimal(amount)
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return amount
    digits = format(number, "f")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return digits if PRICE.accepts(digits) else amount


UNCHECKED = object()
"""Replaces a value of the wrong type or a missing one, whose problem `validation.py` reports."""

_PROPS: dict[str, str] = {
    Property.UPFRONT_PRICE: "upfront",
    Property.MONTHLY_RECURRING_PRICE: "monthly_recurring",
}
# CDK's `value_from_lookup` returns this until the CLI has looked the value up.
_LOOKED_UP = "dummy-value-for-"
_DYNAMIC_REFERENCE = "{{resolve:"
_Struct = TypeVar("_Struct", LineItem, QuotePrice)


def is_hidden(value: object) -> bool:
    """Return whether the rules can't check a value: only the deployment or a lookup knows it."""
    if isinstance(value, str):
        return holds_token(value) or value.startswith((_LOOKED_UP, _DYNAMIC_REFERENCE))
    # Other values can't be tokens, and jsii can't pass on all of them: a Decimal, NaN.
    if isinstance(value, float):
        may_be_token = math.isfinite(value)
    else:
        may_be_token = hasattr(value, "creation_stack")
    return value is UNCHECKED or (may_be_token and Token.is_unresolved(value))


def shown(name: Property, value: object) -> str:
    """Return the text of a value; of one that only the deployment knows, its property."""
    return f"<{name}>" if is_hidden(value) else str(value)


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
    payment_option: PaymentOption | str
    payment_term: PaymentTerm | str | None
    in_addition_to: Sequence[str] | None
    adopt_order_id: str | None
    preflight: bool
    ledger_name: str

    @cached_property
    def outpost_arn(self) -> str | None:
        """The ARN of the Outpost, if CDK knows it."""
        return arn_of(self.outpost)

    @property
    def outpost_reference(self) -> str:
        """The Outpost as the template has it: its id, its ARN, or a token."""
        reference = self.outpost_arn or self.outpost_identifier
        return reference if isinstance(reference, str) else ""

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

    @cached_property
    def properties(self) -> dict[str, Any]:
        """The properties of the resource; those at their defaults are left out."""
        properties = {
            Property.ORDER_NAME: UNCHECKED if self.order_name is None else self.order_name,
            Property.OUTPOST_IDENTIFIER: self._outpost_identifier(),
            Property.LINE_ITEMS: _list_of(_line_item, self.line_items),
            Property.QUOTE_IDENTIFIER: self.quote_identifier,
            Property.QUOTE_OPTION_IDENTIFIER: self.quote_option_identifier,
            Property.QUOTE_PRICE: _quote_price(self.quote_price),
            Property.PAYMENT_OPTION: _choice(self.payment_option, PaymentOption, PAYMENT_OPTIONS),
            Property.PAYMENT_TERM: _choice(self.payment_term, PaymentTerm, PAYMENT_TERMS),
            Property.IN_ADDITION_TO: _list_of(lambda name: name, self.in_addition_to) or None,
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


def struct_of(kind: type[_Struct], value: object) -> object:
    """Return what is meant by a dict of props, as CDK takes one for each of its structs."""
    if not isinstance(value, Mapping):
        return value
    names = {field.name for field in fields(kind)}
    required = {field.name for field in fields(kind) if field.default is MISSING}
    return kind(**value) if required <= value.keys() <= names else value


def is_list(value: object) -> bool:
    """Return whether a value is a list, or another sequence that isn't a text."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def _list_of(each_of: Callable[[Any], object], values: object) -> object:
    if values is None:
        return None
    return list(map(each_of, cast("Sequence[object]", values))) if is_list(values) else UNCHECKED


def _line_item(given: object) -> object:
    item = struct_of(LineItem, given)
    if not isinstance(item, LineItem):
        return UNCHECKED
    return {
        Property.CATALOG_ITEM_ID.value: item.catalog_item_id,
        Property.QUANTITY.value: item.quantity,
    }


def _quote_price(given: object) -> object:
    if given is None:
        return None
    price = struct_of(QuotePrice, given)
    if not isinstance(price, QuotePrice):
        return UNCHECKED
    return {
        Property.UPFRONT_PRICE.value: plain_decimal(price.upfront),
        Property.MONTHLY_RECURRING_PRICE.value: plain_decimal(price.monthly_recurring),
        Property.CURRENCY.value: price.currency,
    }


def _choice(
    value: object, kind: type[PaymentOption] | type[PaymentTerm], known: Sequence[str]
) -> object:
    """Return the text of a choice; a bare text must be one of those that are known."""
    if isinstance(value, kind):
        return value.value
    return value if value is None or is_hidden(value) or value in known else UNCHECKED
