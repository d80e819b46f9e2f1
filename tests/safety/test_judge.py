"""Each invariant is broken by a history made by hand, and by that one alone where it can be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.safety.history import (
    CANCELLED,
    Answer,
    Answered,
    Asked,
    Became,
    CancelSent,
    Entry,
    Fate,
    History,
    Look,
    Order,
    Raised,
    Request,
    Sent,
    Wrote,
)
from tests.safety.judge import INVARIANTS, judge
from tests.safety.scheduler import START
from tests.safety.world.actions import OUTPOST, rack

FIRST, SECOND = "oo-00000000000000001", "oo-00000000000000002"
CREATE = Request("C1", "Create", "A/1", "Rack", rack().properties, asked_at=START)
AGAIN = replace(CREATE, request_id="C2", stack="A/2")
OTHER = Request("C3", "Create", "B/1", "Rack", rack("PO-2").properties, asked_at=START)
LOOK = Look(START, "CREATE_IN_PROGRESS", "PO-1", CREATE.content)


def _placed(request: Request, order_id: str, **sent: Any) -> list[Entry]:  # noqa: ANN401
    look = replace(LOOK, order_name=request.order_name)
    post = Sent(request, "", START, Fate.MADE, order_id, look=look)
    order = Order(order_id, request.properties, START, request.request_id, request.order_name)
    return [replace(post, **sent), Became(order, request.request_id)]


def _wrote(**records: Mapping[str, Any]) -> Wrote:
    items = {key.replace("__", "#").replace("_", "-"): value for key, value in records.items()}
    wrapped = {
        key: {name: {"S": value} for name, value in item.items()} for key, item in items.items()
    }
    return Wrote("outpost-orders", wrapped)


def _success(request: Request, order_id: str) -> Answered:
    return Answered(request, Answer(order_id))


CONTENT = {
    "OutpostId": OUTPOST,
    "LineItems": [["OR-ABCDEFG", "2"]],
    "OptionId": "",
    "PaymentOption": "NO_UPFRONT",
    "PaymentTerm": "",
}
DOUBT: Mapping[str, Any] = {
    "State": "SUBMITTING",
    "Attempt": {
        "StartedAt": START.isoformat(),
        "SenderEnd": (START + timedelta(minutes=4)).isoformat(),
        "Baseline": [],
    },
    "Request": {"Content": CONTENT},
}
LOCK: Mapping[str, Any] = {"Attempts": {"PO-1": CONTENT}, "Orders": {}}
PLACED: Mapping[str, Any] = {"State": "PLACED", "OrderId": FIRST}
UPDATE = replace(CREATE, request_id="U1", kind="Update", old_properties=CREATE.properties)
DELETE = replace(CREATE, request_id="D1", kind="Delete")
GONE = Order(FIRST, CREATE.properties, START, "C1", "PO-1", CANCELLED)
NEVER_SENT = "NotStabilized (NoTimeLeft): nothing was ordered"

GOOD: list[Entry] = [Asked(CREATE), *_placed(CREATE, FIRST), _success(CREATE, FIRST)]
BAD: dict[int, list[Entry]] = {
    1: [*_placed(CREATE, FIRST), Became(GONE, "D1"), *_placed(AGAIN, SECOND)],
    2: [_placed(CREATE, "", fate=Fate.LOST)[0], *_placed(AGAIN, FIRST)],
    3: [*GOOD, Asked(UPDATE)],
    4: [Asked(CREATE), _success(CREATE, FIRST)],
    5: [_wrote(order__PO_1=PLACED, order__PO_2=PLACED)],
    6: [_wrote(order__PO_1=DOUBT)],
    7: [Asked(CREATE), Answered(CREATE, Answer("PO-1", NEVER_SENT))],
    8: [*_placed(CREATE, FIRST), _wrote(order__PO_1=DOUBT, **{f"outpost__{OUTPOST}": LOCK})],
    9: [Asked(DELETE), CancelSent(FIRST, "D1"), Answered(DELETE, Answer(FIRST))],
    10: [*GOOD, Asked(UPDATE), Answered(UPDATE, Answer(FIRST, "nothing was bought"))],
    11: [*_placed(CREATE, FIRST), *_placed(OTHER, SECOND, listed=frozenset({FIRST}))],
    12: _placed(CREATE, FIRST, at=START + timedelta(seconds=31)),
}


@pytest.mark.parametrize("number", INVARIANTS)
def test_an_invariant_can_be_broken(number: int) -> None:
    """An invariant that can't fail proves nothing."""
    assert {violation.invariant for violation in judge(History(BAD[number]))} == {number}


def test_a_good_history_breaks_nothing() -> None:
    """One order, one request, one true answer."""
    assert judge(History(GOOD)) == []


