"""The rules by themselves, as synthesis and the function call them."""

from typing import Any

import pytest

from outpost_order_handler import rules

ITEM: dict[str, Any] = {"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}
PRICE = {"UpfrontPrice": "1200", "MonthlyRecurringPrice": "0.5", "Currency": "USD"}
ORDER: dict[str, Any] = {
    "OrderName": "PO-4710",
    "OutpostIdentifier": "op-0123456789abcdef0",
    "PaymentOption": "NO_UPFRONT",
}
OF_ITEMS = ORDER | {"LineItems": [ITEM]}
OF_A_QUOTE = ORDER | {
    "QuoteIdentifier": "oq-0123456789abcdef0",
    "QuoteOptionIdentifier": "oqo-0123456789abcdef0",
    "PaymentTerm": "THREE_YEARS",
}
HIDDEN = object()


@pytest.mark.parametrize(
    "properties",
    [
        OF_ITEMS,
        OF_A_QUOTE,
        OF_A_QUOTE | {"QuotePrice": PRICE},
        OF_ITEMS | {"LineItems": [ITEM] * 20, "PaymentTerm": "SEVEN_YEARS"},
        OF_ITEMS | {"AdoptOrderId": "oo-0123456789abcdef0"},
        OF_ITEMS | {"InAdditionTo": ["PO-4709", "oo-0123456789abcdef0"]},
        OF_ITEMS | {"Preflight": "SKIP", "Ledger": "city-orders"},
        OF_ITEMS | {"ServiceToken": "arn:aws:lambda:...", "ServiceTimeout": "900"},
    ],
)
def test_a_valid_order_has_no_problems(properties: dict[str, Any]) -> None:
    """Each property has a value that passes."""
    assert list(rules.problems(properties)) == []


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        (
            OF_ITEMS | {"AdoptOrderId": "oo-0123456789abcdef0", "InAdditionTo": ["PO-4709"]},
            (
                "'InAdditionTo' must not be given with 'AdoptOrderId', which buys nothing: "
                "remove one of them"
            ),
        ),
        (
            ORDER,
            (
                "'LineItems', or 'QuoteIdentifier' and 'QuoteOptionIdentifier', must be given: "
                "they are what the order is for"
            ),
        ),
        (
            OF_ITEMS | {"LineItems": [ITEM | {"Quantity": "2"}]},
            "'Quantity' of line item 1 (OR-ABCDEFG) must be a whole number, got '2'",
        ),
        (
            OF_ITEMS | {"LineItems": [ITEM, ITEM | {"Quantity": True}]},
            "'Quantity' of line item 2 (OR-ABCDEFG) must be a whole number, got True",
        ),
        (
            OF_ITEMS | {"LineItems": [ITEM | {"Quantity": 10**5000}]},
            (
                "'Quantity' of line item 1 (OR-ABCDEFG) must be at most 2147483647, "
                "got a number far too large"
            ),
        ),
        (
            OF_ITEMS | {"Ledger": "x" * 61},
            (
                "'Ledger' must be the name of a DynamoDB table of 3 to 60 of A-Z, a-z, 0-9, '.', "
                f"'_', '-', and begin with a letter, a digit or '_', got '{'x' * 56}..."
            ),
        ),
        (OF_ITEMS | {"Colour": "black"}, "the order has an unknown property 'Colour'"),
        (
            OF_ITEMS | {"LineItems": [ITEM | {"CatalogItemId": "OR\u2011ABCDEFG"}]},
            (
                "'CatalogItemId' of line item 1 must be OR- and 7 of A-Z, 0-9, "
                r"got 'OR\u2011ABCDEFG'"
            ),
        ),
        (
            OF_ITEMS | {"OutpostIdentifier": "op-0123456789abcdef0\u200b"},
            (
                "'OutpostIdentifier' must be an Outpost id (op- and 17 of 0-9, a-f) "
                r"or the ARN of an Outpost, got 'op-0123456789abcdef0\u200b'"
            ),
        ),
        (OF_ITEMS | {"Ledger\xa0": "x"}, r"the order has an unknown property 'Ledger\xa0'"),
    ],
)
def test_a_problem_says_what_is_allowed(properties: dict[str, Any], problem: str) -> None:
    """And what to change, if the value alone doesn't say it."""
    assert list(rules.problems(properties)) == [problem]


def test_every_problem_is_found_at_once() -> None:
    """An order is corrected in one step."""
    properties = OF_A_QUOTE | {
        "LineItems": [{"CatalogItemId": "OR-1", "Quantity": 0}, "OR-ABCDEFG"],
        "QuotePrice": PRICE | {"Currency": "dollars"},
        "ExistingOrder": "ALLOW",
        "OrderName": "-rack7",
        "Region": "us-west-2",
    }
    assert len(list(rules.problems(properties))) == 8


def test_a_hidden_value_is_passed_over() -> None:
    """Synthesis leaves it to the function, and checks all the others."""
    everywhere: list[dict[str, Any]] = [
        dict.fromkeys(OF_ITEMS, HIDDEN),
        OF_ITEMS | {"LineItems": [HIDDEN, {"CatalogItemId": HIDDEN, "Quantity": HIDDEN}]},
        dict.fromkeys([*OF_A_QUOTE, "QuotePrice"], HIDDEN),
        OF_A_QUOTE | {"QuotePrice": dict.fromkeys(PRICE, HIDDEN)},
    ]
    for properties in everywhere:
        assert not list(rules.problems(properties, is_hidden=lambda value: value is HIDDEN))
        assert list(rules.problems(properties))


def test_a_caller_names_the_properties() -> None:
    """Synthesis reports its own props."""
    properties = OF_ITEMS | {"LineItems": [ITEM | {"Quantity": 0}], "OrderName": ""}
    found = list(rules.problems(properties, name=str.upper))
    assert [each.partition(" ")[0] for each in found] == ["'ORDERNAME'", "'QUANTITY'"]
