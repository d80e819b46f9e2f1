from typing import Any

import pytest
from aws_cdk import CfnParameter, CfnResource, Stack, Token
from constructs import Construct

from cdk_outpost_order import (
    LineItem,
    OrderLedger,
    PaymentOption,
    PaymentTerm,
    QuotePrice,
)
from tests.constructs.conftest import (
    OUTPOST_ARN,
    OUTPOST_ID,
    MakeOrder,
    only,
    resources_of,
    template_of,
)
from tests.constructs.test_quote import PRICED


def order_in(stack: Stack) -> dict[str, Any]:
    return only(template_of(stack), "Custom::OutpostOrder")


def test_properties_are_named_as_in_the_api(stack: Stack, make_order: MakeOrder) -> None:
    """A reviewer reads CreateOrder's own words, in this order, and nothing else."""
    make_order(payment_term=PaymentTerm.THREE_YEARS, order_name="PO-4711")
    properties = order_in(stack)["Properties"]
    del properties["ServiceToken"]
    assert properties == {
        "OrderName": "PO-4711",
        "OutpostIdentifier": OUTPOST_ID,
        "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}],
        "PaymentOption": "NO_UPFRONT",
        "PaymentTerm": "THREE_YEARS",
        "ServiceTimeout": "900",
    }
    assert list(order_in(stack)["Properties"]) == [
        "OrderName",
        "OutpostIdentifier",
        "LineItems",
        "PaymentOption",
        "PaymentTerm",
        "ServiceToken",
        "ServiceTimeout",
    ]


def test_the_rest_comes_after_what_is_bought(stack: Stack, make_order: MakeOrder) -> None:
    """An order from a quote, with all other properties."""
    make_order(
        **PRICED,
        quote_price=QuotePrice(1, 0),
        adopt_order_id="oo-0123456789abcdef0",
        preflight=False,
        ledger=OrderLedger.from_table_name(stack, "Ledger", "city-orders"),
    )
    assert list(order_in(stack)["Properties"]) == [
        "OrderName",
        "OutpostIdentifier",
        "QuoteIdentifier",
        "QuoteOptionIdentifier",
        "QuotePrice",
        "PaymentOption",
        "PaymentTerm",
        "AdoptOrderId",
        "Preflight",
        "Ledger",
        "ServiceToken",
        "ServiceTimeout",
    ]


