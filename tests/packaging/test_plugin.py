"""The tests of a user: with the wheel and pytest, outside the repository."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import blocks_of
from tests.packaging.conftest import run

SECONDS = 60
UV = Path(sys.executable).with_name("uv")
KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_CONFIG_FILE": os.devnull,
    "NO_PROXY": "127.0.0.1",
}
TESTS = """
import boto3
import pytest


@pytest.fixture
def client(outposts):
    return boto3.client("outposts")


def place(client, **more):
    return client.create_order(
        OutpostIdentifier="op-0123456789abcdef0", PaymentOption="NO_UPFRONT", **more
    )["Order"]["OrderId"]


ITEMS = {"LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}]}


@pytest.mark.outposts(allow_orders=True)
class TestPurchases:
    def test_an_order(self, client):
        order_id = place(client, **ITEMS)
        assert client.get_order(OrderId=order_id)["Order"]["Status"] == "PREPARING"
        assert [each["OrderId"] for each in client.list_orders()["Orders"]] == [order_id]
        client.cancel_order(OrderId=order_id)
        assert client.get_order(OrderId=order_id)["Order"]["Status"] == "CANCELLED"

    def test_a_quote(self, client, outposts):
        quote = outposts.make_quote()
        [option] = quote["QuoteOptions"]
        order_id = place(
            client,
            QuoteIdentifier=quote["QuoteId"],
            QuoteOptionIdentifier=option["QuoteOptionIdentifier"],
        )
        found = client.get_quote(QuoteIdentifier=quote["QuoteId"])["Quote"]
        assert order_id in str(found)


def test_an_accident(client):
    place(client, **ITEMS)
"""
# One --version shows no plugin, and new versions of pytest don't even load them.
IMPORTS = "import pytest, sys; pytest.main(['--version', '--version']); print(*sys.modules)"


@pytest.fixture(scope="module")
def python(wheel: Path, programs: Path) -> Path:
    """Give the Python of the environment that has the wheel, with the extra for tests."""
    constraints = programs.parents[1] / "constraints.txt"
    command = (
        UV,
        "pip",
        "install",
        "--quiet",
        "--python",
        programs.parent,
        "--constraints",
        constraints,
    )
    run(*command, f"{wheel}[test]", folder=programs)
    return programs / "python"


def test_the_tests_of_a_user_place_orders_if_they_are_marked(python: Path, tmp_path: Path) -> None:
    """One places an order without the marker: it fails, and pytest names the order."""
    (tmp_path / "test_racks.py").write_text(TESTS)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTEST"))}
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "--strict-markers", "-W", "error"],
        cwd=tmp_path,
        env=environment,
        check=False,
        timeout=SECONDS,
        capture_output=True,
        text=True,
    )
    assert "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert ": 2 x OR-ABCDEFG for op-0123456789abcdef0\n" in done.stdout
    assert "@pytest.mark.outposts(allow_orders=True)" in done.stdout


def test_pytest_starts_without_the_sdk_and_the_cdk(python: Path, tmp_path: Path) -> None:
    """A run of tests that have nothing to do with orders pays for one module."""
    printed = run(python, "-c", IMPORTS, folder=tmp_path)
    imported = printed.splitlines()[-1].split()
    assert "_outpost_order_pytest" in imported
    packages = {name.partition(".")[0] for name in imported}
    assert packages.isdisjoint({"aws_cdk", "boto3", "botocore", "outpost_order_fake"})


@pytest.fixture
def server(python: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give the environment in which a program of any language reaches a server."""
    command = [str(python), "-m", "outpost_order_fake"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        [setting] = [next(line for line in lines if line.startswith("export "))]
        name, _, url = setting.removeprefix("export ").strip().partition("=")
        yield {name: url, **KEYS}
        process.terminate()


def _shown(title: str) -> str:
    [block] = [each for each in blocks_of("docs/testing.md") if each.title == title]
    return block.text


def test_curl_places_the_order_of_the_page(server: dict[str, str], tmp_path: Path) -> None:
    """A request needs no signature."""
    if not shutil.which("curl"):
        pytest.skip("this machine has no curl")
    printed = run("sh", "-c", _shown("curl"), folder=tmp_path, **server)
    assert json.loads(printed[printed.index("{") :])["Order"]["Status"] == "PREPARING"


def test_the_aws_cli_places_the_order_of_the_page(
    server: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The AWS CLI finds the server in the environment."""
    folder = tmp_path_factory.mktemp("aws")
    run(UV, "venv", "--quiet", "environment", "--python", sys.executable, folder=folder)
    run(UV, "pip", "install", "--quiet", "--python", "environment", "awscli", folder=folder)
    path = os.pathsep.join([str(folder / "environment" / "bin"), os.environ["PATH"]])
    printed = run("sh", "-c", _shown("The AWS CLI"), folder=folder, PATH=path, **server)
    assert json.loads(printed)["Order"]["LineItems"][0]["Quantity"] == 2
