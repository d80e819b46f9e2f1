"""An order from a quote: its price is agreed on, and one quote serves one order."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.ledger.records import State
from outpost_order_handler.ledger.table import Ledger
from tests.fakes.dynamodb import DynamoDbInProcess, SessionWithLedger
from tests.handler.conftest import (
    NAME,
    NOTHING,
    OUTPOST_ID,
    PROPERTIES,
    RE_CREATED_STACK,
    RECONCILE,
    UNKNOWN,
    Invoke,
    Time,
)

PRICE = {"UpfrontPrice": "0", "MonthlyRecurringPrice": "4700.50", "Currency": "USD"}


@pytest.fixture
def quote(outposts: FakeOutposts) -> dict[str, Any]:
    """Give a quote for 4,700.50 USD each month."""
    return outposts.make_quote(
        outpost_id=OUTPOST_ID, upfront_price=0.0, monthly_recurring_price=4700.5
    )


def of(quote: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the properties of an order from a quote."""
    properties = {name: value for name, value in PROPERTIES.items() if name != "LineItems"}
    chosen = {
        "QuoteIdentifier": quote["QuoteId"],
        "QuoteOptionIdentifier": quote["QuoteOptions"][0]["QuoteOptionIdentifier"],
    }
    return properties | chosen | changes