def test_orders_that_it_is_bought_beside_are_in_the_template(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The names come after the content; an empty list is left out."""
    make_order("Rack", in_addition_to=("PO-4709", "oo-0123456789abcdef0"), preflight=False)
    make_order("Spare", in_addition_to=[])
    rack, spare = (
        each["Properties"] for each in resources_of(template_of(stack), "Custom::OutpostOrder")
    )
    assert list(rack)[4:6] == ["InAdditionTo", "Preflight"]
    assert rack["InAdditionTo"] == ["PO-4709", "oo-0123456789abcdef0"]
    assert "InAdditionTo" not in spare


def test_payment_term_is_absent_when_not_given(stack: Stack, make_order: MakeOrder) -> None:
    """The service chooses the term, so the template has none."""
    make_order()
    assert "PaymentTerm" not in order_in(stack)["Properties"]


def test_a_newer_payment_term_passes(stack: Stack, make_order: MakeOrder) -> None:
    """A term that the service adds needs no release of this library."""
    make_order(payment_term=PaymentTerm.of("SEVEN_YEARS"))
    assert order_in(stack)["Properties"]["PaymentTerm"] == "SEVEN_YEARS"


def test_an_arn_is_passed_on(stack: Stack, make_order: MakeOrder) -> None:
    """CreateOrder takes the ARN of an Outpost as well as its id."""
    make_order(outpost_identifier=OUTPOST_ARN)
    assert order_in(stack)["Properties"]["OutpostIdentifier"] == OUTPOST_ARN


def test_tokens_are_passed_on(stack: Stack, make_order: MakeOrder) -> None:
    """The handler checks a value that only the deployment knows."""
    outpost = CfnParameter(stack, "Outpost").value_as_string
    quantity = CfnParameter(stack, "Quantity", type="Number").value_as_number
    make_order(outpost_identifier=outpost, line_items=[LineItem("OR-ABCDEFG", quantity=quantity)])
    properties = order_in(stack)["Properties"]
    assert properties["OutpostIdentifier"] == {"Ref": "Outpost"}
    assert properties["LineItems"][0]["Quantity"] == {"Ref": "Quantity"}


def test_the_order_is_retained_in_writing(stack: Stack, make_order: MakeOrder) -> None:
    """CloudFormation's own default would be Delete."""
    make_order()
    order = order_in(stack)
    assert (order["DeletionPolicy"], order["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_resource_is_the_default_child(stack: Stack, make_order: MakeOrder) -> None:
    """An escape hatch works as CDK documents it."""
    order = make_order()
    assert isinstance(order.node.default_child, CfnResource)
    order.node.default_child.add_metadata("Team", "Data centers")
    assert order_in(stack)["Metadata"]["Team"] == "Data centers"


def test_outputs_are_named_after_the_construct(stack: Stack, make_order: MakeOrder) -> None:
    """One description has the content, the other the time of the read."""
    make_order("Rack", payment_term=PaymentTerm.THREE_YEARS)
    outputs = template_of(stack)["Outputs"]
    assert {name: output["Description"] for name, output in outputs.items()} == {
        "RackOrderId": f"2 x OR-ABCDEFG for {OUTPOST_ID}, NO_UPFRONT, THREE_YEARS",
        "RackStatus": "when last created or updated",
    }


def test_a_token_is_described_by_its_property(stack: Stack, make_order: MakeOrder) -> None:
    """CloudFormation takes no function in a description."""
    make_order("Rack", outpost_identifier=CfnParameter(stack, "Outpost").value_as_string)
    description = template_of(stack)["Outputs"]["RackOrderId"]["Description"]
    assert description == "2 x OR-ABCDEFG for <OutpostIdentifier>, NO_UPFRONT"


def test_outputs_of_a_nested_construct_join_its_path(stack: Stack, make_order: MakeOrder) -> None:
    """The outputs of two racks with the same ID in two rows don't collide."""
    for row in ("Row-1", "Row-2"):
        make_order("Rack", scope=Construct(stack, row))
    assert sorted(template_of(stack)["Outputs"]) == [
        "Row1RackOrderId",
        "Row1RackStatus",
        "Row2RackOrderId",
        "Row2RackStatus",
    ]


def test_attributes_are_tokens_of_the_resource(stack: Stack, make_order: MakeOrder) -> None:
    """Other resources can use the order's id and status."""
    order = make_order()
    assert Token.is_unresolved(order.order_id)
    logical_id = stack.resolve(order.order_id)["Ref"]
    assert template_of(stack)["Resources"][logical_id]["Type"] == "Custom::OutpostOrder"
    assert stack.resolve(order.order_status)["Fn::GetAtt"][1] == "Status"


@pytest.mark.parametrize(
    "option",
    [PaymentOption.ALL_UPFRONT, PaymentOption.PARTIAL_UPFRONT, PaymentOption.NO_UPFRONT],
)
def test_every_payment_option_passes(
    option: PaymentOption, stack: Stack, make_order: MakeOrder
) -> None:
    """The three options reach the template by the API's names."""
    make_order(payment_option=option)
    assert order_in(stack)["Properties"]["PaymentOption"] == option.value


def test_payment_terms_are_the_apis() -> None:
    """The constants are the API's values."""
    assert [
        str(term)
        for term in (PaymentTerm.ONE_YEAR, PaymentTerm.THREE_YEARS, PaymentTerm.FIVE_YEARS)
    ] == ["ONE_YEAR", "THREE_YEARS", "FIVE_YEARS"]
