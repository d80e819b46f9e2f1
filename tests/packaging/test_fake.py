import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.conftest import run

ORDER = (
    *("create-order", "--outpost-identifier", "op-0123456789abcdef0"),
    *("--line-items", "CatalogItemId=OR-ABCDEFG,Quantity=2", "--payment-option", "ALL_UPFRONT"),
)


@pytest.fixture(scope="module")
def aws_cli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the AWS CLI into an environment of its own."""
    folder, uv = tmp_path_factory.mktemp("aws-cli"), Path(sys.executable).with_name("uv")
    run(uv, "venv", "--quiet", "environment", "--python", sys.executable, folder=folder)
    run(uv, "pip", "install", "--quiet", "--python", "environment", "awscli", folder=folder)
    return folder / "environment" / "bin" / "aws"


@pytest.fixture
def url(programs: Path) -> Iterator[str]:
    """Serve the fake from the environment that has only the wheel."""
    command = [str(programs / "python"), "-I", "-m", "outpost_order_fake"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[2]
        server.terminate()


def test_the_aws_cli_places_an_order(aws_cli: Path, url: str, tmp_path: Path) -> None:
    """In its own account and Region, without a line of code."""
    environment = {
        "AWS_ACCESS_KEY_ID": "111122223333",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL_OUTPOSTS": url,
        "NO_PROXY": "127.0.0.1",
    }

    def outposts(*arguments: str) -> dict[str, list[dict[str, str]]]:
        printed = run(aws_cli, "outposts", *arguments, folder=tmp_path, **environment)
        answer: dict[str, list[dict[str, str]]] = json.loads(printed)
        return answer

    outposts(*ORDER, "--region", "eu-west-1")
    [order] = outposts("list-orders", "--region", "eu-west-1")["Orders"]
    assert order["Status"] == "PREPARING"
    assert outposts("list-orders", "--region", "us-west-2")["Orders"] == []