def test_an_order_is_made_of_a_quote(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The request names quote and option, and no line items."""
    response = invoke("Create", of(quote))
    [order] = outposts.orders
    [post] = outposts.posts
    assert (response.status, response.physical_id) == ("SUCCESS", order["OrderId"])
    assert post.params == {
        "OutpostIdentifier": OUTPOST_ID,
        "QuoteIdentifier": quote["QuoteId"],
        "QuoteOptionIdentifier": quote["QuoteOptions"][0]["QuoteOptionIdentifier"],
        "PaymentOption": "NO_UPFRONT",
        "PaymentTerm": "THREE_YEARS",
    }


def test_a_quote_is_known_by_its_arn_too(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An update finds the order equal, whichever way the template names the quote."""
    arn = f"arn:aws:outposts:us-west-2:123456789012:quote/{quote['QuoteId']}"
    order_id = invoke("Create", of(quote, QuoteIdentifier=arn)).physical_id
    assert invoke("Update", of(quote), PhysicalResourceId=order_id).status == "SUCCESS"
    assert len(outposts.posts) == 1


@pytest.mark.parametrize("price", ["4700.5", "4700.50", "04700.500"])
def test_the_agreed_price_is_paid(
    price: str, quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Amounts are compared, not their texts."""
    agreed = PRICE | {"MonthlyRecurringPrice": price}
    assert invoke("Create", of(quote, QuotePrice=agreed)).status == "SUCCESS"
    assert len(outposts.orders) == 1


@pytest.mark.parametrize(
    ("name", "value", "agreed"),
    [
        ("UpfrontPrice", "1", "USD 1 upfront and 4700.50 monthly"),
        ("MonthlyRecurringPrice", "4700.49", "USD 0 upfront and 4700.49 monthly"),
        ("Currency", "EUR", "EUR 0 upfront and 4700.50 monthly"),
    ],
)
def test_another_price_than_agreed_is_refused(
    *,
    name: str,
    value: str,
    agreed: str,
    quote: dict[str, Any],
    outposts: FakeOutposts,
    invoke: Invoke,
) -> None:
    """A quote can be updated after it was reviewed: the reason shows both prices."""
    response = invoke("Create", of(quote, QuotePrice=PRICE | {name: value}))
    assert response.reason == (
        f"InvalidRequest (QuotePriceChanged): {NOTHING}: the price is now USD 0 upfront and 4700.5 "
        f"monthly, the template says {agreed}. Update quote_price after approving the new price."
    )
    assert outposts.posts == []


FLOATS = [
    ("750000.33", 750000.3),
    ("750000.33", 750000.33),
    ("750000.33", 750000.3125),
    ("0.1", 0.10000000149011612),
    ("16777217", 16777216.0),
]


@pytest.mark.parametrize(("agreed", "shown"), FLOATS)
@pytest.mark.parametrize("member", ["UpfrontPrice", "MonthlyRecurringPrice"])
def test_prices_are_equal_as_far_as_the_api_can_tell(
    *, agreed: str, shown: float, member: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The API's prices are 32-bit floats, so 750000.33 can arrive as 750000.3."""
    prices = {"UpfrontPrice": 0.0, "MonthlyRecurringPrice": 0.0} | {member: shown}
    quote = outposts.make_quote(
        outpost_id=OUTPOST_ID,
        upfront_price=prices["UpfrontPrice"],
        monthly_recurring_price=prices["MonthlyRecurringPrice"],
    )
    price = {"UpfrontPrice": "0", "MonthlyRecurringPrice": "0", "Currency": "USD"}
    assert invoke("Create", of(quote, QuotePrice=price | {member: agreed})).status == "SUCCESS"
    assert len(outposts.orders) == 1


@pytest.mark.parametrize(
    ("agreed", "shown"), [("750000.33", 750000.4), ("750000.33", 750001.0), ("0.1", 0.1000001)]
)
def test_a_difference_that_the_api_shows_is_refused(
    agreed: str, shown: float, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The reason shows both amounts."""
    quote = outposts.make_quote(outpost_id=OUTPOST_ID, upfront_price=shown)
    price = {"UpfrontPrice": agreed, "MonthlyRecurringPrice": "0", "Currency": "USD"}
    reason = invoke("Create", of(quote, QuotePrice=price)).reason
    assert f"the price is now USD {shown} upfront and 0 monthly" in reason
    assert f"the template says USD {agreed} upfront and 0 monthly" in reason
    assert outposts.posts == []


@pytest.mark.parametrize(
    ("changes", "exception", "detail"),
    [
        ({"QuoteStatus": "EXPIRED"}, "QuoteExpired", "expired"),
        (
            {"ExpirationDate": datetime.now(UTC) - timedelta(seconds=1)},
            "QuoteExpired",
            "expired",
        ),
        (
            {"OutpostArn": "arn:aws:outposts:us-west-2:123456789012:outpost/op-fedcba98765432100"},
            "QuoteOfAnotherOutpost",
            "is for op-fedcba98765432100",
        ),
        ({"QuoteOptions": []}, "NoSuchOption", "not found, available: none"),
        (
            {
                "OrderingRequirements": [
                    {"OrderingRequirementType": "ENTERPRISE_SUPPORT_ERROR", "Status": "FAIL"}
                ]
            },
            "OrderingRequirementNotMet",
            "ENTERPRISE_SUPPORT_ERROR. Meet this requirement",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_quote_that_cannot_be_ordered_is_refused(
    *,
    changes: dict[str, Any],
    exception: str,
    detail: str,
    quote: dict[str, Any],
    outposts: FakeOutposts,
    invoke: Invoke,
) -> None:
    """The reason names what is in the way, before anything is sent."""
    properties = of(quote)
    outposts.set_quote(quote["QuoteId"], **changes)
    reason = invoke("Create", properties).reason
    assert reason.startswith(f"InvalidRequest ({exception}): {NOTHING}: ")
    assert detail in reason
    assert outposts.posts == []


def test_a_way_to_pay_that_the_quote_lacks_is_refused(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The quote has no price for it."""
    [option] = quote["QuoteOptions"]
    kept = [
        pricing
        for pricing in option["PricingOptions"]
        if pricing["SubscriptionPricingDetails"]["PaymentTerm"] != "THREE_YEARS"
    ]
    outposts.set_quote(quote["QuoteId"], QuoteOptions=[option | {"PricingOptions": kept}])
    reason = invoke("Create", of(quote)).reason
    assert f"{quote['QuoteId']} doesn't offer NO_UPFRONT THREE_YEARS. Choose" in reason
    assert outposts.posts == []


def test_the_order_of_the_quote_is_named(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """One quote serves one order, so another one needs another quote."""
    order_id = invoke("Create", of(quote)).physical_id
    response = invoke("Create", of(quote, OrderName="PO-4712"), LogicalResourceId="Spare")
    assert response.reason == (
        f"InvalidRequest (QuoteUsed): {NOTHING}: {quote['QuoteId']} was already used for "
        f"{order_id}. To use it, set adopt_order_id. To buy another, get another quote."
    )
    assert len(outposts.posts) == 1


def test_a_quote_that_does_not_show_its_order_serves_no_second_one(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The list and the ledger have it; and what it costs makes no difference."""
    outposts.quote_lag = 1000
    order_id = invoke("Create", of(quote)).physical_id
    other = of(quote, OrderName="PO-4712", PaymentOption="ALL_UPFRONT")
    reason = invoke("Create", other, LogicalResourceId="Spare").reason
    assert reason == (
        f"InvalidRequest (QuoteUsed): {NOTHING}: an identical order exists: "
        f"{order_id} of PO-4711. To use it, set adopt_order_id. To buy another, get another quote."
    )
    assert len(outposts.posts) == 1


def test_no_record_permits_a_second_order_of_a_quote(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, ledger: Ledger
) -> None:
    """A record that names the other order doesn't permit a second order of the quote."""
    outposts.quote_lag = 1000
    invoke("Create", of(quote))
    order = ledger.record(NAME)
    assert order.request is not None
    ledger.write(replace(order, request=replace(order.request, in_addition_to=("PO-4712",))))
    response = invoke("Create", of(quote, OrderName="PO-4712"), LogicalResourceId="Spare")
    assert "(QuoteUsed)" in response.reason
    assert len(outposts.posts) == 1


def test_an_order_of_another_quote_is_another_order(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Two quotes serve two orders, whatever is in them; and line items are no quote."""
    second = outposts.make_quote(outpost_id=OUTPOST_ID)
    orders = [of(quote), of(second, OrderName="PO-4712"), PROPERTIES | {"OrderName": "PO-4713"}]
    for properties in orders:
        assert invoke("Create", properties).status == "SUCCESS"
    assert len(outposts.orders) == 3


@pytest.mark.parametrize("other", ["the same option", "another quote"])
def test_an_attempt_with_the_same_option_is_waited_for(
    other: str, quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An unknown outcome blocks its quote option, and no other quote."""
    outposts.fail("CreateOrder", Fault.status(500))
    invoke("Create", of(quote))
    chosen = quote if other == "the same option" else outposts.make_quote(outpost_id=OUTPOST_ID)
    response = invoke("Create", of(chosen, OrderName="PO-4712"), LogicalResourceId="Spare")
    busy = "(OutpostBusy)" in response.reason
    assert (busy, len(outposts.posts)) == ((True, 1) if chosen is quote else (False, 2))


def test_an_order_that_was_made_of_the_quote_in_the_console_is_adopted(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The refusal names the order until it is adopted."""
    option = quote["QuoteOptions"][0]["QuoteOptionIdentifier"]
    order_id = outposts.make_order(
        outpost_id=OUTPOST_ID,
        payment_option="NO_UPFRONT",
        payment_term="THREE_YEARS",
        quote_identifier=quote["QuoteId"],
        quote_option_identifier=option,
    )["OrderId"]
    refused = invoke("Create", of(quote))
    adopted = invoke("Create", of(quote, AdoptOrderId=order_id))
    assert f"{quote['QuoteId']} was already used for {order_id}. " in refused.reason
    assert (adopted.status, adopted.physical_id) == ("SUCCESS", order_id)
    assert outposts.posts == []


def test_a_quote_whose_order_was_cancelled_is_spent(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """No order name can buy from the quote again."""
    order_id = invoke("Create", of(quote)).physical_id
    outposts.set_status(order_id, "CANCELLED")
    same = invoke("Create", of(quote), StackId=RE_CREATED_STACK)
    other = invoke("Create", of(quote, OrderName="PO-4712"))
    assert f"(OrderCancelled): {order_id} of PO-4711 was cancelled" in same.reason
    assert f"{quote['QuoteId']} was already used for {order_id}. " in other.reason
    assert len(outposts.posts) == 1


def test_the_quote_names_the_order_that_came_of_it(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, ledger: Ledger
) -> None:
    """The response is lost and no list shows the order."""
    outposts.list_lag = 1000
    outposts.fail("CreateOrder", Fault.status(500, applied=True))
    response = invoke("Create", of(quote))
    assert (response.status, response.physical_id) == ("SUCCESS", outposts.orders[0]["OrderId"])
    assert ledger.record(NAME).state == State.PLACED
    assert len(outposts.posts) == 1


def test_a_quote_without_an_order_proves_nothing(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, time: Time
) -> None:
    """The order can come late: then the next deployment has it, by the quote."""
    outposts.list_lag = 1000
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    assert f"{UNKNOWN}. Before you deploy again, {RECONCILE}" in invoke("Create", of(quote)).reason
    [order] = outposts.apply_late()
    time.passed += 60
    assert invoke("Create", of(quote)).physical_id == order["OrderId"]
    assert len(outposts.posts) == 1


def test_an_order_of_the_quote_needs_no_date(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, time: Time
) -> None:
    """One quote serves one order, so no other attempt placed the order."""
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    invoke("Create", of(quote))
    [order] = outposts.apply_late()
    outposts.set_order(order["OrderId"], OrderSubmissionDate=None)
    time.passed += 60
    assert invoke("Create", of(quote)).physical_id == order["OrderId"]


@pytest.mark.parametrize("quoted", [True, False], ids=["quote", "line items"])
def test_an_order_of_another_kind_is_no_evidence(
    *, quoted: bool, quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An order of line items isn't evidence for a quote, nor the other way round."""
    properties = of(quote) if quoted else PROPERTIES
    outposts.fail("CreateOrder", Fault.status(500))
    invoke("Create", properties)
    option = quote["QuoteOptions"][0]["QuoteOptionIdentifier"]
    outposts.make_order(
        outpost_id=OUTPOST_ID,
        line_items=[{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}],
        payment_option="NO_UPFRONT",
        payment_term="THREE_YEARS",
        quote_identifier=None if quoted else quote["QuoteId"],
        quote_option_identifier=None if quoted else option,
    )
    assert UNKNOWN in invoke("Create", properties, StackId=RE_CREATED_STACK).reason


def test_an_order_of_the_quote_for_another_outpost_is_no_evidence(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, ledger: Ledger, time: Time
) -> None:
    """A quote without an Outpost can serve an order of another name, on another Outpost."""
    outposts.set_quote(quote["QuoteId"], OutpostArn=None)
    outposts.fail("CreateOrder", Fault.status(500))
    invoke("Create", of(quote))
    elsewhere = of(quote, OrderName="PO-4712", OutpostIdentifier="op-fedcba98765432100")
    assert invoke("Create", elsewhere, LogicalResourceId="Spare").status == "SUCCESS"
    time.passed += 60
    assert UNKNOWN in invoke("Create", of(quote), StackId=RE_CREATED_STACK).reason
    assert ledger.record(NAME).state == State.SUBMITTING


def test_the_list_is_searched_while_the_quote_names_no_order(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The quote or the list can show the order first."""
    outposts.quote_lag = 1000
    outposts.fail("CreateOrder", Fault.status(500, applied=True))
    assert invoke("Create", of(quote)).status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_an_order_of_another_option_is_another_order(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An update names what differs, and buys nothing."""
    order_id = invoke("Create", of(quote)).physical_id
    other = of(quote, QuoteOptionIdentifier="oqo-fedcba98765432100")
    response = invoke("Update", other, PhysicalResourceId=order_id)
    assert "You can't change an order: QuoteOptionIdentifier" in response.reason
    assert len(outposts.posts) == 1


@pytest.mark.parametrize(
    "price",
    [PRICE | {"MonthlyRecurringPrice": "1.00"}, PRICE | {"Currency": "EUR"}, None],
    ids=["another", "another currency", "none"],
)
def test_a_changed_price_is_refused(
    price: dict[str, str] | None, quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The template would show a price that was never agreed on; the rollback succeeds."""
    old = of(quote, QuotePrice=PRICE)
    order_id = invoke("Create", old).physical_id
    new = of(quote) if price is None else of(quote, QuotePrice=price)
    there = invoke("Update", new, PhysicalResourceId=order_id, OldResourceProperties=old)
    back = invoke("Update", old, PhysicalResourceId=order_id, OldResourceProperties=new)
    assert (
        f"{order_id} is unchanged, and nothing was bought. You can't change an order: QuotePrice"
        in (there.reason)
    )
    assert back.status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_the_same_price_in_other_digits_is_no_change(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Amounts are compared, even while the order can't be read."""
    old = of(quote, QuotePrice=PRICE)
    order_id = invoke("Create", old).physical_id
    outposts.fail("GetOrder", Fault.refusal("NotFoundException"), times=None)
    new = of(quote, QuotePrice=PRICE | {"MonthlyRecurringPrice": "4700.5"})
    response = invoke("Update", new, PhysicalResourceId=order_id, OldResourceProperties=old)
    assert response.status == "SUCCESS"


def test_a_price_that_changed_since_does_not_matter_for_an_order(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The order was bought at the agreed price, so no later deployment compares the price."""
    properties = of(quote, QuotePrice=PRICE)
    order_id = invoke("Create", properties).physical_id
    outposts.set_quote(quote["QuoteId"], QuoteOptions=[], QuoteStatus="EXPIRED")
    again = invoke("Create", properties, StackId=RE_CREATED_STACK)
    assert (again.status, again.physical_id) == ("SUCCESS", order_id)
    assert len(outposts.posts) == 1


def test_a_quote_that_cannot_be_read_buys_nothing(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The current price is unknown; a new role has a minute to get the permission."""
    outposts.fail("GetQuote", Fault.refusal("AccessDeniedException"), times=None)
    assert invoke("Create", of(quote)).reason == (
        f"AccessDenied (AccessDeniedException): quote {quote['QuoteId']} could not be read, "
        "and nothing was bought or changed: refused on demand. Allow outposts:GetQuote in the "
        "function's role or the organization's SCP, then deploy again."
    )
    assert outposts.posts == []


def test_an_sdk_that_knows_no_quotes_buys_nothing(
    *,
    quote: dict[str, Any],
    outposts: FakeOutposts,
    invoke: Invoke,
    dynamodb: DynamoDbInProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A runtime can be older than the API: the reason says so."""
    _store_old_model(tmp_path)
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", SessionWithLedger(dynamodb))
    reason = invoke("Create", of(quote)).reason
    assert reason.startswith(f"InvalidRequest (SdkTooOld): quote {quote['QuoteId']} could not")
    assert f"boto3 {boto3.__version__} has no quotes" in reason
    assert reason.endswith(". Add a layer with a newer boto3, or order line items.")
    assert outposts.posts == []


def _store_old_model(folder: Path) -> None:
    """Store the service's model as it was before quotes."""
    [stored] = Path(botocore.__file__).parent.glob("data/outposts/*/service-2.json.gz")
    model = json.loads(gzip.decompress(stored.read_bytes()))
    del model["operations"]["GetQuote"]
    for name in ("QuoteIdentifier", "QuoteOptionIdentifier"):
        del model["shapes"]["CreateOrderInput"]["members"][name]
    target = folder / "outposts" / stored.parent.name / "service-2.json"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(model))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"LineItems": PROPERTIES["LineItems"]}, "'LineItems' must not be given with a quote"),
        ({"InAdditionTo": ["PO-4710"]}, "must not be given with a quote, which serves one order"),
        ({"QuoteIdentifier": "oq-1"}, "'QuoteIdentifier' must be a quote id"),
        ({"QuoteOptionIdentifier": None}, "'QuoteOptionIdentifier' must be oqo-"),
        ({"QuotePrice": "4700"}, "'QuotePrice' must be a map, got '4700'"),
        ({"QuotePrice": PRICE | {"UpfrontPrice": "-1"}}, "'UpfrontPrice' of 'QuotePrice' must be"),
        ({"QuotePrice": PRICE | {"UpfrontPrice": 1200}}, "'UpfrontPrice' of 'QuotePrice' must be"),
        ({"QuotePrice": PRICE | {"Tax": "0"}}, "'QuotePrice' has an unknown property 'Tax'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_breaks_a_rule_is_not_sent(
    changes: dict[str, Any],
    problem: str,
    quote: dict[str, Any],
    outposts: FakeOutposts,
    invoke: Invoke,
) -> None:
    """The reason says what is allowed."""
    reason = invoke("Create", of(quote, **changes)).reason
    assert reason.startswith("InvalidRequest (InvalidRequest): nothing was ordered: ")
    assert problem in reason
    assert outposts.requests == []


def test_a_price_needs_a_quote_and_a_term(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Without a term, several prices would be possible."""
    without_term = of(quote, QuotePrice=PRICE)
    del without_term["PaymentTerm"]
    no_term = invoke("Create", without_term).reason
    no_quote = invoke("Create", PROPERTIES | {"QuotePrice": PRICE}).reason
    assert "'PaymentTerm' must be given with 'QuotePrice'" in no_term
    assert "'QuotePrice' must not be given without 'QuoteIdentifier'" in no_quote
    assert outposts.requests == []


@pytest.mark.parametrize(
    ("name", "value"), [("PaymentOption", "ALL_UPFRONT"), ("PaymentTerm", "ONE_YEAR")]
)
def test_an_order_from_a_quote_is_paid_as_it_was_placed(
    name: str, value: str, quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The quote option identifies the order, and all of its content must be the same."""
    order_id = invoke("Create", of(quote)).physical_id
    other = of(quote, **{name: value})
    update = invoke("Update", other, PhysicalResourceId=order_id, OldResourceProperties=of(quote))
    join = invoke("Create", other, StackId=RE_CREATED_STACK)
    assert update.reason.startswith("NotUpdatable (NotUpdatable): ")
    assert f"differs in {name}" in join.reason
    assert len(outposts.posts) == 1
