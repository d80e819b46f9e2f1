"""The price that was agreed."""

from dataclasses import dataclass
from decimal import Decimal

from outpost_order_handler.rules import PRICE

Amount = int | float | Decimal | str

_MOST_DIGITS = 30


@dataclass(frozen=True)
class QuotePrice:
    """What was agreed to be paid for a quote.

    It stands in the template, where a reviewer sees the money. The order is refused
    when it is deployed, and nothing is bought, if the quote says another price. So the
    amounts must be known at synth.

    Args:
        upfront: What is due at once, 0 or more: a number, or a text such as `"1200.50"`.
        monthly_recurring: What is due each month, 0 or more, in the same way.
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
