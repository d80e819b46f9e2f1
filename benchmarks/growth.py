"""How one Create grows with the orders on its Outpost."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.curves import draw
from benchmarks.designs import OUTPOST
from benchmarks.in_process import CountedFunction
from benchmarks.report import Goal, Section, spread, table
from outpost_order_handler.ledger.records import OrderRecord, OutpostRecord
from outpost_order_handler.ledger.table import Ledger
from tests.handler.conftest import LEDGER

TITLE = "Growth of a Create with the orders on its Outpost"
OTHERS = (0, 1, 10, 100, 250, 500, 1000)
RUNS = 3
IMAGE = "growth.svg"
MAX_ITEM = 400 * 1024  # bytes, of DynamoDB
TIME_FOR_READS = 180  # seconds that the function has for reads, with a limit of 240
WRITES = "TransactWriteItems"


@dataclass(frozen=True)
class Point:
    """The figures of a Create: its calls, the bytes of its records, and its seconds."""

    calls: Counter[str]
    order_bytes: int
    outpost_bytes: int
    seconds: float


def measure(folder: Path) -> Section:
    """Create an order on Outposts with more and more orders."""
    with CountedFunction.started() as function:
        runs = [[create(function, others) for others in OTHERS] for _ in range(RUNS)]
    points = runs[0]
    times = [[run[index].seconds for run in runs] for index in range(len(OTHERS))]
    draw(
        folder / IMAGE,
        "orders on the Outpost",
        OTHERS,
        {
            "calls": {
                "all others": [each.calls.total() - each.calls[WRITES] for each in points],
                "writes of the ledger": [each.calls[WRITES] for each in points],
            },
            "bytes of a record": {
                "of the order": [each.order_bytes for each in points],
                "of the Outpost": [each.outpost_bytes for each in points],
            },
            "seconds, with fakes on one machine": {"a Create": [sorted(each)[1] for each in times]},
        },
    )
    rows = [
        (*figures(others, point), spread(seconds))
        for others, point, seconds in zip(OTHERS, points, times, strict=True)
    ]
    header = ("orders", "calls", "GetOrder", "ListOrders", "writes", "bytes of the order's record")
    each_order = (points[-1].outpost_bytes - points[0].outpost_bytes) / OTHERS[-1]
    body = f"""
Each other order has a name of the same ledger and other content. The service shows 1,000 orders on
a page, as AWS does.

{table((*header, "bytes of the Outpost's record", "seconds"), rows)}
![Calls, bytes, and seconds of a Create, by the orders on its Outpost](images/{IMAGE})

ListOrders doesn't show what was ordered, so each order of the Outpost can be identical: the
function reads each once. It reads cancelled ones too: it doesn't use the status in the list. The
reads are sequential, so their time is their number times the latency of GetOrder. The function
has about {TIME_FOR_READS} seconds for them.
If GetOrder takes 50 ms, that is enough for {TIME_FOR_READS * 20:,} orders on one Outpost.
If it isn't enough, nothing is ordered, and the reason is `NoTimeLeft`. An order adds
{each_order:.0f} bytes to the record of its Outpost. An item of DynamoDB has at most
{MAX_ITEM:,} bytes, which is enough for about {MAX_ITEM / each_order:,.0f} orders.
"""
    writes = {each.calls[WRITES] for each in points}
    reads = [each.calls["GetOrder"] for each in points]
    goals = (
        Goal(
            f"a Create writes as often beside {OTHERS[-1]} orders",
            ", ".join(map(str, writes)),
            len(writes) == 1,
        ),
        Goal(
            "at most one read for each order that can be identical",
            f"{reads[-1]} for {OTHERS[-1]}",
            all(found <= others for found, others in zip(reads, OTHERS, strict=True)),
        ),
    )
    return Section(TITLE, body, goals)


def figures(others: int, point: Point) -> tuple[int, ...]:
    """Return the figures of a Create that don't depend on the machine, as in the table."""
    counted = (point.calls[each] for each in ("GetOrder", "ListOrders", WRITES))
    return others, point.calls.total(), *counted, point.order_bytes, point.outpost_bytes


def create(function: CountedFunction, others: int) -> Point:
    """Create an order on an Outpost with others, which the ledger has too."""
    function.reset(others)
    ids = [order["OrderId"] for order in function.function.outposts.orders]
    names = {order_id: f"PO-{1000 + number}" for number, order_id in enumerate(ids)}
    record = OutpostRecord(name=OUTPOST, orders=names)
    Ledger(LEDGER, function.dynamodb).write(OrderRecord(name="PO-1000"), record)
    event = function.event("Create")
    begun = time.monotonic()
    _, calls = function.deliver(event)
    seconds = time.monotonic() - begun
    items = function.dynamodb.items
    return Point(calls, size(items["order#PO-1"]), size(items[f"outpost#{OUTPOST}"]), seconds)


def size(item: Mapping[str, Any]) -> int:
    """Return the size of an item as DynamoDB counts it."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _size(each) for name, each in content.items())
    if kind == "L":
        return 3 + sum(1 + _size(each) for each in content)
    return len(content.encode()) if kind == "S" else 1
