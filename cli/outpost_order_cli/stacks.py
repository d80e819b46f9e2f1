"""Which stack has an order, as CloudFormation lists the resources of the stacks."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from outpost_order_cli.location import account_in_use, region_in_use
from outpost_order_cli.output import say
from outpost_order_cli.problems import is_gone, step_after, words_of
from outpost_order_handler import rules
from outpost_order_handler.contract import RESOURCE_TYPE
from outpost_order_handler.ledger.records import OrderRecord

_READERS = 8  # stacks that are read at the same time
# CloudFormation throttles a client that reads many stacks. Ctrl-C waits for the requests that
# were sent, so a request isn't repeated for long.
_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "adaptive", "total_max_attempts": 4},
    max_pool_connections=_READERS,
)


@dataclass(frozen=True)
class OrderStacks:
    """The stacks of orders, as far as they are known.

    Attributes:
        found: The ARN of its stack, by order ID.
        problem: Why it isn't known whether the other orders have a stack; empty if they have
            none.
    """

    found: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    def stack_of(self, order_id: str) -> str | None:
        """Return the ARN of the stack that has an order; empty if none has; None if unknown."""
        return self.found.get(order_id, None if self.problem else "")

    def report_problem(self) -> None:
        """Say why orders that are in no stack can't be marked; nothing if they can."""
        if self.problem:
            say(
                f"Orders that are in no stack can't be marked: {self.problem} "
                "To read the ledger alone, use --offline.",
                err=True,
            )


def find_stacks(records: Iterable[OrderRecord]) -> OrderStacks:
    """Find the stack of each record's order: first where it was placed, then in every stack.

    An order is in no stack only if all of CloudFormation could be read.
    """
    search = _Search({each.order_id: stack_of_attempt(each) for each in records})
    try:
        problem = search.run()
    except (ClientError, BotoCoreError, ResponseParserError) as error:
        problem = f"{words_of(error)} {step_after(error)}".rstrip()
    return OrderStacks(search.found, problem)


def stack_of_attempt(record: OrderRecord) -> str:
    """Return the ARN of the stack that placed an order; empty if it was adopted."""
    return record.attempt.resource.rpartition("|")[0] if record.attempt else ""


def stack_name(arn: str) -> str:
    """Return the name in a stack's ARN."""
    return arn.split("/")[1] if "/" in arn else arn


class _Search:
    """A search for the stacks of some orders.

    Attributes:
        found: The ARN of its stack, by order ID.
    """

    def __init__(self, placed_by: Mapping[str, str]) -> None:
        self.found: dict[str, str] = {}
        self._missing = dict(placed_by)  # the ARN of the stack that placed each order
        self._creating: set[str] = set()  # the stacks that have an order without an ID

    def run(self) -> str:
        """Search, and return why the result isn't certain; empty if it is."""
        first = set(self._missing.values()) - {""}
        self._read(first)
        if not self._missing:
            return ""
        here = [region_in_use(), account_in_use()]
        for order_id, arn in self._missing.items():
            if arn and arn.split(":")[3:5] != here:
                return f"{order_id} was placed by {arn}, which your credentials can't read."
        self._read(stack for stack in self._live_stacks() if stack not in first)
        if self._missing and self._creating:
            names = ", ".join(sorted(map(stack_name, self._creating)))
            return f"A deployment creates an order now: {names}. Run the command again after that."
        return ""

    def _read(self, stacks: Iterable[str]) -> None:
        """Read stacks until no order is missing."""
        listed = list(stacks)
        with ThreadPoolExecutor(_READERS) as readers:
            orders = readers.map(self._orders_of, listed)
            for stack, resources in zip(listed, orders, strict=True):
                for order_id, status in resources:
                    if order_id in self._missing or order_id in self.found:
                        self._missing.pop(order_id, None)
                        self.found[order_id] = stack
                    elif status == "CREATE_IN_PROGRESS" and not rules.ORDER_ID.accepts(order_id):
                        self._creating.add(stack)
                if not self._missing:
                    readers.shutdown(wait=False, cancel_futures=True)
                    break

    def _orders_of(self, stack: str) -> list[tuple[str, str]]:
        """Return the physical ID and the status of each order of a stack; none if it is gone."""
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=stack)
        try:
            return [
                (str(resource.get("PhysicalResourceId", "")), str(resource["ResourceStatus"]))
                for page in pages
                for resource in page["StackResourceSummaries"]
                if _is_order(resource)
            ]
        except ClientError as error:
            if is_gone(error):
                return []
            raise

    def _live_stacks(self) -> Iterator[str]:
        """List the ARNs of all stacks that aren't deleted, nested stacks too."""
        statuses = self._client.meta.service_model.shape_for("StackStatus").enum
        live = [status for status in statuses if status != "DELETE_COMPLETE"]
        pages = self._client.get_paginator("list_stacks").paginate(StackStatusFilter=live)
        for page in pages:
            for stack in page["StackSummaries"]:
                yield str(stack["StackId"])

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 (boto3 makes its clients at run time)
        return boto3.client("cloudformation", config=_CONFIG)


def _is_order(resource: Mapping[str, Any]) -> bool:
    is_deleted = str(resource["ResourceStatus"]).startswith("DELETE_")
    return bool(resource["ResourceType"] == RESOURCE_TYPE) and not is_deleted
