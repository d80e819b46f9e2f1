from decimal import Decimal
from typing import Any

import pytest
from aws_cdk import App, Aws, CfnParameter, Duration, NestedStack, Stack, Stage
from constructs import Construct

from cdk_outpost_order import (
    InvalidOrderError,
    LineItem,
    OutpostOrder,
    PaymentOption,
    PaymentTerm,
    QuotePrice,
)
from outpost_order_handler.rules import ORDER_NAME
from tests.constructs.conftest import OUTPOST_ID, MakeOrder, template_of
from tests.constructs.test_quote import PRICED

RACK = LineItem("OR-ABCDEFG", quantity=1)


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        (
            {"outpost_identifier": "op-123"},
            (
                "'outpost_identifier' must be an Outpost id (op- and 17 of 0-9, a-f) "
                "or the ARN of an Outpost, got 'op-123'"
            ),
        ),
        (
            {"outpost_identifier": "op-0123456789abcdef0\n"},
            (
                "'outpost_identifier' must be an Outpost id (op- and 17 of 0-9, a-f) "
                "or the ARN of an Outpost, got 'op-0123456789abcdef0\\n'"
            ),
        ),
        (
            {"outpost_identifier": "op-0123456789abcdef0\xa0"},
            (
                "'outpost_identifier' must be an Outpost id (op- and 17 of 0-9, a-f) "
                r"or the ARN of an Outpost, got 'op-0123456789abcdef0\xa0'"
            ),
        ),
        (
            {"outpost_identifier": "op-\u200b0123456789abcdef0"},
            (
                "'outpost_identifier' must be an Outpost id (op- and 17 of 0-9, a-f) "
                r"or the ARN of an Outpost, got 'op-\u200b0123456789abcdef0'"
            ),
        ),
        (
            {"line_items": [LineItem("OR\u2011ABCDEFG")]},
            (
                "'catalog_item_id' of line item 1 must be OR- and 7 of A-Z, 0-9, "
                r"got 'OR\u2011ABCDEFG'"
            ),
        ),
        ({"line_items": []}, "'line_items' must hold 1 to 20 line items, got 0"),
        ({"line_items": [RACK] * 21}, "'line_items' must hold 1 to 20 line items, got 21"),
        ({"line_items": "OR-ABCDEFG"}, "'line_items' must be a list of LineItem, got 'OR-ABCDEFG'"),
        (
            {"line_items": [RACK, {"CatalogItemId": "OR-ABCDEFG"}]},
            (
                "line item 2 must be a LineItem, or a dict of catalog_item_id and quantity, got "
                "{'CatalogItemId': 'OR-ABCDEFG'}"
            ),
        ),
        (
            {"line_items": [LineItem("OR-abcdefg")]},
            "'catalog_item_id' of line item 1 must be OR- and 7 of A-Z, 0-9, got 'OR-abcdefg'",
        ),
        (
            {"line_items": [LineItem("XOR-ABCDEFGX")]},
            "'catalog_item_id' of line item 1 must be OR- and 7 of A-Z, 0-9, got 'XOR-ABCDEFGX'",
        ),
        (
            {"line_items": [RACK, LineItem("OR-ABC1234", quantity=0)]},
            "'quantity' of line item 2 (OR-ABC1234) must be at least 1, got 0",
        ),
        (
            {"line_items": [LineItem("OR-ABC1234", quantity=2**31)]},
            "'quantity' of line item 1 (OR-ABC1234) must be at most 2147483647, got 2147483648",
        ),
        (
            {"line_items": [LineItem("OR-ABC1234", quantity=True)]},
            "'quantity' of line item 1 (OR-ABC1234) must be a whole number, got True",
        ),
        (
            {"line_items": [LineItem("OR-ABC1234", quantity=Decimal(2))]},  # type: ignore[arg-type]
            "'quantity' of line item 1 (OR-ABC1234) must be a whole number, got Decimal('2')",
        ),
        (
            {"line_items": [LineItem("OR-ABC1234", quantity="2")]},  # type: ignore[arg-type]
            "'quantity' of line item 1 (OR-ABC1234) must be a whole number, got '2'",
        ),
        (
            {"payment_option": "ON_CREDIT"},
            (
                "'payment_option' must be one of ALL_UPFRONT, PARTIAL_UPFRONT, NO_UPFRONT, "
                "got 'ON_CREDIT'; for one that the API has added since, use PaymentOption.of(...)"
            ),
        ),
        (
            {"payment_term": "TEN_YEARS"},
            (
                "'payment_term' must be one of ONE_YEAR, THREE_YEARS, FIVE_YEARS, got 'TEN_YEARS'; "
                "for one that the API has added since, use PaymentTerm.of(...)"
            ),
        ),
        (
            {"payment_term": PaymentTerm.of("ten years")},
            (
                "'payment_term' must be one of ONE_YEAR, THREE_YEARS, FIVE_YEARS or a newer term "
                "of the API, got 'ten years'"
            ),
        ),
        (
            {"order_name": "PO 4711"},
            (
                "'order_name' must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', "
                "begin with a letter or a digit, and not begin with oo-, got 'PO 4711'"
            ),
        ),
        (
            {"order_name": "-rack7"},
            (
                "'order_name' must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', "
                "begin with a letter or a digit, and not begin with oo-, got '-rack7'"
            ),
        ),
        (
            {"order_name": Aws.STACK_NAME},
            (
                "'order_name' must be a literal, got a token: which order is meant must not depend "
                'on the deployment; write the text itself, such as "PO-4710"'
            ),
        ),
        (
            {"order_name": 4710},
            (
                "'order_name' must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', "
                "begin with a letter or a digit, and not begin with oo-, got 4710"
            ),
        ),
        (
            {"order_name": "oo-0123456789abcdef0"},
            (
                "'order_name' must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', "
                "begin with a letter or a digit, and not begin with oo-, got 'oo-0123456789abcdef0'"
            ),
        ),
        (
            {"in_addition_to": "PO-4709"},
            "'in_addition_to' must be a list of order names or order IDs, got 'PO-4709'",
        ),
        (
            {"in_addition_to": ["PO-4709", "#1"]},
            (
                "an order name in 'in_addition_to' must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', "
                "'-', begin with a letter or a digit, and not begin with oo-, got '#1'"
            ),
        ),
        (
            {"in_addition_to": [*"ABCDEFGHIJKLMNOPQRSTU"]},
            (
                "'in_addition_to' must be a list of 1 to 20 order names or order IDs, got "
                "['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', '..."
            ),
        ),
        (
            {"adopt_order_id": "PO-4711"},
            "'adopt_order_id' must be oo- and 17 of 0-9, a-f, got 'PO-4711'",
        ),
        (
            {"adopt_order_id": "oo-0123456789abcdef0", "in_addition_to": ["PO-4709"]},
            (
                "'in_addition_to' must not be given with 'adopt_order_id', which buys nothing: "
                "remove one of them"
            ),
        ),
        ({"preflight": "false"}, "'preflight' must be True or False, got 'false'"),
        ({"stack_outputs": "no"}, "'stack_outputs' must be True or False, got 'no'"),
        (
            {"service_timeout": Duration.minutes(13)},
            (
                "'service_timeout' must be more than 13 and at most 60 minutes, got 780 seconds: "
                "a queued event could otherwise buy after CloudFormation gave up"
            ),
        ),
        (
            {"service_timeout": Duration.hours(2)},
            (
                "'service_timeout' must be more than 13 and at most 60 minutes, got 7200 seconds: "
                "a queued event could otherwise buy after CloudFormation gave up"
            ),
        ),
        (
            {"order_name": ""},
            (
                "'order_name' must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', "
                "begin with a letter or a digit, and not begin with oo-, got ''"
            ),
        ),
    ],
)
def test_bad_props_are_refused(props: dict[str, Any], problem: str, make_order: MakeOrder) -> None:
    """The message says what is wrong, the value given and what is allowed."""
    with pytest.raises(InvalidOrderError) as refused:
        make_order(**props)
    assert refused.value.problems == (problem,)
    assert str(refused.value) == f"City/Rack cannot be ordered:\n  - {problem}"


