"""The names and limits that the construct and the handler share.

Standard library only: the construct imports it to synthesize, the handler to start.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

RESOURCE_TYPE = "Custom::OutpostOrder"
MAX_STACK_OUTPUTS = 200  # of CloudFormation
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
    """Whether the function checks the Outpost and the catalog items before it sends an order."""

    CHECK = "CHECK"
    SKIP = "SKIP"


METRIC_NAMESPACE, METRIC_DIMENSION = "OutpostOrder", "FunctionName"


class Metric(StrEnum):
    """The function's metrics, one for each answer to a Create request."""

    PLACED = "OrdersPlaced"  # it placed an order
    JOINED = "OrdersJoined"  # it got the order that its order name already had
    REFUSED = "OrdersRefused"  # it placed no order
    IN_DOUBT = "OrdersInDoubt"  # the outcome is unknown


class Attribute(StrEnum):
    """The attributes of `Fn::GetAtt`: always all of these, as strings; unknown is empty."""

    ORDER_ID = "OrderId"
    STATUS = "Status"
    OUTPOST_ID = "OutpostId"
    ORDER_TYPE = "OrderType"
    PAYMENT_OPTION = "PaymentOption"
    PAYMENT_TERM = "PaymentTerm"
    ORDER_SUBMISSION_DATE = "OrderSubmissionDate"


_PAYMENT = (Property.PAYMENT_OPTION, Property.PAYMENT_TERM)
PAYMENT_OPTIONS = ("ALL_UPFRONT", "PARTIAL_UPFRONT", "NO_UPFRONT")
PAYMENT_TERMS = ("ONE_YEAR", "THREE_YEARS", "FIVE_YEARS")


def bare_id(identifier: str) -> str:
    """Return the id of an Outpost or a quote, given its id or its ARN."""
    return identifier.rpartition("/")[2]


def _text(_: Property, value: Any) -> str:  # noqa: ANN401
    return str(value)


def order_line(properties: Mapping[str, Any], text: Callable[[Property, Any], str] = _text) -> str:
    """Return the purchase in one line, as the resource's metadata has it.

    The construct writes it into the template, tokens included (`text` returns the text of a
    property's value); the function composes it from the event. So nothing in it is normalized.
    """
    return f"{properties[Property.ORDER_NAME]}: {purchase_line(properties, text)}"


def purchase_line(properties: Mapping[str, Any], text: Callable[[Property, Any], str]) -> str:
    """Return the order's content in one line, without the order name."""

    def value_of(name: Property, given: Mapping[str, Any] = properties) -> str:
        return text(name, given[name])

    if Property.QUOTE_OPTION_IDENTIFIER in properties:
        what = (
            f"{value_of(Property.QUOTE_OPTION_IDENTIFIER)} of {value_of(Property.QUOTE_IDENTIFIER)}"
        )
    else:
        what = ", ".join(
            f"{value_of(Property.QUANTITY, item)} x {value_of(Property.CATALOG_ITEM_ID, item)}"
            for item in properties[Property.LINE_ITEMS]
        )
    payment = [value_of(each) for each in _PAYMENT if properties.get(each) is not None]
    return ", ".join([f"{what} for {value_of(Property.OUTPOST_IDENTIFIER)}", *payment])
