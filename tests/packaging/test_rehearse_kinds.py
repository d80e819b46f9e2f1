"""Rehearsals as a user has them: outside the repository, with only the wheel.

The app runs in its own environment, and `outpost-order` in another one, which has the extra and no
CDK.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.conftest import PROJECT, install, pinned_versions

SECONDS = 300
KINDS = PROJECT / "tests/cli/rehearse/apps"
PLACE = "account=111122223333:{}region=eu-central-1"
CONTEXT = {
    f"availability-zones:{PLACE.format('')}": ["eu-central-1a", "eu-central-1b"],
    f"vpc-provider:{PLACE.format('filter.isDefault=true:')}:returnAsymmetricSubnets=true": {
        "vpcId": "vpc-0123456789abcdef0",
        "vpcCidrBlock": "172.31.0.0/16",
        "ownerAccountId": "111122223333",
        "availabilityZones": [],
        "subnetGroups": [],
    },
}
INSTALLED = ("outpost-order",)
WITHOUT_NETWORK = """
import threading
from outpost_order_cli.app import main
from outpost_order_rehearsal.namespace import seal

if not seal():
    raise SystemExit("not permitted")
threading.Thread(target=threading.Event().wait, daemon=True).start()
main()
"""
"""The command in a network without routes, with a thread, so that it can't seal itself."""

Document = dict[str, Any]
Rehearse = Callable[..., Document]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Give a folder with copies of the apps."""
    folder = tmp_path / "app"
    for source in (KINDS, PROJECT / "examples"):
        shutil.copytree(
            source, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    return folder


@pytest.fixture(scope="module")
def of_app(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into the environment of the app, and give the folder of its programs."""
    return install(wheel, tmp_path_factory.mktemp("app"), sys.executable, pinned_versions())


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Give a folder with Node, which the CDK library needs, and with nothing of the project."""
    folder = tmp_path / "node"
    folder.mkdir()
    (folder / "node").symlink_to(Path(sys.executable).with_name("node"))
    return folder


@pytest.fixture(scope="module")
def is_sealable() -> bool:
    """Return whether the kernel permits a process a network of its own."""
    command = "from outpost_order_rehearsal.namespace import seal; print(seal())"
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True)
    return done.stdout == b"True\n"


@pytest.fixture
def rehearse(
    of_app: Path, rehearser: Path, node: Path, app: Path, tmp_path: Path, *, is_sealable: bool
) -> Rehearse:
    """Give a function that rehearses an app, and checks that everything was as predicted."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "VIRTUAL_ENV") and not name.startswith("AWS_")
    }
    path = os.pathsep.join(map(str, (of_app, node, os.defpath)))
    environment |= {"PATH": path, "VIRTUAL_ENV": str(of_app.parent)}

    def rehearse(program: str, kind: str = "", command: tuple[str, ...] = INSTALLED) -> Document:
        (app / "cdk.json").write_text(json.dumps({"app": f"python {program}"}))
        done = subprocess.run(
            [rehearser / command[0], *command[1:], "rehearse", "--json", "--env", "APP_KIND"],
            cwd=app,
            env={**environment, "APP_KIND": kind, "TMPDIR": str(temporary)},
            check=False,
            timeout=SECONDS,
            capture_output=True,
            text=True,
        )
        if done.stderr == "not permitted\n":
            pytest.skip("the kernel permits no network of its own here")
        assert done.returncode == 0, done.stdout + done.stderr
        assert list(temporary.iterdir()) == []
        document: Document = json.loads(done.stdout)
        # The network of a sealed rehearsal has no routes.
        assert document["sealed"] == (is_sealable and command == INSTALLED)
        assert document["is_as_predicted"]
        assert {each["status"] for each in document["stacks"]} == {"CREATE_COMPLETE"}
        placed = [each["order_id"] for each in document["orders"]]
        assert sorted(placed) == sorted(document["orders_in_force"])
        assert len(document["create_order_requests"]) == len(placed)
        return document

    return rehearse


@pytest.mark.parametrize(
    ("kind", "orders", "stacks"),
    [
        ("explicit", 1, 1),
        ("nested", 1, 1),
        ("assets", 1, 1),
        ("twenty", 20, 20),
    ],
)
def test_an_app_is_rehearsed(kind: str, orders: int, stacks: int, rehearse: Rehearse) -> None:
    """All stacks are deployed, and each order is placed."""
    document = rehearse("kinds.py", kind)
    assert document["verdict"].startswith(f"Buys {orders} order")
    assert (len(document["orders"]), len(document["stacks"])) == (orders, stacks)


@pytest.mark.parametrize(
    ("example", "orders", "stacks", "given"),
    [
        ("site_outpost_order", 1, 1, "AWS::Outposts::Outpost (1): from the Outposts fake"),
        ("order_from_quote", 1, 1, "quote oq-0123456789abcdef0: exists at the price"),
        ("shared_ledger", 2, 3, ""),
    ],
)
def test_an_example_is_rehearsed(
    example: str, orders: int, stacks: int, given: str, rehearse: Rehearse
) -> None:
    """Sites, Outposts and quotes are given, and listed."""
    document = rehearse(f"{example}.py")
    assert (len(document["orders"]), len(document["stacks"])) == (orders, stacks)
    assert given in "\n".join(document["not_rehearsed"])


def test_the_accounts_and_regions_of_stages_are_kept_apart(rehearse: Rehearse) -> None:
    """The same order name in two accounts is two orders."""
    document = rehearse("kinds.py", "stages")
    assert [(each["account"], each["region"]) for each in document["stacks"]] == [
        ("111122223333", "eu-central-1"),
        ("444455556666", "us-west-2"),
    ]
    assert [each["order_name"] for each in document["orders"]] == ["PO-1", "PO-1"]


def test_a_value_of_the_context_is_not_looked_up(app: Path, rehearse: Rehearse) -> None:
    """The VPC that the app looks up is in `cdk.context.json`."""
    (app / "cdk.context.json").write_text(json.dumps(CONTEXT))
    document = rehearse("kinds.py", "lookups")
    assert document["not_rehearsed"]
    assert not [each for each in document["not_rehearsed"] if "looks up" in each]


def test_a_guarded_rehearsal_needs_no_network(rehearse: Rehearse) -> None:
    """The command and its functions use only this machine, also if nothing makes them."""
    document = rehearse("kinds.py", "lookups", ("python", "-c", WITHOUT_NETWORK))
    assert document["hosts_tried"] == {}
