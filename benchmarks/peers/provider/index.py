"""The handler of a `custom_resources.Provider`, as its documentation shows it."""

from typing import Any

import boto3

outposts = boto3.client("outposts")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Place an order for a Create, and change nothing for an Update or a Delete."""
    if event["RequestType"] != "Create":
        return {"PhysicalResourceId": event["PhysicalResourceId"]}
    properties = event["ResourceProperties"]
    items = [
        {"CatalogItemId": item["CatalogItemId"], "Quantity": int(item["Quantity"])}
        for item in properties["LineItems"]
    ]
    order = outposts.create_order(
        OutpostIdentifier=properties["OutpostIdentifier"],
        LineItems=items,
        PaymentOption=properties["PaymentOption"],
    )["Order"]
    return {"PhysicalResourceId": order["OrderId"], "Data": {"OrderId": order["OrderId"]}}
