"""Many orders at once, with a service that throttles, is slow, and drops answers."""

import json
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.designs import synthesize
from benchmarks.embedded import Account, connected
from benchmarks.report import Goal, Section, table
from outpost_order_fake import FakeOutposts, Fault, Reply
from outpost_order_rehearsal.engine import CAPABILITIES, events_of
from tests.rehearsal.assembly import Assembly, Template

TITLE = "200 orders at once"
STACKS = OUTPOSTS = 20
ORDERS = 10  # of each stack, each on another Outpost
DESIGNS = ("OutpostOrder", "AwsCustomResource")
MAX_ROUNDS = 12
POLL_SECONDS = 0.5
SEED = 1
LIST_LAG = 1  # calls of ListOrders that don't show a new order

# One of twenty each, and the others are answered at once.
_CREATE_FAULTS = (
    *[Fault.status(500, code="InternalServerException", applied=True)] * 2,
    *[Fault.reset(applied=True)] * 2,
    *[Fault.reply(Reply.EMPTY, applied=True)],
    *[Fault.throttled()],
    *[Fault.slow(0.5)] * 4,
    *[Fault.slow(0.0)] * 10,
)
_READ_FAULTS = (
    *[Fault.throttled()] * 2,
    *[Fault.slow(0.2)] * 2,
    *[Fault.slow(0.0)] * 16,
)
_READS = ("ListOrders", "GetOrder", "GetOutpost", "GetCatalogItem")
MANY = 2000


@dataclass(frozen=True)
class Result:
    """The outcome for the orders of a design."""

    placed: int
    more: int  # orders that no template asked for
    complete: int  # stacks
    rounds: int
    unknown: int
    refused: int
    seconds: float


def measure(_folder: Path) -> Section:
    """Deploy the stacks of each design until all are complete."""
    results = {design: _result(design) for design in DESIGNS}
    rows = [
        (
            design,
            f"{each.placed} of {STACKS * ORDERS}",
            each.more,
            each.unknown,
            each.refused,
            f"{each.complete} of {STACKS}, in {each.rounds} rounds",
            f"{each.seconds:.0f}",
        )
        for design, each in results.items()
    ]
    header = ("design", "orders placed", "orders that no template asked for", "unknown outcomes")
    ours = results["OutpostOrder"]
    body = f"""
{STACKS} stacks have {ORDERS} orders each, over {OUTPOSTS} Outposts.
Each Outpost has orders of {ORDERS} stacks. Of 20 CreateOrder requests, the service applies 2
and answers 500, applies 2 and resets the connection, applies 1 and answers an empty 200,
throttles 1, and takes half a second for 4. It throttles a tenth of all reads, and takes a fifth of
a second for another tenth.
ListOrders doesn't show a new order the first time. In each round, all stacks that aren't complete
are deployed at once, at most {MAX_ROUNDS} times.

{table((*header, "failed resources", "complete stacks", "wall time in s"), rows)}
A throttled CreateOrder is refused: nothing was ordered, and the next deployment sends it. A stack
that was rolled back gets the orders that it already has. A peer places all of them again.
"""
    goals = (
        Goal("all orders are placed", f"{ours.placed}", ours.placed == STACKS * ORDERS),
        Goal("no order is placed twice", f"{ours.more}", ours.more == 0),
    )
    return Section(TITLE, body, goals)


def _result(design: str) -> Result:
    plan = {
        f"Stack{stack}": (
            design,
            [
                (stack * ORDERS + number + 1, f"op-{(stack + number) % OUTPOSTS:017x}")
                for number in range(ORDERS)
            ],
        )
        for stack in range(STACKS)
    }
    with TemporaryDirectory() as temporary, FakeOutposts() as outposts:
        folder = Path(temporary)
        synthesize(folder, plan)
        assembly = Assembly(folder)
        with Account.opened(assembly, outposts.url) as account:
            _trouble(outposts)
            templates = {
                name: connected(template, outposts, {})
                for name, template in assembly.templates.items()
            }
            begun = time.monotonic()
            rounds, complete, reasons = _deploy(account, templates)
            seconds = time.monotonic() - begun
        made = Counter(str(order["LineItems"][0]["Quantity"]) for order in outposts.orders)
    unknown = sum("outcome unknown" in each for each in reasons)
    more = made.total() - len(made)
    return Result(len(made), more, complete, rounds, unknown, len(reasons) - unknown, seconds)


def _trouble(outposts: FakeOutposts) -> None:
    outposts.list_lag = LIST_LAG
    chance = random.Random(SEED)  # noqa: S311 (the same faults in each run)
    for operation, faults in (
        ("CreateOrder", _CREATE_FAULTS),
        *((r, _READ_FAULTS) for r in _READS),
    ):
        for _ in range(MANY):
            outposts.fail(operation, chance.choice(faults))


def _deploy(account: Account, templates: dict[str, Template]) -> tuple[int, int, list[str]]:
    """Deploy until all stacks are complete; return the rounds, and the reasons of failures."""
    client = account.aws.client("cloudformation")
    missing, reasons, round_number = dict(templates), [], 0
    while missing and round_number < MAX_ROUNDS:
        round_number += 1
        ids = {}
        for name, template in missing.items():
            body = json.dumps(template)
            stack = client.create_stack(
                StackName=name, TemplateBody=body, Capabilities=CAPABILITIES
            )
            ids[name] = stack["StackId"]
        statuses = _wait(client, set(missing))
        for name in list(missing):
            if statuses[name] == "CREATE_COMPLETE":
                del missing[name]
                continue
            failed = [e for e in events_of(client, ids[name]) if e.status == "CREATE_FAILED"]
            reasons += [event.reason for event in failed]
            client.delete_stack(StackName=name)
        _wait(client, set(missing))
    return round_number, len(templates) - len(missing), reasons


def _wait(client: Any, names: set[str]) -> dict[str, str]:  # noqa: ANN401 (boto3 has no types)
    while True:
        found = client.describe_stacks()["Stacks"]
        statuses = {e["StackName"]: e["StackStatus"] for e in found if e["StackName"] in names}
        if not any(status.endswith("_IN_PROGRESS") for status in statuses.values()):
            return statuses
        time.sleep(POLL_SECONDS)
