"""The border between HTTP and the service: one answer for each operation."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from outpost_order_fake.exceptions import DOCUMENTED, OutpostsError, error_body, error_headers
from outpost_order_fake.faults import Answer
from outpost_order_fake.service import OutpostsService
from outpost_order_fake.traffic import UNKNOWN, HttpRequest

NO_SUCH_OPERATION = "UnknownOperationException"


def respond(service: OutpostsService, http: HttpRequest) -> Answer:
    """Do what a request asks, and answer it."""
    operation, _ = http.route()
    if operation not in OPERATIONS:
        return _lacking(operation)
    try:
        members = OPERATIONS[operation](service, http.parameters())
    except OutpostsError as error:
        body = error_body(str(error), error.members)
        return Answer(DOCUMENTED[error.errortype], body, error_headers(error.errortype))
    headers = {"Content-Type": "application/json", "x-amzn-requestid": str(uuid4())}
    return Answer(200, _json(members), headers)


def _lacking(operation: str) -> Answer:
    is_foreign = operation == UNKNOWN
    message = "No such operation" if is_foreign else f"The fake does not have {operation}"
    return Answer(404, error_body(message, {}), error_headers(NO_SUCH_OPERATION))


def _json(members: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in members.items() if value is not None}
    return json.dumps(shown, default=_seconds)


def _seconds(moment: datetime) -> float:
    return moment.timestamp()


def _list_orders(service: OutpostsService, params: Mapping[str, Any]) -> dict[str, Any]:
    orders, token = service.list_orders(params)
    return {"Orders": [order.summarised() for order in orders], "NextToken": token}


def _cancel_order(service: OutpostsService, params: Mapping[str, Any]) -> dict[str, Any]:
    service.cancel_order(params)
    return {}


def _list_catalog_items(service: OutpostsService, params: Mapping[str, Any]) -> dict[str, Any]:
    items, token = service.list_catalog_items(params)
    return {"CatalogItems": [item.described() for item in items], "NextToken": token}


OPERATIONS: dict[str, Callable[[OutpostsService, Mapping[str, Any]], dict[str, Any]]] = {
    "CreateOrder": lambda service, params: {"Order": service.create_order(params).described()},
    "GetOrder": lambda service, params: {"Order": service.get_order(params).described()},
    "ListOrders": _list_orders,
    "CancelOrder": _cancel_order,
    "GetQuote": lambda service, params: {"Quote": service.get_quote(params)},
    "GetCatalogItem": lambda service, params: {
        "CatalogItem": service.get_catalog_item(params).described()
    },
    "ListCatalogItems": _list_catalog_items,
    "GetOutpost": lambda service, params: {"Outpost": service.get_outpost(params)},
}
"""The operations of the API that the fake has."""
