from decimal import Decimal
from typing import Any

import pytest
from aws_cdk import CfnParameter, Stack

from cdk_outpost_order import InvalidOrderError, LineItem, PaymentTerm, QuotePrice
from tests.constructs.conftest import MakeOrder, granted_by, only, template_of

QUOTE = "oq-0123456789abcdef0"
OPTION = "oqo-0123456789abcdef0"
FROM_QUOTE: dict[str, Any] = {
    "line_items": None,
    "quote_identifier": QUOTE,
    "quote_option_identifier": OPTION,
}
PRICED = FROM_QUOTE | {"payment_term": PaymentTerm.THREE_YEARS}


def properties_in(stack: Stack) -> dict[str, Any]:
    return dict(only(template_of(stack), "Custom::OutpostOrder")["Properties"])


def test_the_template_has_a_quote_instead_of_line_items(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The template has both identifiers, named as in CreateOrder, and no other property."""
    make_order(**FROM_QUOTE)
    properties = properties_in(stack)
    assert (properties["QuoteIdentifier"], properties["QuoteOptionIdentifier"]) == (QUOTE, OPTION)
    assert not {"LineItems", "QuotePrice"} & set(properties)


def test_the_arn_of_a_quote_passes(stack: Stack, make_order: MakeOrder) -> None:
    """CreateOrder accepts the ARN as well as the ID."""
    arn = f"arn:aws:outposts:us-west-2:111122223333:quote/{QUOTE}"
    make_order(**FROM_QUOTE | {"quote_identifier": arn})
    assert properties_in(stack)["QuoteIdentifier"] == arn


def test_identifiers_can_be_tokens(stack: Stack, make_order: MakeOrder) -> None:
    """The handler checks a value that only the deployment knows."""
    text = CfnParameter(stack, "Text").value_as_string
    make_order(line_items=None, quote_identifier=text, quote_option_identifier=text)
    assert properties_in(stack)["QuoteIdentifier"] == {"Ref": "Text"}


def test_the_template_has_the_price(stack: Stack, make_order: MakeOrder) -> None:
    """A reviewer sees the money, in plain digits."""
    make_order(**PRICED, quote_price=QuotePrice(169000, 1200.5))
    assert properties_in(stack)["QuotePrice"] == {
        "UpfrontPrice": "169000",
        "MonthlyRecurringPrice": "1200.5",
        "Currency": "USD",
    }


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (169000.0, "169000"),
        (1e5, "100000"),
        (0.1, "0.1"),
        (Decimal("1.2E+3"), "1200"),
        (Decimal("1200.50"), "1200.5"),
        ("1200.50", "1200.50"),
    ],
)
def test_amounts_are_plain_decimals(
    amount: Any,  # noqa: ANN401
    text: str,
    stack: Stack,
    make_order: MakeOrder,
) -> None:
    """No exponent and no binary fraction reaches the template; a text doesn't change."""
    make_order(**PRICED, quote_price=QuotePrice(amount, 0))
    assert properties_in(stack)["QuotePrice"]["UpfrontPrice"] == text


def test_only_where_a_quote_is_ordered_may_the_role_read_quotes(
    stack: Stack, make_order: MakeOrder
) -> None:
    """Orders of line items need no quote."""
    make_order("Rack")
    assert "outposts:GetQuote" not in granted_by(template_of(stack))


def test_the_role_can_read_a_quote_that_is_ordered(stack: Stack, make_order: MakeOrder) -> None:
    """GetQuote has no resource-level permission."""
    make_order(**FROM_QUOTE)
    assert granted_by(template_of(stack))["outposts:GetQuote"] == "*"


NOT_BESIDE = "'line_items' must not be given with a quote, which has its own: remove one of them"
NO_AMOUNT = "must be an amount of 0 or more, like 1200 or 1200.50, got"


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        (
            {"line_items": None},
            (
                "'line_items', or 'quote_identifier' and 'quote_option_identifier', must be given: "
                "they are what the order is for"
            ),
        ),
        (FROM_QUOTE | {"line_items": [LineItem("OR-ABCDEFG")]}, NOT_BESIDE),
        (
            FROM_QUOTE | {"quote_option_identifier": None},
            "'quote_option_identifier' must be oqo- and 17 of 0-9, a-f, got None",
        ),
        (
            FROM_QUOTE | {"quote_identifier": None},
            (
                "'quote_identifier' must be a quote id (oq- and 17 of 0-9, a-f) or the ARN of "
                "a quote, got None"
            ),
        ),
        (
            FROM_QUOTE | {"quote_identifier": OPTION},
            (
                "'quote_identifier' must be a quote id (oq- and 17 of 0-9, a-f) or the ARN of "
                f"a quote, got '{OPTION}'"
            ),
        ),
        (
            FROM_QUOTE | {"in_addition_to": ["PO-1"]},
            (
                "'in_addition_to' must not be given with a quote, which serves one order: get "
                "another quote"
            ),
        ),
        (
            {"quote_price": QuotePrice(1, 1), "payment_term": PaymentTerm.ONE_YEAR},
            (
                "'quote_price' must not be given without 'quote_identifier' and "
                "'quote_option_identifier': only a quote has a price"
            ),
        ),
        (
            FROM_QUOTE | {"quote_price": QuotePrice(1, 1)},
            "'payment_term' must be given with 'quote_price': a quote has one price for each term",
        ),
        (
            PRICED | {"quote_price": {"UpfrontPrice": 1}},
            (
                "'quote_price' must be a QuotePrice, or a dict of upfront, monthly_recurring and "
                "currency, got {'UpfrontPrice': 1}"
            ),
        ),
        (
            PRICED | {"quote_price": QuotePrice(1, 1, "dollars")},
            "'currency' of 'quote_price' must be three of A-Z, like USD, got 'dollars'",
        ),
    ],
)
def test_a_contradiction_of_a_quote_is_refused(
    props: dict[str, Any], problem: str, make_order: MakeOrder
) -> None:
    """The message says what is wrong, the value given and what is allowed."""
    with pytest.raises(InvalidOrderError) as refused:
        make_order(**props)
    assert refused.value.problems == (problem,)


@pytest.mark.parametrize(
    "amount",
    [-1, True, None, "", "12e3", "1,200", "$5", 0.1 + 0.2, float("nan"), Decimal("1E+999999")],
    ids=repr,
)
def test_an_invalid_amount_is_refused(
    amount: Any,  # noqa: ANN401
    make_order: MakeOrder,
) -> None:
    """A sign, a comma, or a rounding error never becomes a price."""
    with pytest.raises(InvalidOrderError) as refused:
        make_order(**PRICED, quote_price=QuotePrice(0, amount))
    [problem] = refused.value.problems
    assert problem == f"'monthly_recurring' of 'quote_price' {NO_AMOUNT} {amount!r}"
