"""A name that has an order gives it to every resource that asks for the same, and to no other."""

from typing import Any

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.ledger.records import State
from outpost_order_handler.ledger.table import Ledger
from tests.handler.conftest import (
    NAME,
    NOTHING,
    OTHER_NAME,
    OTHER_STACK,
    OUTPOST_ID,
    PROPERTIES,
    RE_CREATED_STACK,
    Invoke,
    make_identical_order,
)

OTHER_OUTPOST = "op-fedcba98765432100"
NO_TERM = {name: value for name, value in PROPERTIES.items() if name != "PaymentTerm"}


@pytest.fixture
def order_id(invoke: Invoke) -> str:
    """Give the ID of the order of PO-4711."""
    return invoke("Create").physical_id


def name_taken(order: str, *differences: str, outpost_id: str = OUTPOST_ID) -> str:
    return (
        f"AlreadyExists (OrderNameTaken): nothing was ordered on {outpost_id}: "
        f"PO-4711 has {order}, which differs in {', '.join(differences)}. "
        "Use another order_name, then deploy again."
    )


@pytest.mark.parametrize(
    "resource",
    [
        {},
        {"StackId": RE_CREATED_STACK},
        {"StackId": OTHER_STACK},
        {"LogicalResourceId": "SiteRack05B0A054"},
    ],
    ids=["removed and added", "re-created", "another stack", "renamed"],
)
def test_the_same_name_and_content_is_the_same_order(
    resource: dict[str, str], order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """If the order moves in the app, nothing is bought again."""
    outposts.advance(order_id, "COMPLETED")
    response = invoke("Create", **resource)
    assert (response.status, response.physical_id) == ("SUCCESS", order_id)
    assert (response.data["OrderId"], response.data["Status"]) == (order_id, "COMPLETED")
    assert response.reason == f"PO-4711 has {order_id}: nothing was bought"
    assert len(outposts.posts) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "1"}] * 2},
        {"LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}]},
        {"OutpostIdentifier": f"arn:aws:outposts:us-west-2:111122223333:outpost/{OUTPOST_ID}"},
        {"Preflight": "SKIP"},
        {"ServiceTimeout": "1200"},
        {"Ledger": "outpost-orders-2"},
        {"InAdditionTo": ["PO-4712"]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_other_properties_make_no_difference(
    changes: dict[str, Any], order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Spelling and settings aren't content."""
    response = invoke("Create", PROPERTIES | changes, StackId=OTHER_STACK)
    assert (response.status, response.physical_id) == ("SUCCESS", order_id)
    assert len(outposts.posts) == 1


@pytest.mark.parametrize(
    ("changes", "differences"),
    [
        ({"LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "3"}]}, ["LineItems"]),
        ({"PaymentOption": "ALL_UPFRONT"}, ["PaymentOption"]),
        ({"PaymentTerm": "ONE_YEAR"}, ["PaymentTerm"]),
        (
            {"PaymentTerm": "ONE_YEAR", "PaymentOption": "ALL_UPFRONT"},
            ["PaymentOption", "PaymentTerm"],
        ),
        ({"AdoptOrderId": "oo-0123456789abcdef0"}, ["AdoptOrderId"]),
    ],
)
@pytest.mark.parametrize("stack", [RE_CREATED_STACK, OTHER_STACK], ids=["re-created", "another"])
def test_other_content_needs_another_name(
    *,
    changes: dict[str, Any],
    differences: list[str],
    stack: str,
    order_id: str,
    outposts: FakeOutposts,
    invoke: Invoke,
) -> None:
    """The reason has the order and what differs."""
    response = invoke("Create", PROPERTIES | changes, StackId=stack)
    assert (response.status, response.physical_id) == ("FAILED", NAME)
    assert response.reason == name_taken(order_id, *differences)
    assert len(outposts.posts) == 1


def test_a_name_is_for_one_outpost(order_id: str, outposts: FakeOutposts, invoke: Invoke) -> None:
    """The order of the name is on another Outpost, whose record this request doesn't read."""
    elsewhere = PROPERTIES | {"OutpostIdentifier": OTHER_OUTPOST}
    assert invoke("Create", elsewhere).reason == name_taken(
        order_id, "OutpostIdentifier", outpost_id=OTHER_OUTPOST
    )
    assert len(outposts.posts) == 1


def test_an_unresolved_name_is_for_one_outpost(outposts: FakeOutposts, invoke: Invoke) -> None:
    """A request for another Outpost doesn't resolve the attempt."""
    outposts.fail("CreateOrder", Fault.status(500))
    invoke("Create")
    elsewhere = PROPERTIES | {"OutpostIdentifier": OTHER_OUTPOST}
    assert invoke("Create", elsewhere).reason == name_taken(
        "an unresolved attempt", "OutpostIdentifier", outpost_id=OTHER_OUTPOST
    )
    assert len(outposts.posts) == 1


def test_a_name_that_placed_nothing_is_free_for_any_content(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """After a refusal, a corrected template can be deployed again."""
    outposts.fail("CreateOrder", Fault.refusal("ValidationException"))
    assert invoke("Create").status == "FAILED"
    elsewhere = PROPERTIES | {"OutpostIdentifier": OTHER_OUTPOST, "PaymentTerm": "ONE_YEAR"}
    assert invoke("Create", elsewhere, StackId=RE_CREATED_STACK).status == "SUCCESS"
    assert (len(outposts.posts), len(outposts.orders)) == (2, 1)


@pytest.mark.parametrize("content", [{}, {"PaymentOption": "ALL_UPFRONT"}], ids=["same", "other"])
def test_a_name_is_spent_once(
    content: dict[str, str],
    order_id: str,
    outposts: FakeOutposts,
    invoke: Invoke,
    ledger: Ledger,
) -> None:
    """After AWS or a person cancelled the order, another order needs another name."""
    outposts.set_status(order_id, "CANCELLED")
    for _ in range(2):  # as the service shows it, and as the ledger has it from then on
        assert invoke("Create", PROPERTIES | content, StackId=RE_CREATED_STACK).reason == (
            f"AlreadyExists (OrderCancelled): {order_id} of PO-4711 was cancelled, "
            "and no other order was placed. To order again, use a new order_name."
        )
    assert ledger.record(NAME).state == State.CANCELLED
    assert len(outposts.posts) == 1


def test_a_cancelled_order_is_no_obstacle_for_a_new_name(
    order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A new name can order again, as the reason says."""
    outposts.set_status(order_id, "CANCELLED")
    invoke("Create")
    assert invoke("Create", OTHER_NAME).status == "SUCCESS"
    assert len(outposts.live_orders) == 1


def test_an_order_in_error_is_live(
    order_id: str, outposts: FakeOutposts, invoke: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    """An order in ERROR was bought: its status is ERROR, and the log has a warning."""
    outposts.set_status(order_id, "ERROR")
    response = invoke("Create", StackId=RE_CREATED_STACK)
    assert (response.status, response.data["Status"]) == ("SUCCESS", "ERROR")
    assert f"the status of {order_id} is ERROR" in caplog.text
    assert len(outposts.posts) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(500),
        Fault.throttled(),
        Fault.refusal("NotFoundException"),
        Fault.refusal("AccessDeniedException"),
        Fault.reply("{}"),
    ],
    ids=["500", "throttled", "not found", "denied", "empty"],
)
def test_an_order_that_cannot_be_read_has_its_last_known_attributes(
    fault: Fault, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The ledger knows whose order it is; that the service can't say so proves nothing."""
    placed = invoke("Create")
    outposts.fail("GetOrder", fault, times=None)
    joined = invoke("Create", StackId=RE_CREATED_STACK)
    assert (joined.status, joined.physical_id) == ("SUCCESS", placed.physical_id)
    assert joined.data == placed.data
    assert len(outposts.posts) == 1


def test_the_term_that_the_service_shows_counts(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The template left the term out, and the service chose one: another one differs."""
    order_id = invoke("Create", NO_TERM).physical_id
    outposts.set_order(order_id, PaymentTerm="THREE_YEARS")
    other = invoke("Create", PROPERTIES | {"PaymentTerm": "ONE_YEAR"}, StackId=OTHER_STACK)
    same = invoke("Create", PROPERTIES, StackId=OTHER_STACK)
    omitted = invoke("Create", NO_TERM, StackId=OTHER_STACK)
    assert other.reason == name_taken(order_id, "PaymentTerm")
    assert same.physical_id == omitted.physical_id == order_id
    assert len(outposts.posts) == 1


def test_an_identical_order_beside_it_does_not_hinder(
    order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The name says which of the two is meant."""
    make_identical_order(outposts)
    assert invoke("Create", StackId=RE_CREATED_STACK).physical_id == order_id
    assert len(outposts.posts) == 1


def test_nothing_is_checked_before_an_order_is_joined(
    order_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The item of an old order can be discontinued by now."""
    outposts.set_catalog_item("OR-ABCDEFG", status="DISCONTINUED")
    outposts.set_outpost(OUTPOST_ID, life_cycle_status="RETIRED")
    response = invoke("Create", StackId=RE_CREATED_STACK)
    assert (response.status, response.physical_id) == ("SUCCESS", order_id)
    assert NOTHING not in response.reason
