"""A handler with crhelper, as its documentation shows it."""

from typing import Any

import boto3
from crhelper import CfnResource

helper = CfnResource(log_level="INFO", boto_level="CRITICAL", sleep_on_delete=0)
try:
    outposts = boto3.client("outposts")
except Exception as error:  # noqa: BLE001 (as crhelper's documentation shows it)
    helper.init_failure(error)


@helper.create
def create(event: dict[str, Any], _context: object) -> str:
    """Place the order that a template asks for."""
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
    helper.Data["OrderId"] = order["OrderId"]
    return str(order["OrderId"])


@helper.update
@helper.delete
def keep(event: dict[str, Any], _context: object) -> str:
    """Change nothing."""
    return str(event["PhysicalResourceId"])


def handler(event: dict[str, Any], context: object) -> None:
    """Answer an event of CloudFormation."""
    helper(event, context)
