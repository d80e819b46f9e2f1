import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from outpost_order_fake import FakeOutposts

Buy = Callable[..., dict[str, Any]]

OUTPOST = "op-0123456789abcdef0"
OTHER_OUTPOST = "op-0fedcba9876543210"
ARN = f"arn:aws:outposts:us-west-2:000000000000:outpost/{OUTPOST}"
UNKNOWN_ORDER = "oo-00000000000000000"
LINE = {"CatalogItemId": "OR-ABCDEFG", "Quantity": 1}


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def line(**changes: object) -> list[dict[str, object]]:
    return [{name: value for name, value in (LINE | changes).items() if value is not None}]


def test_creates_an_order(buy: Buy) -> None:
    """CreateOrder answers the order in its first state, with ids of the API's form."""
    order = buy()["Order"]
    item = order["LineItems"][0]
    assert re.fullmatch("oo-[a-f0-9]{17}", order.pop("OrderId"))
    assert re.fullmatch("ooi-[a-f0-9]{17}", item.pop("LineItemId"))
    assert order.pop("OrderSubmissionDate") <= datetime.now(UTC)
    assert item == {"CatalogItemId": "OR-ABCDEFG", "Quantity": 2, "Status": "PREPARING"}
    assert order == {
        "OutpostId": OUTPOST,
        "OrderType": "OUTPOST",
        "Status": "PREPARING",
        "PaymentOption": "NO_UPFRONT",
        "PaymentTerm": "THREE_YEARS",
        "LineItems": [item],
    }


def test_leaves_out_a_term_that_was_not_given(buy: Buy) -> None:
    """PaymentTerm is absent, not empty."""
    assert "PaymentTerm" not in buy(PaymentTerm=None)["Order"]


def test_takes_an_arn(buy: Buy) -> None:
    """An Outpost's ARN is as good as its id, and the order shows the id."""
    assert buy(OutpostIdentifier=ARN)["Order"]["OutpostId"] == OUTPOST


def test_takes_twenty_line_items(buy: Buy) -> None:
    """The largest order passes."""
    assert len(buy(LineItems=[LINE] * 20)["Order"]["LineItems"]) == 20


def test_buys_again(fake: FakeOutposts, buy: Buy) -> None:
    """The same request twice makes two orders."""
    ids = {buy()["Order"]["OrderId"], buy()["Order"]["OrderId"]}
    assert {order["OrderId"] for order in fake.orders} == ids
    assert len(ids) == 2


def test_shows_orders_as_get_order_does(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """CreateOrder, GetOrder and the Python face agree."""
    order = buy()["Order"]
    assert client.get_order(OrderId=order["OrderId"])["Order"] == order
    assert fake.orders == [order]


@pytest.mark.parametrize(
    "changes",
    [
        {"OutpostIdentifier": None},
        {"OutpostIdentifier": "op-0123456789abcdef"},
        {"OutpostIdentifier": "op-0123456789ABCDEF0"},
        {"OutpostIdentifier": f"{OUTPOST}\n"},
        {"OutpostIdentifier": f"arn:aws:outposts:us-west-2:12345:outpost/{OUTPOST}"},
        {"LineItems": None},
        {"LineItems": []},
        {"LineItems": [LINE] * 21},
        {"LineItems": line(CatalogItemId=None)},
        {"LineItems": line(CatalogItemId="OR-ABCDEF")},
        {"LineItems": line(CatalogItemId="OR-abcdefg")},
        {"LineItems": line(CatalogItemId="XOR-ABCDEFG")},
        {"LineItems": line(CatalogItemId="OR-ABCDEFGH")},
        {"LineItems": line(Quantity=None)},
        {"LineItems": line(Quantity=0)},
        {"LineItems": line(Quantity="2")},
        {"LineItems": line(Quantity=2.5)},
        {"LineItems": line(Quantity=True)},
        {"PaymentOption": None},
        {"PaymentOption": "UPFRONT"},
        {"PaymentTerm": "TWO_YEARS"},
        {"QuoteIdentifier": "oq-1"},
        {"QuoteOptionIdentifier": "oqo-1"},
    ],
)
def test_refuses_what_the_api_refuses(
    fake: FakeOutposts, buy: Buy, changes: dict[str, object]
) -> None:
    """A parameter that breaks a rule is a ValidationException, and buys nothing."""
    with pytest.raises(ClientError) as refused:
        buy(**changes)
    assert code(refused) == "ValidationException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert not fake.orders
    assert len(fake.posts) == 1


def test_names_every_problem(buy: Buy) -> None:
    """One message has every problem and its place."""
    with pytest.raises(ClientError) as refused:
        buy(PaymentOption="UPFRONT", LineItems=[LINE, LINE | {"Quantity": 0}])
    message = refused.value.response["Error"]["Message"]
    assert message.startswith("2 validation errors detected")
    assert "'PaymentOption'" in message
    assert "'LineItems.2.member.Quantity'" in message


@pytest.mark.parametrize("term", ["ONE_YEAR", "THREE_YEARS", "FIVE_YEARS"])
def test_takes_every_term(buy: Buy, term: str) -> None:
    """The fake accepts all terms of the API."""
    assert buy(PaymentTerm=term)["Order"]["PaymentTerm"] == term


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("create_order", {"OutpostIdentifier": ARN, "LineItems": [LINE]}),
        ("list_orders", {"OutpostIdentifierFilter": OUTPOST}),
        ("get_outpost", {"OutpostId": OUTPOST}),
    ],
)
def test_can_lack_an_outpost(
    fake: FakeOutposts, client: BaseClient, operation: str, params: dict[str, object]
) -> None:
    """An id declared missing is not found, by any operation."""
    fake.missing_outposts.add(OUTPOST)
    payment = {"PaymentOption": "NO_UPFRONT"} if operation == "create_order" else {}
    with pytest.raises(client.exceptions.NotFoundException):
        getattr(client, operation)(**params, **payment)


