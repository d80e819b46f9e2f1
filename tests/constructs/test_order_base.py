from typing import Any, cast

import pytest
from aws_cdk import CfnParameter, CfnResource, Stack
from aws_cdk import aws_iam as iam

from cdk_outpost_order import InvalidOrderError, IOutpostOrder, OutpostOrder
from tests.constructs.conftest import (
    OUTPOST_ARN,
    OUTPOST_ID,
    MakeOrder,
    resources_of,
    template_of,
)

ORDER_ID = "oo-0123456789abcdef0"


@pytest.fixture
def user(stack: Stack) -> iam.User:
    """Give a grantee without permissions."""
    return iam.User(stack, "Buyer")


def granted_in(stack: Stack) -> dict[str, Any]:
    """Return the one statement that the user has."""
    policies = resources_of(template_of(stack), "AWS::IAM::Policy")
    [policy] = [each["Properties"] for each in policies if "Users" in each["Properties"]]
    [statement] = policy["PolicyDocument"]["Statement"]
    return dict(statement)


@pytest.mark.parametrize(
    ("read", "attribute"),
    [
        ("order_status", "Status"),
        ("outpost_id", "OutpostId"),
        ("order_type", "OrderType"),
        ("payment_option", "PaymentOption"),
        ("payment_term", "PaymentTerm"),
        ("order_submission_date", "OrderSubmissionDate"),
    ],
)
def test_every_attribute_is_a_token(
    read: str, attribute: str, stack: Stack, make_order: MakeOrder
) -> None:
    """Other resources can use the attributes."""
    assert stack.resolve(getattr(make_order(), read))["Fn::GetAtt"][1] == attribute


def test_the_id_is_what_the_resource_refers_to(stack: Stack, make_order: MakeOrder) -> None:
    """`Ref` is the order ID, as the physical ID is."""
    order = make_order()
    logical_id = stack.resolve(cast("CfnResource", order.node.default_child).logical_id)
    assert stack.resolve(order.order_id) == {"Ref": logical_id}


def test_an_order_has_its_name(make_order: MakeOrder) -> None:
    """The operator's commands use the order name."""
    assert make_order(order_name="PO-4710").order_name == "PO-4710"


def test_a_grant_to_read_an_order_is_for_all_orders(
    stack: Stack, user: iam.User, make_order: MakeOrder
) -> None:
    """The API has no permission for a single order, so the grant is for all."""
    make_order().grant_read(user).assert_success()
    assert granted_in(stack) == {
        "Action": "outposts:GetOrder",
        "Effect": "Allow",
        "Resource": "*",
    }


def test_a_grant_to_cancel_includes_a_read(
    stack: Stack, user: iam.User, make_order: MakeOrder
) -> None:
    """CancelOrder returns nothing: only GetOrder shows the result."""
    make_order().grant_cancel(user).assert_success()
    assert granted_in(stack)["Action"] == ["outposts:CancelOrder", "outposts:GetOrder"]


def test_an_order_that_is_known_by_its_id_adds_nothing_to_the_stack(stack: Stack) -> None:
    """A reference doesn't buy an order."""
    order: IOutpostOrder = OutpostOrder.from_order_id(stack, "Old", ORDER_ID)
    assert (order.order_id, order.outpost_id) == (ORDER_ID, None)
    assert "Resources" not in template_of(stack)


def test_placed_and_referenced_orders_have_one_interface(
    make_order: MakeOrder,
) -> None:
    """Both implement the interface of an order."""
    order: IOutpostOrder = make_order()
    assert order.outpost_id


def test_an_order_that_is_known_by_its_id_can_be_granted(stack: Stack, user: iam.User) -> None:
    """A referenced order grants the same permissions as a placed one."""
    OutpostOrder.from_order_id(stack, "Old", ORDER_ID).grant_read(user)
    assert len(resources_of(template_of(stack), "AWS::IAM::Policy")) == 1


@pytest.mark.parametrize("given", [OUTPOST_ID, OUTPOST_ARN])
def test_the_outpost_of_an_order_is_known_by_its_id(given: str, stack: Stack) -> None:
    """An ARN is shortened to the ID, as in the attribute of a placed order."""
    order = OutpostOrder.from_order_attributes(stack, "Old", order_id=ORDER_ID, outpost_id=given)
    assert order.outpost_id == OUTPOST_ID


def test_the_id_of_an_order_can_be_a_token(stack: Stack) -> None:
    """The ID can be a parameter, or a value of another stack."""
    text = CfnParameter(stack, "Text").value_as_string
    order = OutpostOrder.from_order_attributes(stack, "Old", order_id=text, outpost_id=text)
    assert stack.resolve([order.order_id, order.outpost_id]) == [{"Ref": "Text"}, {"Ref": "Text"}]


def test_a_reference_needs_an_order_id(stack: Stack) -> None:
    """Every problem is in one message."""
    with pytest.raises(InvalidOrderError) as refused:
        OutpostOrder.from_order_attributes(stack, "Old", order_id="PO-4711", outpost_id="cellar")
    assert str(refused.value) == (
        "City/Old cannot be referred to:\n"
        "  - 'order_id' must be oo- and 17 of 0-9, a-f, got 'PO-4711'\n"
        "  - 'outpost_id' must be an Outpost id (op- and 17 of 0-9, a-f) or the ARN of an "
        "Outpost, got 'cellar'"
    )
