"""A provider that is made by hand, and how its function runs."""

import re
from typing import Any

import jsii
import pytest
from aws_cdk import App, Aspects, CfnParameter, Duration, IAspect, NestedStack, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import IConstruct

from cdk_outpost_order import InvalidOrderError, OrderLedger, OutpostOrderProvider
from tests.constructs.conftest import MakeOrder, only, resources_of, template_of

FUNCTION = "AWS::Lambda::Function"


def ledger_of(stack: Stack, construct_id: str) -> OrderLedger:
    return OrderLedger.from_table_name(stack, construct_id, "city-orders")


def function_in(stack: Stack) -> dict[str, Any]:
    return dict(only(template_of(stack), FUNCTION)["Properties"])


def test_an_order_is_answered_by_the_provider_it_is_given(
    stack: Stack, make_order: MakeOrder
) -> None:
    """No other is made."""
    provider = OutpostOrderProvider(stack, "Buyer")
    order = make_order(provider=provider)
    assert order.provider is provider
    token = only(template_of(stack), "Custom::OutpostOrder")["Properties"]["ServiceToken"]
    assert token == stack.resolve(provider.service_token)


def test_a_provider_without_orders_is_valid(stack: Stack) -> None:
    """The last order may leave the stack before its provider does."""
    OutpostOrderProvider(stack, "Buyer")
    assert len(resources_of(template_of(stack), FUNCTION)) == 1


def test_two_providers_in_a_stack_have_one_ledger(stack: Stack, make_order: MakeOrder) -> None:
    """The ledger belongs to the account, so it is the same for both."""
    for name in ("Rack", "Server"):
        make_order(name, provider=OutpostOrderProvider(stack, f"{name}Buyer"))
    template = template_of(stack)
    functions = resources_of(template, FUNCTION)
    assert [each["Properties"]["Environment"] for each in functions] == [
        {"Variables": {"OUTPOST_ORDER_LEDGER": "outpost-orders"}}
    ] * 2


def test_a_name_belongs_to_one_order_of_a_stack_whatever_its_provider(
    stack: Stack, make_order: MakeOrder
) -> None:
    """Both providers use one ledger, so both orders would be one."""
    make_order("Rack", order_name="PO-4711")
    with pytest.raises(InvalidOrderError, match="got 'PO-4711', which City/Rack has"):
        make_order("Spare", order_name="PO-4711", provider=OutpostOrderProvider(stack, "Buyer"))


def test_a_provider_of_the_default_id_is_the_default(stack: Stack, make_order: MakeOrder) -> None:
    """A provider that is created before the first order serves all of them."""
    OutpostOrderProvider(stack, "OutpostOrderProvider", memory_size=512)
    make_order()
    assert function_in(stack)["MemorySize"] == 512


def test_a_ledger_beside_its_own_provider_passes(stack: Stack, make_order: MakeOrder) -> None:
    """The table counts, not the construct that refers to it."""
    provider = OutpostOrderProvider(stack, "Buyer", ledger=ledger_of(stack, "Books"))
    make_order(ledger=ledger_of(stack, "SameBooks"), provider=provider)
    variables = function_in(stack)["Environment"]["Variables"]
    assert variables == {"OUTPOST_ORDER_LEDGER": "city-orders"}


def test_another_ledger_than_the_providers_is_refused(stack: Stack, make_order: MakeOrder) -> None:
    """One function can't use two ledgers."""
    provider = OutpostOrderProvider(stack, "Buyer")
    with pytest.raises(InvalidOrderError) as refused:
        make_order(ledger=ledger_of(stack, "Books"), provider=provider)
    assert refused.value.problems == (
        (
            "'ledger' must be the same for all orders of a provider, got City/Books, but "
            "City/Buyer uses City/Buyer/Ledger: give the same ledger to each"
        ),
    )


def test_the_provider_of_another_stack_is_refused(make_order: MakeOrder) -> None:
    """Each stack has its own function, so that it can be deleted without the other."""
    provider = OutpostOrderProvider(Stack(App(), "Town"), "Buyer")
    with pytest.raises(InvalidOrderError) as refused:
        make_order(provider=provider)
    assert refused.value.problems == (
        (
            "'provider' must be in the order's own stack, City, or in one that this stack is "
            "nested in, got Town/Buyer: make one in each stack"
        ),
    )