@pytest.mark.parametrize(
    "look", [None, replace(LOOK, status="ROLLBACK_IN_PROGRESS"), replace(LOOK, order_name="PO-9")]
)
def test_only_a_creation_of_this_order_is_a_confirmation(look: Look | None) -> None:
    """CloudFormation must have said that it was creating this resource, for this order."""
    broken = judge(History(_placed(CREATE, FIRST, look=look)))
    assert [violation.invariant for violation in broken] == [12]


@pytest.mark.parametrize(("events", "broken"), [([], {4}), ([Became(GONE, "an operator")], set())])
def test_only_an_order_that_was_cancelled_is_answered_as_cancelled(
    events: list[Entry], broken: set[int]
) -> None:
    """A copy of an unknown Create can learn that its order was found, and cancelled since."""
    said = f"AlreadyExists: {FIRST} of PO-1 was cancelled, and no other order was placed."
    history = [Asked(CREATE), *_placed(CREATE, FIRST), *events]
    answered = Answered(CREATE, Answer("PO-1", said))
    assert {each.invariant for each in judge(History([*history, answered], faults=1))} == broken


@pytest.mark.parametrize("reason", ["Execution timed out", NEVER_SENT])
def test_answers_are_of_three_kinds_and_agree(reason: str) -> None:
    """After SUCCESS, no answer to the same request says something else."""
    broken = judge(History([*GOOD, Answered(CREATE, Answer("PO-1", reason))]))
    assert 3 in {violation.invariant for violation in broken}


LOST = {"fate": Fate.LOST, "response_arrived": False}
LATER = START + timedelta(days=1)


@pytest.mark.parametrize(
    ("whose", "at", "is_lost", "broken"),
    [
        ("", START, True, set()),
        ("PO-2", START, True, {5}),
        ("", LATER, True, {5}),
        ("", START, False, {5}),
    ],
)
def test_only_a_person_s_order_can_displace_the_order_of_a_name(
    whose: str,
    at: datetime,
    is_lost: bool,  # noqa: FBT001 (pytest passes it by name)
    broken: set[int],
) -> None:
    """If PO-2's response is lost, it can get a person's order, and PO-1 that of PO-2."""
    second = _placed(OTHER, SECOND, response_arrived=not is_lost)
    history: list[Entry] = [
        second[0],
        _wrote(order__PO_2=DOUBT, **{f"outpost__{OUTPOST}": {**LOCK, "Attempts": {"PO-2": ""}}}),
        Became(Order(FIRST, OTHER.properties, at, "", whose), "a person elsewhere"),
        _wrote(order__PO_2=PLACED, **{f"outpost__{OUTPOST}": {"Attempts": {}, "Orders": {}}}),
        _placed(CREATE, "", **LOST)[0],
        _wrote(order__PO_1=DOUBT, order__PO_2=PLACED, **{f"outpost__{OUTPOST}": LOCK}),
        second[1],
        _wrote(
            order__PO_1={**PLACED, "OrderId": SECOND},
            order__PO_2=PLACED,
            **{f"outpost__{OUTPOST}": {"Attempts": {}, "Orders": {SECOND: "PO-1", FIRST: "PO-2"}}},
        ),
    ]
    assert {each.invariant for each in judge(History(history, faults=1))} - {1} == broken


@pytest.mark.parametrize(("at", "broken"), [(START, set()), (LATER, {4})])
def test_only_evidence_is_taken_for_a_name_s_order(at: datetime, broken: set[int]) -> None:
    """A person's order of another time didn't look like the order of a lost response."""
    history: list[Entry] = [
        Asked(CREATE),
        _placed(CREATE, "", **LOST)[0],
        _wrote(order__PO_1=DOUBT, **{f"outpost__{OUTPOST}": LOCK}),
        Became(Order(FIRST, CREATE.properties, at), "a person elsewhere"),
        _wrote(order__PO_1=PLACED, **{f"outpost__{OUTPOST}": {"Attempts": {}, "Orders": {}}}),
        _success(CREATE, FIRST),
    ]
    assert {each.invariant for each in judge(History(history, faults=1))} == broken


def test_an_unexpected_error_is_no_answer() -> None:
    """A run that raises leaves its request without an answer, even if a later run answers."""
    broken = judge(History([Asked(CREATE), Raised(CREATE, "KeyError()"), *GOOD[1:]], faults=1))
    assert [violation.invariant for violation in broken] == [3]


def test_unknown_contradicts_nothing() -> None:
    """A copy of a request can learn later what became of the order."""
    unknown = "NetworkFailure (ReadTimeoutError): outcome unknown"
    history = [Asked(CREATE), *_placed(CREATE, FIRST), Answered(CREATE, Answer("PO-1", unknown))]
    assert judge(History([*history, _success(CREATE, FIRST)], faults=1)) == []
