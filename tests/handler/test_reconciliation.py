from datetime import UTC, datetime, timedelta

import pytest

from outpost_order_handler import placement
from tests.fakes.cloudformation import Response
from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import (
    OUTPOST_ID,
    PROPERTIES,
    STACK_MADE_AGAIN,
    Invoke,
    make_equal_order,
)

FAILS = Fault.status(500)
FAILS_APPLIED = Fault.status(500, applied=True)
FAILS_APPLIED_LATE = Fault.status(500, applied="late")
ALLOW = PROPERTIES | {"ExistingOrder": "ALLOW"}
NEIGHBOUR = PROPERTIES | {"OrderName": "PO-4712", "PaymentOption": "ALL_UPFRONT"}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no order wait for a neighbour."""
    monkeypatch.setattr(placement, "PATIENCE_WITH_NEIGHBOURS", 0.05)
    monkeypatch.setattr(placement, "_PAUSE", 0.01)


def assert_unknown(response: Response) -> None:
    assert (response.status, response.physical_id) == ("FAILED", "PO-4711")
    assert f": outcome unknown, {OUTPOST_ID} might hold this order; " in response.reason


def test_an_order_that_was_taken_is_found(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The answer was lost, and the Outpost's new order is the evidence."""
    make_equal_order(outposts, payment_option="ALL_UPFRONT")
    outposts.fail("CreateOrder", FAILS_APPLIED)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("SUCCESS", outposts.orders[-1]["OrderId"])
    assert response.data["OrderId"] == response.physical_id
    assert len(outposts.posts) == 1


