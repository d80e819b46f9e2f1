"""The responses of Outposts: orders, Outposts and quotes. Unknown is empty."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from outpost_order_handler import contract, rules
from outpost_order_handler.contract import Attribute
from outpost_order_handler.order import OrderContent, Price

CANCELLED, REPLACEMENT = "CANCELLED", "REPLACEMENT"
# A long text of the service must not push the answer over CloudFormation's 4,096 bytes.
_MAX_ATTRIBUTE = 256


@dataclass(frozen=True, kw_only=True)
class Order:
    """A real order. Statuses and types that are new pass through."""

    order_id: str
    content: OrderContent
    status: str = ""
    order_type: str = ""
    submitted_at: datetime | None = None

    @property
    def is_replacement(self) -> bool:
        """Whether AWS placed it to replace broken hardware: such an order is never ours."""
        return self.order_type == REPLACEMENT

    @property
    def counts(self) -> bool:
        """Whether it is an order that was placed and remains in force."""
        return self.status != CANCELLED and not self.is_replacement

    def attributes(self) -> dict[str, str]:
        """Return the attributes of `Fn::GetAtt`: always every key, with a string."""
        submitted = self.submitted_at.isoformat() if self.submitted_at else ""
        values = {
            Attribute.ORDER_ID: self.order_id,
            Attribute.STATUS: self.status or contract.UNKNOWN_STATUS,
            Attribute.OUTPOST_ID: self.content.outpost_id,
            Attribute.ORDER_TYPE: self.order_type,
            Attribute.PAYMENT_OPTION: self.content.payment_option,
            Attribute.PAYMENT_TERM: self.content.payment_term,
            Attribute.ORDER_SUBMISSION_DATE: submitted,
        }
        return {str(name): value[:_MAX_ATTRIBUTE] for name, value in values.items()}


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A quote, with the members that an order depends on."""

    quote_id: str
    status: str
    outpost_id: str
    submitted_order_id: str
    expires_at: datetime | None
    options: Mapping[str, Sequence[tuple[str, str, Price]]]  # by payment option and term
    unmet_requirements: Sequence[str]


def order_in(response: object) -> Order | None:
    """Return the order in a response of CreateOrder or GetOrder.

    botocore calls a 200 with an empty or foreign body a success: no order ID, no order.
    """
    members = response.get("Order") if isinstance(response, Mapping) else None
    if not isinstance(members, Mapping) or not rules.ORDER_ID.accepts(members.get("OrderId")):
        return None
    return Order(
        order_id=members["OrderId"],
        content=OrderContent.of(members, members.get("OutpostId")),
        status=_text(members, "Status"),
        order_type=_text(members, "OrderType"),
        submitted_at=_moment(members, "OrderSubmissionDate"),
    )


def outpost_in(response: Mapping[str, Any]) -> tuple[str, str]:
    """Return an Outpost's life cycle status and hardware type; raises KeyError without one."""
    members = response["Outpost"]
    return _text(members, "LifeCycleStatus"), _text(members, "SupportedHardwareType")


def quote_in(response: Mapping[str, Any]) -> Quote:
    """Return the quote in a response of GetQuote; raises KeyError without one."""
    members = response["Quote"]
    options, required = members.get("QuoteOptions") or (), members.get("OrderingRequirements") or ()
    unmet = [each for each in required if each.get("Status") == "FAIL"]
    return Quote(
        quote_id=members["QuoteId"],
        status=_text(members, "QuoteStatus"),
        outpost_id=contract.bare_id(_text(members, "OutpostArn")),
        submitted_order_id=_text(members, "SubmittedOrderId"),
        expires_at=_moment(members, "ExpirationDate"),
        options={each["QuoteOptionIdentifier"]: list(_pricings(each)) for each in options},
        unmet_requirements=[_text(each, "OrderingRequirementType") for each in unmet],
    )


def _pricings(option: Mapping[str, Any]) -> Iterator[tuple[str, str, Price]]:
    for pricing in option.get("PricingOptions") or ():
        details = pricing.get("SubscriptionPricingDetails") or {}
        names = ("UpfrontPrice", "MonthlyRecurringPrice")
        # `repr` is the shortest text of a float, so that 0.1 is a tenth.
        upfront, monthly = (Decimal(repr(details.get(name) or 0)) for name in names)
        price = Price(upfront, monthly, _text(details, "Currency"))
        yield _text(details, "PaymentOption"), _text(details, "PaymentTerm"), price


def _moment(members: Mapping[str, Any], name: str) -> datetime | None:
    # Which zone botocore gives a time depends on the machine; ours is always UTC.
    value = members.get(name)
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return "" if value is None else str(value)
