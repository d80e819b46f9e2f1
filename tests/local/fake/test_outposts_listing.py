import pytest
from botocore.client import BaseClient

from outpost_order_fake import FakeOutposts

OUTPOST = "op-0123456789abcdef0"
OTHER_OUTPOST = "op-0fedcba9876543210"


def listed(client: BaseClient) -> list[str]:
    return [order["OrderId"] for order in client.list_orders()["Orders"]]


def test_summarises(fake: FakeOutposts, client: BaseClient) -> None:
    """A summary carries no line items, no payment and no quote."""
    order = fake.make_order()
    assert client.list_orders()["Orders"] == [
        {
            "OrderId": order["OrderId"],
            "OutpostId": OUTPOST,
            "OrderType": "OUTPOST",
            "Status": "PREPARING",
            "LineItemCountsByStatus": {"PREPARING": 1},
            "OrderSubmissionDate": order["OrderSubmissionDate"],
        }
    ]


@pytest.mark.parametrize(
    "identifier", [OUTPOST, f"arn:aws:outposts:us-west-2:000000000000:outpost/{OUTPOST}"]
)
def test_filters_by_outpost(fake: FakeOutposts, client: BaseClient, identifier: str) -> None:
    """Only the orders of the given Outpost are listed."""
    wanted = fake.make_order(outpost_id=OUTPOST)["OrderId"]
    fake.make_order(outpost_id=OTHER_OUTPOST)
    orders = client.list_orders(OutpostIdentifierFilter=identifier)["Orders"]
    assert [order["OrderId"] for order in orders] == [wanted]


def test_pages(fake: FakeOutposts, client: BaseClient) -> None:
    """The paginator finds every order once, over several requests."""
    ids = [fake.make_order()["OrderId"] for _ in range(5)]
    pages = list(client.get_paginator("list_orders").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Orders"]) for page in pages] == [2, 2, 1]
    assert [order["OrderId"] for page in pages for order in page["Orders"]] == ids
    assert "NextToken" not in pages[-1]


def test_pages_without_being_asked(fake: FakeOutposts, client: BaseClient) -> None:
    """A small page size makes any caller page."""
    fake.page_size = 1
    first, second = fake.make_order(), fake.make_order()
    page = client.list_orders(MaxResults=1000)
    assert [order["OrderId"] for order in page["Orders"]] == [first["OrderId"]]
    page = client.list_orders(NextToken=page["NextToken"])
    assert [order["OrderId"] for order in page["Orders"]] == [second["OrderId"]]


@pytest.mark.parametrize(
    "params",
    [
        {"MaxResults": 0},
        {"MaxResults": 1001},
        {"MaxResults": "many"},
        {"NextToken": "2"},
        {"OutpostIdentifierFilter": "op-1"},
    ],
)
def test_refuses_a_bad_listing(client: BaseClient, params: dict[str, object]) -> None:
    """Filter, page size and token follow the API's rules."""
    with pytest.raises(client.exceptions.ValidationException):
        client.list_orders(**params)


def test_lists_new_orders_late(fake: FakeOutposts, client: BaseClient) -> None:
    """With a lag, the first calls do not show an order that GetOrder shows."""
    early = fake.make_order()["OrderId"]
    fake.list_lag = 2
    late = fake.make_order()["OrderId"]
    assert client.get_order(OrderId=late)
    assert [listed(client) for _ in range(3)] == [[early], [early], [early, late]]


def test_a_lag_can_end(fake: FakeOutposts, client: BaseClient) -> None:
    """A test decides when the order shows, however often it was listed before."""
    fake.list_lag = 1000
    order_ids = [fake.make_order()["OrderId"]]
    assert listed(client) == []
    fake.list_every_order()
    order_ids += [fake.make_order()["OrderId"]]
    assert listed(client) == order_ids


def test_lag_counts_listings_not_pages(fake: FakeOutposts, client: BaseClient) -> None:
    """Turning pages does not bring a new order forward."""
    fake.page_size = 1
    early = [fake.make_order()["OrderId"] for _ in range(3)]
    fake.list_lag = 1
    fake.make_order()
    pages = client.get_paginator("list_orders").paginate()
    assert [order["OrderId"] for page in pages for order in page["Orders"]] == early
