from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from outpost_order_fake import FakeOutposts

OUTPOST = "op-0123456789abcdef0"
ORDERED = {
    "OutpostIdentifier": OUTPOST,
    "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 1}],
    "PaymentOption": "ALL_UPFRONT",
}
HERE, THERE = ("111111111111", "us-west-2"), ("222222222222", "eu-west-1")

ConnectAs = Callable[[str, str], BaseClient]


@pytest.fixture
def connect_as(fake: FakeOutposts) -> Iterator[ConnectAs]:
    """Make clients of an access key ID and a Region."""
    clients: list[BaseClient] = []

    def connect_as(key: str, region: str) -> BaseClient:
        session = boto3.Session(key, "test", region_name=region)
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        clients.append(session.client("outposts", endpoint_url=fake.url, config=config))
        return clients[-1]

    yield connect_as
    for client in clients:
        client.close()


def listed(client: BaseClient) -> list[str]:
    return [order["OrderId"] for order in client.list_orders()["Orders"]]


@pytest.mark.parametrize("other", [("222222222222", "us-west-2"), ("111111111111", "eu-west-1")])
def test_an_account_and_region_has_its_own_orders(
    fake: FakeOutposts, connect_as: ConnectAs, other: tuple[str, str]
) -> None:
    """Neither another account nor another Region lists, shows or cancels an order."""
    owner, stranger = connect_as(*HERE), connect_as(*other)
    order_id = owner.create_order(**ORDERED)["Order"]["OrderId"]
    assert (listed(owner), listed(stranger)) == ([order_id], [])
    for call in (stranger.get_order, stranger.cancel_order):
        with pytest.raises(stranger.exceptions.NotFoundException):
            call(OrderId=order_id)
    assert [order["OrderId"] for order in fake.live_orders] == [order_id]


def test_all_orders_show_in_the_order_of_making(fake: FakeOutposts, connect_as: ConnectAs) -> None:
    """The Python face shows every account and Region."""
    clients = [connect_as(*HERE), connect_as(*THERE), connect_as(*HERE)]
    made = [client.create_order(**ORDERED)["Order"]["OrderId"] for client in clients]
    assert [order["OrderId"] for order in fake.orders] == made
    assert len(fake.posts) == 3


def test_a_key_that_is_no_account_has_the_default_account(
    fake: FakeOutposts, connect_as: ConnectAs
) -> None:
    """Any key works."""
    order_id = fake.make_order()["OrderId"]
    assert listed(connect_as("AKIAIOSFODNN7EXAMPLE", "us-west-2")) == [order_id]


def test_the_console_makes_orders_of_any_scope(fake: FakeOutposts, connect_as: ConnectAs) -> None:
    """An order without a request belongs to the given account and Region, and advances by ID."""
    account, region = THERE
    order_id = fake.make_order(account=account, region=region)["OrderId"]
    fake.advance(order_id, to="SHIPPED")
    order = connect_as(*THERE).get_order(OrderId=order_id)["Order"]
    assert order["Status"] == "IN_PROGRESS"
    assert listed(connect_as(*HERE)) == []


def test_a_quote_belongs_to_an_account_and_region(
    fake: FakeOutposts, connect_as: ConnectAs
) -> None:
    """Its ARN names both, and no other account finds it."""
    account, region = THERE
    quote = fake.make_quote(account=account, region=region)
    assert quote["AccountId"] == account
    assert quote["OutpostArn"] == f"arn:aws:outposts:{region}:{account}:outpost/{OUTPOST}"
    shown = connect_as(*THERE).get_quote(QuoteIdentifier=quote["QuoteId"])["Quote"]
    assert shown == quote
    with pytest.raises(ClientError, match="No quote found"):
        connect_as(*HERE).get_quote(QuoteIdentifier=quote["QuoteId"])


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_an_outpost_belongs_to_the_scope_of_the_request(
    connect_as: ConnectAs, region: str, partition: str
) -> None:
    """Its owner and its ARN are those of the signature."""
    outpost = connect_as("111111111111", region).get_outpost(OutpostId=OUTPOST)["Outpost"]
    arn = f"arn:{partition}:outposts:{region}:111111111111:outpost/{OUTPOST}"
    assert (outpost["OwnerId"], outpost["OutpostArn"]) == ("111111111111", arn)


def test_a_lag_counts_the_lists_of_its_scope(fake: FakeOutposts, connect_as: ConnectAs) -> None:
    """Lists of another account don't bring an order forward."""
    fake.list_lag = 1
    owner, stranger = connect_as(*HERE), connect_as(*THERE)
    order_id = owner.create_order(**ORDERED)["Order"]["OrderId"]
    assert listed(stranger) == []
    assert [listed(owner) for _ in range(2)] == [[], [order_id]]
