import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from outpost_order_fake import FakeOutposts

RACK: dict[str, Any] = {
    "OutpostIdentifier": "op-0123456789abcdef0",
    "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}],
    "PaymentOption": "NO_UPFRONT",
    "PaymentTerm": "THREE_YEARS",
}
ONE_CALL: dict[str, Any] = {
    "retries": {"total_max_attempts": 1},
    "proxies": {},
    "read_timeout": 5,
}


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Keep one session, which loads the service model once."""
    return boto3.Session("test", "test", region_name="us-west-2")


@pytest.fixture
def fake() -> Iterator[FakeOutposts]:
    """Serve a fake with nothing in it."""
    with FakeOutposts() as fake:
        yield fake


@pytest.fixture
def connect(session: boto3.Session, fake: FakeOutposts) -> Iterator[Callable[..., BaseClient]]:
    """Make clients that send each call once, changed by botocore settings."""
    clients: list[BaseClient] = []

    def connect(**settings: object) -> BaseClient:
        config = Config(**(ONE_CALL | settings))
        clients.append(session.client("outposts", endpoint_url=fake.url, config=config))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def client(connect: Callable[..., BaseClient]) -> BaseClient:
    """Connect a client that checks nothing itself, so that the service has to."""
    return connect(parameter_validation=False)


@pytest.fixture
def buy(client: BaseClient) -> Callable[..., dict[str, Any]]:
    """Order a rack, with changed parameters; None leaves a parameter out."""

    def buy(**changes: object) -> dict[str, Any]:
        params = {name: value for name, value in (RACK | changes).items() if value is not None}
        reply: dict[str, Any] = client.create_order(**params)
        return reply

    return buy


Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def call(client: BaseClient) -> Call:
    """Call an operation by a real client, and return the status and the JSON that came."""
    answers: list[Any] = []

    def keep(http_response: Any, **_: object) -> None:  # noqa: ANN401 - botocore has no types
        answers.append(http_response)

    client.meta.events.register("after-call.outposts", keep)

    def call(operation: str, **params: object) -> tuple[int, dict[str, Any]]:
        with suppress(ClientError):
            getattr(client, xform_name(operation))(**params)
        return answers[-1].status_code, json.loads(answers[-1].content)

    return call
