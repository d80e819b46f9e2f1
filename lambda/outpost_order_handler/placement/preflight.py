"""Can this be ordered? The Outpost, its catalog items, the quote and its price: reads only."""

import logging
from collections.abc import Iterator
from datetime import datetime

from outpost_order_handler.contract import Preflight
from outpost_order_handler.failures import Code, NotReadable, OrderError
from outpost_order_handler.order import OrderRequest
from outpost_order_handler.outposts.responses import Pricing, Quote
from outpost_order_handler.placement.context import TIME_TO_SEND, RequestContext

logger = logging.getLogger(__name__)

_VERDICTS = frozenset({Code.NOT_FOUND, Code.ACCESS_DENIED, Code.INVALID_REQUEST})
_AVAILABLE = "AVAILABLE"
_HARDWARE = ("RACK", "SERVER")


def require_orderable(context: RequestContext) -> None:
    """Raise if the service shows already that the order can't be fulfilled.

    If the service can't tell now, that is no obstacle: it judges every order itself.

    Raises:
        OrderError: Nothing was sent; the reason names the obstacle.
    """
    if context.request.preflight == Preflight.CHECK:
        try:
            _require_outpost_and_catalog(context)
        except NotReadable as error:
            if error.code in _VERDICTS:
                raise
            logger.warning("the service alone will judge the order: %s", error)
    if context.request.content.option_id:
        _require_quote(context)


def _require_outpost_and_catalog(context: RequestContext) -> None:
    content, outposts = context.request.content, context.services.outposts
    outpost = context.reading(outposts.get_outpost, content.outpost_id)
    if outpost.is_inactive:
        raise OrderError("OutpostNotActive", f"it is {outpost.life_cycle_status}")
    for item, _ in content.line_items:
        context.require_time(TIME_TO_SEND)
        status = context.reading(outposts.catalog_item_status, item)
        if status not in (_AVAILABLE, ""):
            raise OrderError("CatalogItemNotAvailable", f"{item} is {status}")
    if content.line_items:
        _require_fit(outpost.supported_hardware_type, context)


def _require_fit(hardware: str, context: RequestContext) -> None:
    """Raise for items that the catalog lists for the other kind of hardware only.

    An item that the catalog doesn't list at all might be new: the service judges that one.
    """
    outposts = context.services.outposts
    for other in _HARDWARE:
        if hardware not in _HARDWARE or other == hardware:
            continue
        listed = context.reading(outposts.catalog_items_of, other)
        misfits = [item for item, _ in context.request.content.line_items if item in listed]
        if misfits:
            raise OrderError(
                "CatalogItemDoesNotFit",
                f"a {hardware} Outpost takes no {other} items: {', '.join(misfits)}",
            )


def _require_quote(context: RequestContext) -> None:
    quote_id = context.request.content.quote_id
    quote = context.reading(context.services.outposts.get_quote, quote_id)
    logger.info("the quote says now: %s", quote)
    for name, detail in _problems(quote, context.request, context.services.clock.now()):
        raise OrderError(name, detail)


def _problems(quote: Quote, request: OrderRequest, now: datetime) -> Iterator[tuple[str, str]]:
    content, quote_id = request.content, quote.quote_id
    if quote.submitted_order_id or quote.status == "ORDER_SUBMITTED":
        order = quote.submitted_order_id or "an order"
        yield "QuoteUsed", f"{quote_id} was already used for {order}"
    if quote.status == "EXPIRED" or (quote.expires_at is not None and quote.expires_at <= now):
        yield "QuoteExpired", f"{quote_id} ended {quote.expires_at or ''}".rstrip()
    if quote.outpost_id not in ("", content.outpost_id):
        yield "QuoteOfAnotherOutpost", f"{quote_id} is for {quote.outpost_id}"
    if content.option_id not in quote.options:
        available = ", ".join(quote.options) or "none"
        yield "NoSuchOption", f"{content.option_id} not found, available: {available}"
    pricings = list(_pricings(quote, request))
    if not pricings:
        way = f"{content.payment_option} {content.payment_term}".rstrip()
        yield "NoSuchPricing", f"{quote_id} offers no {way}"
    agreed = request.quote_price
    if agreed is not None and not all(each.price.is_equal_to(agreed) for each in pricings):
        detail = f"the price is now {pricings[0].price}, the template says {agreed}"
        yield "QuotePriceChanged", detail
    if quote.unmet_requirements:
        yield "OrderingRequirementNotMet", ", ".join(quote.unmet_requirements)


def _pricings(quote: Quote, request: OrderRequest) -> Iterator[Pricing]:
    for pricing in quote.options.get(request.content.option_id, ()):
        is_paid_so = pricing.payment_option == request.content.payment_option
        if is_paid_so and request.content.payment_term in ("", pricing.payment_term):
            yield pricing
