import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import (
    App,
    CfnParameter,
    Environment,
    NestedStack,
    Stack,
    Stage,
)
from aws_cdk import aws_kms as kms

import outpost_order_cli
from cdk_outpost_order import InvalidOrderError, OrderLedger
from outpost_order_handler.rules import bounded_repr
from tests.constructs.conftest import (
    MakeOrder,
    local_arn,
    only,
    policies_in,
    resources_of,
    template_of,
    warnings,
)

ORDER_ID = "oo-0123456789abcdef0"
KEY_ARN = "arn:aws:kms:us-west-2:111122223333:key/0f0e0d0c"
TABLE_ARN = "arn:aws:dynamodb:us-west-2:111122223333:table/orders"


def order_in(stack: Stack) -> dict[str, Any]:
    return only(template_of(stack), "Custom::OutpostOrder")


def ledger_name(stack: Stack) -> Any:  # noqa: ANN401
    """Return the environment variable that names the function's ledger."""
    function = only(template_of(stack), "AWS::Lambda::Function")
    return function["Properties"]["Environment"]["Variables"]["OUTPOST_ORDER_LEDGER"]


def ledger_policies(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return what the function's role may do with the ledger and its key, by the service."""
    [document] = policies_in(template_of(stack))
    services = [(str(each["Action"][0]).partition(":")[0], each) for each in document["Statement"]]
    return {service: each for service, each in services if service in ("dynamodb", "kms")}


def assert_only_this_table(stack: Stack, name: Any) -> None:  # noqa: ANN401
    """The function uses one table, and its role can read and write single records of it."""
    assert ledger_name(stack) == name
    assert ledger_policies(stack) == {
        "dynamodb": {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
            "Resource": local_arn("dynamodb", f"table/{name}"),
        }
    }
    assert resources_of(template_of(stack), "AWS::DynamoDB::Table") == []


def test_the_table_is_the_one_that_init_creates(stack: Stack) -> None:
    """Both ways create the same name, key, protection, recovery, and retention."""
    OrderLedger(stack, "Ledger")
    shipped = Path(outpost_order_cli.__file__).with_name("ledger.template.json")
    [table] = json.loads(shipped.read_text())["Resources"].values()
    assert only(template_of(stack), "AWS::DynamoDB::Table") == table


def test_the_table_can_have_another_name(stack: Stack) -> None:
    """A second ledger of an account."""
    ledger = OrderLedger(stack, "Ledger", table_name="city-orders")
    table = only(template_of(stack), "AWS::DynamoDB::Table")
    assert table["Properties"]["TableName"] == ledger.table_name == "city-orders"


def test_the_arn_of_the_table_can_be_used(stack: Stack) -> None:
    """A backup plan accepts the table, created or referred to."""
    logical_id, _ = stack.resolve(OrderLedger(stack, "Ledger").table_arn)["Fn::GetAtt"]
    assert template_of(stack)["Resources"][logical_id]["Type"] == "AWS::DynamoDB::Table"
    imported = OrderLedger.from_table_name(stack, "Other", "city-orders")
    assert stack.resolve(imported.table_arn) == local_arn("dynamodb", "table/city-orders")


def test_by_default_orders_use_the_ledger_of_the_account(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The stack has no table, and no property repeats the default."""
    for number in range(3):
        make_order(f"Rack{number}")
    assert_only_this_table(stack, "outpost-orders")
    for order in resources_of(template_of(stack), "Custom::OutpostOrder"):
        assert "Ledger" not in order["Properties"]


def test_another_ledger_is_in_the_template(stack: Stack, make_order: MakeOrder) -> None:
    """A reviewer sees the ledger, and a changed ledger is an Update."""
    make_order(ledger=OrderLedger.from_table_name(stack, "Books", "city-orders"))
    assert_only_this_table(stack, "city-orders")
    assert order_in(stack)["Properties"]["Ledger"] == "city-orders"


def test_the_default_by_its_name_is_the_default(stack: Stack, make_order: MakeOrder) -> None:
    """Two ways to name one table result in the same template."""
    make_order(ledger=OrderLedger.from_table_name(stack, "Books", "outpost-orders"))
    make_order("Spare")
    assert_only_this_table(stack, "outpost-orders")
    assert "Ledger" not in str(resources_of(template_of(stack), "Custom::OutpostOrder"))


def test_an_order_without_a_ledger_uses_that_of_the_provider(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The first order of the stack decides."""
    make_order("Rack", ledger=OrderLedger.from_table_name(stack, "Books", "city-orders"))
    make_order("Spare")
    orders = resources_of(template_of(stack), "Custom::OutpostOrder")
    assert [each["Properties"]["Ledger"] for each in orders] == ["city-orders"] * 2


def test_the_name_can_be_a_token(stack: Stack, make_order: MakeOrder) -> None:
    """The function then checks it, before anything is sent."""
    name = CfnParameter(stack, "LedgerName").value_as_string
    make_order("Rack", ledger=OrderLedger.from_table_name(stack, "Books", name))
    make_order("Spare", ledger=OrderLedger.from_table_name(stack, "SameBooks", name))
    assert ledger_name(stack) == {"Ref": "LedgerName"}
    for order in resources_of(template_of(stack), "Custom::OutpostOrder"):
        assert order["Properties"]["Ledger"] == {"Ref": "LedgerName"}


def test_stacks_of_orders_are_deployed_after_the_ledger(make_order: MakeOrder) -> None:
    """The order stack depends on the ledger's stack, and nothing is exported."""
    app = App()
    books = Stack(app, "Books")
    ledger = OrderLedger(books, "Ledger", table_name="city-orders")
    cities = [Stack(app, name) for name in ("City", "Town")]
    hall = NestedStack(cities[1], "Hall")
    for scope in (cities[0], hall):
        make_order("Rack", scope=scope, ledger=ledger)
    assembly = app.synth()
    for city in cities:
        waits_for = assembly.get_stack_by_name(city.stack_name).dependencies
        assert "Books" in [each.id for each in waits_for]
    for stack in cities:
        assert_only_this_table(stack, "city-orders")
    assert "Outputs" not in template_of(books)


def test_a_key_of_your_own_encrypts_the_table(make_order: MakeOrder) -> None:
    """The function's role can use the key, through DynamoDB only."""
    app = App()
    books, city = Stack(app, "Books"), Stack(app, "City")
    key = kms.Key(books, "Key")
    make_order(scope=city, ledger=OrderLedger(books, "Ledger", encryption_key=key))
    table = only(template_of(books), "AWS::DynamoDB::Table")["Properties"]
    assert table["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": books.resolve(key.key_arn),
    }
    statement = ledger_policies(city)["kms"]
    assert "Fn::ImportValue" in statement.pop("Resource")
    assert statement == {
        "Effect": "Allow",
        "Action": [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ],
        "Condition": {"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}},
    }


def test_the_key_of_a_ledger_that_exists_can_be_used(stack: Stack, make_order: MakeOrder) -> None:
    """A table of another app is given by its name and its key."""
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    ledger = OrderLedger.from_table_name(stack, "Books", "city-orders", encryption_key=key)
    make_order(ledger=ledger)
    assert ledger_policies(stack)["kms"]["Resource"] == KEY_ARN


def test_a_key_that_the_provider_does_not_know_is_refused(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The first order decides what the role can use."""
    make_order("Rack")
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    ledger = OrderLedger.from_table_name(stack, "Books", "outpost-orders", encryption_key=key)
    with pytest.raises(InvalidOrderError, match="'ledger' must be the same for all orders"):
        make_order("Spare", ledger=ledger)


@pytest.mark.parametrize("name", ["ab", "n" * 61, "city orders", "-orders", TABLE_ARN, ""])
def test_an_invalid_ledger_name_is_refused(name: str, stack: Stack) -> None:
    """Shorter than DynamoDB allows, so that a failure reason has room for the command."""
    for make, cannot in (
        (OrderLedger, "be created"),
        (OrderLedger.from_table_name, "be referred to"),
    ):
        with pytest.raises(InvalidOrderError) as refused:
            make(stack, f"Ledger-{cannot}", table_name=name)
        assert str(refused.value) == (
            f"City/Ledger-{cannot} cannot {cannot}:\n  - 'table_name' must be the name of a "
            "DynamoDB table of 3 to 60 of A-Z, a-z, 0-9, '.', '_', '-', and begin with a letter, a "
            f"digit or '_', got {bounded_repr(name)}"
        )


@pytest.mark.parametrize("name", ["abc", "n" * 60, "_orders", "0.orders-"])
def test_the_longest_and_the_shortest_name_pass(name: str, stack: Stack) -> None:
    """The limits themselves are allowed."""
    assert OrderLedger(stack, "Ledger", table_name=name).table_name == name


def test_two_ledgers_of_a_provider_are_refused(stack: Stack, make_order: MakeOrder) -> None:
    """The message names both tables: one function uses one table."""
    make_order("Rack", ledger=OrderLedger.from_table_name(stack, "Books", "city-orders"))
    with pytest.raises(InvalidOrderError) as raised:
        make_order("Spare", ledger=OrderLedger.from_table_name(stack, "Others", "town-orders"))
    assert raised.value.problems == (
        (
            "'ledger' must be the same for all orders of a provider, got City/Others, but "
            "City/OutpostOrderProvider uses City/Books: give the same ledger to each"
        ),
    )


def test_a_ledger_after_an_order_with_the_default_is_refused(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The first order already uses another one."""
    make_order("Rack")
    ledger = OrderLedger.from_table_name(stack, "Books", "city-orders")
    with pytest.raises(InvalidOrderError, match="but City/OutpostOrderProvider uses City/"):
        make_order("Spare", ledger=ledger)


REMEDY = (
    "put the OrderLedger into a stack of its own, or run 'outpost-order init' instead: if the "
    "first deployment rolls back, the table remains, and CloudFormation can't create it again"
)


@pytest.mark.parametrize("scopes", [("", ""), ("", "Hall"), ("Hall", ""), ("Hall", "Annex")])
def test_a_ledger_in_a_stack_of_orders_is_refused(
    scopes: tuple[str, str], stack: Stack, make_order: MakeOrder
) -> None:
    """In any order, and nested stacks count with their parent: they roll back together."""
    first, second = [NestedStack(stack, name) if name else stack for name in scopes]
    make_order("Rack", scope=first)
    with pytest.raises(InvalidOrderError) as refused:
        OrderLedger(second, "Ledger")
    assert str(refused.value) == (
        f"{second.node.path}/Ledger cannot be created:\n  - its stack must not contain orders, got "
        f"{first.node.path}/Rack: {REMEDY}"
    )


@pytest.mark.parametrize("scopes", [("", ""), ("", "Hall"), ("Hall", ""), ("Hall", "Annex")])
def test_an_order_in_the_stack_of_a_ledger_is_refused(
    scopes: tuple[str, str], stack: Stack, make_order: MakeOrder
) -> None:
    """The order can be declared first, and use this ledger or another one."""
    first, second = [NestedStack(stack, name) if name else stack for name in scopes]
    ledger = OrderLedger(first, "Ledger", table_name="city-orders")
    for used in (None, ledger):
        with pytest.raises(InvalidOrderError) as refused:
            make_order(f"Rack{used is None}", scope=second, ledger=used)
        assert refused.value.problems[0] == (
            f"its stack must not contain an OrderLedger, got {ledger.node.path}: {REMEDY}"
        )


def test_a_ledger_that_is_referred_to_can_be_in_a_stack_of_orders(
    stack: Stack, make_order: MakeOrder
) -> None:
    """A ledger that is referred to creates no resource."""
    make_order(ledger=OrderLedger.from_table_name(stack, "Books", "city-orders"))
    OrderLedger.from_table_name(stack, "Others", "town-orders")


@pytest.mark.parametrize(
    ("env", "problem"),
    [
        (Environment(account="444455556666", region="us-west-2"), "in 111122223333"),
        (Environment(account="111122223333", region="eu-west-1"), "in us-west-2"),
    ],
)
def test_the_ledger_of_another_environment_is_refused(
    env: Environment, problem: str, make_order: MakeOrder
) -> None:
    """The function looks for the table in its own account and Region."""
    app = App()
    ledger = OrderLedger(Stack(app, "Books", env=env), "Ledger")
    city = Stack(app, "City", env=Environment(account="111122223333", region="us-west-2"))
    with pytest.raises(InvalidOrderError, match=f"'ledger' must be {problem}, as its orders are"):
        make_order(scope=city, ledger=ledger)


def test_the_ledger_of_another_stage_is_refused(make_order: MakeOrder) -> None:
    """CDK deploys each stage by itself, so the message says how to refer to the table."""
    app = App()
    ledger = OrderLedger(Stack(app, "Books"), "Ledger")
    with pytest.raises(InvalidOrderError, match="stage of its orders, got Books/Ledger: use Order"):
        make_order(scope=Stack(Stage(app, "Prod"), "City"), ledger=ledger)


def test_the_template_has_no_property_at_its_default(stack: Stack, make_order: MakeOrder) -> None:
    """A reviewer reads only what was decided, and the defaults cause no warning."""
    make_order(in_addition_to=None, preflight=True)
    properties = order_in(stack)["Properties"]
    assert not {"InAdditionTo", "AdoptOrderId", "Preflight", "Ledger"} & set(properties)
    assert warnings(stack) == []


def test_the_order_to_adopt_is_in_the_template(stack: Stack, make_order: MakeOrder) -> None:
    """A reviewer sees that nothing is bought."""
    make_order(adopt_order_id=ORDER_ID)
    assert order_in(stack)["Properties"]["AdoptOrderId"] == ORDER_ID
