"""A quote, from the console to the one order that it serves."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Self

from outpost_order_fake import api
from outpost_order_fake.orders import new_id
from outpost_order_fake.scopes import Scope

VALIDITY = timedelta(days=30)


@dataclass(frozen=True)
class Price:
    """Say what an option costs, however it is paid."""

    upfront: float
    monthly: float
    currency: str

    def options(self) -> list[dict[str, Any]]:
        """Answer a subscription for each payment option and term."""
        ways = product(api.values("PaymentOption"), api.values("PaymentTerm"))
        return [self._subscription(*way) for way in ways]

    def _subscription(self, payment_option: str, payment_term: str) -> dict[str, Any]:
        details = {
            "PaymentOption": payment_option,
            "PaymentTerm": payment_term,
            "UpfrontPrice": self.upfront,
            "MonthlyRecurringPrice": self.monthly,
            "Currency": self.currency,
        }
        return {"PricingType": "SUBSCRIPTION", "SubscriptionPricingDetails": details}


@dataclass(frozen=True)
class Quote:
    """Hold one quote; every change makes a new value."""

    scope: Scope
    members: Mapping[str, Any]
    """As GetQuote shows them in the end."""
    reads_until_shown: int = 0
    """How many GetQuote calls from now on do not show the order."""

    @classmethod
    def made(
        cls,
        scope: Scope,
        outpost_id: str,
        price: Price,
        *,
        created: datetime,
        options: int | Sequence[str],
        expires: datetime | None,
        requirements: Sequence[Mapping[str, str]],
        quote_id: str | None = None,
    ) -> Self:
        """Make a quote as the console does; each option costs the same."""
        option_ids = (
            [new_id("oqo") for _ in range(options)] if isinstance(options, int) else options
        )
        return cls(
            scope,
            {
                "QuoteId": quote_id or new_id("oq"),
                "AccountId": scope.account,
                "QuoteStatus": "CREATED",
                "OutpostArn": scope.arn("outpost", outpost_id),
                "RequestedPaymentOptions": api.values("PaymentOption"),
                "RequestedPaymentTerms": api.values("PaymentTerm"),
                "QuoteOptions": [
                    {"QuoteOptionIdentifier": option_id, "PricingOptions": price.options()}
                    for option_id in option_ids
                ],
                "OrderingRequirements": [dict(requirement) for requirement in requirements],
                "CreatedDate": created,
                "ExpirationDate": expires or created + VALIDITY,
            },
        )

    @property
    def quote_id(self) -> str:
        """The id, without an ARN around it."""
        return str(self.members["QuoteId"])

    @property
    def option_ids(self) -> list[str]:
        """The ids of what can be ordered."""
        return [option["QuoteOptionIdentifier"] for option in self.members.get("QuoteOptions", [])]

    def is_open(self, now: datetime) -> bool:
        """Return whether an order can still be made from it."""
        return (
            self.members.get("QuoteStatus") == "CREATED"
            and "SubmittedOrderId" not in self.members
            and not self._is_past(now)
        )

    def _is_past(self, now: datetime) -> bool:
        expires = self.members.get("ExpirationDate")
        return expires is not None and expires <= now

    def changed(self, **members: object) -> Self:
        """Replace members, and show all at once; None removes one."""
        if unknown := members.keys() - api.shape("Quote")["members"].keys():
            raise ValueError(f"a quote of the Outposts API has no {', '.join(sorted(unknown))}")
        changed = {**self.members, **members}
        members = {name: value for name, value in changed.items() if value is not None}
        return type(self)(self.scope, members)

    def ordered(self, order_id: str, lag: int) -> Self:
        """Submit an order for it, which the next `lag` GetQuote calls do not show."""
        submitted = self.changed(QuoteStatus="ORDER_SUBMITTED", SubmittedOrderId=order_id)
        return replace(submitted, reads_until_shown=lag)

    def read(self) -> Self:
        """Count a GetQuote call."""
        return replace(self, reads_until_shown=max(0, self.reads_until_shown - 1))

    def described(self, now: datetime) -> dict[str, Any]:
        """Answer the quote as GetQuote shows it in the end."""
        members = deepcopy(dict(self.members))
        if members.get("QuoteStatus") == "CREATED" and self._is_past(now):
            members["QuoteStatus"] = "EXPIRED"
        return members

    def shown(self, now: datetime) -> dict[str, Any]:
        """Answer the quote as GetQuote shows it now."""
        if self.reads_until_shown == 0:
            return self.described(now)
        return self.changed(QuoteStatus="CREATED", SubmittedOrderId=None).described(now)