def test_all_problems_come_in_one_error(make_order: MakeOrder) -> None:
    """One message has every problem, so you can correct all at once."""
    with pytest.raises(InvalidOrderError) as refused:
        make_order(
            outpost_identifier="basement",
            line_items=[LineItem("OR-1", quantity=0), LineItem("OR-ABC1234", quantity=-1)],
            payment_option="CASH",
            payment_term="FOREVER",
            order_name="#1",
            adopt_order_id="PO-1",
            preflight="no",
            in_addition_to=["#2"],
            service_timeout=Duration.seconds(1),
        )
    assert len(refused.value.problems) == 12


@pytest.mark.parametrize(
    ("stack_name", "path", "name"),
    [
        ("City", ["Rack"], "City-Rack"),
        ("City", ["Row", "Rack"], "City-Row-Rack"),
        ("City", ["R" * 80], f"City-{'R' * 50}-149f4d74"),
        ("City", ["Rack no. 7"], "City-Rack-no.-7-2264a098"),
        ("oo-City", ["Rack"], "City-Rack-4b05e161"),
    ],
)
def test_a_missing_name_is_suggested(stack_name: str, path: list[str], name: str) -> None:
    """The line can be pasted, and its name is valid."""
    scope: Construct = Stack(App(), stack_name)
    for each in path[:-1]:
        scope = Construct(scope, each)
    with pytest.raises(InvalidOrderError) as refused:
        OutpostOrder(
            scope,
            path[-1],
            outpost_identifier=OUTPOST_ID,
            line_items=[RACK],
            payment_option=PaymentOption.NO_UPFRONT,
        )
    line = f'order_name="{name}",  # the purchase order\'s number, such as "PO-4710"'
    assert str(refused.value) == (
        f"{scope.node.path}/{path[-1]} cannot be ordered:\n  - 'order_name' must be given, because "
        f"an order is placed once for each name; add this line:\n        {line}"
    )
    assert ORDER_NAME.accepts(name)


