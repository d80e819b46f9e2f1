"""The fixtures that tests of several folders share."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import botocore.loaders
import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.certificate import CertificateFiles, write_localhost_certificate
from outpost_order_rehearsal.environment import app_environment
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.cdk_cli import ROOT

NESTED_ORDERS = "tests/rehearsal/apps/nested_orders.py"
ONE_MORE_ORDER = "tests/rehearsal/apps/one_more_order.py"
EXAMPLES = [f"examples/{path.name}" for path in sorted((ROOT / "examples").glob("*.py"))]
APPS = ["app.py", *EXAMPLES, NESTED_ORDERS, ONE_MORE_ORDER]

OUTPOST_ID = "op-0123456789abcdef0"
PROPERTIES: dict[str, Any] = {
    "OutpostIdentifier": OUTPOST_ID,
    "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "2"}],
    "PaymentOption": "NO_UPFRONT",
    "PaymentTerm": "THREE_YEARS",
    "OrderName": "PO-4711",
}
BACKOFFS = (
    "botocore.retries.standard.ExponentialBackoff.delay_amount",
    "botocore.retryhandler.delay_exponential",  # of the mode "legacy"
)

Synthesize = Callable[[str], Assembly]


@pytest.fixture(scope="session", autouse=True)
def quick_botocore() -> Iterator[None]:
    """Let botocore read each of its files once, and try again without a pause."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(botocore.loaders.create_loader))
        for name in BACKOFFS:
            patch.setattr(name, lambda *_, **__: 0)
        yield


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Give the assemblies of the project's apps, each by the app's file."""
    folder = tmp_path_factory.mktemp("assemblies")
    (folder / "tmp").mkdir()
    return Assembly.synthesize_all(ROOT, folder, app_environment(folder), APPS).__getitem__


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    """Give a certificate for localhost, with a bundle that trusts it."""
    return write_localhost_certificate(tmp_path_factory.mktemp("certificate"))


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