def test_the_provider_of_a_nested_stack_serves_no_order_of_its_parent(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The nested stack could be deleted without its parent."""
    provider = OutpostOrderProvider(NestedStack(stack, "Hall"), "Buyer")
    with pytest.raises(InvalidOrderError, match=r"own stack, City, .* got City/Hall/Buyer"):
        make_order(provider=provider)


def test_without_a_provider_an_order_uses_the_only_one(stack: Stack, make_order: MakeOrder) -> None:
    """No second function is created, not even for a nested stack."""
    provider = OutpostOrderProvider(stack, "Buyer")
    assert make_order().provider is provider
    assert make_order(scope=NestedStack(stack, "Hall")).provider is provider
    assert len(resources_of(template_of(stack), FUNCTION)) == 1


ASKED = (
    "'provider' must be given, because City has 2: {}; an order that is deployed already must keep "
    "its provider, because CloudFormation refuses another ServiceToken: if it was deployed without "
    "'provider', use provider=OutpostOrderProvider.of(stack)"
)


def test_with_two_providers_an_order_says_which(stack: Stack, make_order: MakeOrder) -> None:
    """The app must choose one of two providers."""
    for name in ("Buyer", "OtherBuyer"):
        OutpostOrderProvider(stack, name)
    with pytest.raises(InvalidOrderError) as refused:
        make_order()
    assert refused.value.problems == (ASKED.format("City/Buyer, City/OtherBuyer"),)


def test_a_second_provider_that_comes_later_is_asked_about_too(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The order of the lines in an app doesn't matter."""
    make_order()
    make_order("Spare", provider=OutpostOrderProvider(stack, "Buyer"))
    asked = ASKED.format("City/OutpostOrderProvider, City/Buyer")
    with pytest.raises(RuntimeError, match=re.escape(f"City/Rack: {asked}")):
        template_of(stack)


def test_the_function_has_the_given_settings(stack: Stack) -> None:
    """You choose memory, timeout, and runtime."""
    OutpostOrderProvider(
        stack,
        "Buyer",
        memory_size=10_240,
        timeout=Duration.minutes(15),
        runtime=lambda_.Runtime.PYTHON_3_11,
    )
    function = function_in(stack)
    assert (function["MemorySize"], function["Timeout"]) == (10_240, 900)
    assert function["Runtime"] == "python3.11"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"memory_size": 127}, "'memory_size' must be a whole number of 128 to 10240 MiB, got 127"),
        (
            {"memory_size": 10_241},
            "'memory_size' must be a whole number of 128 to 10240 MiB, got 10241",
        ),
        (
            {"memory_size": True},
            "'memory_size' must be a whole number of 128 to 10240 MiB, got True",
        ),
        (
            {"timeout": Duration.seconds(239)},
            (
                "'timeout' must be 4 to 15 minutes, got 239 seconds: if a function is stopped "
                "while it places an order, the outcome is unknown"
            ),
        ),
        (
            {"timeout": Duration.seconds(901)},
            (
                "'timeout' must be 4 to 15 minutes, got 901 seconds: if a function is stopped "
                "while it places an order, the outcome is unknown"
            ),
        ),
        (
            {"runtime": lambda_.Runtime.PYTHON_3_10},
            "'runtime' must be Python 3.11 or newer, got python3.10",
        ),
        (
            {"runtime": lambda_.Runtime.NODEJS_22_X},
            "'runtime' must be Python 3.11 or newer, got nodejs22.x",
        ),
        (
            {"security_groups": []},
            "'security_groups' must not be given without 'vpc': give the VPC they belong to",
        ),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], problem: str, stack: Stack) -> None:
    """The message says what is wrong, the value given and what is allowed."""
    with pytest.raises(InvalidOrderError) as refused:
        OutpostOrderProvider(stack, "Buyer", **options)
    assert refused.value.problems == (problem,)
    assert str(refused.value) == f"City/Buyer cannot place orders:\n  - {problem}"


