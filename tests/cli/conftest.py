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
from outpost_order_handler import contract
from outpost_order_handler.clock import Clock
from outpost_order_handler.ledger import Ledger
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.properties import parse
from outpost_order_handler.records import Row, Witness
from outpost_order_handler.table import Table
from tests import conftest as shared
from tests.fakes.outposts import FakeOutposts

LEDGER = "Ledger"
OUTPOST_ID = shared.OUTPOST_ID
PROPERTIES = shared.PROPERTIES
NAME = PROPERTIES["OrderName"]
LONG_AGO = timedelta(minutes=20)


class ClockBehind(Clock):
    """A clock that shows what time it was."""

    def __init__(self, behind: timedelta) -> None:
        """Take how long ago it is."""
        super().__init__(lambda: 240_000)
        self._behind = behind

    def now(self) -> datetime:
        """Return the time in UTC, as it was."""
        return super().now() - self._behind


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, outposts: FakeOutposts, tmp_path: Path
) -> Iterator[None]:
    """Set an operator's environment where the fakes are, and nothing of this machine's."""
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
def table(environment: None) -> Table:  # noqa: ARG001 (it comes first)
    """Give an empty ledger's table."""
    client = boto3.Session().client("dynamodb")
    client.create_table(
        TableName=LEDGER,
        KeySchema=[{"AttributeName": contract.LEDGER_KEY, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": contract.LEDGER_KEY, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return Table(LEDGER, client)


class Orders:
    """Brings orders of the ledger to where a command finds them."""

    def __init__(self, table: Table, outposts: FakeOutposts) -> None:
        """Take the ledger's table and the Outposts API."""
        self._table = table
        self._outposts = outposts

    def ledger(self, ago: timedelta = timedelta()) -> Ledger:
        """Return the ledger of the handler, as it wrote a while ago."""
        return Ledger(self._table, ClockBehind(ago))

    def row(self, name: str = NAME) -> Row:
        """Read a row."""
        return self.ledger().row(name)

    def sent(self, name: str = NAME, ago: timedelta = LONG_AGO, **changes: Any) -> Row:  # noqa: ANN401
        """Begin an attempt whose sender never told what became of it."""
        ledger = self.ledger(ago)
        properties = PROPERTIES | {"OrderName": name} | changes
        if "QuoteIdentifier" in changes:
            del properties["LineItems"]
        request = parse(properties)
        row, _ = ledger.begin(
            ledger.row(name),
            ledger.lock(request.outpost_id),
            ledger.receipt(f"arn:aws:cloudformation:us-west-2:111122223333:stack/City/1|{name}"),
            request,
            request_id=f"create-{name}",
            baseline=[order["OrderId"] for order in self._outposts.orders],
        )
        return row

    def in_doubt(self, name: str = NAME, ago: timedelta = LONG_AGO, **changes: Any) -> Row:  # noqa: ANN401
        """Begin an attempt whose sender does not know what became of it."""
        row = self.sent(name, ago, **changes)
        return self.ledger(ago).in_doubt(row, "NetworkFailure (ReadTimeoutError): unknown")

    def placed(self, name: str = NAME, **changes: Any) -> Row:  # noqa: ANN401
        """Place an order, and let it be answered."""
        row = self.sent(name, **changes)
        order = Outposts().get_order(self.equal())
        return self.ledger(LONG_AGO).placed(row, order, Witness.RESPONSE)

    def rejected(self, name: str = NAME) -> Row:
        """Let the service refuse an order."""
        return self.ledger(LONG_AGO).rejected(self.sent(name), "ConflictException")

    def cancelling(self, name: str = NAME) -> Row:
        """Begin to cancel an order."""
        return self.ledger().cancelling(self.placed(name))

    def equal(self, ago: timedelta = LONG_AGO, **changes: Any) -> str:  # noqa: ANN401
        """Make an order that is what is asked for, and return its id."""
        content: dict[str, Any] = {
            "outpost_id": OUTPOST_ID,
            "line_items": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}],
            "payment_option": "NO_UPFRONT",
            "payment_term": "THREE_YEARS",
            "submitted": datetime.now(UTC) - ago,
        }
        return str(self._outposts.make_order(**content | changes)["OrderId"])


@pytest.fixture
def orders(table: Table, outposts: FakeOutposts) -> Orders:
    """Give the orders, none yet."""
    return Orders(table, outposts)


@dataclass(frozen=True)
class Done:
    """What a command did."""

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
def ledger(run: Run, table: Table) -> Run:
    """Give a way to run `outpost-order COMMAND --table ...`, where the table is."""
    return lambda command, *rest, **more: run(command, "--table", table.name, *rest, **more)
