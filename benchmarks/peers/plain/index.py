"""A custom resource without a library, as the guide of CloudFormation shows it."""

import json
import logging
import urllib.request
from typing import Any

import boto3

logger = logging.getLogger()
outposts = boto3.client("outposts")


def handler(event: dict[str, Any], _context: object) -> None:
    """Place an order for a Create, change nothing for an Update or a Delete, and answer."""
    physical_id, data, reason = event.get("PhysicalResourceId", "none"), {}, ""
    try:
        if event["RequestType"] == "Create":
            order = create_order(event["ResourceProperties"])
            physical_id, data = order["OrderId"], {"OrderId": order["OrderId"]}
    except Exception as error:
        logger.exception("the request failed")
        reason = f"{type(error).__name__}: {error}"
    answer = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": reason,
        "PhysicalResourceId": physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": data,
    }
    request = urllib.request.Request(  # noqa: S310 (an address of CloudFormation)
        event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT"
    )
    urllib.request.urlopen(request)  # noqa: S310


def create_order(properties: dict[str, Any]) -> dict[str, Any]:
    """Place the order that a template asks for."""
    items = [
        {"CatalogItemId": item["CatalogItemId"], "Quantity": int(item["Quantity"])}
        for item in properties["LineItems"]
    ]
    order: dict[str, Any] = outposts.create_order(
        OutpostIdentifier=properties["OutpostIdentifier"],
        LineItems=items,
        PaymentOption=properties["PaymentOption"],
    )["Order"]
    return order
