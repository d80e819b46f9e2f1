"""The commands as an operator runs them: moto for AWS, real HTTP to a fake Outposts API."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from outpost_order_cli.app import app
from outpost_order_fake import FakeOutposts
from outpost_order_fake.traffic import Request
from outpost_order_handler import contract
from outpost_order_handler.clock import Clock
from outpost_order_handler.cloudformation import answers
from outpost_order_handler.cloudformation.answers import Answer
from outpost_order_handler.cloudformation.event import Event, parse
from outpost_order_handler.ledger.records import Attempt, OrderRecord, OutpostRecord, State
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import Services
from outpost_order_handler.stacks import Stacks
from tests import conftest as shared
from tests.fakes.dynamodb import create_table

LEDGER = "Ledger"
OUTPOST_ID = shared.OUTPOST_ID
PROPERTIES = shared.PROPERTIES
NAME = PROPERTIES["OrderName"]
REGION = "us-west-2"
STACK_ID = "arn:aws:cloudformation:us-west-2:123456789012:stack/City/1"
LONG_AGO = timedelta(minutes=20)
LIMIT = timedelta(minutes=4)  # that the function can run


class ClockBehind(Clock):
    """A clock that shows what time it was, and waits in no time."""

    def __init__(self, behind: timedelta) -> None:
        """Take how long ago it is."""
        self._behind = behind
        super().__init__(self._millis_left)

    def now(self) -> datetime:
        """Return the time in UTC, as it was then."""
        return super().now() - self._behind

    def wait(self, seconds: float) -> None:
        """Let the time pass."""
        self._behind -= timedelta(seconds=seconds)

    def _millis_left(self) -> int:
        return int(1000 * (LIMIT.total_seconds() - self.elapsed()))


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, outposts: FakeOutposts, tmp_path: Path
) -> Iterator[None]:
    """Set an operator's environment that reaches the fakes, and nothing of this machine's."""
    for name in os.environ:
        if name.startswith(("AWS_", "OUTPOST_ORDER_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in {
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL_OUTPOSTS": outposts.url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    # Each command makes a session of its own; this puts the one before back.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with mock_aws(config={"core": {"mock_credentials": False}}):
        yield


@pytest.fixture
def table(environment: None) -> Ledger:  # noqa: ARG001 (it comes first)
    """Give an empty ledger, as the handler has it."""
    return make_ledger(LEDGER)


def make_ledger(name: str) -> Ledger:
    """Create the table of a ledger."""
    client = boto3.Session().client("dynamodb")
    create_table(client, name, contract.LEDGER_KEY)
    return Ledger(name, client)


class Orders:
    """Prepares orders in the ledger for a command."""

    def __init__(self, ledger: Ledger, outposts: FakeOutposts) -> None:
        """Take the ledger and the Outposts API."""
        self.ledger = ledger
        self._outposts = outposts

    def record(self, name: str = NAME) -> OrderRecord:
        """Read the record of an order."""
        return self.ledger.record(name)

    def outpost(self, outpost_id: str = OUTPOST_ID) -> OutpostRecord:
        """Read the record of an Outpost."""
        return self.ledger.read(NAME, outpost_id)[1]

    def sent(self, name: str = NAME, ago: timedelta = timedelta(), **changes: Any) -> OrderRecord:  # noqa: ANN401
        """Begin an attempt whose sender never recorded the outcome."""
        properties = PROPERTIES | {"OrderName": name} | changes
        if "QuoteIdentifier" in changes:
            del properties["LineItems"]
        request, at = parse(properties), datetime.now(UTC) - ago
        attempt = Attempt(
            resource=f"{STACK_ID}|Rack",
            baseline=tuple(order["OrderId"] for order in self._outposts.orders),
            started_at=at,
            sender="another invocation",
            sender_end=at + LIMIT,
        )
        order, outpost = self.ledger.read(name, request.content.outpost_id)
        self.ledger.write(
            order.submitting(request, attempt), outpost.with_attempt(name, request.content)
        )
        return self.record(name)

    def in_doubt(self, name: str = NAME, ago: timedelta = LONG_AGO, **changes: Any) -> OrderRecord:  # noqa: ANN401
        """Begin an attempt whose sender has ended."""
        return self.sent(name, ago, **changes)

    def placed(self, name: str = NAME, **changes: Any) -> OrderRecord:  # noqa: ANN401
        """Place an order, and answer its request."""
        order = self.in_doubt(name, **changes)
        real = Outposts().get_order(self.identical())
        order = order.placed(real.order_id, real.attributes(), datetime.now(UTC) - LONG_AGO)
        outpost = self.outpost(order.outpost_id).with_order(real.order_id, name)
        self.ledger.write(order.answered("create", {"Outcome": "PLACED"}), outpost)
        return self.record(name)

    def refused(self, name: str = NAME) -> OrderRecord:
        """Let the service refuse an order."""
        return self.ended(self.in_doubt(name), State.NOT_PLACED, why="ConflictException")

    def ended(self, order: OrderRecord, state: State, **by: str) -> OrderRecord:
        """End an attempt."""
        outpost = self.outpost(order.outpost_id).without_attempt(order.name)
        self.ledger.write(order.to(state, datetime.now(UTC), **by), outpost)
        return self.record(order.name)

    def identical(self, ago: timedelta = LONG_AGO, **changes: Any) -> str:  # noqa: ANN401
        """Place an order in the console that is identical to the one asked for; return its ID."""
        content: dict[str, Any] = {
            "outpost_id": OUTPOST_ID,
            "line_items": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}],
            "payment_option": "NO_UPFRONT",
            "payment_term": "THREE_YEARS",
            "submitted": datetime.now(UTC) - ago,
        }
        return str(self._outposts.make_order(**content | changes)["OrderId"])


@pytest.fixture
def orders(table: Ledger, outposts: FakeOutposts) -> Orders:
    """Give the orders, none yet."""
    return Orders(table, outposts)


class Creating:
    """CloudFormation's client, while it creates the resource that it is asked about."""

    def describe_stack_resource(self, **_: str) -> dict[str, dict[str, str]]:
        """Describe a resource."""
        return {"StackResourceDetail": {"ResourceStatus": "CREATE_IN_PROGRESS"}}


