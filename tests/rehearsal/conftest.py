"""One AWS and one Outposts service for all tests of a worker, empty again for each."""

from collections.abc import Iterator

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.conftest import Synthesize
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.stacks import Stacks


@pytest.fixture(scope="session")
def fake_server() -> Iterator[FakeOutposts]:
    """Serve the Outposts API."""
    with FakeOutposts() as fake:
        yield fake


@pytest.fixture(scope="session")
def aws_server(fake_server: FakeOutposts) -> Iterator[EmbeddedAws]:
    """Serve the rest of AWS."""
    with EmbeddedAws(outposts_url=fake_server.url) as aws:
        yield aws


@pytest.fixture(scope="session")
def assembly(synthesized: Synthesize) -> Assembly:
    """Give the assembly of app.py."""
    return synthesized("app.py")


@pytest.fixture(scope="session")
def guarded_server(fake_server: FakeOutposts) -> Iterator[EmbeddedAws]:
    """Serve an AWS in which a role has only the permissions of its policies.

    That holds for DynamoDB. It does not for the log, which Lambda writes there without a
    request, nor for Outposts, which is not part of it.
    """
    with EmbeddedAws(outposts_url=fake_server.url, server_env={"AUTH": "true"}) as aws:
        yield aws


@pytest.fixture
def fake(fake_server: FakeOutposts) -> FakeOutposts:
    """Return the Outposts API without orders and faults."""
    fake_server.reset()
    return fake_server


@pytest.fixture
def aws(aws_server: EmbeddedAws) -> EmbeddedAws:
    """Return an empty AWS."""
    aws_server.reset()
    return aws_server


@pytest.fixture
def guarded_aws(guarded_server: EmbeddedAws) -> EmbeddedAws:
    """Return an empty AWS that enforces policies."""
    guarded_server.reset()
    return guarded_server


@pytest.fixture
def stacks(aws: EmbeddedAws, assembly: Assembly) -> Stacks:
    """Return an AWS that knows the assets of app.py and no stack."""
    return Stacks(aws, assembly)
