"""What CloudFormation asks of an order: create, update, delete."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from outpost_order_handler import contract
from outpost_order_handler.contract import Property
from outpost_order_handler.failures import HandlerErrorCode, NotReadable, NotUpdatable
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.placement import place
from outpost_order_handler.request import parse

logger = logging.getLogger(__name__)

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """A success: the physical id, and the attributes for `Fn::GetAtt`."""

    physical_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def physical_id_before(event: Event) -> str:
    """Return the physical id to answer with when nothing better comes of the event.

    On Update and Delete it is the one CloudFormation holds: another one would
    ask for a replacement. On Create it is the order's name.
    """
    if event["RequestType"] != "Create":
        return str(event.get("PhysicalResourceId", ""))
    properties = event.get("ResourceProperties")
    name = properties.get(Property.ORDER_NAME) if isinstance(properties, Mapping) else None
    return str(name if contract.ORDER_NAME.accepts(name) else event["LogicalResourceId"])


def create(event: Event, outposts: Outposts) -> Answer:
    """Place the order; its id becomes the physical id."""
    order = place(parse(event.get("ResourceProperties")), outposts)
    return Answer(order.order_id, order.attributes())


def update(event: Event, outposts: Outposts) -> Answer:
    """Succeed where the real order is what the template asks for; never buy.

    The real order is asked, not OldResourceProperties: a rollback sends an
    Update with old and new swapped, and that one then succeeds by itself.
    """
    order_id = physical_id_before(event)
    if not contract.ORDER_ID.accepts(order_id):
        step = "remove this resource from the stack and deploy, add it again"
        raise NotReadable(HandlerErrorCode.NOT_FOUND, "NoOrderId", order_id, step)
    request = parse(event.get("ResourceProperties"))
    order = outposts.get_order(order_id)
    differences = request.differences(order)
    if differences:
        raise NotUpdatable(order_id, differences)
    return Answer(order_id, order.attributes())


def delete(event: Event, outposts: Outposts) -> Answer:  # noqa: ARG001 (one shape for all three)
    """Keep the order, whatever id CloudFormation sends, made up or real."""
    kept = physical_id_before(event)
    logger.warning("the stack lets go of %s; an order that was placed stands, uncancelled", kept)
    return Answer(kept)
