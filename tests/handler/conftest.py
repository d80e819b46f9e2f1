"""The handler as Lambda runs it: real HTTP to a fake Outposts API and a fake CloudFormation."""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import boto3
import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_handler import clock, contract, entry
from outpost_order_handler.ledger.table import Ledger
from outpost_order_rehearsal.certificate import CertificateFiles, write_localhost_certificate
from tests.fakes.cloudformation import STACK_ID, FakeCloudFormation, Response
from tests.fakes.dynamodb import DynamoDbInProcess, SessionWithLedger

LEDGER = contract.DEFAULT_LEDGER
OUTPOST_ID = "op-0123456789abcdef0"
NAME = "PO-4711"
PROPERTIES: dict[str, Any] = {
    "ServiceToken": "arn:aws:lambda:us-west-2:111122223333:function:City",
    "ServiceTimeout": "900",
    "OutpostIdentifier": OUTPOST_ID,
    "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "2"}],
    "PaymentOption": "NO_UPFRONT",
    "PaymentTerm": "THREE_YEARS",
    "OrderName": NAME,
}
OTHER_NAME = PROPERTIES | {"OrderName": "PO-4712"}
RE_CREATED_STACK = STACK_ID.replace("0f0e0d0c", "1f1e1d1c")
OTHER_STACK = STACK_ID.replace("/City/", "/Town/")
RECONCILE = "run: outpost-order reconcile PO-4711 --region us-west-2"
UNKNOWN = f"outcome unknown. The order might have been placed on {OUTPOST_ID}"
NOTHING = f"nothing was ordered on {OUTPOST_ID}"
LIMIT = 240.0  # seconds that the function may run


def make_identical_order(outposts: FakeOutposts, **more: Any) -> str:  # noqa: ANN401
    """Order in the console what PROPERTIES ask for, and return the order's ID."""
    order = {
        "outpost_id": OUTPOST_ID,
        "line_items": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}],
        "payment_option": "NO_UPFRONT",
        "payment_term": "THREE_YEARS",
    }
    return str(outposts.make_order(**(order | more))["OrderId"])


@dataclass
class Time:
    """The time of the function: a wait takes none of ours, and a test can let some pass."""

    passed: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Wait, as the function does."""
        self.waits.append(seconds)
        self.passed += seconds

    def now(self, _zone: tzinfo) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.passed)


@dataclass
class Context:
    """Lambda's context of an invocation."""

    time: Time = field(default_factory=Time)
    limit: float = LIMIT
    aws_request_id: str = "5f3e0a52"
    function_name: str = "City"

    def __post_init__(self) -> None:
        """The invocation begins now."""
        self._began = self.time.passed

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the limit."""
        return int(1000 * (self.limit - (self.time.passed - self._began)))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    """Give a certificate for localhost."""
    return write_localhost_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def cloudformation_server(certificate: CertificateFiles) -> Iterator[FakeCloudFormation]:
    """Give the endpoint that takes the answers, for all tests."""
    with FakeCloudFormation(certificate) as server:
        yield server


@pytest.fixture
def cloudformation(cloudformation_server: FakeCloudFormation) -> FakeCloudFormation:
    """Give the endpoint as it is before the first answer."""
    cloudformation_server.reset()
    return cloudformation_server


@pytest.fixture(scope="session")
def outposts_server() -> Iterator[FakeOutposts]:
    """Give the Outposts API, for all tests."""
    with FakeOutposts() as server:
        yield server


@pytest.fixture
def outposts(outposts_server: FakeOutposts) -> FakeOutposts:
    """Give the Outposts API as it is before the first order."""
    outposts_server.reset()
    return outposts_server


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Give the time of the function."""
    time = Time()
    monkeypatch.setattr(clock, "time", time)
    monkeypatch.setattr(clock, "datetime", time)
    return time


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch,
    outposts: FakeOutposts,
    cloudformation: FakeCloudFormation,
    certificate: CertificateFiles,
    time: Time,  # noqa: ARG001 (nothing waits)
) -> None:
    """Set what Lambda sets and where the fakes are, and nothing of this machine's."""
    for name in os.environ:
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in {
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL_OUTPOSTS": outposts.url,
        "AWS_ENDPOINT_URL_CLOUDFORMATION": cloudformation.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        # The one certificate alone: to read all public roots for each answer is slow.
        "AWS_CA_BUNDLE": str(certificate.certificate),
        contract.LEDGER_TABLE: LEDGER,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def dynamodb() -> DynamoDbInProcess:
    """Give an empty table."""
    return DynamoDbInProcess(LEDGER, contract.LEDGER_KEY)


@pytest.fixture(autouse=True)
def ledger(
    environment: None,  # noqa: ARG001 (it comes first)
    dynamodb: DynamoDbInProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> Ledger:
    """Give an empty ledger; boto3's other clients are the real ones."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", SessionWithLedger(dynamodb))
    return Ledger(LEDGER, dynamodb)


Invoke = Callable[..., Response]


@pytest.fixture
def invoke(
    cloudformation: FakeCloudFormation, caplog: pytest.LogCaptureFixture, time: Time
) -> Iterator[Invoke]:
    """Give a sender of events that returns the handler's answer.

    No log line of any test contains the presigned address of an answer.
    """
    urls = []

    def send(request_type: str, properties: object = PROPERTIES, **more: Any) -> Response:  # noqa: ANN401
        event = cloudformation.event(request_type, properties, **more)
        urls.append(event["ResponseURL"])
        entry.handler(event, Context(time))
        return cloudformation.response_to(event)

    yield send
    logged = caplog.text
    assert not [url for url in urls if url in logged or url.partition("?")[2] in logged]


Deliver = Callable[..., Response]


@pytest.fixture
def deliver(cloudformation: FakeCloudFormation, time: Time) -> Deliver:
    """Give a sender of copies of one event."""

    def send(event: Mapping[str, Any], context: Context | None = None) -> Response:
        before = len(cloudformation.responses.get(event["RequestId"], []))
        entry.handler(dict(event), context or Context(time))
        [*answered, response] = cloudformation.responses[event["RequestId"]]
        assert (len(answered), cloudformation.rejected) == (before, [])
        return response

    return send


def retried(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return CloudFormation's own retry: the same RequestId, and another address."""
    return {**event, "ResponseURL": f"{event['ResponseURL']}-{uuid.uuid4()}"}