@pytest.mark.parametrize("identifier", [OUTPOST, ARN])
def test_describes_any_outpost(client: BaseClient, identifier: str) -> None:
    """Every well-formed Outpost exists, by id and by ARN."""
    outpost = client.get_outpost(OutpostId=identifier)["Outpost"]
    assert outpost["OutpostId"] == OUTPOST
    assert outpost["OutpostArn"] == ARN


@pytest.mark.parametrize("operation", ["get_order", "cancel_order"])
@pytest.mark.parametrize(
    ("order_id", "name"),
    [(UNKNOWN_ORDER, "NotFoundException"), ("oo-1", "ValidationException")],
)
def test_refuses_an_unknown_order(
    client: BaseClient, operation: str, order_id: str, name: str
) -> None:
    """An order id is checked first and looked for second."""
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(OrderId=order_id)
    assert code(refused) == name


def test_cancels_while_preparing(fake: FakeOutposts, client: BaseClient) -> None:
    """A cancelled order stays visible, and costs nothing."""
    order_id = fake.make_order()["OrderId"]
    reply = client.cancel_order(OrderId=order_id)
    assert set(reply) == {"ResponseMetadata"}
    assert client.get_order(OrderId=order_id)["Order"]["Status"] == "CANCELLED"
    assert fake.orders[0]["LineItems"][0]["Status"] == "CANCELLED"
    assert not fake.live_orders


@pytest.mark.parametrize("status", ["IN_PROGRESS", "COMPLETED", "CANCELLED", "ON_HOLD"])
def test_cancels_at_no_other_time(fake: FakeOutposts, client: BaseClient, status: str) -> None:
    """A late CancelOrder is a conflict that names the order."""
    order_id = fake.make_order()["OrderId"]
    fake.set_status(order_id, status)
    with pytest.raises(client.exceptions.ConflictException) as refused:
        client.cancel_order(OrderId=order_id)
    response = refused.value.response
    assert response["Error"]["Code"] == "ConflictException"
    assert (response["ResourceId"], response["ResourceType"]) == (order_id, "ORDER")


def test_advances_by_stages(fake: FakeOutposts) -> None:
    """An order and its line items move on together."""
    order = fake.make_order()
    seen = []
    for _ in range(5):
        order = fake.advance(order["OrderId"])
        seen.append((order["Status"], order["LineItems"][0]["Status"]))
    assert seen == [
        ("IN_PROGRESS", "BUILDING"),
        ("IN_PROGRESS", "SHIPPED"),
        ("DELIVERED", "DELIVERED"),
        ("DELIVERED", "INSTALLING"),
        ("COMPLETED", "INSTALLED"),
    ]


def test_advances_no_further(fake: FakeOutposts) -> None:
    """The last stage has no successor."""
    order_id = fake.make_order()["OrderId"]
    fake.advance(order_id, to="COMPLETED")
    with pytest.raises(ValueError, match="cannot advance"):
        fake.advance(order_id)


@pytest.mark.parametrize("stage", ["SHIPPED", "INSTALLED"])
def test_ships_with_a_tracking_number(fake: FakeOutposts, client: BaseClient, stage: str) -> None:
    """Shipment information comes with shipping and stays."""
    order_id = fake.make_order()["OrderId"]
    fake.advance(order_id, to=stage)
    item = client.get_order(OrderId=order_id)["Order"]["LineItems"][0]
    assert item["Status"] == stage
    assert item["ShipmentInformation"]["ShipmentCarrier"] == "UPS"
    assert re.fullmatch("[a-zA-Z0-9]{6,42}", item["ShipmentInformation"]["ShipmentTrackingNumber"])


def test_dates_the_completion(fake: FakeOutposts, client: BaseClient) -> None:
    """A completed order says when."""
    order = fake.make_order()
    fake.advance(order["OrderId"], to="COMPLETED")
    done = client.get_order(OrderId=order["OrderId"])["Order"]
    assert done["OrderFulfilledDate"] >= done["OrderSubmissionDate"]


def test_makes_orders_in_the_console(fake: FakeOutposts, client: BaseClient) -> None:
    """An order can come from elsewhere, at any time, without a request."""
    then = datetime(2020, 1, 1, tzinfo=UTC)
    order = fake.make_order(outpost_id=OTHER_OUTPOST, payment_term="ONE_YEAR", submitted=then)
    assert not fake.requests
    assert client.get_order(OrderId=order["OrderId"])["Order"] == order
    assert order["OrderSubmissionDate"] == then


def test_an_order_is_shown_as_it_was_set(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """AWS has members that no request of a customer makes, and leaves some out."""
    order_id = buy()["Order"]["OrderId"]
    fake.set_order(order_id, OrderType="REPLACEMENT", PaymentTerm="ONE_YEAR")
    fake.set_order(order_id, OrderSubmissionDate=None)
    order = client.get_order(OrderId=order_id)["Order"]
    [summary] = client.list_orders()["Orders"]
    assert (order["OrderType"], order["PaymentTerm"]) == ("REPLACEMENT", "ONE_YEAR")
    assert summary["OrderType"] == "REPLACEMENT"
    assert "PaymentTerm" not in summary
    assert "OrderSubmissionDate" not in order.keys() | summary.keys()
