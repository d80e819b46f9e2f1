"""What the construct and the handler agree on: names, limits and rules.

Standard library only, because both sides import it: the construct while it
synthesizes, the handler while it starts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

RESOURCE_TYPE = "Custom::OutpostOrder"
HANDLER = "outpost_order_handler.entry.handler"

MAX_LINE_ITEMS = 20
MAX_QUANTITY = 2**31 - 1  # an Integer of the API has 32 bits


class Property(StrEnum):
    """The properties of the resource in a template, named as in CreateOrder."""

    OUTPOST_IDENTIFIER = "OutpostIdentifier"
    LINE_ITEMS = "LineItems"
    CATALOG_ITEM_ID = "CatalogItemId"
    QUANTITY = "Quantity"
    PAYMENT_OPTION = "PaymentOption"
    PAYMENT_TERM = "PaymentTerm"
    QUOTE_IDENTIFIER = "QuoteIdentifier"
    QUOTE_OPTION_IDENTIFIER = "QuoteOptionIdentifier"
    QUOTE_PRICE = "QuotePrice"
    UPFRONT_PRICE = "UpfrontPrice"
    MONTHLY_RECURRING_PRICE = "MonthlyRecurringPrice"
    CURRENCY = "Currency"
    ORDER_NAME = "OrderName"
    PREFLIGHT = "Preflight"
    EXISTING_ORDER = "ExistingOrder"
    ADOPT_ORDER_ID = "AdoptOrderId"
    ON_DELETE = "OnDelete"
    LEDGER = "Ledger"


LEDGER_TABLE = "OUTPOST_ORDER_LEDGER"
"""The environment variable that names the function's ledger."""
DEFAULT_LEDGER = "outpost-orders"
"""The table that `outpost-order init` creates, one for each account and Region."""
LEDGER_KEY = "Key"
"""The one key of the ledger's table, a string."""


class ExistingOrder(StrEnum):
    """What to do about an equal open order that is on the Outpost already."""

    REFUSE = "REFUSE"
    """Buy nothing, and name it."""
    ADOPT = "ADOPT"
    """Buy nothing, and take it over. It is never cancelled."""
    ALLOW = "ALLOW"
    """Buy another one."""


class Preflight(StrEnum):
    """Whether the Outpost and the catalog items are looked at before an order is sent."""

    CHECK = "CHECK"
    SKIP = "SKIP"


class OnDelete(StrEnum):
    """What becomes of the order when CloudFormation deletes its resource."""

    KEEP = "KEEP"
    CANCEL = "CANCEL"


METRIC_NAMESPACE = "OutpostOrder"
METRIC_DIMENSION = "FunctionName"


class Metric(StrEnum):
    """What the function counts, one for each answer it gives."""

    PLACED = "OrdersPlaced"
    """Creations that ended with an order."""
    REFUSED = "OrdersRefused"
    """Creations that ended without one, for sure."""
    IN_DOUBT = "OrdersInDoubt"
    """Creations and deletions of which nobody knows whether there is an order."""


class Attribute(StrEnum):
    """What `Fn::GetAtt` answers: always all of these, as strings, unknown is empty."""

    ORDER_ID = "OrderId"
    STATUS = "Status"
    OUTPOST_ID = "OutpostId"
    ORDER_TYPE = "OrderType"
    PAYMENT_OPTION = "PaymentOption"
    PAYMENT_TERM = "PaymentTerm"
    ORDER_SUBMISSION_DATE = "OrderSubmissionDate"


@dataclass(frozen=True)
class TextRule:
    """A text that must match a pattern from its first to its last character."""

    pattern: str
    allowed: str

    def accepts(self, value: object) -> bool:
        """Tell whether the value is a text that matches."""
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None

    def problems(self, subject: str, value: object) -> Iterator[str]:
        """Yield what is wrong with the value; `subject` is how a message calls it."""
        if not self.accepts(value):
            yield f"{subject} must be {self.allowed}, got {shown(value)}"


