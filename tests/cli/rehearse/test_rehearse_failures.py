"""Failures, faults, and what follows them, as `outpost-order rehearse` shows them."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from outpost_order_cli.rehearse.drills import FAILURES, FAULTS
from outpost_order_fake import DOCUMENTED
from outpost_order_handler.failures import REASONS
from tests.cli.rehearse.running import (
    APPS,
    SECONDS,
    all_rehearsed,
    of_kind,
    rehearsal,
    rehearsed,
)

FAILING = f"{sys.executable} {APPS / 'failing.py'}"
SLOW = (
    "ConfirmationTooOld",
    "ConnectTimeoutError",
    "InternalServerException",
    "NotConfirmed",
)
"""The failures for which the function waits half a minute."""
OF_UPDATES = {name for name, drill in FAILURES.items() if drill.is_seen_by_update}


def _failing(names: Iterable[str]) -> list[str]:
    """Return the options for an app in which each order fails as its name says."""
    orders = " ".join(f"{name}:{FAILURES[name].need.name}" for name in names)
    failures = [f"PO-{name}={name}" for name in names]
    return [
        *("--app", FAILING, "--env", f"ORDERS={orders}"),
        *(f"--fail={each}" for each in failures),
        *(f"--expect={each}" for each in failures),
    ]


def _printed(*arguments: str, temporary: Path) -> tuple[int, str]:
    with rehearsal(*arguments, temporary=temporary) as process:
        text, _ = process.communicate(timeout=SECONDS)
    return process.returncode, text


def test_each_name_of_the_failure_table_can_be_rehearsed() -> None:
    """And each exception that the API documents."""
    assert set(FAILURES) == {*REASONS, *DOCUMENTED}


def test_each_failure_is_rehearsed(tmp_path: Path) -> None:
    """The deployment, or the update, fails with the name that was asked for."""
    quick = [name for name in FAILURES if name not in SLOW]
    exit_code, document = rehearsed(*_failing(quick), folder=tmp_path)
    failures = {each["order_name"]: each["name"] for each in document["failures"]}
    assert failures == {f"PO-{name}": name for name in quick}
    assert exit_code == 0, document["problems"]
    bought = {each["order_name"] for each in document["orders"] if each["order_id"]}
    assert bought == {"PO-NotUpdatable"}


def test_each_slow_failure_and_fault_is_rehearsed(tmp_path: Path) -> None:
    """A fault can end well, and a later deployment joins the order that it placed."""
    later = ("--then", "redeploy")
    faults = {name: (*of_kind("explicit"), f"--fault={name}", *later) for name in FAULTS}
    failures = {name: _failing([name]) for name in SLOW}
    runs: dict[str, Sequence[str]] = {**faults, **failures}
    found = all_rehearsed(runs, tmp_path)
    assert {name: found[name][0] for name in SLOW} == dict.fromkeys(SLOW, 0)
    sent = {name: len(found[name][1]["create_order_requests"]) for name in FAULTS}
    assert sent == {"hang": 1, "late": 1, "lost-answer": 1, "reset": 1, "throttle": 2}
    failed = {name: [f["name"] for f in found[name][1]["failures"]] for name in FAULTS}
    assert failed == {
        "hang": [],
        "late": ["ConnectionClosedError"],
        "lost-answer": ["ConnectionClosedError"],
        "reset": ["ConnectionClosedError", "OutcomeUnknown"],
        "throttle": ["TooManyRequestsException"],
    }
    exit_codes = {name: found[name][0] for name in FAULTS}
    assert exit_codes == {name: int(name == "reset") for name in FAULTS}
    verdict = "Buys nothing; 1 change will fail. The outcome of PO-1 is unknown."
    assert found["reset"][1]["verdict"] == verdict


def test_the_story_of_a_lost_answer_ends_with_one_order(tmp_path: Path) -> None:
    """Each command of the operator is shown, with its exit code."""
    exit_code, text = _printed("--story=lost-answer", *of_kind("explicit"), temporary=tmp_path)
    assert exit_code == 0
    steps = [line for line in text.splitlines() if "$ outpost-order reconcile PO-1 " in line]
    assert [line.split()[-1] for line in steps] == ["3", "0"]
    assert "Recorded: PO-1 is oo-" in text
    assert "received 1 CreateOrder request; 1 order is in force." in text
    assert text.endswith("Buys 1 order: the price isn't stated.\n")


def test_nothing_that_follows_buys_again(tmp_path: Path) -> None:
    """Whatever is done with the stacks, the order remains, and it stays the only one."""
    operations = ("update", "rollback", "redeploy", "move", "destroy")
    report = tmp_path / "report"
    report.mkdir()
    then = [f"--then={each}" for each in operations]
    with rehearsal(
        *("--json", *of_kind("nested"), *of_kind("explicit"), *then),
        *("--junit", str(report / "junit.xml")),
        temporary=report,
    ) as process:
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    suite = ET.parse(report / "junit.xml").getroot()  # noqa: S314 (our own file)
    assert suite.attrib["failures"] == "0"
    cases = [each.attrib["classname"] for each in suite]
    assert cases == ["deploy", *operations, "rehearse"]


def test_a_failure_that_does_not_happen_is_an_error(tmp_path: Path) -> None:
    """So is one that wasn't expected."""
    expected = ("--fail=ConflictException", "--expect=QuoteUsed")
    exit_code, text = _printed(*expected, *of_kind("explicit"), temporary=tmp_path)
    assert exit_code == 1
    assert "Expected and didn't happen: PO-1=QuoteUsed" in text
    assert "Happened and wasn't expected: PO-1=ConflictException" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fail=ConflictExeption",), "Did you mean ConflictException?"),
        (("--fault=PO-1=slow",), "Allowed: hang, late, lost-answer, reset, throttle."),
        (("--story=lost-answer", "--then=destroy"), "remove --fail, --fault, and --then"),
        (("--cdk", "--then=move"), "--then move changes templates"),
        (("--fail=PO-1=QuoteUsed", "--fault=PO-1=hang"), "PO-1 can have one of"),
    ],
)
def test_options_that_cannot_be_used_are_explained(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    """Before anything starts."""
    exit_code, text = _printed(*arguments, temporary=tmp_path)
    assert exit_code == 2
    assert message in " ".join(text.split())
    assert "1. start" not in text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("PO-2=ConflictException", "The app has no order 'PO-2'. Its orders: PO-1."),
        ("QuoteUsed", "QuoteUsed needs an order from a quote without adopt_order_id; PO-1 is none"),
    ],
)
def test_an_order_that_cannot_fail_so_is_refused(given: str, message: str, tmp_path: Path) -> None:
    """Nothing is deployed."""
    exit_code, text = _printed("--fail", given, *of_kind("explicit"), temporary=tmp_path)
    assert exit_code == 2
    assert message in " ".join(text.split())
    assert "deploy Berlin" not in text
