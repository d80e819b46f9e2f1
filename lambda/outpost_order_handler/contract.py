"""The names and limits that the construct and the handler share.

Standard library only: the construct imports it to synthesize, the handler to start.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

MAX_LINE_ITEMS = MAX_IN_ADDITION_TO = 20
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
    IN_ADDITION_TO = "InAdditionTo"
    ADOPT_ORDER_ID = "AdoptOrderId"
    PREFLIGHT = "Preflight"
    LEDGER = "Ledger"


LEDGER_TABLE = "OUTPOST_ORDER_LEDGER"  # the environment variable that names the function's ledger
DEFAULT_LEDGER = "outpost-orders"  # the table that `outpost-order init` creates
LEDGER_KEY = "Key"  # the one key of the table, a string
ORDER_METADATA = "Order"  # of the resource's metadata: the purchase in one line
UNKNOWN_STATUS = "UNKNOWN"  # of an order whose status can't be read


class Preflight(StrEnum):
    """Whether the Outpost and the catalog items are looked at before an order is sent."""

    CHECK = "CHECK"
    SKIP = "SKIP"


METRIC_NAMESPACE, METRIC_DIMENSION = "OutpostOrder", "FunctionName"


class Metric(StrEnum):
    """What the function counts, one for each answer to a Create request."""

    PLACED = "OrdersPlaced"  # it placed an order
    JOINED = "OrdersJoined"  # it got the order which its order name already had
    REFUSED = "OrdersRefused"  # it placed no order
    IN_DOUBT = "OrdersInDoubt"  # the outcome is unknown


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


def order_line(properties: Mapping[str, Any], text: Callable[[Any], str] = str) -> str:
    """Return the purchase in one line, as the resource's metadata has it.

    The construct writes it into the template, tokens included (`text` is that of a quantity);
    the function composes it from the event. So nothing in it is normalized.
    """
    if Property.QUOTE_OPTION_IDENTIFIER in properties:
        option, quote = Property.QUOTE_OPTION_IDENTIFIER, Property.QUOTE_IDENTIFIER
        what = f"{properties[option]} of {properties[quote]}"
    else:
        what = ", ".join(
            f"{text(item[Property.QUANTITY])} x {item[Property.CATALOG_ITEM_ID]}"
            for item in properties[Property.LINE_ITEMS]
        )
    paid = [properties[Property.PAYMENT_OPTION], properties.get(Property.PAYMENT_TERM)]
    terms = ", ".join(each for each in paid if each is not None)
    name, outpost = properties[Property.ORDER_NAME], properties[Property.OUTPOST_IDENTIFIER]
    return f"{name}: {what} for {outpost}, {terms}"
