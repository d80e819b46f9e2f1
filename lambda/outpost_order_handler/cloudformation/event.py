"""The events of CloudFormation: strings in, validated values out.

CloudFormation turns every number and boolean in ResourceProperties into a string.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from outpost_order_handler import rules
from outpost_order_handler.contract import Property
from outpost_order_handler.failures import OrderError
from outpost_order_handler.order import OrderRequest
from outpost_order_handler.outposts.responses import Order


class Event:
    """One event of CloudFormation, as it was delivered."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.request_type: str = given["RequestType"]
        self.resource = f"{given['StackId']}|{given['LogicalResourceId']}"
        self.response_url: str = given["ResponseURL"]
        self.properties: Any = given.get("ResourceProperties")
        self.old_properties: Any = given.get("OldResourceProperties")
        # All copies of a request have this key, and no other request has it. A new deployment
        # can repeat a RequestId with a corrected template, but not the address for the answer.
        # That address is a secret, so the key is only a hash.
        request = f"{given['RequestId']}\n{self.response_url}"
        self.key = hashlib.sha256(request.encode()).hexdigest()[:32]
        # The order name, even if all else is invalid; empty without one.
        name = isinstance(self.properties, Mapping) and self.properties.get(Property.ORDER_NAME)
        self.order_name = str(name) if rules.ORDER_NAME.accepts(name) else ""
        # The physical ID. An Update or a Delete returns the one that CloudFormation has, because
        # another one would be a replacement. A Create without an order returns its name.
        self.physical_id = str(given.get("PhysicalResourceId", ""))
        if self.request_type == "Create" or not self.physical_id:
            self.physical_id = self.order_name or given["LogicalResourceId"]

    @cached_property
    def request(self) -> OrderRequest:
        """The requested order; raises InvalidRequest with every problem."""
        return parse(self.properties)

    @cached_property
    def old_request(self) -> OrderRequest | None:
        """The order that the old properties request; None if they aren't valid."""
        try:
            return parse(self.old_properties)
        except OrderError:
            return None

    @property
    def is_same_as_before(self) -> bool:
        """Whether an Update requests the same order as the old properties."""
        if self.properties == self.old_properties:
            return True
        old, new = self.old_request, self.request
        if old is None or new.adopt_order_id not in ("", self.physical_id):
            return False
        bought = (new.order_name, new.content, new.quote_price)
        return (old.order_name, old.content, old.quote_price) == bought

    @property
    def known_attributes(self) -> dict[str, str]:
        """The attributes of the resource's order, as far as the event has them."""
        return Order(order_id=self.physical_id, content=self.request.content).attributes()


def parse(properties: object) -> OrderRequest:
    """Turn ResourceProperties into a request, or raise InvalidRequest with every problem."""
    if not isinstance(properties, Mapping):
        raise OrderError("InvalidRequest", "the event has no ResourceProperties")
    properties = rules.with_numbers(properties)
    if problems := list(rules.problems(properties)):
        raise OrderError("InvalidRequest", *problems)
    return OrderRequest.of(properties)
