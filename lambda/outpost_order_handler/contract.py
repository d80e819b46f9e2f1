"""The names and limits that the construct and the handler share.

Standard library only, because both sides import it: the construct while it
synthesizes, the handler while it starts.
"""

from enum import StrEnum

RESOURCE_TYPE = "Custom::OutpostOrder"
HANDLER = "outpost_order_handler.entry.handler"

MAX_LINE_ITEMS = 20
MAX_QUANTITY = 2**31 - 1  # an Integer of the API has 32 bits


class Property(StrEnum):
    """The properties of the resource in the order of a template, named as in CreateOrder."""

    ORDER_NAME = "OrderName"
    OUTPOST_IDENTIFIER = "OutpostIdentifier"
    LINE_ITEMS = "LineItems"
    CATALOG_ITEM_ID = "CatalogItemId"
    QUANTITY = "Quantity"
    QUOTE_IDENTIFIER = "QuoteIdentifier"
    QUOTE_OPTION_IDENTIFIER = "QuoteOptionIdentifier"
    QUOTE_PRICE = "QuotePrice"
    UPFRONT_PRICE = "UpfrontPrice"
    MONTHLY_RECURRING_PRICE = "MonthlyRecurringPrice"
    CURRENCY = "Currency"
    PAYMENT_OPTION = "PaymentOption"
    PAYMENT_TERM = "PaymentTerm"
    EXISTING_ORDER = "ExistingOrder"
    ADOPT_ORDER_ID = "AdoptOrderId"
    PREFLIGHT = "Preflight"
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


PAYMENT_OPTIONS = ("ALL_UPFRONT", "PARTIAL_UPFRONT", "NO_UPFRONT")
PAYMENT_TERMS = ("ONE_YEAR", "THREE_YEARS", "FIVE_YEARS")


def bare_id(identifier: str) -> str:
    """Return the id of an Outpost or a quote, given its id or its ARN."""
    return identifier.rpartition("/")[2]