def test_a_timeout_that_only_the_deployment_knows_is_refused(stack: Stack) -> None:
    """CloudFormation must wait longer, and synthesis checks that."""
    number = CfnParameter(stack, "Minutes", type="Number").value_as_number
    with pytest.raises(InvalidOrderError, match="'timeout' must be known at synth, got a token"):
        OutpostOrderProvider(stack, "Buyer", timeout=Duration.minutes(number))


@pytest.mark.parametrize(("minutes", "waits"), [(4, 900), (5, 1200), (10, 1800), (15, 2400)])
def test_cloudformation_waits_longer_for_a_longer_timeout(
    minutes: int, waits: int, stack: Stack, make_order: MakeOrder
) -> None:
    """CloudFormation waits until 5 minutes, rounded up, after Lambda's last event can end."""
    provider = OutpostOrderProvider(stack, "Buyer", timeout=Duration.minutes(minutes))
    make_order(provider=provider)
    order = only(template_of(stack), "Custom::OutpostOrder")
    assert order["Properties"]["ServiceTimeout"] == str(waits)


def test_cloudformation_must_wait_longer_than_the_function_may_run(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The bound grows with the timeout."""
    provider = OutpostOrderProvider(stack, "Buyer", timeout=Duration.minutes(15))
    with pytest.raises(InvalidOrderError) as refused:
        make_order(provider=provider, service_timeout=Duration.minutes(35))
    assert refused.value.problems == (
        (
            "'service_timeout' must be more than 35 and at most 60 minutes, got 2100 seconds: "
            "a queued event could otherwise buy after CloudFormation gave up"
        ),
    )


def test_a_log_group_that_is_given_is_the_only_one(stack: Stack) -> None:
    """The function writes into the given log group, and its role into no other."""
    log_group = logs.LogGroup(stack, "Log")
    provider = OutpostOrderProvider(stack, "Buyer", log_group=log_group)
    assert provider.log_group is log_group
    assert len(resources_of(template_of(stack), "AWS::Logs::LogGroup")) == 1
    assert function_in(stack)["LoggingConfig"] == {
        "LogGroup": stack.resolve(log_group.log_group_name)
    }


def test_a_grant_to_the_provider_is_for_its_role(stack: Stack) -> None:
    """The provider is a principal like other constructs."""
    provider = OutpostOrderProvider(stack, "Buyer")
    table = dynamodb.Table.from_table_name(stack, "Other", "other")
    table.grant_read_data(provider)
    role = [stack.resolve(provider.role.role_name)]
    template = template_of(stack)
    policies = {
        name: resource["Properties"]["Roles"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy"
    }
    assert [*policies.values()] == [role, role]
    # Both exist before the function.
    assert policies.keys() <= {*only(template, FUNCTION)["DependsOn"]}


def test_the_resources_of_provider_and_ledger_can_be_overridden(stack: Stack) -> None:
    """The default children are the function and the table, as in CDK's own constructs."""
    provider = OutpostOrderProvider(stack, "Buyer")
    ledger = OrderLedger(Stack(App(), "Books"), "Ledger")
    assert isinstance(provider.node.default_child, lambda_.CfnFunction)
    assert isinstance(ledger.node.default_child, dynamodb.CfnTable)
    provider.node.default_child.add_property_override("Description", "Buys racks")
    assert function_in(stack)["Description"] == "Buys racks"


def test_a_permissions_boundary_holds_for_the_role(stack: Stack, make_order: MakeOrder) -> None:
    """An account can require a permissions boundary."""
    make_order()
    boundary = iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess")
    iam.PermissionsBoundary.of(stack).apply(boundary)
    role = only(template_of(stack), "AWS::IAM::Role")["Properties"]
    assert role["PermissionsBoundary"] == stack.resolve(boundary.managed_policy_arn)


@jsii.implements(IAspect)
class _Tracing:
    def visit(self, node: IConstruct) -> None:
        if isinstance(node, lambda_.CfnFunction):
            node.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")


def test_an_aspect_reaches_the_function(stack: Stack, make_order: MakeOrder) -> None:
    """An organization's rules for all functions apply to this one."""
    make_order()
    Aspects.of(stack).add(_Tracing())
    assert function_in(stack)["TracingConfig"] == {"Mode": "Active"}
