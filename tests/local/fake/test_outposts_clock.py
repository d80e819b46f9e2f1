from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from outpost_order_fake import FakeOutposts

Buy = Callable[..., dict[str, Any]]

DAY = timedelta(days=1)
MONTH = timedelta(days=30)


def status(client: BaseClient, quote: dict[str, Any]) -> str:
    shown = client.get_quote(QuoteIdentifier=quote["QuoteId"])["Quote"]
    return str(shown["QuoteStatus"])


def test_dates_orders_by_its_clock(fake: FakeOutposts, buy: Buy) -> None:
    """An order that is placed after an advance is so much younger."""
    first = buy()["Order"]["OrderSubmissionDate"]
    fake.clock.advance(MONTH)
    assert buy()["Order"]["OrderSubmissionDate"] - first >= MONTH
    assert fake.requests[1].at - fake.requests[0].at >= MONTH


def test_dates_the_completion_by_its_clock(fake: FakeOutposts) -> None:
    """An order takes as long as a test lets pass."""
    order = fake.make_order()
    fake.clock.advance(MONTH)
    done = fake.advance(order["OrderId"], to="COMPLETED")
    assert done["OrderFulfilledDate"] - done["OrderSubmissionDate"] >= MONTH


def test_a_quote_expires(fake: FakeOutposts, client: BaseClient, buy: Buy) -> None:
    """After 30 days its status says so, and no order can be made from it."""
    quote = fake.make_quote()
    fake.clock.advance(MONTH - DAY)
    assert status(client, quote) == "CREATED"
    fake.clock.advance(DAY)
    assert status(client, quote) == fake.quotes[0]["QuoteStatus"] == "EXPIRED"
    option = quote["QuoteOptions"][0]["QuoteOptionIdentifier"]
    with pytest.raises(client.exceptions.ConflictException):
        buy(LineItems=None, QuoteIdentifier=quote["QuoteId"], QuoteOptionIdentifier=option)
    assert fake.orders == []


def test_a_quote_that_served_an_order_does_not_expire(
    fake: FakeOutposts, client: BaseClient, buy: Buy
) -> None:
    """Its status stays that of the order."""
    quote = fake.make_quote()
    option = quote["QuoteOptions"][0]["QuoteOptionIdentifier"]
    buy(LineItems=None, QuoteIdentifier=quote["QuoteId"], QuoteOptionIdentifier=option)
    fake.clock.advance(2 * MONTH)
    assert status(client, quote) == "ORDER_SUBMITTED"


def test_a_reset_sets_the_clock(fake: FakeOutposts) -> None:
    """The next test has the time of this machine."""
    before = fake.clock.now()
    fake.clock.advance(MONTH)
    fake.reset()
    assert fake.clock.now() - before < MONTH
