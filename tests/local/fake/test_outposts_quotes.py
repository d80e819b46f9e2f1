import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from outpost_order_fake import FakeOutposts

Buy = Callable[..., dict[str, Any]]

OUTPOST = "op-0123456789abcdef0"
OTHER_OUTPOST = "op-0fedcba9876543210"
ARN = "arn:aws:outposts:us-west-2:000000000000"
QUOTE = "oq-0123456789abcdef0"
OPTION = "oqo-0123456789abcdef0"


def ordering(quote: dict[str, Any], option: int = 0) -> dict[str, Any]:
    """Name an option of a quote as CreateOrder does, instead of line items."""
    return {
        "LineItems": None,
        "QuoteIdentifier": quote["QuoteId"],
        "QuoteOptionIdentifier": quote["QuoteOptions"][option]["QuoteOptionIdentifier"],
    }


def status(client: BaseClient, quote: dict[str, Any]) -> tuple[str, str | None]:
    shown = client.get_quote(QuoteIdentifier=quote["QuoteId"])["Quote"]
    return shown["QuoteStatus"], shown.get("SubmittedOrderId")


def prices(quote: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        pricing["SubscriptionPricingDetails"]
        for option in quote["QuoteOptions"]
        for pricing in option["PricingOptions"]
    ]


def test_makes_a_quote(fake: FakeOutposts, client: BaseClient) -> None:
    """A quote is for an Outpost, open, and valid for 30 days."""
    quote = fake.make_quote(outpost_id=OTHER_OUTPOST)
    assert client.get_quote(QuoteIdentifier=quote["QuoteId"])["Quote"] == quote
    assert fake.quotes == [quote]
    assert re.fullmatch("oq-[a-f0-9]{17}", quote["QuoteId"])
    assert quote["QuoteStatus"] == "CREATED"
    assert quote["OutpostArn"] == f"{ARN}:outpost/{OTHER_OUTPOST}"
    assert quote["ExpirationDate"] - quote["CreatedDate"] == timedelta(days=30)
    assert "SubmittedOrderId" not in quote


def test_prices_every_way_to_pay(fake: FakeOutposts) -> None:
    """Each option has a price for every payment option and term."""
    quote = fake.make_quote(options=2, upfront_price=1.5, monthly_recurring_price=2.5)
    ids = {option["QuoteOptionIdentifier"] for option in quote["QuoteOptions"]}
    ways = {(price["PaymentOption"], price["PaymentTerm"]) for price in prices(quote)}
    costs = {
        (price["UpfrontPrice"], price["MonthlyRecurringPrice"], price["Currency"])
        for price in prices(quote)
    }
    assert (len(ids), len(ways), len(prices(quote))) == (2, 9, 18)
    assert all(re.fullmatch("oqo-[a-f0-9]{17}", option_id) for option_id in ids)
    assert costs == {(1.5, 2.5, "USD")}


def test_makes_a_quote_with_requirements(fake: FakeOutposts, client: BaseClient) -> None:
    """The requirements of a quote show unchanged."""
    failed = {"OrderingRequirementType": "OUTPOST_ACTIVE_CHECK_ERROR", "Status": "FAIL"}
    quote = fake.make_quote(requirements=[failed])
    shown = client.get_quote(QuoteIdentifier=quote["QuoteId"])["Quote"]
    assert shown["OrderingRequirements"] == [failed]


def test_finds_a_quote_by_arn(fake: FakeOutposts, client: BaseClient) -> None:
    """A quote's ARN is as good as its id."""
    quote = fake.make_quote()
    identifier = f"{ARN}:quote/{quote['QuoteId']}"
    assert client.get_quote(QuoteIdentifier=identifier)["Quote"] == quote


@pytest.mark.parametrize(
    ("identifier", "name"), [(QUOTE, "NotFoundException"), ("oq-1", "ValidationException")]
)
def test_refuses_an_unknown_quote(client: BaseClient, identifier: str, name: str) -> None:
    """A quote's id is checked first and looked for second."""
    with pytest.raises(ClientError) as refused:
        client.get_quote(QuoteIdentifier=identifier)
    assert refused.value.response["Error"]["Code"] == name


def test_changes_a_quote(fake: FakeOutposts, client: BaseClient) -> None:
    """Any member can be replaced or removed."""
    quote = fake.make_quote()
    changed = fake.set_quote(quote["QuoteId"], QuoteStatus="EXPIRED", OutpostArn=None)
    assert client.get_quote(QuoteIdentifier=quote["QuoteId"])["Quote"] == changed
    assert changed.pop("QuoteStatus") == "EXPIRED"
    assert changed == {
        name: value for name, value in quote.items() if name not in ("QuoteStatus", "OutpostArn")
    }


def test_knows_the_members_of_a_quote(fake: FakeOutposts) -> None:
    """A misspelt member is an error, not a change that never shows."""
    quote = fake.make_quote()
    with pytest.raises(ValueError, match="Status"):
        fake.set_quote(quote["QuoteId"], Status="EXPIRED")


@pytest.mark.parametrize("prefix", ["", f"{ARN}:quote/"])
def test_orders_by_quote(fake: FakeOutposts, client: BaseClient, buy: Buy, prefix: str) -> None:
    """An order names the quote and the option it is of, whose lines it has."""
    quote = fake.make_quote(options=2)
    named = ordering(quote, option=1)
    order = buy(**named | {"QuoteIdentifier": prefix + quote["QuoteId"]})["Order"]
    assert order["QuoteIdentifier"] == quote["QuoteId"]
    assert order["QuoteOptionIdentifier"] == named["QuoteOptionIdentifier"]
    assert len(order["LineItems"]) == 1
    assert client.get_order(OrderId=order["OrderId"])["Order"] == order
    assert status(client, quote) == ("ORDER_SUBMITTED", order["OrderId"])


