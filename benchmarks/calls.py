"""The calls of each kind of event, and the reason for each call."""

from collections import Counter
from pathlib import Path

from benchmarks.cold_start import ColdStarts
from benchmarks.in_process import CountedFunction
from benchmarks.report import Goal, Section, table

TITLE = "Calls of each event"
OTHERS = (0, 1, 10)
DELIVERED_TWICE = ("OutpostOrder", "crhelper", "CustomResource")
REASONS = {
    "TransactGetItems": "reads the records of the order name and of the Outpost, at one moment",
    "GetOutpost": "preflight: the Outpost is active, and the kind of its hardware",
    "GetCatalogItem": "preflight: the item can be ordered; one for each different item",
    "ListCatalogItems": "preflight: the item isn't for the other kind of hardware",
    "ListOrders": "finds the orders of the Outpost: one for each 1,000",
    "GetOrder": "Create: whether that order is identical, which ListOrders doesn't show. "
    "Update: the actual order and its status",
    "HEAD of the answer's host": "no order is sent if no answer could be sent",
    "DescribeStackResource": "CloudFormation confirms that it is creating this resource: "
    "no late or copied event buys",
    "TransactWriteItems": "the attempt, before it is sent; then the order, with the answer",
    "CreateOrder": "places the order: one request",
    "PUT of the answer": "answers CloudFormation",
}


def measure(_folder: Path) -> Section:
    """Deliver each kind of event, with other orders on the Outpost."""
    counted = dict[tuple[str, int], Counter[str]]()
    with CountedFunction.started() as function:
        for others in OTHERS:
            function.reset(others)
            create = function.event("Create")
            answer, counted["Create", others] = function.deliver(create)
            _, counted["redelivery", others] = function.deliver(create)
            update = function.event("Update", PhysicalResourceId=answer.physical_id)
            _, counted["Update", others] = function.deliver(update)
            delete = function.event("Delete", PhysicalResourceId=answer.physical_id)
            _, counted["Delete", others] = function.deliver(delete)
    with ColdStarts.started() as starts:
        twice = {each: starts.orders_if_delivered_twice(each) for each in DELIVERED_TWICE}
    kinds = ("Create", "redelivery", "Update", "Delete")
    rows = []
    for call, reason in REASONS.items():
        cells = [[str(counted[kind, others][call]) for others in OTHERS] for kind in kinds]
        rows.append((call, *("/".join(dict.fromkeys(each)) for each in cells), reason))
    totals = {kind: [counted[kind, others].total() for others in OTHERS] for kind in kinds}
    total = [("/".join(map(str, dict.fromkeys(totals[kind])))) for kind in kinds]
    header = ("call", "Create", "redelivery of it", "Update", "Delete", "why")
    create_calls = counted["Create", 0].total()
    body = f"""
With {OTHERS[0]}, {OTHERS[1]}, and {OTHERS[2]} other orders on the Outpost.
One number is the same for all three.

{table(header, [*rows, ("all", *total, "")])}
A peer makes two calls to create: CreateOrder, and the PUT of the answer. `Provider` makes a third,
the invocation of the handler. An Update or a Delete of a peer makes only the PUT, and that
invocation. A redelivered Create of a peer makes the same calls again. Lambda promises to deliver an
event at least once. If it delivers a Create twice:

{table(("", *twice), [("orders made", *twice.values())])}
The candidates are read one after another. Concurrent reads need threads, and the proof that no
order is placed twice (`tests/safety`) decides the order of every call of the function: a thread
would make a call that the proof doesn't see. The next section shows how many orders an Outpost can
have before the time for these reads is too short.
"""
    fixed = [counted["Create", others]["TransactWriteItems"] for others in OTHERS]
    goals = (
        Goal(
            "a Create writes twice, whatever is on the Outpost", str(fixed[-1]), set(fixed) == {2}
        ),
        Goal("a redelivery reads the ledger and answers", str(total[1]), total[1] == "2"),
        Goal(
            "a Create that is delivered twice makes one order",
            str(twice["OutpostOrder"]),
            twice["OutpostOrder"] == 1,
        ),
        Goal("a Delete calls nothing but answers", str(total[3]), total[3] == "1"),
    )
    return Section(TITLE, body, goals, (("calls of a Create", create_calls, 2, 3, 2, 2),))
