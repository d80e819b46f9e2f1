from typing import Any

import pytest
from aws_cdk import Annotations, App, RemovalPolicy, Stack
from constructs import Construct

from outpost_order import ExistingOrder, InvalidOrderError, OrderLedger
from tests.constructs.conftest import MakeOrder, only, resources_of, template_of, warnings

CANCELS = "cdk-outpost-order:cancelsOrder"
ORDER_ID = "oo-0123456789abcdef0"


def order_in(stack: Stack) -> dict[str, Any]:
    return only(template_of(stack), "Custom::OutpostOrder")


def ledger_name(stack: Stack) -> Any:  # noqa: ANN401
    """Return what tells the function where its ledger is."""
    function = only(template_of(stack), "AWS::Lambda::Function")
    return function["Properties"]["Environment"]["Variables"]["OUTPOST_ORDER_LEDGER"]


def ledger_arn(stack: Stack) -> Any:  # noqa: ANN401
    """Return which table the function's role may use."""
    role = only(template_of(stack), "AWS::IAM::Role")
    [policy] = [p for p in role["Properties"]["Policies"] if p["PolicyName"] == "Ledger"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    return statement["Resource"]


def test_the_table_has_one_string_key_and_nothing_to_scale(stack: Stack) -> None:
    """It is paid by request, and can be restored to any second of the last weeks."""
    OrderLedger(stack, "Ledger")
    properties = only(template_of(stack), "AWS::DynamoDB::Table")["Properties"]
    assert properties == {
        "KeySchema": [{"AttributeName": "Key", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "Key", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True},
        "DeletionProtectionEnabled": True,
    }


def test_the_table_outlives_its_stack(stack: Stack) -> None:
    """What was bought is known when the stack is gone, rolled back or made again."""
    OrderLedger(stack, "Ledger")
    table = only(template_of(stack), "AWS::DynamoDB::Table")
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_a_stack_makes_one_ledger_for_all_its_orders(stack: Stack, make_order: MakeOrder) -> None:
    """Whoever gives none gets one."""
    for number in range(3):
        make_order(f"Rack{number}")
    template = template_of(stack)
    [table] = [
        name for name, r in template["Resources"].items() if r["Type"] == "AWS::DynamoDB::Table"
    ]
    assert ledger_name(stack) == {"Ref": table}
    assert ledger_arn(stack) == {"Fn::GetAtt": [table, "Arn"]}


def test_a_ledger_that_is_given_is_the_only_one(stack: Stack, make_order: MakeOrder) -> None:
    """Nothing is made beside it."""
    ledger = OrderLedger(stack, "Books")
    make_order("Rack", ledger=ledger)
    make_order("Spare", ledger=ledger)
    assert len(resources_of(template_of(stack), "AWS::DynamoDB::Table")) == 1
    assert ledger_name(stack) == stack.resolve(ledger.table_name)


def test_an_order_without_a_ledger_uses_that_of_its_stack(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The first order of the stack decides."""
    ledger = OrderLedger(stack, "Books")
    make_order("Rack", ledger=ledger)
    make_order("Spare")
    assert len(resources_of(template_of(stack), "AWS::DynamoDB::Table")) == 1


def test_one_ledger_serves_many_stacks(make_order: MakeOrder) -> None:
    """The stacks of the orders import the table of the long-lived one."""
    app = App()
    books = Stack(app, "Books")
    ledger = OrderLedger(books, "Ledger")
    cities = [Stack(app, name) for name in ("City", "Town")]
    for city in cities:
        make_order("Rack", scope=city, ledger=ledger)
    exports = template_of(books)["Outputs"]
    exported = {each["Export"]["Name"] for each in exports.values()}
    for city in cities:
        assert resources_of(template_of(city), "AWS::DynamoDB::Table") == []
        assert ledger_name(city)["Fn::ImportValue"] in exported
        assert ledger_arn(city)["Fn::ImportValue"] in exported


def test_the_ledger_of_another_app_is_known_by_its_name(
    stack: Stack, make_order: MakeOrder
) -> None:
    """It is in the stack's own account and Region, and the role may use it and no other."""
    make_order(ledger=OrderLedger.from_table_name(stack, "Books", "orders-of-the-house"))
    pieces = ["arn:", {"Ref": "AWS::Partition"}, ":dynamodb:", {"Ref": "AWS::Region"}, ":"]
    pieces += [{"Ref": "AWS::AccountId"}, ":table/orders-of-the-house"]
    assert ledger_name(stack) == "orders-of-the-house"
    assert ledger_arn(stack) == {"Fn::Join": ["", pieces]}
    assert resources_of(template_of(stack), "AWS::DynamoDB::Table") == []


def test_two_ledgers_in_one_stack_are_refused(stack: Stack, make_order: MakeOrder) -> None:
    """Both are named: one function cannot keep two books."""
    make_order("Rack", ledger=OrderLedger(stack, "Books"))
    with pytest.raises(InvalidOrderError) as raised:
        make_order("Spare", ledger=OrderLedger(stack, "OtherBooks"))
    [problem] = raised.value.problems
    assert problem == (
        "'ledger' must be the same for all orders of a stack, got City/OtherBooks, where "
        "City/Books is in use: give it to each of them"
    )


def test_a_ledger_after_the_stack_has_made_one_is_refused(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The first order already writes elsewhere."""
    make_order("Rack")
    with pytest.raises(InvalidOrderError, match="got City/Books, where City/OutpostOrderProvider/"):
        make_order("Spare", ledger=OrderLedger(stack, "Books"))


def test_what_is_not_asked_for_is_not_in_the_template(stack: Stack, make_order: MakeOrder) -> None:
    """A reviewer reads only what was decided."""
    make_order(removal_policy=RemovalPolicy.RETAIN, existing_order=ExistingOrder.REFUSE)
    properties = order_in(stack)["Properties"]
    assert not {"ExistingOrder", "AdoptOrderId", "OnDelete"} & set(properties)


@pytest.mark.parametrize("choice", [ExistingOrder.ADOPT, ExistingOrder.ALLOW])
def test_what_to_do_about_an_equal_order_is_in_the_template(
    choice: ExistingOrder, stack: Stack, make_order: MakeOrder
) -> None:
    """Taking over and buying another stand where a reviewer sees them."""
    make_order(existing_order=choice)
    assert order_in(stack)["Properties"]["ExistingOrder"] == choice.value


def test_the_order_to_take_over_is_in_the_template(stack: Stack, make_order: MakeOrder) -> None:
    """A reviewer sees that nothing is bought."""
    make_order(adopt_order_id=ORDER_ID)
    assert order_in(stack)["Properties"]["AdoptOrderId"] == ORDER_ID


@pytest.mark.parametrize(
    ("policy", "in_the_template"),
    [
        (RemovalPolicy.DESTROY, "Delete"),
        (RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, "RetainExceptOnCreate"),
    ],
)
def test_cancelling_is_in_the_template(
    policy: RemovalPolicy, in_the_template: str, stack: Stack, make_order: MakeOrder
) -> None:
    """The function cancels on a Delete, and the policy decides when there is one."""
    make_order(removal_policy=policy)
    order = order_in(stack)
    assert (order["DeletionPolicy"], order["Properties"]["OnDelete"]) == (in_the_template, "CANCEL")


@pytest.mark.parametrize(
    ("policy", "when"),
    [
        (
            RemovalPolicy.DESTROY,
            "when it leaves the stack, or when the deployment that placed it is rolled back",
        ),
        (
            RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            "when the deployment that placed it is rolled back",
        ),
    ],
)
def test_cancelling_is_warned_of(
    policy: RemovalPolicy, when: str, stack: Stack, make_order: MakeOrder
) -> None:
    """Whoever synthesizes reads when the order is lost, and the id that silences it."""
    make_order(removal_policy=policy)
    assert warnings(stack) == [
        f"the Outposts order is cancelled {when} [ack: {CANCELS}]",
    ]


def test_the_warning_can_be_acknowledged(stack: Stack, make_order: MakeOrder) -> None:
    """Who meant it says so once, for the order or for all around it."""
    for number, acknowledged_at in enumerate(["order", "row"]):
        row = Construct(stack, f"Row{number}")
        order = make_order(scope=row, removal_policy=RemovalPolicy.DESTROY)
        scope = order if acknowledged_at == "order" else row
        Annotations.of(scope).acknowledge_warning(CANCELS, "agreed with procurement")
    assert warnings(stack) == []


def test_keeping_the_order_is_not_warned_of(stack: Stack, make_order: MakeOrder) -> None:
    """The default is quiet."""
    make_order()
    assert warnings(stack) == []
