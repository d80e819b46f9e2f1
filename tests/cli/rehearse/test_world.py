"""The quotes and orders that a rehearsal makes for an app."""

from collections.abc import Iterator
from typing import Any

import pytest

from outpost_order_cli.rehearse.world import ledgers, prepare
from outpost_order_cli.review.assembly import Environment, StackTemplate
from outpost_order_cli.review.declared import Order
from outpost_order_fake import FakeOutposts

HERE = Environment("000000000000", "us-west-2")
OUTPOST, ADOPTED = "op-0123456789abcdef0", "oo-0123456789abcdef0"
QUOTE, OPTION = "oq-0123456789abcdef0", "oqo-0123456789abcdef0"
ITEMS: dict[str, Any] = {"LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "2"}]}
QUOTED: dict[str, Any] = {"QuoteIdentifier": QUOTE, "QuoteOptionIdentifier": OPTION}


@pytest.fixture
def outposts() -> Iterator[FakeOutposts]:
    """Serve the Outposts API."""
    with FakeOutposts() as fake:
        yield fake


def _order(*, environment: Environment = HERE, **properties: Any) -> Order:  # noqa: ANN401
    given = {"OrderName": "PO-1", "OutpostIdentifier": OUTPOST, "PaymentOption": "NO_UPFRONT"}
    stack = StackTemplate("Berlin", {}, environment=environment)
    return Order(stack, "Rack", {"Properties": given | properties})


def test_an_adopted_order_exists_with_its_content(outposts: FakeOutposts) -> None:
    """It has the ID of the template, and it is the only order."""
    list(prepare([_order(AdoptOrderId=ADOPTED, **ITEMS)], outposts, HERE))
    [order] = outposts.orders
    assert order["OrderId"] == ADOPTED
    assert [each["Quantity"] for each in order["LineItems"]] == [2]


def test_an_adopted_order_from_a_quote_used_the_quote(outposts: FakeOutposts) -> None:
    """The quote names the order."""
    list(prepare([_order(AdoptOrderId=ADOPTED, **QUOTED)], outposts, HERE))
    assert [each["OrderId"] for each in outposts.orders] == [ADOPTED]
    assert [each["SubmittedOrderId"] for each in outposts.quotes] == [ADOPTED]


def test_a_quote_that_only_the_deployment_knows_is_not_made(outposts: FakeOutposts) -> None:
    """There is no ID to make it with."""
    unknown = QUOTED | {"QuoteIdentifier": {"Ref": "Quote"}}
    assert list(prepare([_order(**unknown)], outposts, HERE)) == []
    assert outposts.quotes == []


def test_a_ledger_is_made_once_for_an_account_and_region() -> None:
    """A stack that names neither is in the same place as one that names both."""
    assert ledgers([_order(), _order(environment=Environment())], HERE) == {HERE}
