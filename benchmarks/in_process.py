"""The function in this process, with a count of every call that it makes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from benchmarks.designs import ITEM, OUTPOST, PAYMENT
from outpost_order_handler import contract
from tests.edge.surroundings import Event, Function
from tests.fakes.cloudformation import Response
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import LEDGER

PROPERTIES: Mapping[str, Any] = {
    "ServiceToken": "arn:aws:lambda:us-west-2:111122223333:function:Bench",
    "OrderName": "PO-1",
    "OutpostIdentifier": OUTPOST,
    "LineItems": [{"CatalogItemId": ITEM, "Quantity": "1"}],
    "PaymentOption": PAYMENT,
}


class CountingDynamoDb(DynamoDbInProcess):
    """The ledger's table, with a count of the calls."""

    def __init__(self) -> None:
        super().__init__(LEDGER, contract.LEDGER_KEY)
        self.calls: Counter[str] = Counter()

    def transact_get_items(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 (as boto3's client)
        """Answer TransactGetItems."""
        self.calls["TransactGetItems"] += 1
        return super().transact_get_items(**call)

    def transact_write_items(self, **call: Any) -> dict[str, Any]:  # noqa: ANN401 (same)
        """Answer TransactWriteItems."""
        self.calls["TransactWriteItems"] += 1
        return super().transact_write_items(**call)


@dataclass(frozen=True)
class CountedFunction:
    """The function, and the services that count its calls."""

    function: Function
    dynamodb: CountingDynamoDb

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """Start the services."""
        dynamodb = CountingDynamoDb()
        with Function.started(dynamodb) as function:
            yield cls(function, dynamodb)

    def reset(self, others: int) -> None:
        """Begin again, with other orders on the Outpost, which were placed in the console."""
        self.function.outposts.reset()
        self.function.outposts.page_size = 1000  # as AWS has
        self.function.cloudformation.reset()
        self.dynamodb.items.clear()
        self.dynamodb.calls.clear()
        for number in range(others):
            self.function.outposts.make_order(
                outpost_id=OUTPOST,
                line_items=[{"CatalogItemId": ITEM, "Quantity": 1000 + number}],
                payment_option=PAYMENT,
            )

    def event(self, request_type: str, **more: str) -> Event:
        """Return a new event of CloudFormation."""
        properties = dict(PROPERTIES)
        old = {"OldResourceProperties": properties} if request_type == "Update" else {}
        return self.function.cloudformation.event(request_type, properties, **old, **more)

    def deliver(self, event: Event) -> tuple[Response, Counter[str]]:
        """Deliver an event; return the answer and the calls."""
        before = self._calls()
        [answer] = self.function.deliver(event)
        if answer.status != "SUCCESS":
            raise RuntimeError(answer.reason)
        return answer, self._calls() - before

    def _calls(self) -> Counter[str]:
        cloudformation = self.function.cloudformation
        calls = Counter(request.operation for request in self.function.outposts.requests)
        calls["DescribeStackResource"] = len(cloudformation.described)
        calls["HEAD of the answer's host"] = len(cloudformation.heads)
        calls["PUT of the answer"] = sum(map(len, cloudformation.responses.values()))
        return calls + self.dynamodb.calls
