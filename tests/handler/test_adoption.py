"""An order that was placed in the console gets a name: `adopt_order_id`."""

from typing import Any

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.ledger.table import Ledger
from tests.fakes.cloudformation import Response
from tests.handler.conftest import (
    NAME,
    NOTHING,
    OTHER_NAME,
    OUTPOST_ID,
    PROPERTIES,
    RE_CREATED_STACK,
    Invoke,
    Time,
    make_identical_order,
)

NO_TERM = {name: value for name, value in PROPERTIES.items() if name != "PaymentTerm"}


def adopting(order_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return PROPERTIES | {"AdoptOrderId": order_id} | changes


def assert_not_adoptable(response: Response, problem: str, outposts: FakeOutposts) -> None:
    assert response.status == "FAILED"
    assert response.reason == (
        f"AlreadyExists (NotAdoptable): {NOTHING}: {problem}. "
        "Correct adopt_order_id or the order, then deploy again."
    )
    assert outposts.posts == []


def test_an_order_is_adopted_unchanged(
    outposts: FakeOutposts, invoke: Invoke, ledger: Ledger
) -> None:
    """The resource shows the order's own status, the ledger has it, and nothing is sent."""
    order_id = make_identical_order(outposts)
    outposts.advance(order_id)
    response = invoke("Create", adopting(order_id))
    assert (response.status, response.physical_id) == ("SUCCESS", order_id)
    assert (response.data["OrderId"], response.data["Status"]) == (order_id, "IN_PROGRESS")
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    assert (order.state, order.order_id, order.history[-1]["Why"]) == (
        "PLACED",
        order_id,
        "adopted",
    )
    assert outpost.orders == {order_id: NAME}
    assert outposts.posts == []


@pytest.mark.parametrize("status", ["COMPLETED", "ERROR", "ON_THE_MOON"])
def test_every_live_order_can_be_adopted(
    status: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A delivered order is an order."""
    order_id = make_identical_order(outposts)
    outposts.set_status(order_id, status)
    response = invoke("Create", adopting(order_id))
    assert (response.physical_id, response.data["Status"]) == (order_id, status)
    assert outposts.posts == []


def test_of_identical_orders_the_one_that_is_named_is_adopted(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The ID identifies the order."""
    _, second, _ = [make_identical_order(outposts) for _ in range(3)]
    response = invoke("Create", adopting(second))
    assert (response.status, response.physical_id) == ("SUCCESS", second)
    assert outposts.posts == []


def test_a_term_that_the_template_omits_is_that_of_the_order(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The term that the service shows counts from then on."""
    order_id = make_identical_order(outposts)
    response = invoke("Create", NO_TERM | {"AdoptOrderId": order_id})
    other = invoke("Create", PROPERTIES | {"PaymentTerm": "ONE_YEAR"}, StackId=RE_CREATED_STACK)
    assert response.data["PaymentTerm"] == "THREE_YEARS"
    assert "OrderNameTaken" in other.reason
    assert outposts.posts == []


@pytest.mark.parametrize(
    ("changes", "differences"),
    [
        (
            {"payment_option": "ALL_UPFRONT", "payment_term": "ONE_YEAR"},
            "PaymentOption, PaymentTerm",
        ),
        ({"line_items": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 3}]}, "LineItems"),
        ({"outpost_id": "op-fedcba98765432100"}, "OutpostIdentifier"),
    ],
)
def test_another_order_is_not_adopted(
    changes: dict[str, Any], differences: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The reason names what differs between the template and the order."""
    order_id = make_identical_order(outposts, **changes)
    response = invoke("Create", adopting(order_id))
    assert_not_adoptable(response, f"{order_id} differs in {differences}", outposts)


def test_a_cancelled_order_is_not_adopted(outposts: FakeOutposts, invoke: Invoke) -> None:
    """A cancelled order delivers no hardware."""
    order_id = make_identical_order(outposts)
    outposts.set_status(order_id, "CANCELLED")
    response = invoke("Create", adopting(order_id))
    problem = f"{order_id} differs in Status or OrderType: CANCELLED OUTPOST"
    assert_not_adoptable(response, problem, outposts)


def test_a_replacement_is_not_adopted(outposts: FakeOutposts, invoke: Invoke) -> None:
    """AWS placed a replacement for broken hardware: this template didn't buy it."""
    order_id = make_identical_order(outposts)
    outposts.set_order(order_id, OrderType="REPLACEMENT")
    response = invoke("Create", adopting(order_id))
    problem = f"{order_id} differs in Status or OrderType: PREPARING REPLACEMENT"
    assert_not_adoptable(response, problem, outposts)


def test_an_order_with_a_name_is_not_adopted(outposts: FakeOutposts, invoke: Invoke) -> None:
    """No order belongs to two names: the reason has the name to use."""
    order_id = make_identical_order(outposts)
    invoke("Create", adopting(order_id, OrderName="PO-4712"))
    assert invoke("Create", adopting(order_id)).reason == (
        f"AlreadyExists (OrderHasName): {NOTHING}: {order_id} belongs to order name PO-4712. "
        "Use that order_name, then deploy again."
    )
    assert outposts.posts == []


def test_an_order_that_does_not_exist_is_not_adopted(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A typing error does not buy."""
    response = invoke("Create", adopting("oo-ffffffffffffffff0"))
    assert response.reason.startswith("NotFound (NotFoundException): oo-ffffffffffffffff0 could")
    assert outposts.posts == []


def test_the_name_has_the_order_from_then_on(outposts: FakeOutposts, invoke: Invoke) -> None:
    """A re-created stack joins it by its name, even beside an identical order."""
    order_id = make_identical_order(outposts)
    invoke("Create", adopting(order_id))
    make_identical_order(outposts)
    for properties in (PROPERTIES, adopting(order_id)):
        again = invoke("Create", properties, StackId=RE_CREATED_STACK)
        assert (again.status, again.physical_id) == ("SUCCESS", order_id)
    assert outposts.posts == []


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_name_has_one_order(request_type: str, outposts: FakeOutposts, invoke: Invoke) -> None:
    """The template names another order than the one that the name has."""
    first, second = make_identical_order(outposts), make_identical_order(outposts)
    invoke("Create", adopting(first))
    response = invoke(
        request_type, adopting(second), StackId=RE_CREATED_STACK, PhysicalResourceId=first
    )
    assert response.status == "FAILED"
    assert first in response.reason
    assert "AdoptOrderId" in response.reason


def test_a_name_that_placed_nothing_can_adopt(outposts: FakeOutposts, invoke: Invoke) -> None:
    """After a refusal that names an identical order, its name can adopt that order."""
    order_id = make_identical_order(outposts)
    refused = invoke("Create")
    adopted = invoke("Create", adopting(order_id))
    assert order_id in refused.reason
    assert (adopted.status, adopted.physical_id) == ("SUCCESS", order_id)
    assert outposts.posts == []


def test_nothing_is_adopted_beside_an_unresolved_identical_attempt(
    outposts: FakeOutposts, invoke: Invoke, time: Time
) -> None:
    """The order might be that of the other name, which is waited for."""
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    invoke("Create", OTHER_NAME)
    [order] = outposts.apply_late()
    began = time.passed
    response = invoke("Create", adopting(order["OrderId"]))
    assert response.reason.startswith(f"ResourceConflict (OutpostBusy): {NOTHING}: the outcome of")
    assert time.passed - began >= 200
    assert len(outposts.posts) == 1
