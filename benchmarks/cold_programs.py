"""One cold start in a process of its own: `python cold_programs.py PROGRAM EVENT REPORT`.

It writes what the process used into the file REPORT. On its way it imports as little as it can.
"""

import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


class Context:
    """Lambda's context of an invocation."""

    aws_request_id = "5f3e0a52"
    function_name = "Bench"

    def get_remaining_time_in_millis(self) -> int:
        """Return the whole limit."""
        return 240_000


def boto3_alone(event: dict[str, Any], _context: Context) -> None:
    """Create one client, and place an order."""
    import boto3

    properties = event["ResourceProperties"]
    boto3.client("outposts").create_order(
        OutpostIdentifier=properties["OutpostIdentifier"],
        LineItems=[{"CatalogItemId": properties["LineItems"][0]["CatalogItemId"], "Quantity": 1}],
        PaymentOption=properties["PaymentOption"],
    )


def boto3_with_ledger(event: dict[str, Any], context: Context) -> None:
    """Use the three clients that `OutpostOrder` uses, each for one request."""
    import boto3

    boto3_alone(event, context)
    get = {"TableName": "outpost-orders", "Key": {"Key": {"S": "order#PO-1"}}}
    boto3.client("dynamodb").transact_get_items(TransactItems=[{"Get": get}])
    boto3.client("cloudformation").describe_stack_resource(
        StackName=event["StackId"], LogicalResourceId=event["LogicalResourceId"]
    )


def peer(event: dict[str, Any], context: Context) -> None:
    """Run the handler of a peer, which is on the path."""
    import_module("index").handler(event, context)


def ours(event: dict[str, Any], context: Context) -> None:
    """Run the handler of `OutpostOrder`."""
    from outpost_order_handler import entry

    entry.handler(event, context)


PROGRAMS = {
    "boto3 with one client": boto3_alone,
    "boto3 with the three clients": boto3_with_ledger,
    "CustomResource": peer,
    "crhelper": peer,
    "OutpostOrder": ours,
}


def main() -> None:
    """Run one program, and report what it used."""
    program, event, report = sys.argv[1:]
    PROGRAMS[program](json.loads(event), Context())
    used = resource.getrusage(resource.RUSAGE_SELF)
    # ru_maxrss of Linux counts the process that started this one as well.
    memory = next(
        int(line.split()[1])
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    figures = {
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": memory / 1024,
        "modules": sorted(set(sys.modules) - {"__main__"}),
    }
    Path(report).write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
