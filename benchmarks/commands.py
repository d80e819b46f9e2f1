"""The commands of an operator: `review`, `list`, and `rehearse`."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from benchmarks.designs import ITEM, PAYMENT
from benchmarks.report import Goal, Section, spread, table
from outpost_order_fake import FakeOutposts
from outpost_order_handler.contract import DEFAULT_LEDGER, LEDGER_KEY
from outpost_order_handler.ledger.records import OrderRecord
from outpost_order_handler.ledger.table import VERSION
from outpost_order_handler.order import OrderContent, OrderRequest
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.fakes.dynamodb import create_table
from tests.rehearsal.cdk_cli import ROOT

TITLE = "Commands"
COMMAND = str(Path(sys.executable).with_name("outpost-order"))
START = "`--version`"
REVIEWED_STACKS, REVIEWED_ORDERS = 20, 450
RECORDS = 10_000
BATCH = 25  # of BatchWriteItem
RUNS = 5
REHEARSALS = 3
MAX_REHEARSAL = 10  # seconds


@dataclass(frozen=True)
class Run:
    """The seconds that a command used."""

    cpu: float
    wall: float


def measure(_folder: Path) -> Section:
    """Run each command, and the start of Python with it, in turn."""
    with TemporaryDirectory() as folder, FakeOutposts() as outposts:
        old, new = Path(folder, "old"), Path(folder, "new")
        write_app(old, REVIEWED_STACKS, REVIEWED_ORDERS // 2)
        write_app(new, REVIEWED_STACKS, REVIEWED_ORDERS)
        review = ["review", "--app", str(new), "--against", str(old)]
        with EmbeddedAws(outposts_url=outposts.url) as aws:
            fill_ledger(aws.client("dynamodb"))
            commands = {
                START: ["--version"],
                f"`review` of {REVIEWED_ORDERS} orders in {REVIEWED_STACKS} stacks": review,
                f"`list` of {RECORDS:,} records": ["list"],
            }
            runs: dict[str, list[Run]] = {name: [] for name in commands}
            for _ in range(RUNS):
                for name, arguments in commands.items():
                    runs[name].append(run(arguments, aws.client_env))
    example = f"{sys.executable} {ROOT / 'examples' / 'single_order.py'}"
    rehearse = "`rehearse` of one stack, from the command to the verdict"
    runs[rehearse] = [run(["rehearse", "--app", example], os.environ) for _ in range(REHEARSALS)]
    start = statistics.median(each.cpu for each in runs[START])
    rows = [
        (
            name,
            spread([each.wall for each in found]),
            spread([each.cpu for each in found]),
            f"{statistics.median(each.cpu for each in found) / start:.1f}",
        )
        for name, found in runs.items()
    ]
    header = ("command", "wall time in s", "CPU in s", f"CPU, in ratio to {START}")
    body = f"""
From an editable install. {RUNS} runs of each, in turn, and {REHEARSALS} of `rehearse`: medians, the
least, and the greatest. `list` reads the DynamoDB of the embedded AWS, which has no stacks.
`rehearse` starts AWS, synthesizes, creates the ledger, deploys, and compares the outcome with what
`review` says.

{table(header, rows)}
"""
    seconds = statistics.median(each.wall for each in runs[rehearse])
    what = f"`rehearse` of one stack takes less than {MAX_REHEARSAL} s"
    return Section(TITLE, body, (Goal(what, f"{seconds:.1f} s", seconds < MAX_REHEARSAL),))


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run a command that succeeds."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        [COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL, env=dict(environment)
    )
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(cpu, ended - begun)


def fill_ledger(client: Any) -> None:  # noqa: ANN401 (boto3 makes its clients at run time)
    """Create a ledger with many orders that were placed."""
    create_table(client, DEFAULT_LEDGER, LEDGER_KEY)
    serialize, now = TypeSerializer().serialize, datetime.now(UTC)
    for first in range(0, RECORDS, BATCH):
        puts = []
        for number in range(first, first + BATCH):
            content = OrderContent(
                outpost_id=f"op-{number % 100:017x}",
                line_items=((ITEM, number + 1),),
                payment_option=PAYMENT,
            )
            name = f"PO-{number}"
            record = OrderRecord(name=name, request=OrderRequest(order_name=name, content=content))
            record = record.placed(f"oo-{number:017x}", {"Status": "PREPARING"}, now)
            item = {**record.attributes(), LEDGER_KEY: f"order#{name}", VERSION: "1"}
            puts.append(
                {"PutRequest": {"Item": {key: serialize(each) for key, each in item.items()}}}
            )
        client.batch_write_item(RequestItems={DEFAULT_LEDGER: puts})


def write_app(folder: Path, stacks: int, orders: int) -> None:
    """Write an assembly whose orders are spread over its stacks."""
    folder.mkdir()
    artifacts: dict[str, Any] = {}
    for stack in range(stacks):
        resources = {
            f"Rack{number}": {
                "Type": "Custom::OutpostOrder",
                "Properties": {
                    "OrderName": f"PO-{number}",
                    "OutpostIdentifier": f"op-{stack:017x}",
                    "LineItems": [{"CatalogItemId": ITEM, "Quantity": number + 1}],
                    "PaymentOption": PAYMENT,
                },
            }
            for number in range(stack, orders, stacks)
        }
        file = f"Stack{stack}.template.json"
        (folder / file).write_text(json.dumps({"Resources": resources}))
        artifacts[f"Stack{stack}"] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/us-west-2",
            "properties": {"templateFile": file},
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