def test_an_order_on_a_later_page_is_found(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Every page is read."""
    outposts.page_size = 2
    for _ in range(5):
        make_equal_order(outposts, payment_option="ALL_UPFRONT")
    outposts.fail("CreateOrder", FAILS_APPLIED)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("SUCCESS", outposts.orders[-1]["OrderId"])


def test_an_order_that_the_list_shows_later_is_found(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A stale list is looked at again."""
    outposts.list_lag = 2
    outposts.fail("CreateOrder", FAILS_APPLIED)
    response = invoke("Create")
    assert (response.status, response.physical_id) == ("SUCCESS", outposts.orders[0]["OrderId"])


def test_an_empty_list_proves_nothing(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The list is stale for longer than we look: the outcome is unknown, and the order is there."""
    outposts.list_lag = 50
    outposts.fail("CreateOrder", FAILS_APPLIED)
    assert_unknown(invoke("Create"))
    assert len(outposts.orders) == 1


def test_the_reason_names_the_command_and_the_order(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Whoever reads the stack's events knows what to do, and what not to do before."""
    outposts.fail("CreateOrder", Fault.refusal("InternalServerException"))
    assert invoke("Create").reason == (
        f"ServiceInternalError (InternalServerException): outcome unknown, {OUTPOST_ID} might hold "
        "this order; before you deploy again, "
        "run: outpost-order reconcile PO-4711 --region us-west-2"
    )


def test_a_name_in_doubt_is_not_sent_again(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Neither another request nor mended properties send before the doubt is cleared up."""
    outposts.fail("CreateOrder", FAILS)
    invoke("Create")
    for properties in (PROPERTIES, ALLOW, PROPERTIES | {"PaymentTerm": "ONE_YEAR"}):
        response = invoke("Create", properties, StackId=STACK_MADE_AGAIN)
        assert_unknown(response)
        assert response.reason.endswith(" run: outpost-order reconcile PO-4711 --region us-west-2")
    assert len(outposts.posts) == 1


def test_evidence_is_found_by_the_next_deployment(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The service carried the request out late: the stack made again has the order."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    assert_unknown(invoke("Create"))
    [order] = outposts.apply_late()
    response = invoke("Create", StackId=STACK_MADE_AGAIN)
    assert (response.status, response.physical_id) == ("SUCCESS", order["OrderId"])
    assert len(outposts.posts) == 1


@pytest.mark.usefixtures("impatient")
def test_no_other_order_is_sent_to_an_outpost_in_doubt(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Two orders on their way could not be told apart: the reason says which one to clear up."""
    outposts.fail("CreateOrder", FAILS)
    invoke("Create")
    response = invoke("Create", NEIGHBOUR, LogicalResourceId="Spare")
    assert response.reason == (
        f"ResourceConflict (OutpostBusy): nothing was ordered on {OUTPOST_ID}: the outcome of "
        "order PO-4711 is unknown; before you deploy again, "
        "run: outpost-order reconcile PO-4711 --region us-west-2"
    )
    assert len(outposts.posts) == 1


@pytest.mark.usefixtures("impatient")
def test_an_outpost_is_free_again_once_the_doubt_is_cleared_up(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """What was found does not hinder the next order."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    invoke("Create")
    outposts.apply_late()
    invoke("Create", StackId=STACK_MADE_AGAIN)
    assert invoke("Create", NEIGHBOUR, LogicalResourceId="Spare").status == "SUCCESS"


def test_another_outpost_is_not_disturbed(outposts: FakeOutposts, invoke: Invoke) -> None:
    """A doubt locks one Outpost, not all."""
    outposts.fail("CreateOrder", FAILS)
    invoke("Create")
    other = NEIGHBOUR | {"OutpostIdentifier": "op-fedcba98765432100"}
    assert invoke("Create", other, LogicalResourceId="Spare").status == "SUCCESS"


def test_an_order_made_before_the_purchase_is_not_mistaken(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An equal one stood already, a second was asked for, and only the second would be ours."""
    make_equal_order(outposts)
    outposts.fail("CreateOrder", FAILS)
    assert_unknown(invoke("Create", ALLOW))


def test_the_order_that_came_is_told_from_the_one_before(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Of two equal orders, the one that is new is ours."""
    before = make_equal_order(outposts)
    outposts.fail("CreateOrder", FAILS_APPLIED)
    response = invoke("Create", ALLOW)
    assert (response.status, len(outposts.orders)) == ("SUCCESS", 2)
    assert response.physical_id != before


def test_of_two_candidates_none_is_guessed(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Somebody ordered the same in the console at the same time."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    invoke("Create")
    outposts.apply_late()
    make_equal_order(outposts)
    assert_unknown(invoke("Create", StackId=STACK_MADE_AGAIN))
    assert len(outposts.posts) == 1


@pytest.mark.parametrize(
    "away",
    [timedelta(minutes=-2), timedelta(days=-30), timedelta(minutes=6), timedelta(days=30)],
    ids=str,
)
def test_an_order_of_another_time_is_no_evidence(
    away: timedelta, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """What was submitted long before or after our request did not come of it."""
    outposts.fail("CreateOrder", FAILS)
    invoke("Create")
    make_equal_order(outposts, submitted=datetime.now(UTC) + away)
    assert_unknown(invoke("Create", StackId=STACK_MADE_AGAIN))


def test_another_order_of_the_same_time_is_no_evidence(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """It is new, but not what was asked for."""
    outposts.fail("CreateOrder", FAILS)
    invoke("Create")
    make_equal_order(outposts, payment_option="ALL_UPFRONT")
    assert_unknown(invoke("Create", StackId=STACK_MADE_AGAIN))


def test_an_order_that_somebody_claims_is_no_evidence(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """No order belongs to two names."""
    outposts.fail("CreateOrder", FAILS)
    invoke("Create")
    other = PROPERTIES | {"OrderName": "PO-4712", "OutpostIdentifier": "op-fedcba98765432100"}
    answer = f'{{"Order": {{"OrderId": "{make_equal_order(outposts)}"}}}}'
    outposts.fail("CreateOrder", Fault.reply(answer))
    assert invoke("Create", other, LogicalResourceId="Spare").status == "SUCCESS"
    assert_unknown(invoke("Create", StackId=STACK_MADE_AGAIN))


@pytest.mark.parametrize("operation", ["ListOrders", "GetOrder"])
def test_what_cannot_be_read_is_not_guessed(
    operation: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The outcome is unknown while reads fail, and found by the next deployment."""
    outposts.fail("CreateOrder", FAILS_APPLIED_LATE)
    assert_unknown(invoke("Create"))
    [order] = outposts.apply_late()
    outposts.fail(operation, Fault.refusal("AccessDeniedException"), times=None)
    assert_unknown(invoke("Create", StackId=STACK_MADE_AGAIN))
    outposts.clear_faults()
    found = invoke("Create", StackId=STACK_MADE_AGAIN)
    assert (found.status, found.physical_id) == ("SUCCESS", order["OrderId"])
