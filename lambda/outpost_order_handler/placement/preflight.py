"""The checks of the Outpost, the catalog, and the quote before an order is sent; reads only."""

import logging
from collections.abc import Iterator

from outpost_order_handler.clock import TIME_TO_SEND
from outpost_order_handler.contract import Preflight
from outpost_order_handler.failures import Code, NotReadable, OrderError
from outpost_order_handler.outposts.responses import Quote
from outpost_order_handler.placement.context import RequestContext

logger = logging.getLogger(__name__)
_VERDICTS = frozenset({Code.NOT_FOUND, Code.ACCESS_DENIED, Code.INVALID_REQUEST})
_HARDWARE = ("RACK", "SERVER")


def require_orderable(context: RequestContext) -> None:
    """Raise if the service shows already that the order can't be fulfilled.

    If a check can't be completed, the order is sent anyway: the service checks every order itself.
    """
    if context.request.preflight == Preflight.CHECK:
        try:
            _require_outpost_and_catalog(context)
        except NotReadable as error:
            if error.code in _VERDICTS:
                raise
            logger.warning("the service alone will judge the order: %s", error)
    if context.request.content.option_id:
        quote_id = context.request.content.quote_id
        quote = context.reading(context.services.outposts.get_quote, quote_id)
        logger.info("the quote says now: %s", quote)
        for name, detail in _problems_of(quote, context):
            raise OrderError(name, detail)


def _require_outpost_and_catalog(context: RequestContext) -> None:
    content, outposts = context.request.content, context.services.outposts
    life_cycle_status, hardware = context.reading(outposts.get_outpost, content.outpost_id)
    if life_cycle_status.upper() not in ("", "ACTIVE"):
        raise OrderError("OutpostNotActive", f"its status is {life_cycle_status}")
    for item, _ in content.line_items:
        context.require_time(TIME_TO_SEND)
        status = context.reading(outposts.catalog_item_status, item)
        if status not in ("AVAILABLE", ""):
            raise OrderError("CatalogItemNotAvailable", f"{item} is {status}")
    # An item that the catalog lists for neither kind of hardware might be new.
    for other in _HARDWARE if content.line_items and hardware in _HARDWARE else ():
        if other == hardware:
            continue
        listed = context.reading(outposts.catalog_items_of, other)
        if misfits := [item for item, _ in content.line_items if item in listed]:
            detail = f"a {hardware} Outpost doesn't accept {other} items: {', '.join(misfits)}"
            raise OrderError("CatalogItemDoesNotFit", detail)


def _problems_of(quote: Quote, context: RequestContext) -> Iterator[tuple[str, str]]:
    request, now, quote_id = context.request, context.services.clock.now(), quote.quote_id
    content, agreed = request.content, request.quote_price
    if quote.submitted_order_id or quote.status == "ORDER_SUBMITTED":
        order = quote.submitted_order_id or "an order"
        yield "QuoteUsed", f"{quote_id} was already used for {order}"
    if quote.status == "EXPIRED" or (quote.expires_at is not None and quote.expires_at <= now):
        yield "QuoteExpired", f"{quote_id} expired {quote.expires_at or ''}".rstrip()
    if quote.outpost_id not in ("", content.outpost_id):
        yield "QuoteOfAnotherOutpost", f"{quote_id} is for {quote.outpost_id}"
    if content.option_id not in quote.options:
        available = ", ".join(quote.options) or "none"
        yield "NoSuchOption", f"{content.option_id} not found, available: {available}"
    prices = [
        price
        for option, term, price in quote.options.get(content.option_id, ())
        if option == content.payment_option and content.payment_term in ("", term)
    ]
    if not prices:
        way = f"{content.payment_option} {content.payment_term}".rstrip()
        yield "NoSuchPricing", f"{quote_id} doesn't offer {way}"
    if agreed is not None and not all(price.is_equal_to(agreed) for price in prices):
        yield "QuotePriceChanged", f"the price is now {prices[0]}, the template says {agreed}"
    if quote.unmet_requirements:
        yield "OrderingRequirementNotMet", ", ".join(quote.unmet_requirements)
