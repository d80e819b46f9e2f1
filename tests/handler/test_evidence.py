"""The outcome of an attempt: the sender's response, or evidence after the sender's end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.clock import Clock
from outpost_order_handler.cloudformation.event import parse
from outpost_order_handler.ledger.records import State
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import RequestContext, Services
from outpost_order_handler.placement.evidence import strangers
from outpost_order_handler.stacks import Stacks
from tests.fakes.cloudformation import FakeCloudFormation, Response
from tests.handler.conftest import (
    LIMIT,
    NAME,
    OTHER_STACK,
    OUTPOST_ID,
    PROPERTIES,
    RE_CREATED_STACK,
    RECONCILE,
    UNKNOWN,
    Context,
    Deliver,
    Invoke,
    Time,
    make_identical_order,
)

FAILS = Fault.status(500)
FAILS_APPLIED = Fault.status(500, applied=True)
FAILS_APPLIED_LATE = Fault.status(500, applied="late")
A_ROLLBACK = 60.0  # seconds, until the next deployment begins
OTHER_ORDER = PROPERTIES | {"OrderName": "PO-4712", "PaymentOption": "ALL_UPFRONT"}


def assert_unknown(response: Response) -> None:
    assert (response.status, response.physical_id) == ("FAILED", NAME)
    assert f": {UNKNOWN}. Before you deploy again, {RECONCILE}" in response.reason


@pytest.fixture
def unresolved(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Leave PO-4711 with an unknown outcome, and no order."""
    outposts.fail("CreateOrder", FAILS)
    assert_unknown(invoke("Create"))


# The sender itself


def test_an_order_without_a_response_is_found(
    outposts: FakeOutposts, invoke: Invoke, ledger: Ledger
) -> None:
    """The response was lost, and the Outpost's new order is the evidence."""
    make_identical_order(outposts, payment_option="ALL_UPFRONT")
    outposts.fail("CreateOrder", FAILS_APPLIED)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("SUCCESS", outposts.orders[-1]["OrderId"])
    assert response.data["OrderId"] == response.physical_id
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    assert (order.state, order.order_id) == (State.PLACED, response.physical_id)
    assert (outpost.attempts, outpost.orders) == ({}, {response.physical_id: NAME})
    assert len(outposts.posts) == 1