def test_in_a_stage_or_a_nested_stack_the_suggested_name_is_of_the_deployed_stack() -> None:
    """Test and production get two names; the name of a nested stack is known only to AWS."""
    stack = Stack(Stage(App(), "Prod"), "City")
    for scope, name in ((stack, "Prod-City-Rack"), (NestedStack(stack, "Hall"), "City-Hall-Rack")):
        with pytest.raises(InvalidOrderError, match=f'order_name="[A-Za-z-]*{name}",'):
            OutpostOrder(scope, "Rack", payment_option=PaymentOption.NO_UPFRONT)


def test_tokens_are_left_to_the_handler(stack: Stack, make_order: MakeOrder) -> None:
    """A value that isn't known yet isn't a problem."""
    text = CfnParameter(stack, "Text").value_as_string
    make_order(
        outpost_identifier=text,
        line_items=[LineItem(text, quantity=1)],
        payment_option=text,
        payment_term=PaymentTerm.of(text),
    )
    assert "Text" in template_of(stack)["Parameters"]


def test_the_price_of_a_quote_is_no_token(stack: Stack, make_order: MakeOrder) -> None:
    """A reviewer must see the money in the template."""
    token = CfnParameter(stack, "Price").value_as_string
    with pytest.raises(InvalidOrderError) as refused:
        make_order(**PRICED, quote_price=QuotePrice(token, 0))
    assert refused.value.problems == (
        "'upfront' of 'quote_price' must be known at synth, got a token",
    )


def test_a_term_can_be_a_token(stack: Stack, make_order: MakeOrder) -> None:
    """The order can have a PaymentTerm or not."""
    make_order(payment_term=CfnParameter(stack, "Term").value_as_string)
    assert "Term" in str(template_of(stack)["Resources"])


def test_twenty_line_items_pass(stack: Stack, make_order: MakeOrder) -> None:
    """The limit itself is allowed."""
    make_order(line_items=[RACK] * 20)
    assert template_of(stack)
