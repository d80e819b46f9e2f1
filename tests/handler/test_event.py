"""CloudFormation's strings become validated values, and an event is known again."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_handler import contract
from outpost_order_handler.cloudformation.event import Event, parse
from outpost_order_handler.failures import OrderError
from outpost_order_handler.order import OrderContent, OrderRequest, Price
from tests.fakes.cloudformation import FakeCloudFormation
from tests.handler.conftest import NAME, OUTPOST_ID, PROPERTIES, Invoke, retried

ITEM: dict[str, Any] = {"CatalogItemId": "OR-ABCDEFG", "Quantity": "1"}
ABSENT = ...
ARN = f"arn:aws:outposts:us-west-2:111122223333:outpost/{OUTPOST_ID}"
QUOTE_ARN = "arn:aws:outposts:us-west-2:111122223333:quote/oq-0123456789abcdef0"
OPTION = "oqo-0123456789abcdef0"
QUOTE = {"QuoteIdentifier": QUOTE_ARN, "QuoteOptionIdentifier": OPTION}
OF_A_QUOTE = {name: value for name, value in PROPERTIES.items() if name != "LineItems"} | QUOTE

# The rules: a pure function


def test_strings_become_values() -> None:
    """Quantities are numbers, and an ARN is an ID."""
    given = PROPERTIES | {"OutpostIdentifier": ARN, "InAdditionTo": ["PO-4710"]}
    assert parse(given) == OrderRequest(
        order_name=NAME,
        content=OrderContent(
            outpost_id=OUTPOST_ID,
            line_items=(("OR-ABCDEFG", 2),),
            payment_option="NO_UPFRONT",
            payment_term="THREE_YEARS",
        ),
        in_addition_to=("PO-4710",),
    )


def test_a_quote_becomes_values() -> None:
    """Prices are exact decimals."""
    price = {"UpfrontPrice": "0.10", "MonthlyRecurringPrice": "4700", "Currency": "USD"}
    request = parse(OF_A_QUOTE | {"QuotePrice": price})
    assert request.content == OrderContent(
        outpost_id=OUTPOST_ID,
        quote_id="oq-0123456789abcdef0",
        option_id=OPTION,
        payment_option="NO_UPFRONT",
        payment_term="THREE_YEARS",
    )
    assert request.quote_price == Price(
        upfront=Decimal("0.1"), monthly_recurring=Decimal(4700), currency="USD"
    )


def test_line_items_are_totals() -> None:
    """`2`, `"2"` and `"02"` are the same number, in any sequence."""
    items = [ITEM | {"Quantity": quantity} for quantity in (2, "2", "02")]
    other = {"CatalogItemId": "OR-1234567", "Quantity": "1"}
    expected = (("OR-1234567", 1), ("OR-ABCDEFG", 6))
    assert parse(PROPERTIES | {"LineItems": [*items, other]}).content.line_items == expected
    assert parse(PROPERTIES | {"LineItems": [other, *items]}).content.line_items == expected


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
    "PaymentOption": [ABSENT, "", "cash", "NO UPFRONT", "NO_UPFRONT\n", None, ["X"], "X" * 65],
    "PaymentTerm": ["", "three years", "THREE_YEARS ", None, 3, "X" * 65],
    "OrderName": [
        *(ABSENT, "", "x" * 65, "oo-0123456789abcdef0", "oo-", "a b", "☃", "a/b", None, {}),
        *("-rack7", ".rack7", "_rack7"),
    ],
    "QuoteIdentifier": ["oq-0123456789abcdef0"],
    "InAdditionTo": [[], "PO-4710", None, ["a b"], [None], ["oo-123"], ["PO-1"] * 21],
    "AdoptOrderId": ["", "PO-4710", "oo-123", None],
    "Preflight": ["false", False, "skip", None, ""],
    "Ledger": ["", "a", "a b", "x" * 61, None],
    "ExistingOrder": ["ALLOW"],
    "OnDelete": ["CANCEL"],
    "Region": ["us-west-2"],
}


@pytest.mark.parametrize(
    "changes",
    [{name: value} for name, values in BROKEN.items() for value in values],
    ids=lambda changes: ascii(changes)[:60],
)
def test_poisoned_properties_are_refused(changes: dict[str, Any]) -> None:
    """A rule is broken, or a property isn't understood: the property is named."""
    properties = {k: v for k, v in (PROPERTIES | changes).items() if v is not ABSENT}
    before = copy.deepcopy(properties)
    with pytest.raises(OrderError) as raised:
        parse(properties)
    assert raised.value.name == "InvalidRequest"
    assert raised.value.details
    assert properties == before


@pytest.mark.parametrize("properties", [None, "text", [], 7])
def test_no_properties_are_refused(properties: object) -> None:
    """An event without properties asks for nothing."""
    with pytest.raises(OrderError, match="the event has no ResourceProperties"):
        parse(properties)


# The answer