def one_of(*values: str) -> TextRule:
    """Make the rule that only these values keep."""
    return TextRule("|".join(map(re.escape, values)), "one of " + ", ".join(values))


PAYMENT_OPTIONS = ("ALL_UPFRONT", "PARTIAL_UPFRONT", "NO_UPFRONT")
PAYMENT_TERMS = ("ONE_YEAR", "THREE_YEARS", "FIVE_YEARS")

OUTPOST_IDENTIFIER = TextRule(
    r"(arn:aws([a-z-]+)?:outposts:[a-z0-9-]+:[0-9]{12}:outpost/)?op-[a-f0-9]{17}",
    "an Outpost id (op- and 17 of 0-9, a-f) or the ARN of an Outpost",
)
CATALOG_ITEM_ID = TextRule(r"OR-[A-Z0-9]{7}", "OR- and 7 of A-Z, 0-9")
ORDER_ID = TextRule(r"oo-[a-f0-9]{17}", "oo- and 17 of 0-9, a-f")
QUOTE_IDENTIFIER = TextRule(
    r"(arn:aws([a-z-]+)?:outposts:[a-z0-9-]+:[0-9]{12}:quote/)?oq-[a-f0-9]{17}",
    "a quote id (oq- and 17 of 0-9, a-f) or the ARN of a quote",
)
QUOTE_OPTION_IDENTIFIER = TextRule(r"oqo-[a-f0-9]{17}", "oqo- and 17 of 0-9, a-f")
PRICE = TextRule(r"[0-9]{1,12}(\.[0-9]{1,6})?", "an amount of 0 or more, like 1200 or 1200.50")
CURRENCY = TextRule(r"[A-Z]{3}", "three of A-Z, like USD")
# A name is the physical id until there is an order id: the two must never be mistaken. And it
# is typed as an argument of a command, where a leading `-` would make it an option.
ORDER_NAME = TextRule(
    r"(?!oo-)[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    "1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', begin with a letter or a digit, "
    "and not begin with oo-",
)
# Shorter than DynamoDB allows, so that a failure reason has room for the command to run.
LEDGER_NAME = TextRule(
    r"[A-Za-z0-9_][A-Za-z0-9._-]{2,59}",
    "the name of a DynamoDB table of 3 to 60 of A-Z, a-z, 0-9, '.', '_', '-', "
    "and begin with a letter, a digit or '_'",
)
PAYMENT_OPTION = one_of(*PAYMENT_OPTIONS)
EXISTING_ORDER = one_of(*ExistingOrder)
PREFLIGHT = one_of(*Preflight)
ON_DELETE = one_of(*OnDelete)
PAYMENT_TERM = TextRule(
    r"[A-Z][A-Z0-9_]{0,63}", "one of " + ", ".join(PAYMENT_TERMS) + " or a newer term of the API"
)


def line_item_count_problems(subject: str, count: int) -> Iterator[str]:
    """Yield what is wrong with an order of so many line items."""
    if not 1 <= count <= MAX_LINE_ITEMS:
        yield f"{subject} must hold 1 to {MAX_LINE_ITEMS} line items, got {count}"


def quantity_problems(subject: str, value: object) -> Iterator[str]:
    """Yield what is wrong with a quantity; a boolean is not a number here."""
    if isinstance(value, bool) or not isinstance(value, int):
        yield f"{subject} must be a whole number, got {shown(value)}"
    elif value < 1:
        yield f"{subject} must be at least 1, got {value}"
    elif value > MAX_QUANTITY:
        yield f"{subject} must be at most {MAX_QUANTITY}, got {shown(value)}"


def shown(value: object, limit: int = 60) -> str:
    """Return the value as it is quoted in a message: on one line, and bounded."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more than 4,300 digits has no decimal text
        text = "a number far too large"
    return text if len(text) <= limit else text[: limit - 3] + "..."


def bare_id(identifier: str) -> str:
    """Return the id of an Outpost or a quote, given its id or its ARN."""
    return identifier.rpartition("/")[2]