def test_leaves_quotes_out_of_other_orders(fake: FakeOutposts, buy: Buy) -> None:
    """An order of line items names no quote, and serves none."""
    quote = fake.make_quote()
    assert not {"QuoteIdentifier", "QuoteOptionIdentifier"} & buy()["Order"].keys()
    assert fake.quotes == [quote]


def test_summarises_without_quotes(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """ListOrders does not say that an order is of a quote."""
    buy(**ordering(fake.make_quote()))
    [summary] = client.list_orders()["Orders"]
    assert not [name for name in summary if "Quote" in name]


@pytest.mark.parametrize(
    "changes",
    [
        {"LineItems": None},
        {"LineItems": None, "QuoteIdentifier": QUOTE},
        {"LineItems": None, "QuoteOptionIdentifier": OPTION},
        {"QuoteIdentifier": QUOTE},
        {"QuoteOptionIdentifier": OPTION},
        {"QuoteIdentifier": QUOTE, "QuoteOptionIdentifier": OPTION},
    ],
)
def test_orders_one_thing(fake: FakeOutposts, buy: Buy, changes: dict[str, object]) -> None:
    """An order is of line items or of a quote and its option, never neither or both."""
    with pytest.raises(ClientError) as refused:
        buy(**changes)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert not fake.orders


@pytest.mark.parametrize("unknown", [{"QuoteIdentifier": QUOTE}, {"QuoteOptionIdentifier": OPTION}])
def test_orders_no_unknown_quote(
    fake: FakeOutposts, client: BaseClient, buy: Buy, unknown: dict[str, str]
) -> None:
    """A quote or option that doesn't exist isn't found."""
    with pytest.raises(client.exceptions.NotFoundException):
        buy(**ordering(fake.make_quote()) | unknown)
    assert not fake.orders


@pytest.mark.parametrize(
    "members",
    [
        {"QuoteStatus": "EXPIRED"},
        {"QuoteStatus": "ORDER_SUBMITTED"},
        {"SubmittedOrderId": "oo-0123456789abcdef0"},
        {"ExpirationDate": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
)
def test_orders_no_closed_quote(
    fake: FakeOutposts, client: BaseClient, buy: Buy, members: dict[str, object]
) -> None:
    """An expired or submitted quote is a conflict that names the quote."""
    quote = fake.make_quote()
    fake.set_quote(quote["QuoteId"], **members)
    with pytest.raises(client.exceptions.ConflictException) as refused:
        buy(**ordering(quote))
    response = refused.value.response
    assert response["ResourceId"] == quote["QuoteId"]
    assert not fake.orders


def test_serves_one_order(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """A quote is used up even when its order was cancelled."""
    quote = fake.make_quote(options=2)
    order_id = buy(**ordering(quote))["Order"]["OrderId"]
    client.cancel_order(OrderId=order_id)
    with pytest.raises(client.exceptions.ConflictException):
        buy(**ordering(quote, option=1))
    assert status(client, quote) == ("ORDER_SUBMITTED", order_id)


def test_opens_a_quote_again(fake: FakeOutposts, buy: Buy) -> None:
    """A quote whose order is taken from it can be ordered once more."""
    quote = fake.make_quote()
    buy(**ordering(quote))
    fake.set_quote(quote["QuoteId"], QuoteStatus="CREATED", SubmittedOrderId=None)
    assert buy(**ordering(quote))["Order"]["QuoteIdentifier"] == quote["QuoteId"]


def test_orders_by_quote_in_the_console(fake: FakeOutposts, client: BaseClient) -> None:
    """An order made by hand uses its quote up as well."""
    quote = fake.make_quote()
    named = ordering(quote)
    order = fake.make_order(
        quote_identifier=named["QuoteIdentifier"],
        quote_option_identifier=named["QuoteOptionIdentifier"],
    )
    assert client.get_order(OrderId=order["OrderId"])["Order"] == order
    assert order["QuoteOptionIdentifier"] == named["QuoteOptionIdentifier"]
    assert status(client, quote) == ("ORDER_SUBMITTED", order["OrderId"])


def test_shows_a_quotes_order_late(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """With a lag, the first reads of a quote do not show the order that used it up."""
    fake.quote_lag = 2
    quote = fake.make_quote()
    order_id = buy(**ordering(quote))["Order"]["OrderId"]
    assert fake.quotes[0]["SubmittedOrderId"] == order_id
    with pytest.raises(client.exceptions.ConflictException):
        buy(**ordering(quote))
    assert [status(client, quote) for _ in range(3)] == [
        ("CREATED", None),
        ("CREATED", None),
        ("ORDER_SUBMITTED", order_id),
    ]


def test_lag_counts_each_quotes_reads(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """Reads before the order, or of another quote, don't use up the lag."""
    quote, other = fake.make_quote(), fake.make_quote()
    status(client, quote)
    fake.quote_lag = 1
    buy(**ordering(quote))
    status(client, other)
    assert [status(client, quote)[0] for _ in range(2)] == ["CREATED", "ORDER_SUBMITTED"]


def test_shows_what_is_set_at_once(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """A change ends the lag."""
    fake.quote_lag = 5
    quote = fake.make_quote()
    order_id = buy(**ordering(quote))["Order"]["OrderId"]
    fake.set_quote(quote["QuoteId"], QuoteStatus="EXPIRED")
    assert status(client, quote) == ("EXPIRED", order_id)


def test_forgets_quotes(fake: FakeOutposts) -> None:
    """A reset takes quotes and their lag away."""
    fake.make_quote()
    fake.quote_lag = 3
    fake.reset()
    assert (fake.quotes, fake.quote_lag) == ([], 0)
