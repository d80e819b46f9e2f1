import copy
from typing import Any

import pytest

from outpost_order_handler.failures import InvalidRequest
from outpost_order_handler.properties import parse
from tests.fakes.outposts import FakeOutposts
from tests.handler.conftest import PROPERTIES, Invoke

ITEM: dict[str, Any] = {"CatalogItemId": "OR-ABCDEFG", "Quantity": "1"}
ABSENT = ...


QUANTITIES: list[Any] = [
    *("0", "-1", "1.5", "1e3", "+1", " 1", "1 ", "", "two", "٢", "²", "0x1", "1_000"),
    *("2147483648", "9" * 5000, "true", True, None, 1.5, 0, [], {}),
]
BROKEN: dict[str, list[Any]] = {
    "LineItems": [
        *([ITEM | {"Quantity": quantity}] for quantity in QUANTITIES),
        *(ABSENT, [], "OR-ABCDEFG", {}, None, [ITEM] * 21, ["OR-ABCDEFG"], [None], [[ITEM]]),
        *([ITEM | {"Colour": "black"}], [{"Quantity": "1"}], [{"CatalogItemId": "OR-ABCDEFG"}]),
        [ITEM | {"CatalogItemId": "OR-ABCDEFGH"}],
        [ITEM | {"CatalogItemId": "OR-ABCDEF\n"}],
        [ITEM | {"CatalogItemId": "or-abcdefg"}],
    ],
    "OutpostIdentifier": [
        *(ABSENT, "", "op-123", "xop-0123456789abcdef0", "op-0123456789abcdef0\n", 17, None),
        "arn:aws:outposts:us-west-2:١١١١٢٢٢٢٣٣٣٣:outpost/op-0123456789abcdef0",
        "op-0123456789abcdef0/../op-0123456789abcdef1",
    ],
    "PaymentOption": [ABSENT, "", "CASH", "no_upfront", None, ["X"]],
    "PaymentTerm": ["", "three years", "THREE_YEARS ", None, 3, "X" * 65],
    "OrderName": [ABSENT, "", "x" * 65, "oo-0123456789abcdef0", "a b", "☃", "a/b", None, {}],
    "QuoteIdentifier": ["oq-0123456789abcdef0"],
    "Region": ["us-west-2"],
}


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in (PROPERTIES | changes).items() if v is not ABSENT}


@pytest.mark.parametrize(
    "changes",
    [{name: value} for name, values in BROKEN.items() for value in values],
    ids=lambda changes: ascii(changes)[:60],
)
def test_poisoned_properties_are_refused(changes: dict[str, Any]) -> None:
    """What breaks a rule, or is not understood, is told."""
    with pytest.raises(InvalidRequest) as refused:
        parse(changed(changes))
    reason = str(refused.value)
    assert reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered: ")
    assert reason.endswith("; correct this and deploy again")
    assert len(reason) <= 250


@pytest.mark.parametrize("name", BROKEN)
def test_poisoned_properties_buy_nothing(name: str, outposts: FakeOutposts, invoke: Invoke) -> None:
    """What is refused is the answer, and never sent."""
    properties = changed({name: BROKEN[name][0]})
    with pytest.raises(InvalidRequest) as refused:
        parse(properties)
    response = invoke("Create", properties)
    assert (response.status, response.reason) == ("FAILED", str(refused.value))
    assert outposts.requests == []


@pytest.mark.parametrize("properties", [None, "text", [], 7])
def test_no_properties_buy_nothing(
    properties: object, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An event without properties is answered as well."""
    response = invoke("Create", properties)
    assert "the event holds no ResourceProperties" in response.reason
    assert outposts.requests == []


def test_the_reason_names_the_first_problems_and_the_log_all(
    invoke: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    """Many problems do not push the code out of the reason."""
    items = [{"CatalogItemId": "bad", "Quantity": "0"}] * 20
    response = invoke("Create", PROPERTIES | {"LineItems": items})
    assert "'CatalogItemId' of line item 1 must be OR- and 7 of A-Z, 0-9" in response.reason
    assert "'Quantity' of line item 20 must be at least 1, got 0" in caplog.text


def test_an_invalid_name_is_not_the_physical_id(invoke: Invoke) -> None:
    """A physical id that looks like an order id must be one."""
    response = invoke("Create", PROPERTIES | {"OrderName": "oo-0123456789abcdef0"})
    assert response.physical_id == "Rack05B0A054"


def test_the_most_line_items_fit_the_answer(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Twenty line items, the longest name: far below CloudFormation's 4,096 bytes."""
    properties = copy.deepcopy(PROPERTIES) | {"LineItems": [ITEM] * 20, "OrderName": "N" * 64}
    response = invoke("Create", properties)
    assert (response.status, len(outposts.orders)) == ("SUCCESS", 1)
    assert response.size < 1024


def test_a_number_may_have_leading_zeros_or_be_a_number(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """`2`, `"2"` and `"02"` are the same number."""
    items = [ITEM | {"Quantity": quantity} for quantity in (2, "2", "02")]
    invoke("Create", PROPERTIES | {"LineItems": items})
    assert [item["Quantity"] for item in outposts.posts[0].params["LineItems"]] == [2, 2, 2]