def answer_create(
    request_id: str, ledger: str, ago: timedelta = timedelta(), name: str = NAME
) -> Answer:
    """Let the function answer a Create as it did a while ago."""
    event = Event(
        {
            "RequestType": "Create",
            "StackId": STACK_ID,
            "LogicalResourceId": "Rack",
            "RequestId": request_id,
            "ResponseURL": f"https://localhost/{request_id}",
            "ResourceProperties": PROPERTIES | {"OrderName": name},
        }
    )
    services = Services(Ledger(ledger), Outposts(), Stacks(Creating()), ClockBehind(ago))
    with pytest.MonkeyPatch.context() as function:
        function.setenv("AWS_REGION", REGION)
        function.setenv(contract.LEDGER_TABLE, ledger)
        return answers.answer(event, services)


During = Callable[[str, Callable[[], None]], None]


@pytest.fixture
def during(outposts: FakeOutposts, monkeypatch: pytest.MonkeyPatch) -> During:
    """Give a way to do something while a request of an operation waits for its response."""

    def during(operation: str, do: Callable[[], None]) -> None:
        class Requests(list[Request]):
            def append(self, request: Request, /) -> None:
                super().append(request)
                if request.operation == operation:
                    do()

        monkeypatch.setattr(outposts, "requests", Requests())

    return during


@dataclass(frozen=True)
class Done:
    """The result of a command."""

    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run() -> Run:
    """Give a way to run `outpost-order ...`."""

    def run(*arguments: str, answer: str = "") -> Done:
        done = CliRunner().invoke(app, arguments, input=answer)
        # An unexpected error isn't an exit.
        assert isinstance(done.exception, SystemExit | None), done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def ledger(run: Run, table: Ledger) -> Run:
    """Give a way to run `outpost-order COMMAND --table ...` with the ledger's table."""
    return lambda command, *rest, **more: run(command, "--table", table.table, *rest, **more)
