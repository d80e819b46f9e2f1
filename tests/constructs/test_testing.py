"""`orders_in`: a test of a user's app asserts what would be bought."""

from decimal import Decimal

import pytest
from aws_cdk import App, NestedStack, Stack
from aws_cdk.assertions import Template

from cdk_outpost_order import QuotePrice
from cdk_outpost_order.testing import Commitment, orders_in
from tests.constructs.conftest import MakeOrder


@pytest.mark.parametrize("form", ["stack", "template", "mapping"])
def test_the_orders_of_each_form(form: str, make_order: MakeOrder) -> None:
    """The same objects, for a stack and for its template."""
    order = make_order()
    stack = Stack.of(order)
    template = Template.from_stack(stack)
    source = {"stack": stack, "template": template, "mapping": template.to_json()}[form]
    [found] = orders_in(source)  # type: ignore[arg-type]
    assert found.name == order.order_name
    assert found.problems == ()
    assert found.outpost == "op-0123456789abcdef0"
    assert found.commitment is None


def test_the_commitment_of_a_quote(make_order: MakeOrder) -> None:
    """Upfront and each month of the term, as a decimal."""
    order = make_order(
        line_items=None,
        quote_identifier="oq-0123456789abcdef0",
        quote_option_identifier="oqo-0123456789abcdef0",
        quote_price=QuotePrice(upfront=1000, monthly_recurring="4700.50"),
        payment_term="THREE_YEARS",
    )
    [found] = orders_in(Stack.of(order))
    assert found.commitment == Commitment("USD", Decimal("170218.00"), 36)


def test_the_orders_of_nested_stacks_are_included(make_order: MakeOrder) -> None:
    """The deployment of the stack buys them, too."""
    parent = Stack(App(), "Parent")
    own = make_order(scope=parent)
    nested = make_order(scope=NestedStack(parent, "Hall"))
    assert [each.name for each in orders_in(parent)] == [own.order_name, nested.order_name]
