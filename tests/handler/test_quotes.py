import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest

from outpost_order_handler.records import Row
from outpost_order_handler.table import Table
from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import OUTPOST_ID, PROPERTIES, Invoke

NOTHING = f"nothing was ordered on {OUTPOST_ID}"
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
    """A quote can be updated after it was reviewed: the reason tells both prices."""
    response = invoke("Create", of(quote, QuotePrice=PRICE | {name: value}))
    assert response.reason == (
        f"InvalidRequest (QuotePriceChanged): {NOTHING}: it costs USD 0 upfront and 4700.5 monthly,"
        f" agreed was {agreed}; agree on the price and correct quote_price, then deploy again"
    )
    assert outposts.posts == []


@pytest.mark.parametrize(
    ("changes", "exception", "detail"),
    [
        ({"QuoteStatus": "EXPIRED"}, "QuoteExpired", "ended"),
        (
            {"ExpirationDate": datetime.now(UTC) - timedelta(seconds=1)},
            "QuoteExpired",
            "ended",
        ),
        (
            {"OutpostArn": "arn:aws:outposts:us-west-2:123456789012:outpost/op-fedcba98765432100"},
            "QuoteOfAnotherOutpost",
            "is for op-fedcba98765432100",
        ),
        ({"QuoteOptions": []}, "NoSuchOption", "but none"),
        (
            {
                "OrderingRequirements": [
                    {"OrderingRequirementType": "ENTERPRISE_SUPPORT_ERROR", "Status": "FAIL"}
                ]
            },
            "OrderingRequirementNotMet",
            "ENTERPRISE_SUPPORT_ERROR; meet it",
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
    """Nobody agreed on a price for it."""
    [option] = quote["QuoteOptions"]
    kept = [
        pricing
        for pricing in option["PricingOptions"]
        if pricing["SubscriptionPricingDetails"]["PaymentTerm"] != "THREE_YEARS"
    ]
    outposts.set_quote(quote["QuoteId"], QuoteOptions=[option | {"PricingOptions": kept}])
    reason = invoke("Create", of(quote)).reason
    assert f"{quote['QuoteId']} offers no NO_UPFRONT THREE_YEARS; choose" in reason
    assert outposts.posts == []


def test_an_open_order_of_the_quote_is_named(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """One quote serves one order, so another one is no way on."""
    order_id = invoke("Create", of(quote)).physical_id
    response = invoke("Create", of(quote, OrderName="PO-4712"), LogicalResourceId="Spare")
    assert f"{quote['QuoteId']} served {order_id} already" in response.reason
    assert len(outposts.posts) == 1


def test_an_order_that_was_made_of_the_quote_by_hand_is_adopted_where_that_was_asked_for(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Without that it is named, with what can be done."""
    option = quote["QuoteOptions"][0]["QuoteOptionIdentifier"]
    order_id = outposts.make_order(
        outpost_id=OUTPOST_ID,
        payment_option="NO_UPFRONT",
        payment_term="THREE_YEARS",
        quote_identifier=quote["QuoteId"],
        quote_option_identifier=option,
    )["OrderId"]
    refused = invoke("Create", of(quote))
    adopted = invoke("Create", of(quote, ExistingOrder="ADOPT"))
    assert f"open there: {order_id} (PREPARING); set existing_order to ADOPT" in refused.reason
    assert "or order from another quote, then deploy again" in refused.reason
    assert (adopted.status, adopted.physical_id) == ("SUCCESS", order_id)
    assert outposts.posts == []


def test_a_quote_whose_order_was_cancelled_is_spent(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The same name cannot buy of it again."""
    order_id = invoke("Create", of(quote)).physical_id
    outposts.set_status(order_id, "CANCELLED")
    again = invoke("Create", of(quote))
    assert f"(QuoteUsed): {NOTHING}: {quote['QuoteId']} served {order_id} already" in again.reason
    assert len(outposts.posts) == 1


def test_the_quote_tells_which_order_came_of_it(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke, ledger: Table
) -> None:
    """The answer is lost and no list shows the order: the quote names it."""
    outposts.list_lag = 1000
    outposts.fail("CreateOrder", Fault.status(500, applied=True))
    response = invoke("Create", of(quote))
    assert (response.status, response.physical_id) == ("SUCCESS", outposts.orders[0]["OrderId"])
    assert Row.of(ledger.read("order#PO-4711")).witness == "QUOTE"
    assert len(outposts.posts) == 1


def test_a_quote_without_an_order_proves_nothing(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The order may come late."""
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    assert "outcome unknown" in invoke("Create", of(quote)).reason


def test_the_list_is_looked_at_while_the_quote_names_no_order(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Whichever shows it first."""
    outposts.quote_lag = 1000
    outposts.fail("CreateOrder", Fault.status(500, applied=True))
    assert invoke("Create", of(quote)).status == "SUCCESS"
    assert len(outposts.posts) == 1


def test_an_order_of_another_option_is_another_order(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An update tells what differs, and buys nothing."""
    order_id = invoke("Create", of(quote)).physical_id
    other = of(quote, QuoteOptionIdentifier="oqo-fedcba98765432100")
    response = invoke("Update", other, PhysicalResourceId=order_id)
    assert "an order cannot be changed: QuoteOptionIdentifier" in response.reason
    assert len(outposts.posts) == 1


def test_a_quote_that_cannot_be_read_buys_nothing(
    quote: dict[str, Any], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """What it costs now is not known."""
    outposts.fail("GetQuote", Fault.refusal("AccessDeniedException"))
    assert invoke("Create", of(quote)).reason == (
        f"AccessDenied (AccessDeniedException): quote {quote['QuoteId']} could not be read, "
        "nothing was bought or changed: refused on demand; allow outposts:GetQuote in the "
        "function's role or the organization's SCP, then deploy again"
    )
    assert outposts.posts == []


def test_an_sdk_that_knows_no_quotes_buys_nothing(
    quote: dict[str, Any],
    outposts: FakeOutposts,
    invoke: Invoke,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A runtime can be older than the API: the reason says so."""
    _store_old_model(tmp_path)
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    reason = invoke("Create", of(quote)).reason
    assert reason.startswith(f"InvalidRequest (SdkTooOld): quote {quote['QuoteId']} could not")
    assert f"its boto3 {boto3.__version__} knows no quotes" in reason
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
        (
            {"ExistingOrder": "ALLOW"},
            "'ExistingOrder' must not be ALLOW for a quote, which serves one order",
        ),
        ({"QuoteIdentifier": "oq-1"}, "'QuoteIdentifier' must be a quote id"),
        ({"QuoteOptionIdentifier": None}, "'QuoteOptionIdentifier' must be oqo-"),
        ({"QuotePrice": "4700"}, "'QuotePrice' must be a map, got '4700'"),
        ({"QuotePrice": PRICE | {"UpfrontPrice": "-1"}}, "'UpfrontPrice' of 'QuotePrice' must be"),
        ({"QuotePrice": PRICE | {"UpfrontPrice": 1200}}, "'UpfrontPrice' of 'QuotePrice' must be"),
        ({"QuotePrice": PRICE | {"Tax": "0"}}, "'QuotePrice' has an unknown property 'Tax'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_breaks_a_rule_is_not_sent(
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
    assert "'PaymentTerm' must be given with 'QuotePrice'" in invoke("Create", without_term).reason
    assert (
        "'QuotePrice' must not be given without 'QuoteIdentifier' and 'QuoteOptionIdentifier'"
        in invoke("Create", PROPERTIES | {"QuotePrice": PRICE}).reason
    )
    assert outposts.requests == []
