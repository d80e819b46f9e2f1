"""A quote as the Outposts API reports it, and whether an order can still be made of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from outpost_order_handler import contract
from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.failures import NotPlaced
from outpost_order_handler.request import OrderRequest, Price

_ANOTHER_QUOTE = "order from another quote"


@dataclass(frozen=True)
class Quote:
    """A quote, with what an order of it depends on; unknown is empty."""

    quote_id: str
    status: str
    outpost_id: str
    submitted_order_id: str
    expires_at: datetime | None
    options: Mapping[str, tuple["Pricing", ...]]
    unmet_requirements: tuple[str, ...]

    def pricings(self, request: OrderRequest) -> list["Pricing"]:
        """Return the prices of what is asked for, one for each term that is possible."""
        return [
            pricing
            for pricing in self.options.get(request.quote_option_identifier, ())
            if pricing.payment_option == request.payment_option
            and request.payment_term in (None, pricing.payment_term)
        ]


@dataclass(frozen=True)
class Pricing:
    """What an option of a quote costs in one way to pay."""

    payment_option: str
    payment_term: str
    price: Price


def refuse_unusable(quote: Quote, request: OrderRequest, now: datetime) -> None:
    """Raise where no order can be made of the quote, or not for the price that was agreed.

    Raises:
        NotPlaced: Nothing was sent.
    """
    problem = next(_problems(quote, request, now), None)
    if problem is not None:
        exception, detail, step = problem
        raise NotPlaced(Code.INVALID_REQUEST, exception, request.outpost_id, step, detail)


def _problems(quote: Quote, request: OrderRequest, now: datetime) -> Iterator[tuple[str, str, str]]:
    if request.quote is None:
        return
    option, name = request.quote_option_identifier, quote.quote_id
    if quote.submitted_order_id or quote.status == "ORDER_SUBMITTED":
        detail = f"{name} served {quote.submitted_order_id or 'an order'} already"
        yield "QuoteUsed", detail, _ANOTHER_QUOTE
    if quote.status == "EXPIRED" or (quote.expires_at is not None and quote.expires_at <= now):
        yield "QuoteExpired", f"{name} ended {quote.expires_at or ''}".rstrip(), _ANOTHER_QUOTE
    if quote.outpost_id not in ("", request.outpost_id):
        yield "QuoteOfAnotherOutpost", f"{name} is for {quote.outpost_id}", _ANOTHER_QUOTE
    if option not in quote.options:
        known = ", ".join(quote.options) or "none"
        yield "NoSuchOption", f"{name} has no option {option}, but {known}", "correct the option"
    pricings = quote.pricings(request)
    if not pricings:
        way = f"{request.payment_option} {request.payment_term or ''}".rstrip()
        yield "NoSuchPricing", f"{name} offers no {way}", "choose what it offers"
    agreed = request.quote.price
    if agreed is not None and any(pricing.price != agreed for pricing in pricings):
        detail = f"it costs {pricings[0].price}, agreed was {agreed}"
        yield "QuotePriceChanged", detail, "agree on the price and correct quote_price"
    if quote.unmet_requirements:
        unmet = ", ".join(quote.unmet_requirements)
        yield "OrderingRequirementNotMet", unmet, "meet it"


def quote_in(response: Mapping[str, Any]) -> Quote:
    """Return the quote that a response of GetQuote holds.

    Raises:
        KeyError: It holds none.
    """
    members = response["Quote"]
    return Quote(
        quote_id=members["QuoteId"],
        status=str(members.get("QuoteStatus") or ""),
        outpost_id=contract.bare_id(str(members.get("OutpostArn") or "")),
        submitted_order_id=str(members.get("SubmittedOrderId") or ""),
        expires_at=_moment(members.get("ExpirationDate")),
        options={
            option["QuoteOptionIdentifier"]: tuple(_pricings(option))
            for option in members.get("QuoteOptions") or ()
        },
        unmet_requirements=tuple(
            str(requirement.get("OrderingRequirementType"))
            for requirement in members.get("OrderingRequirements") or ()
            if requirement.get("Status") == "FAIL"
        ),
    )


def _moment(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def _pricings(option: Mapping[str, Any]) -> Iterator[Pricing]:
    for pricing in option.get("PricingOptions") or ():
        details = pricing.get("SubscriptionPricingDetails") or {}
        yield Pricing(
            payment_option=str(details.get("PaymentOption") or ""),
            payment_term=str(details.get("PaymentTerm") or ""),
            price=Price(
                upfront=_amount(details.get("UpfrontPrice")),
                monthly_recurring=_amount(details.get("MonthlyRecurringPrice")),
                currency=str(details.get("Currency") or ""),
            ),
        )


def _amount(value: float | None) -> Decimal:
    """Return an amount; one that is left out is none.

    By way of its shortest text, so that 0.1 is a tenth and not a little more.
    """
    return Decimal(repr(value or 0))
