"""The line in the template is the one that the function composes from its event."""

from typing import Any

import pytest
from aws_cdk import CfnParameter, Stack

from cdk_outpost_order import LineItem, PaymentTerm
from outpost_order_handler.contract import order_line
from tests.constructs.conftest import OUTPOST_ARN, OUTPOST_ID, MakeOrder, only, template_of
from tests.constructs.test_quote import FROM_QUOTE, OPTION, QUOTE

PARAMETERS = {"Text": OUTPOST_ID, "Number": "3", "Option": OPTION}


def as_deployed(value: Any) -> Any:  # noqa: ANN401
    """Return a value as CloudFormation sends it: a number is a text."""
    if isinstance(value, list):
        return [as_deployed(each) for each in value]
    if not isinstance(value, dict):
        return str(value)
    if "Ref" in value:
        return PARAMETERS[value["Ref"]]
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return separator.join(as_deployed(parts))
    if "Fn::GetAtt" in value:
        return ".".join(value["Fn::GetAtt"])
    return {name: as_deployed(each) for name, each in value.items()}


def of_text(stack: Stack) -> dict[str, Any]:
    return {"outpost_identifier": CfnParameter(stack, "Text").value_as_string}


def of_number(stack: Stack) -> dict[str, Any]:
    number = CfnParameter(stack, "Number", type="Number").value_as_number
    items = [LineItem("OR-ABCDEFG", quantity=number), LineItem("OR-1234567")]
    return {"line_items": items}


def of_option(stack: Stack) -> dict[str, Any]:
    return FROM_QUOTE | {
        "quote_option_identifier": CfnParameter(stack, "Option").value_as_string,
        "payment_term": PaymentTerm.ONE_YEAR,
    }


@pytest.mark.parametrize(
    ("props", "line"),
    [
        ({}, f"PO-4711: 2 x OR-ABCDEFG for {OUTPOST_ID}, NO_UPFRONT"),
        (
            {"payment_term": PaymentTerm.THREE_YEARS},
            f"PO-4711: 2 x OR-ABCDEFG for {OUTPOST_ID}, NO_UPFRONT, THREE_YEARS",
        ),
        (
            {"line_items": [LineItem("OR-ABCDEFG"), LineItem("OR-1234567", 2)]},
            f"PO-4711: 1 x OR-ABCDEFG, 2 x OR-1234567 for {OUTPOST_ID}, NO_UPFRONT",
        ),
        (
            {"outpost_identifier": OUTPOST_ARN},
            f"PO-4711: 2 x OR-ABCDEFG for {OUTPOST_ARN}, NO_UPFRONT",
        ),
        (FROM_QUOTE, f"PO-4711: {OPTION} of {QUOTE} for {OUTPOST_ID}, NO_UPFRONT"),
        (of_text, f"PO-4711: 2 x OR-ABCDEFG for {OUTPOST_ID}, NO_UPFRONT"),
        (of_number, f"PO-4711: 3 x OR-ABCDEFG, 1 x OR-1234567 for {OUTPOST_ID}, NO_UPFRONT"),
        (of_option, f"PO-4711: {OPTION} of {QUOTE} for {OUTPOST_ID}, NO_UPFRONT, ONE_YEAR"),
    ],
)
def test_template_and_event_have_the_same_line(
    props: Any,  # noqa: ANN401
    line: str,
    stack: Stack,
    make_order: MakeOrder,
) -> None:
    """The function composes the line as CloudFormation resolves it, tokens included."""
    make_order(**(props(stack) if callable(props) else props))
    order = only(template_of(stack), "Custom::OutpostOrder")
    assert as_deployed(order["Metadata"]) == {"Order": line}
    assert order_line(as_deployed(order["Properties"])) == line
