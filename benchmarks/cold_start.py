"""CPU and memory of one cold Create: from the first import to the answer."""

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.cold_programs import PROGRAMS
from benchmarks.designs import ITEM, PAYMENT, PEERS
from benchmarks.report import Goal, Section, spread, table
from cdk_outpost_order.function import CODE
from outpost_order_fake import FakeOutposts
from outpost_order_handler import contract
from outpost_order_rehearsal.certificate import CertificateFiles
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.edge.surroundings import Event, environment_of
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.dynamodb import create_table

TITLE = "CPU and memory of a cold Create"
RUNS = 11
SHARE = 1.05  # of a plain crhelper handler
BARE, WITH_LEDGER = "boto3 with one client", "boto3 with the three clients"
SCRIPT = Path(__file__).with_name("cold_programs.py")
NOT_COMPILED = shutil.ignore_patterns("__pycache__")

Figures = Mapping[str, Any]


class ColdStarts:
    """The services that a Create needs, and processes that use them, each a cold start."""

    def __init__(self, outposts: FakeOutposts, aws: EmbeddedAws, folder: Path) -> None:
        """Create the ledger, and unpack the code of each program as Lambda has it."""
        files = [aws.folder / name for name in ("localhost.pem", "localhost.key", "roots.pem")]
        self.cloudformation = FakeCloudFormation(CertificateFiles(*files))
        self._outposts, self._aws, self._folder, self._certificate = outposts, aws, folder, files[0]
        self._started = 0
        create_table(aws.client("dynamodb"), contract.DEFAULT_LEDGER, contract.LEDGER_KEY)
        shutil.copytree(CODE, folder / "OutpostOrder", ignore=NOT_COMPILED)
        shutil.copytree(PEERS / "plain", folder / "CustomResource", ignore=NOT_COMPILED)
        shutil.copytree(PEERS / "crhelper", folder / "crhelper", ignore=NOT_COMPILED)
        shutil.copytree(CODE / "crhelper", folder / "crhelper/crhelper", ignore=NOT_COMPILED)

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["ColdStarts"]:
        """Start the services."""
        with ExitStack() as services:
            outposts = services.enter_context(FakeOutposts())
            aws = services.enter_context(EmbeddedAws(outposts_url=outposts.url))
            folder = Path(services.enter_context(TemporaryDirectory()))
            starts = cls(outposts, aws, folder)
            services.enter_context(starts.cloudformation)
            yield starts

    def run(self, program: str) -> Figures:
        """Create an order on an Outpost without orders; return what the process used."""
        before = len(self._outposts.orders)
        figures = self._deliver(program, self._event())
        if len(self._outposts.orders) != before + 1:
            raise RuntimeError(f"{program} placed no order: {self.cloudformation.responses}")
        return figures

    def orders_if_delivered_twice(self, program: str) -> int:
        """Deliver one event to two instances; return the orders that they place."""
        before, event = len(self._outposts.orders), self._event()
        for _ in range(2):
            self._deliver(program, event)
        return len(self._outposts.orders) - before

    def _event(self) -> Event:
        self._started += 1
        properties = {
            "ServiceToken": "arn:aws:lambda:us-west-2:111122223333:function:Bench",
            "OutpostIdentifier": f"op-{self._started:017x}",
            "LineItems": [{"CatalogItemId": ITEM, "Quantity": "2"}],
            "PaymentOption": PAYMENT,
            "OrderName": f"PO-{self._started}",
        }
        logical_id = f"Rack{self._started}"
        return self.cloudformation.event("Create", properties, LogicalResourceId=logical_id)

    def _deliver(self, program: str, event: Event) -> Figures:
        report = self._folder / "report.json"
        subprocess.run(
            [sys.executable, str(SCRIPT), program, json.dumps(event), str(report)],
            check=True,
            env=self._environment(program),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        figures: Figures = json.loads(report.read_text())
        return figures

    def _environment(self, program: str) -> dict[str, str]:
        addresses = (self._outposts.url, self.cloudformation.url, self._certificate)
        return environment_of(*addresses) | {
            "AWS_ENDPOINT_URL_DYNAMODB": self._aws.endpoint_url,
            "SSL_CERT_FILE": str(self._certificate),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self._folder / program),
            # Lambda can't write beside the code either, so it compiles the code at each start.
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def measure(_folder: Path) -> Section:
    """Start each program in turn."""
    runs: dict[str, list[Figures]] = defaultdict(list)
    with ColdStarts.started() as starts:
        for _ in range(RUNS):
            for program in PROGRAMS:
                runs[program].append(starts.run(program))
    cpu = {name: [each["seconds"] for each in found] for name, found in runs.items()}
    median = {name: statistics.median(values) for name, values in cpu.items()}
    clients = median[WITH_LEDGER] - median[BARE]
    bound = SHARE * median["crhelper"] + clients
    rows = [
        (
            name,
            spread(cpu[name]),
            f"{median[name] / median[WITH_LEDGER]:.2f}",
            spread([each["megabytes"] for each in found]),
            len(found[0]["modules"]),
        )
        for name, found in runs.items()
    ]
    body = f"""
Each program is a process of its own: it imports, creates clients, places one order by HTTP, and
answers. As in Lambda, boto3 is compiled, and the function's own code isn't. {RUNS} runs of each, in
turn: medians, the least, and the greatest.

{table(("program", "CPU in s", "ratio to boto3", "peak memory in MB", "modules"), rows)}
The ratio is to {WITH_LEDGER}: outposts, dynamodb, and cloudformation. The two
clients more cost {clients:.3f} s. So the bound is {SHARE} times crhelper plus these: {bound:.3f} s.
A plain crhelper handler creates three clients that it doesn't need: lambda, events, and logs.
`OutpostOrder` doesn't create these. `Provider` runs two functions: a handler such as that of
`CustomResource`, and CDK's in Node.js. `AwsCustomResource` runs one in Node.js.
"""
    measured = f"{median['OutpostOrder']:.3f} s, the bound is {bound:.3f} s"
    what = f"a cold Create takes at most {SHARE} times the CPU of crhelper, plus the two clients"
    return Section(TITLE, body, (Goal(what, measured, median["OutpostOrder"] <= bound),))
