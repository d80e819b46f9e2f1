"""Placing an order, once."""

import json
import logging

from outpost_order_handler.order import Order
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.request import OrderRequest

logger = logging.getLogger(__name__)


def place(request: OrderRequest, outposts: Outposts) -> Order:
    """Buy what is asked for with a single request, or raise what became of it.

    Raises:
        NotPlaced: It is proven that no order was made.
        InDoubt: The order may have been made.
    """
    logger.info("placing order %s: %s", request.order_name, json.dumps(request.parameters()))
    order = outposts.create_order(request)
    # Nothing is sent after this line.
    logger.info("placed order %s: %s", request.order_name, order)
    return order
