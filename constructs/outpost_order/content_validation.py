"""The rules of what is bought: line items, or a quote."""

from collections.abc import Iterator, Sequence

from aws_cdk import Token

from outpost_order.line_item import LineItem
from outpost_order.quote import QuotePrice, plain_decimal
from outpost_order.request import OrderRequest
from outpost_order.validation import text_problems
from outpost_order_handler import contract
from outpost_order_handler.contract import ExistingOrder


def content_problems(request: OrderRequest) -> Iterator[str]:
    """Yield what is wrong with what is to be bought."""
    if request.line_items is not None:
        yield from _line_items_problems(request.line_items)
    if request.is_from_quote:
        yield from _quote_problems(request)
    elif request.line_items is None:
        yield (
            "'line_items' must be given, or 'quote_identifier' and 'quote_option_identifier': "
            "one says what is bought"
        )
    if request.quote_price is not None:
        yield from _quote_price_problems(request, request.quote_price)


def _line_items_problems(line_items: object) -> Iterator[str]:
    """Yield what is wrong with the line items, each named by its number and item."""
    if not isinstance(line_items, Sequence) or isinstance(line_items, str):
        yield f"'line_items' must be a list of LineItem, got {contract.shown(line_items)}"
        return
    yield from contract.line_item_count_problems("'line_items'", len(line_items))
    for number, item in enumerate(line_items, start=1):
        yield from _line_item_problems(f"line item {number}", item)


def _line_item_problems(place: str, item: object) -> Iterator[str]:
    if not isinstance(item, LineItem):
        yield f"{place} must be a LineItem, got {contract.shown(item)}"
        return
    yield from text_problems(
        contract.CATALOG_ITEM_ID, f"'catalog_item_id' of {place}", item.catalog_item_id
    )
    if not Token.is_unresolved(item.quantity):
        named = contract.CATALOG_ITEM_ID.accepts(item.catalog_item_id)
        subject = f"'quantity' of {place}" + (f" ({item.catalog_item_id})" if named else "")
        yield from contract.quantity_problems(subject, item.quantity)


def _quote_problems(request: OrderRequest) -> Iterator[str]:
    if request.line_items is not None:
        yield (
            "'line_items' must not be given beside a quote, which says itself what is bought: "
            "leave out the one or the other"
        )
    yield from text_problems(
        contract.QUOTE_IDENTIFIER, "'quote_identifier'", request.quote_identifier
    )
    yield from text_problems(
        contract.QUOTE_OPTION_IDENTIFIER,
        "'quote_option_identifier'",
        request.quote_option_identifier,
    )
    if request.existing_order == ExistingOrder.ALLOW:
        yield (
            "'existing_order' must not be ALLOW where a quote is ordered: one quote serves one "
            "order; ask for another quote, or choose REFUSE or ADOPT"
        )


def _quote_price_problems(request: OrderRequest, price: object) -> Iterator[str]:
    if not request.is_from_quote:
        yield (
            "'quote_price' must not be given without 'quote_identifier' and "
            "'quote_option_identifier': only a quote has a price"
        )
    if request.payment_term is None:
        yield (
            "'payment_term' must be given with 'quote_price': a quote has a price for each "
            "term, and this one must be known"
        )
    if isinstance(price, QuotePrice):
        yield from _price_problems(price)
    else:
        yield f"'quote_price' must be a QuotePrice, got {contract.shown(price)}"


def _price_problems(price: QuotePrice) -> Iterator[str]:
    for name in ("upfront", "monthly_recurring"):
        amount = getattr(price, name)
        if not contract.PRICE.accepts(plain_decimal(amount)):
            yield (
                f"'{name}' of 'quote_price' must be {contract.PRICE.allowed}, "
                f"got {contract.shown(amount)}"
            )
    yield from text_problems(contract.CURRENCY, "'currency' of 'quote_price'", price.currency)
