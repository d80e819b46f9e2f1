from typing import Any

import pytest
from aws_cdk import Aws, CfnParameter, Duration, RemovalPolicy, Stack

from outpost_order import ExistingOrder, InvalidOrderError, LineItem, PaymentTerm
from tests.constructs.conftest import MakeOrder, template_of

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
        ({"line_items": []}, "'line_items' must hold 1 to 20 line items, got 0"),
        ({"line_items": [RACK] * 21}, "'line_items' must hold 1 to 20 line items, got 21"),
        ({"line_items": "OR-ABCDEFG"}, "'line_items' must be a list of LineItem, got 'OR-ABCDEFG'"),
        (
            {"line_items": [RACK, {"CatalogItemId": "OR-ABCDEFG"}]},
            "line item 2 must be a LineItem, got {'CatalogItemId': 'OR-ABCDEFG'}",
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
            {"line_items": [LineItem("OR-ABC1234", quantity="2")]},  # type: ignore[arg-type]
            "'quantity' of line item 1 (OR-ABC1234) must be a whole number, got '2'",
        ),
        (
            {"payment_option": "ON_CREDIT"},
            (
                "'payment_option' must be one of ALL_UPFRONT, PARTIAL_UPFRONT, NO_UPFRONT, "
                "got 'ON_CREDIT'"
            ),
        ),
        (
            {"payment_term": "TEN_YEARS"},
            (
                "'payment_term' must be one of ONE_YEAR, THREE_YEARS, FIVE_YEARS, got 'TEN_YEARS'; "
                "for a term that the API has added since, use PaymentTerm.of(...)"
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
            {"order_name": "oo-0123456789abcdef0"},
            (
                "'order_name' must be 1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', "
                "begin with a letter or a digit, and not begin with oo-, got 'oo-0123456789abcdef0'"
            ),
        ),
        (
            {"removal_policy": RemovalPolicy.SNAPSHOT},
            (
                "'removal_policy' must be RETAIN, DESTROY or RETAIN_ON_UPDATE_OR_DELETE, "
                "got SNAPSHOT: nobody can make a snapshot of an order"
            ),
        ),
        (
            {"existing_order": "IGNORE"},
            "'existing_order' must be one of REFUSE, ADOPT, ALLOW, got 'IGNORE'",
        ),
        (
            {"adopt_order_id": "PO-4711"},
            "'adopt_order_id' must be oo- and 17 of 0-9, a-f, got 'PO-4711'",
        ),
        (
            {"adopt_order_id": "oo-0123456789abcdef0", "existing_order": ExistingOrder.ALLOW},
            (
                "'existing_order' must not be ALLOW where 'adopt_order_id' is given: "
                "the one buys, the other takes over"
            ),
        ),
        ({"preflight": "false"}, "'preflight' must be True or False, got 'false'"),
        (
            {"service_timeout": Duration.minutes(9)},
            (
                "'service_timeout' must be more than 9 and at most 60 minutes, got 540 seconds: "
                "a queued event could otherwise buy after CloudFormation gave up"
            ),
        ),
        (
            {"service_timeout": Duration.hours(2)},
            (
                "'service_timeout' must be more than 9 and at most 60 minutes, got 7200 seconds: "
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
    """Nobody mends an order one message at a time."""
    with pytest.raises(InvalidOrderError) as refused:
        make_order(
            outpost_identifier="basement",
            line_items=[LineItem("OR-1", quantity=0), LineItem("OR-ABC1234", quantity=-1)],
            payment_option="CASH",
            payment_term="FOREVER",
            order_name="#1",
            removal_policy=RemovalPolicy.SNAPSHOT,
            service_timeout=Duration.seconds(1),
        )
    assert len(refused.value.problems) == 9


def test_a_name_belongs_to_one_order(make_order: MakeOrder) -> None:
    """Two orders of one name would be one order: the second is refused."""
    make_order("Rack", order_name="PO-4711")
    with pytest.raises(InvalidOrderError, match="got 'PO-4711', which City/Rack has"):
        make_order("Spare", order_name="PO-4711")


def test_tokens_are_left_to_the_handler(stack: Stack, make_order: MakeOrder) -> None:
    """A value that is not known yet is no problem yet."""
    text = CfnParameter(stack, "Text").value_as_string
    make_order(
        outpost_identifier=text,
        line_items=[LineItem(text, quantity=1)],
        payment_option=text,
        payment_term=PaymentTerm.of(text),
        order_name=f"{Aws.STACK_NAME}-rack",
    )
    assert "Text" in template_of(stack)["Parameters"]


def test_twenty_line_items_pass(stack: Stack, make_order: MakeOrder) -> None:
    """The limit itself is allowed."""
    make_order(line_items=[RACK] * 20)
    assert template_of(stack)
