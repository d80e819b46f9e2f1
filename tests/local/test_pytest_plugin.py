"""The pytest plugin, in runs of pytest of its own."""

import os
from pathlib import Path

import boto3
import pytest

from _outpost_order_pytest import HOW_TO_ALLOW, NOT_ALLOWED
from outpost_order_fake import FakeOutposts
from tests.docs.pages import blocks_of

pytest_plugins = ["pytester"]

PLACES = """
import boto3
import pytest

def place(quantity=2):
    return boto3.client("outposts").create_order(
        OutpostIdentifier="op-0123456789abcdef0",
        LineItems=[{"CatalogItemId": "OR-ABCDEFG", "Quantity": quantity}],
        PaymentOption="ALL_UPFRONT",
    )["Order"]
"""


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """Import boto3 and the fake once: a run of its own forgets the modules that it imports."""
    with FakeOutposts() as fake:
        session = boto3.Session("test", "test", region_name="us-west-2")
        session.client("outposts", endpoint_url=fake.url).list_orders()


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as on a machine without settings of AWS, and without the plugins of this project.

    With CI or BUILD_NUMBER set, pytest's summary repeats a message whole.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("BUILD_NUMBER", raising=False)
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)


def run(pytester: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    """Run tests that can place an order."""
    pytester.makepyfile(PLACES + tests)
    return pytester.runpytest("--strict-markers", "-p", "_outpost_order_pytest", *options)


def test_a_test_that_places_an_order_fails(pytester: pytest.Pytester) -> None:
    """The message has the order, its items, its Outpost, and the marker that allows it."""
    done = run(pytester, "def test_it(outposts):\n    print('ID', place()['OrderId'])\n")
    done.assert_outcomes(failed=1)
    [order_id] = [line.split()[1] for line in done.outlines if line.startswith("ID ")]
    done.stdout.fnmatch_lines(
        [
            f"  {order_id}: 2 x OR-ABCDEFG for op-0123456789abcdef0",
            "*@pytest.mark.outposts(allow_orders=True)",
        ]
    )


def test_a_marked_test_can_place_an_order(pytester: pytest.Pytester) -> None:
    """The SDK finds the fake, credentials, and a Region in the environment."""
    tests = """
@pytest.mark.outposts(allow_orders=True)
def test_it(outposts):
    order = place()
    assert [each["OrderId"] for each in outposts.orders] == [order["OrderId"]]
    assert len(outposts.posts) == 1
"""
    run(pytester, tests).assert_outcomes(passed=1)


@pytest.mark.parametrize("place", ["class", "module"])
def test_a_marker_allows_a_class_and_a_module(place: str, pytester: pytest.Pytester) -> None:
    """A test with a marker of its own is the exception."""
    mark = "pytest.mark.outposts(allow_orders=True)"
    tests = f"""
{f"pytestmark = {mark}" if place == "module" else f"@{mark}"}
class TestOrders:
    def test_one(self, outposts):
        place()

    @pytest.mark.outposts(real=False)
    def test_two(self, outposts):
        place()

    @pytest.mark.outposts(allow_orders=False)
    def test_three(self, outposts):
        place()
"""
    run(pytester, tests).assert_outcomes(passed=2, failed=1)


def test_a_test_that_reads_passes(pytester: pytest.Pytester) -> None:
    """Without the marker, it can use orders and quotes that are there."""
    tests = """
def test_it(outposts):
    order, quote = outposts.make_order(), outposts.make_quote()
    client = boto3.client("outposts")
    assert client.get_order(OrderId=order["OrderId"])["Order"]["OrderId"] == order["OrderId"]
    assert client.get_quote(QuoteIdentifier=quote["QuoteId"])["Quote"]["QuoteId"]
    client.cancel_order(OrderId=order["OrderId"])
    assert outposts.orders[0]["Status"] == "CANCELLED"
"""
    run(pytester, tests).assert_outcomes(passed=1)


def test_each_test_begins_without_orders(pytester: pytest.Pytester) -> None:
    """An order, a request, and a fault belong to one test."""
    tests = """
from outpost_order_fake import Fault

@pytest.mark.outposts(allow_orders=True)
@pytest.mark.parametrize("number", [1, 2])
def test_it(outposts, number):
    assert outposts.orders == outposts.posts == []
    place()
    outposts.fail("CreateOrder", Fault.status(500))
"""
    run(pytester, tests).assert_outcomes(passed=2)


def test_an_order_of_a_fixture_counts(pytester: pytest.Pytester) -> None:
    """The test that uses the fixture fails."""
    tests = """
@pytest.fixture
def order(outposts):
    return place()

def test_it(order):
    pass
"""
    run(pytester, tests).assert_outcomes(failed=1)


def test_an_order_after_the_test_counts(pytester: pytest.Pytester) -> None:
    """A fixture that places an order when it ends is an error."""
    tests = """
@pytest.fixture
def late(outposts):
    yield
    place()

def test_it(late):
    pass
"""
    run(pytester, tests).assert_outcomes(passed=1, errors=1)


def test_a_test_that_fails_has_its_own_reason_too(pytester: pytest.Pytester) -> None:
    """The order is reported after the failure of the test, and only once."""
    tests = "def test_it(outposts):\n    place()\n    assert 'one' == 'two'\n"
    done = run(pytester, tests)
    done.assert_outcomes(failed=1, errors=1)
    done.stdout.fnmatch_lines(["*'one' == 'two'*"])
    assert sum("2 x OR-ABCDEFG" in line for line in done.outlines) == 1


def test_an_order_whose_response_is_lost_counts(pytester: pytest.Pytester) -> None:
    """The code under test might not notice that it placed an order."""
    tests = """
from outpost_order_fake import Fault

def test_it(outposts):
    outposts.fail("CreateOrder", Fault.reply("{}", applied=True))
    with pytest.raises(KeyError):
        place()
"""
    run(pytester, tests).assert_outcomes(failed=1)


def test_a_refused_request_is_no_order(pytester: pytest.Pytester) -> None:
    """A test without the marker can test how code handles a refusal."""
    tests = """
from outpost_order_fake import Fault

def test_it(outposts):
    outposts.fail("CreateOrder", Fault.refusal("ServiceQuotaExceededException"))
    with pytest.raises(boto3.client("outposts").exceptions.ServiceQuotaExceededException):
        place()
    assert len(outposts.posts) == 1
"""
    run(pytester, tests).assert_outcomes(passed=1)


def test_an_order_advances(pytester: pytest.Pytester) -> None:
    """By its ID or as an operation returns it."""
    tests = """
@pytest.mark.outposts(allow_orders=True)
def test_it(outposts):
    order = place()
    shipped = outposts.advance(order, to="SHIPPED")["LineItems"]
    assert shipped[0]["ShipmentInformation"]["ShipmentTrackingNumber"]
    assert outposts.advance(order["OrderId"], to="COMPLETED")["Status"] == "COMPLETED"
"""
    run(pytester, tests).assert_outcomes(passed=1)


TEST_CASE = """
import unittest

@pytest.mark.usefixtures("outposts")
class TestOrders(unittest.TestCase):
    def setUp(self):
        self.order = place()

    {mark}
    def test_it(self):
        assert self.order["OrderId"]
"""


@pytest.mark.parametrize(
    ("mark", "outcome"), [("", "failed"), ("@pytest.mark.outposts(allow_orders=True)", "passed")]
)
def test_it_works_with_unittest(mark: str, outcome: str, pytester: pytest.Pytester) -> None:
    """A TestCase asks for the fixture with a marker."""
    run(pytester, TEST_CASE.format(mark=mark)).assert_outcomes(**{outcome: 1})


def test_it_works_with_xdist(pytester: pytest.Pytester) -> None:
    """Each worker has a server of its own."""
    tests = """
@pytest.mark.parametrize("number", range(4))
@pytest.mark.outposts(allow_orders=True)
def test_allowed(outposts, number):
    place()
    assert len(outposts.orders) == 1

def test_not_allowed(outposts):
    place()

@pytest.mark.outposts(real=True)
def test_real():
    import os
    assert "AWS_ENDPOINT_URL_OUTPOSTS" not in os.environ
"""
    run(pytester, tests, "-p", "xdist", "-n", "2").assert_outcomes(passed=5, failed=1)


CLOSED = """
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

def test_it():
    once = Config(retries={"total_max_attempts": 1})
    client = boto3.client("outposts", "us-west-2", config=once, **KEYS)
    with pytest.raises(EndpointConnectionError, match="does-not-use-the-fixture-outposts"):
        client.list_orders()
"""
KEYS = 'KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}\n'


def test_a_test_without_the_fixture_reaches_no_api(pytester: pytest.Pytester) -> None:
    """Its request fails, and the error names the fixture."""
    run(pytester, KEYS + CLOSED).assert_outcomes(passed=1)


def test_a_setting_does_not_open_the_way(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SDK that ignores endpoints of the environment would call the real API."""
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    run(pytester, KEYS + CLOSED).assert_outcomes(passed=1)


def test_a_client_that_a_module_makes_reaches_no_api(pytester: pytest.Pytester) -> None:
    """The way is closed before pytest imports the tests."""
    tests = """
URL = boto3.client("outposts", "us-west-2").meta.endpoint_url

def test_it():
    assert URL.startswith("http://127.0.0.1:9/")
"""
    run(pytester, tests).assert_outcomes(passed=1)


REAL = """
def endpoint():
    return boto3.client("outposts", "us-west-2").meta.endpoint_url

@pytest.mark.outposts(real=True)
def test_real():
    assert endpoint() == "https://outposts.us-west-2.amazonaws.com"

def test_closed():
    assert endpoint().startswith("http://127.0.0.1:9/")
"""


def test_a_test_can_ask_for_the_real_api(pytester: pytest.Pytester) -> None:
    """And the next test doesn't get it."""
    run(pytester, REAL).assert_outcomes(passed=2)


def test_an_endpoint_of_yours_remains(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plugin changes it only for a test that uses the fixture."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_OUTPOSTS", "http://127.0.0.1:1234")
    tests = """
def endpoint():
    return boto3.client("outposts", "us-west-2").meta.endpoint_url

@pytest.mark.parametrize("number", [1, 2])
def test_yours(number):
    assert endpoint() == "http://127.0.0.1:1234"

def test_fake(outposts):
    assert endpoint() == outposts.url
"""
    run(pytester, tests).assert_outcomes(passed=3)


def test_the_environment_is_restored(pytester: pytest.Pytester) -> None:
    """After the run, and after each test that uses the fixture."""
    tests = """
import os

def settings():
    return {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}

BEFORE = settings()

def test_fake(outposts):
    assert os.environ["AWS_ACCESS_KEY_ID"] == "test"

def test_after():
    assert settings() == BEFORE
"""
    before = _settings()
    run(pytester, tests).assert_outcomes(passed=2)
    assert _settings() == before


def _settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


def test_a_proxy_is_not_asked_for_the_fake(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fake is on your machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.com")
    tests = """
import os

def test_it(outposts):
    assert boto3.client("outposts").list_orders()["Orders"] == []
    assert os.environ["no_proxy"] == "example.com,127.0.0.1"
"""
    run(pytester, tests).assert_outcomes(passed=1)


def test_a_fixture_of_yours_wins(pytester: pytest.Pytester) -> None:
    """A project that has a fixture of this name keeps it, and the plugin checks nothing."""
    tests = """
@pytest.fixture
def outposts(outposts_server, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_OUTPOSTS", outposts_server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    return outposts_server

def test_it(outposts):
    place()
    assert len(outposts.orders) == 1
"""
    run(pytester, tests).assert_outcomes(passed=1)


def test_the_server_starts_if_a_test_needs_it(pytester: pytest.Pytester) -> None:
    """A run without the fixture doesn't import the fake."""
    pytester.makepyfile(
        "import sys\n\ndef test_it():\n    assert 'outpost_order_fake' not in sys.modules\n"
    )
    pytester.runpytest_subprocess("-p", "_outpost_order_pytest").assert_outcomes(passed=1)


def test_the_plugin_imports_only_pytest() -> None:
    """All runs of pytest import it."""
    source = Path("local/_outpost_order_pytest.py").read_text()
    imported = [
        line.split()[1] for line in source.splitlines() if line.startswith(("import", "from"))
    ]
    assert imported == ["__future__", "os", "typing", "pytest"]


def test_the_page_shows_the_message() -> None:
    """With an order between its lines."""
    text = next(block.text for block in blocks_of("docs/testing.md") if block.language == "text")
    first, order, *rest = text.splitlines()
    assert [first, *rest] == [NOT_ALLOWED, *HOW_TO_ALLOW.splitlines()]
    assert order.endswith(": 2 x OR-ABCDEFG for op-0123456789abcdef0")


ENDPOINTS = """
import os
import pytest

@pytest.fixture
def emulator(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")

def test_of_an_emulator(emulator):
    assert "AWS_ENDPOINT_URL_OUTPOSTS" not in os.environ

def test_beside_it():
    assert ("AWS_ENDPOINT_URL_OUTPOSTS" in os.environ) is CLOSED
"""


@pytest.mark.parametrize("is_set", [False, True])
def test_an_endpoint_for_all_services_is_respected(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    is_set: bool,  # noqa: FBT001
) -> None:
    """An emulator gets the requests, whether a fixture or the environment names it."""
    if is_set:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    done = run(pytester, ENDPOINTS.replace("CLOSED", str(not is_set)))
    done.assert_outcomes(passed=2)
