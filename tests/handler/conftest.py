"""The handler as Lambda runs it: real HTTP to a fake Outposts API and a fake CloudFormation."""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from outpost_order_handler import (
    answers,
    cancellation,
    contract,
    entry,
    placement,
    reconciliation,
)
from outpost_order_handler.table import Table
from tests import conftest as shared
from tests.fakes.certificate import CertificateFiles
from tests.fakes.cloudformation import STACK_ID, FakeCloudFormation, Response
from tests.fakes.dynamodb import DynamoDbInProcess, SessionWithLedger
from tests.fakes.outposts import FakeOutposts

LEDGER = contract.DEFAULT_LEDGER
OUTPOST_ID = shared.OUTPOST_ID
PROPERTIES = shared.PROPERTIES | {
    "ServiceToken": "arn:aws:lambda:us-west-2:111122223333:function:City",
    "ServiceTimeout": "900",
}
STACK_MADE_AGAIN = STACK_ID.replace("0f0e0d0c", "1f1e1d1c")


def make_equal_order(outposts: FakeOutposts, **more: Any) -> str:  # noqa: ANN401
    """Order by hand what PROPERTIES ask for, and return the order's id."""
    order = {
        "outpost_id": OUTPOST_ID,
        "line_items": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}],
        "payment_option": "NO_UPFRONT",
        "payment_term": "THREE_YEARS",
    }
    return str(outposts.make_order(**(order | more))["OrderId"])


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function about its invocation."""

    aws_request_id: str = "5f3e0a52"
    function_name: str = "City"

    def get_remaining_time_in_millis(self) -> int:
        """Answer the whole limit: a test is never near it."""
        return 240_000


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


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, outposts: FakeOutposts, certificate: CertificateFiles
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
        "AWS_EC2_METADATA_DISABLED": "true",
        contract.LEDGER_TABLE: LEDGER,
        # The one certificate alone: to read all roots of the world for each answer is slow.
        "SSL_CERT_FILE": str(certificate.certificate),
    }.items():
        monkeypatch.setenv(name, value)
    # boto3 would remember the credentials of the test before.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture
def moto(environment: None) -> Iterator[None]:  # noqa: ARG001
    """Give a DynamoDB behind botocore, to a test that breaks the wire or needs all of it."""
    with mock_aws(config={"core": {"mock_credentials": False}}):
        yield


@pytest.fixture(autouse=True)
def ledger(
    environment: None,  # noqa: ARG001
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Table:
    """Give an empty ledger, and no patience: what is not there at once does not come."""
    monkeypatch.setattr(reconciliation, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(cancellation, "PAUSES", (0.01,))
    for module in (answers, placement):
        monkeypatch.setattr(module, "PAUSES_FOR_THE_LEDGER", (0.01,))
    if "moto" in request.fixturenames:
        request.getfixturevalue("moto")
        return Table(LEDGER, _client_with_table())
    client = DynamoDbInProcess(LEDGER, contract.LEDGER_KEY)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", SessionWithLedger(client))
    return Table(LEDGER, client)


def _client_with_table() -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    # A session of its own: the default one would remember the credentials of now.
    client = boto3.Session().client("dynamodb")
    client.create_table(
        TableName=LEDGER,
        KeySchema=[{"AttributeName": contract.LEDGER_KEY, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": contract.LEDGER_KEY, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


Invoke = Callable[..., Response]


@pytest.fixture
def invoke(
    cloudformation: FakeCloudFormation, caplog: pytest.LogCaptureFixture
) -> Iterator[Invoke]:
    """Give a sender of events that returns the handler's answer.

    No log line of any test may hold the presigned address of an answer.
    """
    urls = []

    def send(request_type: str, properties: object = PROPERTIES, **more: Any) -> Response:  # noqa: ANN401
        event = cloudformation.event(request_type, properties, **more)
        urls.append(event["ResponseURL"])
        entry.handler(event, Context())
        return cloudformation.response_to(event)

    yield send
    logged = caplog.text
    assert not [url for url in urls if url in logged or url.partition("?")[2] in logged]


Deliver = Callable[..., Response]


@pytest.fixture
def deliver(cloudformation: FakeCloudFormation) -> Deliver:
    """Give a sender of copies of one event: each has another address for the same answer."""

    def send(event: Mapping[str, Any], context: Context | None = None) -> Response:
        url = f"{cloudformation.url}/{event['RequestId']}?X-Amz-Signature={uuid.uuid4()}"
        before = len(cloudformation.responses.get(event["RequestId"], []))
        entry.handler({**event, "ResponseURL": url}, context or Context())
        [*answered, response] = cloudformation.responses[event["RequestId"]]
        assert (len(answered), cloudformation.rejected) == (before, [])
        return response

    return send


@pytest.fixture
def cloudformation_url(cloudformation: FakeCloudFormation) -> str:
    """Give an https address whose certificate only `SSL_CERT_FILE` trusts, not botocore."""
    return cloudformation.url
