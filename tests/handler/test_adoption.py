from typing import Any

import pytest

from tests.fakes.cloudformation import Response
from tests.fakes.outposts import FakeOutposts
from tests.handler.conftest import (
    OUTPOST_ID,
    PROPERTIES,
    STACK_MADE_AGAIN,
    Invoke,
    make_equal_order,
)

ADOPT = PROPERTIES | {"ExistingOrder": "ADOPT"}
NOTHING = f"nothing was ordered on {OUTPOST_ID}"


def adopting(order_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return PROPERTIES | {"AdoptOrderId": order_id} | changes


def assert_not_adoptable(response: Response, problem: str, outposts: FakeOutposts) -> None:
    assert response.status == "FAILED"
    assert response.reason.startswith(f"AlreadyExists (NotAdoptable): {NOTHING}: {problem}; ")
    assert outposts.posts == []


def test_an_equal_open_order_is_taken_over_where_that_was_asked_for(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The resource shows the order as it is now, and nothing is sent."""
    order_id = make_equal_order(outposts)
    outposts.advance(order_id)
    response = invoke("Create", ADOPT)
    assert (response.status, response.physical_id) == ("SUCCESS", order_id)
    assert (response.data["OrderId"], response.data["Status"]) == (order_id, "IN_PROGRESS")
    assert outposts.posts == []


@pytest.mark.parametrize("by", ["ExistingOrder", "AdoptOrderId"])
def test_an_order_that_was_taken_over_is_never_cancelled(
    by: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Somebody else wanted it before this stack did."""
    order_id = make_equal_order(outposts)
    properties = ADOPT if by == "ExistingOrder" else adopting(order_id)
    properties = properties | {"OnDelete": "CANCEL"}
    invoke("Create", properties)
    deleted = invoke("Delete", properties, PhysicalResourceId=order_id)
    assert deleted.status == "SUCCESS"
    assert [order["Status"] for order in outposts.orders] == ["PREPARING"]


def test_of_two_equal_orders_none_is_guessed(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Which one to take over is for a person to say, with the prop that the reason names."""
    order_ids = [make_equal_order(outposts), make_equal_order(outposts)]
    response = invoke("Create", ADOPT)
    assert response.reason == (
        f"AlreadyExists (EqualOrderExists): {NOTHING}: open there: "
        f"{order_ids[0]} (PREPARING), {order_ids[1]} (PREPARING); "
        "name one with adopt_order_id, then deploy again"
    )
    assert outposts.posts == []


def test_the_order_that_was_named_is_taken_over(outposts: FakeOutposts, invoke: Invoke) -> None:
    """A name is enough, even where two are equal."""
    _, second = make_equal_order(outposts), make_equal_order(outposts)
    response = invoke("Create", adopting(second))
    assert (response.status, response.physical_id) == ("SUCCESS", second)
    assert outposts.posts == []


def test_another_order_is_not_taken_over(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The reason names what differs between the template and the order."""
    order_id = make_equal_order(outposts, payment_option="ALL_UPFRONT", payment_term="ONE_YEAR")
    response = invoke("Create", adopting(order_id))
    problem = f"{order_id} has another PaymentOption, PaymentTerm"
    assert_not_adoptable(response, problem, outposts)


def test_a_cancelled_order_is_not_taken_over(outposts: FakeOutposts, invoke: Invoke) -> None:
    """It would never arrive."""
    order_id = make_equal_order(outposts)
    outposts.set_status(order_id, "CANCELLED")
    response = invoke("Create", adopting(order_id))
    assert_not_adoptable(response, f"{order_id} has another Status, it is CANCELLED", outposts)


def test_an_order_of_another_name_is_not_taken_over(outposts: FakeOutposts, invoke: Invoke) -> None:
    """No order belongs to two names."""
    order_id = make_equal_order(outposts)
    invoke("Create", adopting(order_id, OrderName="PO-4712"), StackId=STACK_MADE_AGAIN)
    response = invoke("Create", adopting(order_id))
    assert_not_adoptable(response, f"{order_id} has another OrderName, it is PO-4712", outposts)
    assert "use that order_name" in response.reason


def test_an_order_that_does_not_exist_is_not_taken_over(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A typing error does not buy."""
    response = invoke("Create", adopting("oo-ffffffffffffffff0"))
    assert response.reason.startswith("NotFound (NotFoundException): oo-ffffffffffffffff0 could")
    assert outposts.posts == []


def test_a_name_whose_order_was_taken_over_has_it_again(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The stack made again finds it by its name, even where two are equal by now."""
    order_id = make_equal_order(outposts)
    invoke("Create", ADOPT)
    make_equal_order(outposts)
    again = invoke("Create", ADOPT, StackId=STACK_MADE_AGAIN)
    assert (again.status, again.physical_id) == ("SUCCESS", order_id)
    assert outposts.posts == []


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_another_order_than_the_name_has_is_not_passed_over(
    request_type: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The template names one order, and the stack would show another."""
    first, second = make_equal_order(outposts), make_equal_order(outposts)
    invoke("Create", adopting(first))
    response = invoke(
        request_type, adopting(second), StackId=STACK_MADE_AGAIN, PhysicalResourceId=first
    )
    assert response.status == "FAILED"
    assert first in response.reason
    assert "AdoptOrderId" in response.reason


def test_an_order_of_this_name_that_was_named_is_not_cancelled(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """`adopt_order_id` promises that its order is never cancelled, whoever bought it."""
    order_id = invoke("Create").physical_id
    properties = adopting(order_id, OnDelete="CANCEL")
    invoke("Create", properties, StackId=STACK_MADE_AGAIN)
    invoke("Delete", properties, StackId=STACK_MADE_AGAIN, PhysicalResourceId=order_id)
    assert [order["Status"] for order in outposts.orders] == ["PREPARING"]
