"""`outpost-order rehearse` with apps of all kinds, as a user runs it."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.processes import descendants, from_terminal, left_of

APPS = Path(__file__).with_name("apps")
KINDS = f"{sys.executable} {APPS / 'kinds.py'}"
SECONDS = 300
OUTPOST_ORDER = "from outpost_order_cli.app import main; main()"
GUARDED = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start(); "
"""A process with threads isn't sealed."""


def _rehearsal(
    *arguments: str, program: str = OUTPOST_ORDER, temporary: Path, **environment: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    command = [sys.executable, "-c", program, "rehearse", *arguments]
    return from_terminal(command, {**inherited, "TMPDIR": str(temporary), **environment})


def _document(
    *arguments: str, folder: Path, program: str = OUTPOST_ORDER, **environment: str
) -> tuple[int, dict[str, Any]]:
    with _rehearsal(
        "--json", *arguments, program=program, temporary=folder, **environment
    ) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert text.startswith("{"), text
    assert list(folder.iterdir()) == []
    return process.returncode, json.loads(text)


def _of_kind(kind: str, folder: Path) -> tuple[int, dict[str, Any]]:
    return _document("--app", KINDS, "--env", f"APP_KIND={kind}", folder=folder)


@pytest.mark.parametrize(
    ("kind", "orders", "stacks"),
    [
        ("explicit", 1, 1),
        ("nested", 1, 1),
        ("assets", 1, 1),
        ("twenty", 20, 20),
    ],
)
def test_an_app_is_rehearsed(kind: str, orders: int, stacks: int, tmp_path: Path) -> None:
    """All stacks are deployed, each order is placed once, and review predicts it."""
    _require_rehearsed(*_of_kind(kind, tmp_path), orders, stacks)


def _require_rehearsed(exit_code: int, document: dict[str, Any], orders: int, stacks: int) -> None:
    assert exit_code == 0
    assert document["is_as_predicted"]
    assert document["verdict"].startswith(f"Buys {orders} order")
    assert len(document["create_order_requests"]) == orders
    assert len(document["orders_in_force"]) == orders
    assert sorted(each["order_id"] for each in document["orders"]) == sorted(
        document["orders_in_force"]
    )
    assert [each["status"] for each in document["stacks"]] == ["CREATE_COMPLETE"] * stacks


@pytest.mark.parametrize(
    ("example", "orders", "given"),
    [
        ("site_outpost_order", 1, "AWS::Outposts::Outpost (1): from the Outposts fake"),
        ("order_from_quote", 1, "quote oq-0123456789abcdef0: exists at the price of the template"),
        ("shared_ledger", 2, ""),
    ],
)
def test_an_example_is_rehearsed(example: str, orders: int, given: str, tmp_path: Path) -> None:
    """Sites, Outposts and quotes are given, and listed."""
    app = f"{sys.executable} examples/{example}.py"
    exit_code, document = _document("--app", app, folder=tmp_path)
    assert exit_code == 0
    assert document["is_as_predicted"]
    assert len(document["orders_in_force"]) == orders
    assert given in "\n".join(document["not_rehearsed"])


def test_the_accounts_and_regions_of_stages_are_kept_apart(tmp_path: Path) -> None:
    """The same order name in two accounts is two orders."""
    exit_code, document = _of_kind("stages", tmp_path)
    _require_rehearsed(exit_code, document, 2, 2)
    assert [(each["account"], each["region"]) for each in document["stacks"]] == [
        ("111122223333", "eu-central-1"),
        ("444455556666", "us-west-2"),
    ]
    assert [each["order_name"] for each in document["orders"]] == ["PO-1", "PO-1"]


def test_each_part_that_is_not_rehearsed_is_listed(tmp_path: Path) -> None:
    """A stand-in and a value that is looked up have a line each."""
    exit_code, document = _of_kind("lookups", tmp_path)
    _require_rehearsed(exit_code, document, 1, 1)
    listed = "\n".join(document["not_rehearsed"])
    assert "AWS::EC2::NatGateway (1): a stand-in, which does nothing" in listed
    assert "vpc-provider:account=111122223333" in listed


def test_strict_refuses_what_is_not_rehearsed(tmp_path: Path) -> None:
    """Nothing is deployed then."""
    arguments = ("--strict", "--app", KINDS, "--env", "APP_KIND=lookups")
    with _rehearsal(*arguments, temporary=tmp_path) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "AWS::EC2::NatGateway (1)" in text
    assert "deploy Net" not in text


def test_a_failure_that_review_predicts_is_the_verdict(tmp_path: Path) -> None:
    """The order that is identical to another one fails, and nothing more is bought."""
    exit_code, document = _of_kind("identical", tmp_path)
    assert exit_code == 1
    assert document["is_as_predicted"]
    assert document["verdict"] == "Buys 1 order: the price isn't stated; 1 change will fail."
    assert [each["status"] for each in document["stacks"]] == [
        "CREATE_COMPLETE",
        "ROLLBACK_COMPLETE",
    ]
    failures = [failure for each in document["orders"] for failure in each["failures"]]
    assert len(failures) == 1
    assert "(IdenticalOrderExists)" in failures[0]


def _is_sealable() -> bool:
    command = "from outpost_order_rehearsal.namespace import seal; print(seal())"
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True)
    return done.stdout == b"True\n"


