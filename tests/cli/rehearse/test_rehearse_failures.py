"""Failures, faults, and what follows them, as `outpost-order rehearse` shows them."""

import json
import sys
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
    synthesized,
)

FAILING = f"{sys.executable} {APPS / 'failing.py'}"
SLOW = (
    "ConfirmationTooOld",
    "ConnectTimeoutError",
    "InternalServerException",
    "NotConfirmed",
)
"""The failures for which the function waits half a minute."""
AFTER_FAULTS: dict[str, tuple[int, list[str]]] = {
    "hang": (1, []),
    "late": (1, ["ConnectionClosedError"]),
    "lost-answer": (1, ["ConnectionClosedError"]),
    "reset": (1, ["ConnectionClosedError", "OutcomeUnknown"]),
    "throttle": (2, ["TooManyRequestsException"]),
}
"""The CreateOrder requests and the failures of a fault and the deployment after it."""


def _declared(name: str) -> str:
    return f"{name}:{FAILURES[name].need.name}"


def _as_its_name_says(name: str) -> tuple[str, str]:
    return (f"--fail=PO-{name}={name}", f"--expect=PO-{name}={name}")


def _printed(*arguments: str, temporary: Path) -> tuple[int, str]:
    with rehearsal(*arguments, temporary=temporary) as process:
        text, _ = process.communicate(timeout=SECONDS)
    return process.returncode, text


def test_each_name_of_the_failure_table_can_be_rehearsed() -> None:
    """And each exception that the API documents, and each fault is tested below."""
    assert set(FAILURES) == {*REASONS, *DOCUMENTED}
    assert set(FAULTS) == set(AFTER_FAULTS)


def test_each_failure_is_rehearsed(tmp_path: Path) -> None:
    """The deployment, or the update, fails with the name that was asked for."""
    quick = [name for name in FAILURES if name not in SLOW]
    orders = " ".join(map(_declared, quick))
    options = [option for name in quick for option in _as_its_name_says(name)]
    exit_code, document = rehearsed(
        *("--app", FAILING, "--env", f"ORDERS={orders}", *options), folder=tmp_path
    )
    failures = {each["order_name"]: each["name"] for each in document["failures"]}
    assert failures == {f"PO-{name}": name for name in quick}
    assert exit_code == 0, document["problems"]
    bought = {each["order_name"] for each in document["orders"] if each["order_id"]}
    assert bought == {"PO-NotUpdatable"}


def test_each_slow_rehearsal_ends_as_it_should(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """Those in which the function waits half a minute run side by side."""
    simple = ("--app", synthesized("kinds.py", tmp_path / "simple", APP_KIND="explicit"))
    orders = " ".join(map(_declared, SLOW))
    failing = ("--app", synthesized("failing.py", tmp_path / "failing", ORDERS=orders))
    runs: dict[str, tuple[str, ...]] = {"story": (*simple, "--story=lost-answer")}
    for name in AFTER_FAULTS:
        runs[name] = (*simple, "--json", f"--fault={name}", "--then=redeploy")
    for name in SLOW:
        runs[name] = (name, *failing, *_as_its_name_says(name))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    ended = all_rehearsed(runs, temporary)
    for name in SLOW:
        with subtests.test(name):
            _require_failure(name, *ended[name])
    for name in AFTER_FAULTS:
        with subtests.test(name):
            _require_one_order(name, *ended[name])
    with subtests.test("story"):
        _require_story(*ended["story"])


def _require_failure(name: str, exit_code: int, text: str) -> None:
    assert exit_code == 0, text
    assert f"PO-{name}: " in text
    assert f"({name}): " in text


def _require_one_order(fault: str, exit_code: int, text: str) -> None:
    """The next deployment joins the order that was placed; without one, it stays unknown."""
    document = json.loads(text)
    requests, failures = AFTER_FAULTS[fault]
    assert len(document["create_order_requests"]) == requests
    assert [each["name"] for each in document["failures"]] == failures
    if fault == "reset":
        assert exit_code == 1
        verdict = "Buys nothing; 1 change will fail. The outcome of PO-1 is unknown."
        assert document["verdict"] == verdict
    else:
        assert exit_code == 0, text
        assert len(document["orders_in_force"]) == 1


def _require_story(exit_code: int, text: str) -> None:
    """Each command of the operator is shown, with its exit code."""
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