@pytest.mark.parametrize(
    "changes",
    [
        {"LineItems": "9" * 5000},
        {"PaymentOption": "cash"},
        {"Preflight": "false"},
        {"Region": "us-west-2"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_invalid_properties_buy_nothing(
    changes: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The reason names the problem, and nothing is asked of the service."""
    response = invoke("Create", PROPERTIES | changes)
    assert response.status == "FAILED"
    assert response.reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered: ")
    assert next(iter(changes)) in response.reason
    assert response.reason.endswith(". Correct this, then deploy again.")
    assert len(response.reason) <= 250
    assert outposts.requests == []


@pytest.mark.parametrize("properties", [None, {}])
def test_an_event_without_properties_is_answered(
    properties: object, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """CloudFormation waits for an answer to every event."""
    response = invoke("Create", properties)
    assert (response.status, response.physical_id) == ("FAILED", "Rack05B0A054")
    assert outposts.requests == []


def test_the_reason_names_the_first_problems_and_the_log_all(
    invoke: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    """Many problems do not push the code out of the reason."""
    items = [{"CatalogItemId": "bad", "Quantity": "0"}] * 20
    response = invoke("Create", PROPERTIES | {"LineItems": items})
    assert "'CatalogItemId' of line item 1 must be OR- and 7 of A-Z, 0-9" in response.reason
    assert "'Quantity' of line item 20 must be at least 1, got 0" in caplog.text


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        (
            {"LineItems": [{"CatalogItemId": "OR\u2011ABCDEFG", "Quantity": "2"}]},
            r"got 'OR\u2011ABCDEFG'",
        ),
        ({"OutpostIdentifier": f"{OUTPOST_ID}\xa0"}, rf"got '{OUTPOST_ID}\xa0'"),
        ({"OutpostIdentifier": f"op-\u200b{OUTPOST_ID[3:]}"}, r"got 'op-\u200b0123456789abcdef0'"),
    ],
)
def test_a_reason_shows_what_looks_like_another_character(
    properties: dict[str, Any], shown: str, invoke: Invoke, outposts: FakeOutposts
) -> None:
    """A hyphen of a PDF, or a blank without width, looks as it should."""
    assert shown in invoke("Create", PROPERTIES | properties).reason
    assert outposts.requests == []


def test_an_invalid_name_is_not_the_physical_id(invoke: Invoke) -> None:
    """A physical ID that looks like an order ID must be one."""
    response = invoke("Create", PROPERTIES | {"OrderName": "oo-0123456789abcdef0"})
    assert response.physical_id == "Rack05B0A054"


def test_a_valid_name_is_the_physical_id(invoke: Invoke) -> None:
    """The name is known even if all else is invalid."""
    assert invoke("Create", PROPERTIES | {"PaymentOption": "cash"}).physical_id == NAME


def test_the_most_line_items_fit_the_answer(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Twenty line items, the longest name: far below CloudFormation's 4,096 bytes."""
    items = [{"CatalogItemId": f"OR-ABCDE{each}", "Quantity": "1"} for each in range(10, 30)]
    response = invoke("Create", PROPERTIES | {"LineItems": items, "OrderName": "N" * 64})
    assert (response.status, len(outposts.orders)) == ("SUCCESS", 1)
    assert response.size < 1024


# The identity of a request


@pytest.fixture
def event(cloudformation: FakeCloudFormation) -> dict[str, Any]:
    """Give a Create."""
    return cloudformation.event("Create", PROPERTIES)


def test_a_copy_of_an_event_is_the_same_request(event: dict[str, Any]) -> None:
    """Lambda delivers an event more than once."""
    assert Event(event).key == Event(copy.deepcopy(event)).key


def test_a_retry_of_cloudformation_is_another_request(
    event: dict[str, Any], cloudformation: FakeCloudFormation
) -> None:
    """A retry can repeat a RequestId with a new address, and a RequestId alone can differ."""
    others = [
        retried(event),
        event | {"RequestId": "another"},
        cloudformation.event("Create", PROPERTIES),
    ]
    keys = {Event(each).key for each in (event, *others)}
    assert len(keys) == 4


def test_the_identity_keeps_the_secret(event: dict[str, Any]) -> None:
    """The address permits an answer to its reader, so the ledger has only a hash."""
    key = Event(event).key
    assert len(key) == 32
    assert key.isalnum()
    assert key not in event["ResponseURL"]


# The purchase in one line: what the template's metadata must say

LINES = [
    (
        PROPERTIES,
        "PO-4711: 2 x OR-ABCDEFG for op-0123456789abcdef0, NO_UPFRONT, THREE_YEARS",
    ),
    (
        {name: value for name, value in PROPERTIES.items() if name != "PaymentTerm"},
        "PO-4711: 2 x OR-ABCDEFG for op-0123456789abcdef0, NO_UPFRONT",
    ),
    (
        PROPERTIES | {"OutpostIdentifier": ARN, "LineItems": [ITEM | {"Quantity": "02"}, ITEM]},
        f"PO-4711: 02 x OR-ABCDEFG, 1 x OR-ABCDEFG for {ARN}, NO_UPFRONT, THREE_YEARS",
    ),
    (
        OF_A_QUOTE,
        f"PO-4711: {OPTION} of {QUOTE_ARN} for {OUTPOST_ID}, NO_UPFRONT, THREE_YEARS",
    ),
]


@pytest.mark.parametrize(
    ("properties", "line"), LINES, ids=["items", "no term", "as written", "quote"]
)
def test_the_purchase_is_one_line(
    properties: dict[str, Any], line: str, cloudformation: FakeCloudFormation
) -> None:
    """The line has the raw strings, as the construct writes them."""
    event = Event(cloudformation.event("Create", properties))
    assert contract.order_line(event.properties) == line == contract.order_line(properties)