def test_an_order_on_a_later_page_is_found(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Every page is read."""
    outposts.page_size = 2
    for _ in range(5):
        make_identical_order(outposts, payment_option="ALL_UPFRONT")
    outposts.fail("CreateOrder", FAILS_APPLIED)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("SUCCESS", outposts.orders[-1]["OrderId"])


def test_an_order_that_the_list_shows_later_is_found(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A list can be stale: it is searched again for half a minute."""
    outposts.list_lag = 4
    outposts.fail("CreateOrder", FAILS_APPLIED)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("SUCCESS", outposts.orders[0]["OrderId"])


def test_an_empty_list_proves_nothing(
    outposts: FakeOutposts, invoke: Invoke, ledger: Ledger, time: Time
) -> None:
    """After half a minute the outcome is unknown, although the order exists."""
    outposts.list_lag = 50
    outposts.fail("CreateOrder", FAILS_APPLIED)
    assert_unknown(invoke("Create"))
    assert 20 <= time.passed <= 35
    assert ledger.record(NAME).state == State.SUBMITTING
    assert len(outposts.orders) == len(outposts.posts) == 1


def test_the_reason_has_the_command_to_run(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The reason also has the Outpost that the order might have been placed on."""
    outposts.fail("CreateOrder", Fault.refusal("InternalServerException"))
    assert invoke("Create").reason == (
        f"ServiceInternalError (InternalServerException): {UNKNOWN}. "
        f"Before you deploy again, {RECONCILE}"
    )


def test_the_response_decides(outposts: FakeOutposts, invoke: Invoke, ledger: Ledger) -> None:
    """A refusal is proof: an identical order that appears at this moment is another's."""
    outposts.fail("CreateOrder", Fault.refusal("ValidationException", applied=True))
    assert "nothing was ordered" in invoke("Create").reason
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    assert (order.state, order.order_id) == (State.NOT_PLACED, "")
    assert (outpost.attempts, outpost.orders) == ({}, {})


def test_a_response_with_the_order_of_another_name_is_unknown(
    outposts: FakeOutposts, invoke: Invoke, ledger: Ledger
) -> None:
    """No order belongs to two names, even if the service says so; and the search ends."""
    other_id = invoke("Create", OTHER_ORDER, LogicalResourceId="Spare").physical_id
    outposts.fail("CreateOrder", Fault.reply(f'{{"Order": {{"OrderId": "{other_id}"}}}}'))
    assert_unknown(invoke("Create"))
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    assert (order.state, outpost.orders) == (State.SUBMITTING, {other_id: "PO-4712"})
    assert len(outposts.posts) == 2


# Others, after the sender's end


@pytest.fixture
def at_the_senders_end(ledger: Ledger, time: Time) -> Callable[[float], None]:
    """Give what lets the time pass until some seconds after the sender's end."""

    def let_pass(seconds: float) -> None:
        attempt = ledger.record(NAME).attempt
        assert attempt is not None
        until_end = attempt.sender_end - time.now(UTC)
        time.passed += until_end.total_seconds() + seconds

    return let_pass


@pytest.mark.parametrize(("seconds", "waits"), [(-60, 14), (7, 1), (11, 0)])
def test_nothing_is_concluded_before_the_sender_has_ended(
    *,
    seconds: float,
    waits: int,
    outposts: FakeOutposts,
    cloudformation: FakeCloudFormation,
    invoke: Invoke,
    deliver: Deliver,
    time: Time,
    at_the_senders_end: Callable[[float], None],
) -> None:
    """The sender's response might still arrive, and two clocks can differ by ten seconds."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    invoke("Create")
    outposts.apply_late()
    at_the_senders_end(seconds)
    event = cloudformation.event("Create", PROPERTIES, StackId=RE_CREATED_STACK)
    time.waits.clear()
    assert deliver(event, Context(time)).status == "SUCCESS"
    assert time.waits == [5.0] * waits
    assert len(outposts.posts) == 1


def test_without_time_to_wait_for_the_senders_end_it_is_unknown(
    outposts: FakeOutposts,
    cloudformation: FakeCloudFormation,
    invoke: Invoke,
    deliver: Deliver,
    time: Time,
) -> None:
    """The order shows already, and the sender might still have a response."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    invoke("Create")
    outposts.apply_late()
    event = cloudformation.event("Create", PROPERTIES, StackId=RE_CREATED_STACK)
    assert_unknown(deliver(event, Context(time, limit=60)))
    assert len(outposts.posts) == 1


def test_the_senders_end_is_waited_for(
    outposts: FakeOutposts, invoke: Invoke, ledger: Ledger, time: Time
) -> None:
    """The next deployment begins at once, and has the order as soon as it can be sure."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    assert_unknown(invoke("Create"))
    [order] = outposts.apply_late()
    attempt = ledger.record(NAME).attempt
    time.passed += A_ROLLBACK
    response = invoke("Create", StackId=RE_CREATED_STACK)
    assert (response.status, response.physical_id) == ("SUCCESS", order["OrderId"])
    assert attempt is not None
    assert time.now(UTC) >= attempt.sender_end + timedelta(seconds=10)
    assert len(outposts.posts) == 1


@pytest.mark.usefixtures("unresolved")
@pytest.mark.parametrize(
    "changes", [{}, {"InAdditionTo": ["PO-4712"]}, {"PaymentTerm": "ONE_YEAR"}], ids=str
)
def test_an_unresolved_name_is_not_sent_again(
    changes: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A re-created stack or a corrected template sends nothing before the name is resolved."""
    assert_unknown(invoke("Create", PROPERTIES | changes, StackId=RE_CREATED_STACK))
    assert len(outposts.posts) == 1


def test_evidence_of_other_content_is_the_names_order_all_the_same(
    outposts: FakeOutposts, invoke: Invoke, ledger: Ledger, time: Time
) -> None:
    """The first request is resolved, and then the second one asks for something else."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    invoke("Create")
    [order] = outposts.apply_late()
    time.passed += A_ROLLBACK
    response = invoke("Create", PROPERTIES | {"PaymentTerm": "ONE_YEAR"}, StackId=RE_CREATED_STACK)
    assert f"PO-4711 has {order['OrderId']}, which differs in PaymentTerm" in response.reason
    assert ledger.record(NAME).order_id == order["OrderId"]
    assert len(outposts.posts) == 1


def test_the_outpost_has_no_attempt_after_it_is_resolved(
    outposts: FakeOutposts, invoke: Invoke, ledger: Ledger, time: Time
) -> None:
    """The record lists an unresolved attempt exactly as long as it is unresolved."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    invoke("Create")
    assert list(ledger.read(NAME, OUTPOST_ID)[1].attempts) == [NAME]
    outposts.apply_late()
    time.passed += A_ROLLBACK
    invoke("Create", StackId=RE_CREATED_STACK)
    assert ledger.read(NAME, OUTPOST_ID)[1].attempts == {}


# Evidence

IN_TIME = [timedelta(seconds=-50), timedelta(minutes=3), timedelta(minutes=8, seconds=50)]
OUT_OF_TIME = [timedelta(seconds=-70), timedelta(days=-30), timedelta(minutes=10)]


@pytest.mark.usefixtures("unresolved")
@pytest.mark.parametrize("away", IN_TIME, ids=str)
def test_an_order_of_the_attempts_time_is_evidence(
    away: timedelta, outposts: FakeOutposts, invoke: Invoke, time: Time
) -> None:
    """From one minute before the attempt to five minutes after its sender's end."""
    order_id = make_identical_order(outposts, submitted=datetime.now(UTC) + away)
    time.passed += A_ROLLBACK
    assert invoke("Create", StackId=RE_CREATED_STACK).physical_id == order_id
    assert len(outposts.posts) == 1


@pytest.mark.usefixtures("unresolved")
@pytest.mark.parametrize("away", OUT_OF_TIME, ids=str)
def test_an_order_of_another_time_is_no_evidence(
    away: timedelta, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An order that was submitted long before or after the attempt did not come of it."""
    make_identical_order(outposts, submitted=datetime.now(UTC) + away)
    assert_unknown(invoke("Create", StackId=RE_CREATED_STACK))


@pytest.mark.usefixtures("unresolved")
@pytest.mark.parametrize(
    "shown",
    [
        {"OrderSubmissionDate": None},
        {"OrderType": "REPLACEMENT"},
        {"Status": "CANCELLED"},
        {"PaymentOption": "ALL_UPFRONT"},
        {"LineItems": []},
    ],
    ids=str,
)
def test_another_order_of_that_time_is_no_evidence(
    shown: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Evidence must have a date, be live and identical, and be no replacement."""
    outposts.set_order(make_identical_order(outposts), **shown)
    assert_unknown(invoke("Create", StackId=RE_CREATED_STACK))
    assert len(outposts.posts) == 1


def test_an_order_of_the_baseline_is_no_evidence(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The order existed before the attempt, which lists it."""
    order_id = make_identical_order(outposts)
    outposts.fail("CreateOrder", FAILS)
    assert_unknown(invoke("Create", PROPERTIES | {"InAdditionTo": [order_id]}))


def test_the_new_order_is_distinguished_from_the_one_before(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Of two identical orders, the one that is new came of the attempt."""
    before = make_identical_order(outposts)
    outposts.fail("CreateOrder", FAILS_APPLIED)
    response = invoke("Create", PROPERTIES | {"InAdditionTo": [before]})
    assert (response.status, len(outposts.orders)) == ("SUCCESS", 2)
    assert response.physical_id == outposts.orders[1]["OrderId"]


@pytest.mark.usefixtures("unresolved")
def test_of_two_candidates_none_is_guessed(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The same was ordered in the console at the same time."""
    for _ in range(2):
        make_identical_order(outposts)
    assert_unknown(invoke("Create", StackId=RE_CREATED_STACK))
    assert len(outposts.posts) == 1


def test_an_order_that_another_name_has_is_no_evidence(
    outposts: FakeOutposts, invoke: Invoke, ledger: Ledger
) -> None:
    """No order belongs to two names."""
    outposts.fail("CreateOrder", FAILS)
    invoke("Create")
    order_id = make_identical_order(outposts)
    order, outpost = ledger.read("PO-4712", OUTPOST_ID)
    placed = replace(order, request=parse(PROPERTIES | {"OrderName": "PO-4712"})).placed(
        order_id, {}, datetime.now(UTC)
    )
    ledger.write(placed, outpost.with_order(order_id, "PO-4712"))
    assert_unknown(invoke("Create", StackId=RE_CREATED_STACK))
    assert ledger.read(NAME, OUTPOST_ID)[1].orders == {order_id: "PO-4712"}


@pytest.mark.parametrize("operation", ["ListOrders", "GetOrder"])
@pytest.mark.parametrize(
    "fault", [Fault.refusal("AccessDeniedException"), Fault.reply("{}")], ids=["denied", "empty"]
)
def test_an_order_that_cannot_be_read_is_not_guessed(
    operation: str, fault: Fault, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The outcome is unknown while reads fail, and found by the next deployment."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    assert_unknown(invoke("Create"))
    [order] = outposts.apply_late()
    outposts.fail(operation, fault, times=None)
    assert_unknown(invoke("Create", StackId=RE_CREATED_STACK))
    outposts.clear_faults()
    found = invoke("Create", StackId=RE_CREATED_STACK)
    assert (found.status, found.physical_id) == ("SUCCESS", order["OrderId"])


def test_another_name_is_not_disturbed(outposts: FakeOutposts, invoke: Invoke) -> None:
    """An unknown outcome blocks identical orders of its Outpost, and nothing else."""
    outposts.fail("CreateOrder", FAILS)
    invoke("Create")
    for changes in ({}, {"OutpostIdentifier": "op-fedcba98765432100"}):
        properties = OTHER_ORDER | {"OrderName": f"PO-{len(outposts.posts)}"} | changes
        assert invoke("Create", properties, StackId=OTHER_STACK).status == "SUCCESS"


# Objections to "not placed", for an operator's verdict


def strangers_now(ledger: Ledger) -> list[str]:
    services = Services(ledger, Outposts(), Stacks(), Clock(lambda: int(LIMIT * 1000)))
    context = RequestContext(parse(PROPERTIES), services, "an operator")
    context.load()
    return [order.order_id for order in strangers(context)]


@pytest.mark.usefixtures("unresolved")
@pytest.mark.parametrize(
    "shown",
    [{}, {"OrderSubmissionDate": None}, {"Status": "CANCELLED"}, {"PaymentTerm": None}],
    ids=str,
)
def test_every_new_identical_order_is_an_objection(
    shown: dict[str, Any], outposts: FakeOutposts, ledger: Ledger
) -> None:
    """Strict proof, wide objection: with or without a date, cancelled too."""
    order_id = make_identical_order(outposts, submitted=datetime(2020, 1, 1, tzinfo=UTC))
    outposts.set_order(order_id, **shown)
    assert strangers_now(ledger) == [order_id]


def test_known_and_different_orders_are_no_objection(
    outposts: FakeOutposts, invoke: Invoke, ledger: Ledger
) -> None:
    """The baseline, the orders of other names, replacements, and other content."""
    before = make_identical_order(outposts)
    outposts.fail("CreateOrder", FAILS)
    invoke("Create", PROPERTIES | {"InAdditionTo": [before]})
    invoke("Create", OTHER_ORDER, LogicalResourceId="Spare")
    outposts.set_order(make_identical_order(outposts), OrderType="REPLACEMENT")
    make_identical_order(outposts, payment_term="ONE_YEAR")
    assert strangers_now(ledger) == []
