"""Looking at Outpost, catalog and quote before an order is sent; all of it reads."""

import logging

from outpost_order_handler.contract import Preflight
from outpost_order_handler.delivery import World, refuse_without_time
from outpost_order_handler.failures import HandlerErrorCode as Code
from outpost_order_handler.failures import NotPlaced, NotReadable
from outpost_order_handler.quote import refuse_unusable
from outpost_order_handler.request import OrderRequest

logger = logging.getLogger(__name__)

_VERDICTS = frozenset({Code.NOT_FOUND, Code.ACCESS_DENIED, Code.INVALID_REQUEST})
_AVAILABLE = "AVAILABLE"
_HARDWARE = ("RACK", "SERVER")


def check(request: OrderRequest, world: World) -> None:
    """Raise where the service already shows that the order cannot be fulfilled.

    What it cannot tell now is no obstacle: it judges every order by itself, and this
    look only tells sooner, and by name.

    Raises:
        NotPlaced: Nothing was sent; the reason names what is in the way.
        NotReadable: There is no such Outpost or catalog item, or it may not be read.
    """
    if request.preflight == Preflight.SKIP:
        return
    try:
        _check_outpost_and_catalog(request, world)
    except NotReadable as error:
        if error.code in _VERDICTS:
            raise
        logger.warning("the service alone will judge the order: %s", error)


def _check_outpost_and_catalog(request: OrderRequest, world: World) -> None:
    outpost = world.outposts.get_outpost(request.outpost_id)
    if outpost.is_inactive:
        raise NotPlaced(
            Code.RESOURCE_CONFLICT,
            "OutpostNotActive",
            request.outpost_id,
            "wait until it is ACTIVE, or set preflight to False",
            f"it is {outpost.life_cycle_status}",
        )
    for item in sorted({item for item, _ in request.line_items}):
        refuse_without_time(request, world)
        _check_item(item, request, world)
    if request.line_items:
        _check_fit(outpost.supported_hardware_type, request, world)


def check_quote(request: OrderRequest, world: World) -> None:
    """Raise where the quote can no longer be ordered, or not for the price that was agreed.

    Raises:
        NotPlaced: Nothing was sent; the reason names what is in the way.
        NotReadable: The quote cannot be read now.
    """
    if request.quote is not None:
        quote = world.outposts.get_quote(request.quote.quote_id)
        logger.info("the quote says now: %s", quote)
        refuse_unusable(quote, request, world.clock.now())


def _check_item(item: str, request: OrderRequest, world: World) -> None:
    status = world.outposts.catalog_item_status(item)
    if status not in (_AVAILABLE, ""):
        raise NotPlaced(
            Code.INVALID_REQUEST,
            "CatalogItemNotAvailable",
            request.outpost_id,
            "order an item that the catalog offers",
            f"{item} is {status}",
        )


def _check_fit(hardware: str, request: OrderRequest, world: World) -> None:
    """Refuse what the catalog lists for the other kind of hardware only.

    An item that it does not list at all may be new: the service judges that one.
    """
    others = [each for each in _HARDWARE if hardware in _HARDWARE and each != hardware]
    for other in others:
        listed = world.outposts.catalog_items_of(other)
        misfits = sorted({item for item, _ in request.line_items} & listed)
        if misfits:
            raise NotPlaced(
                Code.INVALID_REQUEST,
                "CatalogItemDoesNotFit",
                request.outpost_id,
                f"order {hardware} items",
                f"a {hardware} Outpost takes no {other} items: {', '.join(misfits)}",
            )