@pytest.mark.parametrize(
    "program", [OUTPOST_ORDER, GUARDED + OUTPOST_ORDER], ids=["sealed", "guarded"]
)
def test_a_hostile_app_reaches_nothing(
    program: str,
    tmp_path: Path,
) -> None:
    """The hosts are named. A raw socket gets out only if the kernel doesn't permit the seal."""
    with socket.create_server(("127.0.0.1", 0)) as real_aws:
        _, document = _document(
            *("--app", f"{sys.executable} {APPS / 'hostile.py'}"),
            *("--env", f"REAL_AWS={real_aws.getsockname()[1]}"),
            folder=tmp_path,
            program=program,
            AWS_PROFILE="production",
            SECRET_TOKEN="secret",  # noqa: S106
        )
        real_aws.settimeout(0.1)
        accepted = 0
        with suppress(TimeoutError):
            real_aws.accept()[0].close()
            accepted = 1
    is_sealed = program == OUTPOST_ORDER and _is_sealable()
    assert document["sealed"] == is_sealed
    assert accepted == (0 if is_sealed else 1)
    assert list(document["hosts_tried"]) == [
        "outposts.us-west-2.amazonaws.com:443",
        "example.com:80",
    ]
    assert [each["name"] for each in document["stacks"]] == ["Secrets"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_it_is_ended(number: signal.Signals, tmp_path: Path) -> None:
    """No process and no file remains, however it ends."""
    arguments = ("--app", "echo begun >&2; sleep 600")
    with _rehearsal(*arguments, temporary=tmp_path) as process:
        assert process.stdout is not None
        assert any("start AWS" in line for line in process.stdout)
        started = descendants(process.pid)
        os.killpg(process.pid, number)
        process.communicate(timeout=SECONDS)
    assert len(started) >= len(("keeper", "server"))
    assert left_of(started) == set()
    assert list(tmp_path.iterdir()) == []
    assert process.returncode == (-number if number is signal.SIGKILL else 128 + number)


def test_the_shell_at_the_end_uses_the_aws_of_the_rehearsal(tmp_path: Path) -> None:
    """An operator can practise in it, and its end is the end of everything."""
    arguments = ("--keep", "--app", KINDS, "--env", "APP_KIND=explicit")
    with _rehearsal(*arguments, temporary=tmp_path, SHELL="/bin/sh") as process:
        text, _ = process.communicate("outpost-order list\n", timeout=SECONDS)
    assert process.returncode == 0
    verdict, _, listed = text.partition("Buys 1 order: the price isn't stated.\n")
    assert "PO-1 -> oo-" in verdict
    assert "PO-1" in listed
    assert list(tmp_path.iterdir()) == []


def test_a_stack_that_the_app_lacks_is_named(tmp_path: Path) -> None:
    """The message has the stacks that there are."""
    arguments = ("Munich", "--app", KINDS, "--env", "APP_KIND=explicit")
    with _rehearsal(*arguments, temporary=tmp_path) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert "The app has no stack 'Munich'. Its stacks: Berlin." in text


def test_an_app_that_fails_shows_its_own_words(tmp_path: Path) -> None:
    """The exit code and the output are in the message."""
    with _rehearsal("--app", "echo no such site; exit 7", temporary=tmp_path) as process:
        text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "ended with exit code 7" in text
    assert "no such site" in text


def test_ctrl_c_ends_a_command_of_the_shell(tmp_path: Path) -> None:
    """The rehearsal survives it, and the commands don't ignore it."""
    shown = "python -c 'import signal; print(signal.getsignal(signal.SIGINT))'\n"
    arguments = ("--keep", "--app", KINDS, "--env", "APP_KIND=explicit")
    with _rehearsal(*arguments, temporary=tmp_path, SHELL="/bin/sh") as process:
        text, _ = process.communicate(shown, timeout=SECONDS)
    assert "default_int_handler" in text
