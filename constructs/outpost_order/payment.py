"""How an order is paid for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class PaymentOption(StrEnum):
    """When the money is due.

    Source:
        https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
    """

    ALL_UPFRONT = "ALL_UPFRONT"
    """Everything at once."""
    PARTIAL_UPFRONT = "PARTIAL_UPFRONT"
    """A part at once, the rest in monthly instalments over the term."""
    NO_UPFRONT = "NO_UPFRONT"
    """Monthly instalments over the term."""


@dataclass(frozen=True)
class PaymentTerm:
    """How long the commitment lasts.

    The service adds terms from time to time: `PaymentTerm.of` takes one that
    has no constant here yet.

    Source:
        https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
    """

    value: str

    ONE_YEAR: ClassVar["PaymentTerm"]
    THREE_YEARS: ClassVar["PaymentTerm"]
    FIVE_YEARS: ClassVar["PaymentTerm"]

    @classmethod
    def of(cls, value: str) -> "PaymentTerm":
        """Return the term that the API calls `value`, such as `"FIVE_YEARS"`."""
        return cls(value)

    def __str__(self) -> str:
        return self.value


PaymentTerm.ONE_YEAR = PaymentTerm("ONE_YEAR")
PaymentTerm.THREE_YEARS = PaymentTerm("THREE_YEARS")
PaymentTerm.FIVE_YEARS = PaymentTerm("FIVE_YEARS")
