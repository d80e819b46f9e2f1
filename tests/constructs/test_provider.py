from typing import Any

from aws_cdk import CfnParameter, Duration, Fn, NestedStack, Stack

from cdk_outpost_order import OutpostOrderProvider
from tests.constructs.conftest import (
    OUTPOST_ARN,
    OUTPOST_ID,
    MakeOrder,
    granted_by,
    local_arn,
    only,
    resources_of,
    template_of,
)

OTHER_OUTPOST_ID = "op-fedcba98765432100"


def arn_of(outpost: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the ARN in the stack's own partition, Region and account."""
    if isinstance(outpost, str):
        return local_arn("outposts", f"outpost/{outpost}")
    pieces: list[Any] = ["arn:", {"Ref": "AWS::Partition"}, ":outposts:", {"Ref": "AWS::Region"}]
    pieces += [":", {"Ref": "AWS::AccountId"}, ":outpost/op-", outpost]
    return {"Fn::Join": ["", pieces]}


def test_one_provider_serves_all_orders_of_a_stack(stack: Stack, make_order: MakeOrder) -> None:
    """A hundred orders need one function, one role and one log group."""
    for number in range(100):
        make_order(f"Rack{number}")
    template = template_of(stack)
    assert len(resources_of(template, "Custom::OutpostOrder")) == 100
    assert len(template["Resources"]) == 105


def test_a_nested_stack_uses_the_provider_of_its_parent(
    stack: Stack, make_order: MakeOrder
) -> None:
    """One function can describe the resources of both stacks."""
    nested = NestedStack(NestedStack(stack, "Hall"), "Row")
    make_order(scope=nested)
    make_order(scope=stack)
    assert resources_of(template_of(nested), "AWS::Lambda::Function") == []
    template = template_of(stack)
    assert len(resources_of(template, "AWS::Lambda::Function")) == 1
    assert granted_by(template)["cloudformation:DescribeStackResource"] == [
        {"Ref": "AWS::StackId"},
        local_arn("cloudformation", "stack/${AWS::StackName}-*"),
    ]


def test_a_nested_stack_can_have_a_provider_of_its_own(stack: Stack, make_order: MakeOrder) -> None:
    """The orders of the nested stack use its own provider, and the parent creates none."""
    nested = NestedStack(stack, "Hall")
    provider = OutpostOrderProvider(nested, "Buyer")
    assert make_order(scope=nested).provider is provider
    assert resources_of(template_of(stack), "AWS::Lambda::Function") == []


def test_the_role_holds_nothing_but_what_is_called(stack: Stack, make_order: MakeOrder) -> None:
    """CreateOrder on the Outpost, reads, its ledger without delete or scan, its own log."""
    make_order()
    template = template_of(stack)
    assert sorted(granted_by(template)) == [
        "cloudformation:DescribeStackResource",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "outposts:CreateOrder",
        "outposts:GetCatalogItem",
        "outposts:GetOrder",
        "outposts:GetOutpost",
        "outposts:ListCatalogItems",
        "outposts:ListOrders",
    ]
    assert "ManagedPolicyArns" not in only(template, "AWS::IAM::Role")["Properties"]


def test_each_permission_is_as_narrow_as_the_api_allows(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The ledger's table and the Outpost. Orders and the catalog have no resource level."""
    make_order()
    template = template_of(stack)
    granted = granted_by(template)
    assert (
        granted["dynamodb:GetItem"]
        == granted["dynamodb:PutItem"]
        == local_arn("dynamodb", "table/outpost-orders")
    )
    assert granted["outposts:CreateOrder"] == arn_of(OUTPOST_ID)
    assert granted["outposts:GetOutpost"] == arn_of(OUTPOST_ID)
    assert granted["outposts:GetOrder"] == granted["outposts:GetCatalogItem"] == "*"


def test_each_outpost_is_named_once(stack: Stack, make_order: MakeOrder) -> None:
    """The policy grows with the Outposts, not with the orders."""
    for number, outpost in enumerate([OUTPOST_ID, OTHER_OUTPOST_ID, OUTPOST_ID]):
        make_order(f"Rack{number}", outpost_identifier=outpost)
    granted = granted_by(template_of(stack))
    assert granted["outposts:CreateOrder"] == [arn_of(OUTPOST_ID), arn_of(OTHER_OUTPOST_ID)]


def test_an_arn_is_granted_unchanged(stack: Stack, make_order: MakeOrder) -> None:
    """A given account and Region are not replaced by the stack's."""
    make_order(outpost_identifier=OUTPOST_ARN)
    assert granted_by(template_of(stack))["outposts:CreateOrder"] == OUTPOST_ARN


def test_a_token_is_granted_whether_it_hides_an_id_or_an_arn(
    stack: Stack, make_order: MakeOrder
) -> None:
    """Both have the same part after `op-`, so the policy stays as narrow."""
    outpost = CfnParameter(stack, "Outpost").value_as_string
    make_order("Rack", outpost_identifier=outpost)
    make_order("Spare", outpost_identifier=outpost)
    digits = stack.resolve(Fn.select(1, Fn.split("op-", outpost)))
    assert granted_by(template_of(stack))["outposts:CreateOrder"] == arn_of(digits)


def test_no_event_can_buy_after_cloudformation_gave_up(stack: Stack, make_order: MakeOrder) -> None:
    """The longest delay of Lambda and the longest run fit into the timeout."""
    make_order(service_timeout=Duration.seconds(781))
    template = template_of(stack)
    timeout = only(template, "Custom::OutpostOrder")["Properties"]["ServiceTimeout"]
    age = only(template, "AWS::Lambda::EventInvokeConfig")["Properties"]["MaximumEventAgeInSeconds"]
    run = only(template, "AWS::Lambda::Function")["Properties"]["Timeout"]
    assert age + run < int(timeout)


def test_lambda_retries_only_while_cloudformation_waits(
    stack: Stack, make_order: MakeOrder
) -> None:
    """Lambda delivers an event again, but not after CloudFormation gave up."""
    make_order()
    template = template_of(stack)
    delivery = only(template, "AWS::Lambda::EventInvokeConfig")["Properties"]
    timeout = only(template, "AWS::Lambda::Function")["Properties"]["Timeout"]
    waits = int(only(template, "Custom::OutpostOrder")["Properties"]["ServiceTimeout"])
    assert delivery["MaximumRetryAttempts"] == 2
    assert delivery["MaximumEventAgeInSeconds"] == timeout + 300
    assert delivery["MaximumEventAgeInSeconds"] + timeout < waits


def test_orders_wait_for_the_delivery_settings_and_the_policy(
    stack: Stack, make_order: MakeOrder
) -> None:
    """Otherwise CloudFormation would invoke a function without permissions, or too late."""
    make_order()
    resources = template_of(stack)["Resources"]
    order = next(r for r in resources.values() if r["Type"] == "Custom::OutpostOrder")
    assert {resources[name]["Type"] for name in order["DependsOn"]} == {
        "AWS::IAM::Policy",
        "AWS::Lambda::EventInvokeConfig",
    }


def test_the_function_has_the_runtime_that_cdk_has(stack: Stack, make_order: MakeOrder) -> None:
    """Python 3.13 on arm64, with its own log group that outlives the stack."""
    make_order()
    template = template_of(stack)
    function = only(template, "AWS::Lambda::Function")["Properties"]
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert only(template, "AWS::Logs::LogGroup")["DeletionPolicy"] == "Retain"


def test_the_environment_names_the_ledger_and_nothing_else(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The template has no switch for the handler's behaviour."""
    make_order()
    function = only(template_of(stack), "AWS::Lambda::Function")["Properties"]
    assert function["Environment"] == {"Variables": {"OUTPOST_ORDER_LEDGER": "outpost-orders"}}
