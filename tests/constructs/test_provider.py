from typing import Any

from aws_cdk import CfnParameter, Duration, Fn, NestedStack, Stack

from tests.constructs.conftest import (
    OUTPOST_ARN,
    OUTPOST_ID,
    MakeOrder,
    granted_by,
    only,
    resources_of,
    table_arn,
    template_of,
)

OTHER_OUTPOST_ID = "op-fedcba98765432100"


def arn_of(outpost: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the ARN in the stack's own partition, Region and account."""
    pieces: list[Any] = ["arn:", {"Ref": "AWS::Partition"}, ":outposts:", {"Ref": "AWS::Region"}]
    pieces += [":", {"Ref": "AWS::AccountId"}]
    tail = [f":outpost/{outpost}"] if isinstance(outpost, str) else [":outpost/op-", outpost]
    return {"Fn::Join": ["", pieces + tail]}


def test_one_provider_serves_all_orders_of_a_stack(stack: Stack, make_order: MakeOrder) -> None:
    """A hundred orders need one function, one role and one log group."""
    for number in range(100):
        make_order(f"Rack{number}")
    template = template_of(stack)
    assert len(resources_of(template, "Custom::OutpostOrder")) == 100
    assert len(template["Resources"]) == 104


def test_a_nested_stack_has_its_own_provider(stack: Stack, make_order: MakeOrder) -> None:
    """A template stands on its own."""
    nested = NestedStack(stack, "Hall")
    make_order(scope=nested)
    assert len(resources_of(template_of(nested), "AWS::Lambda::Function")) == 1


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
    """The ledger's table, the Outpost; orders and the catalog know no resource."""
    make_order()
    template = template_of(stack)
    granted = granted_by(template)
    assert granted["dynamodb:GetItem"] == granted["dynamodb:PutItem"] == table_arn("outpost-orders")
    assert granted["outposts:CreateOrder"] == arn_of(OUTPOST_ID)
    assert granted["outposts:GetOutpost"] == arn_of(OUTPOST_ID)
    assert granted["outposts:GetOrder"] == granted["outposts:GetCatalogItem"] == "*"


def test_each_outpost_is_named_once(stack: Stack, make_order: MakeOrder) -> None:
    """The policy grows with the Outposts, not with the orders."""
    for number, outpost in enumerate([OUTPOST_ID, OTHER_OUTPOST_ID, OUTPOST_ID]):
        make_order(f"Rack{number}", outpost_identifier=outpost)
    granted = granted_by(template_of(stack))
    assert granted["outposts:CreateOrder"] == [arn_of(OUTPOST_ID), arn_of(OTHER_OUTPOST_ID)]


def test_an_arn_is_granted_as_it_is(stack: Stack, make_order: MakeOrder) -> None:
    """A given account and Region are not replaced by the stack's."""
    make_order(outpost_identifier=OUTPOST_ARN)
    assert granted_by(template_of(stack))["outposts:CreateOrder"] == OUTPOST_ARN


def test_a_token_is_granted_whether_it_hides_an_id_or_an_arn(
    stack: Stack, make_order: MakeOrder
) -> None:
    """What follows `op-` is the same in both, so the policy stays as narrow."""
    outpost = CfnParameter(stack, "Outpost").value_as_string
    make_order("Rack", outpost_identifier=outpost)
    make_order("Spare", outpost_identifier=outpost)
    digits = stack.resolve(Fn.select(1, Fn.split("op-", outpost)))
    assert granted_by(template_of(stack))["outposts:CreateOrder"] == arn_of(digits)


def test_no_event_can_buy_after_cloudformation_gave_up(stack: Stack, make_order: MakeOrder) -> None:
    """Held back as long as Lambda may, then run to its limit: still within the timeout."""
    make_order(service_timeout=Duration.seconds(781))
    template = template_of(stack)
    timeout = only(template, "Custom::OutpostOrder")["Properties"]["ServiceTimeout"]
    age = only(template, "AWS::Lambda::EventInvokeConfig")["Properties"]["MaximumEventAgeInSeconds"]
    run = only(template, "AWS::Lambda::Function")["Properties"]["Timeout"]
    assert age + run < int(timeout)


def test_lambda_retries_only_while_cloudformation_waits(
    stack: Stack, make_order: MakeOrder
) -> None:
    """A redelivery is a help; one that comes after CloudFormation gave up is none."""
    make_order()
    template = template_of(stack)
    delivery = only(template, "AWS::Lambda::EventInvokeConfig")["Properties"]
    timeout = only(template, "AWS::Lambda::Function")["Properties"]["Timeout"]
    waits = int(only(template, "Custom::OutpostOrder")["Properties"]["ServiceTimeout"])
    assert delivery["MaximumRetryAttempts"] == 2
    assert delivery["MaximumEventAgeInSeconds"] == timeout + 300
    assert delivery["MaximumEventAgeInSeconds"] + timeout < waits


def test_orders_wait_for_the_delivery_settings(stack: Stack, make_order: MakeOrder) -> None:
    """CloudFormation would else invoke the function while Lambda's defaults still hold."""
    make_order()
    resources = template_of(stack)["Resources"]
    (depends_on,) = resources.pop(
        next(name for name, r in resources.items() if r["Type"] == "Custom::OutpostOrder")
    )["DependsOn"]
    assert resources[depends_on]["Type"] == "AWS::Lambda::EventInvokeConfig"


def test_the_function_is_of_the_newest_runtime(stack: Stack, make_order: MakeOrder) -> None:
    """Python 3.14 on arm64, with its own log group that outlives the stack."""
    make_order()
    template = template_of(stack)
    function = only(template, "AWS::Lambda::Function")["Properties"]
    assert (function["Runtime"], function["Architectures"]) == ("python3.14", ["arm64"])
    assert only(template, "AWS::Logs::LogGroup")["DeletionPolicy"] == "Retain"


def test_the_environment_names_the_ledger_and_nothing_else(
    stack: Stack, make_order: MakeOrder
) -> None:
    """Nothing in the template switches how the handler behaves."""
    make_order()
    function = only(template_of(stack), "AWS::Lambda::Function")["Properties"]
    assert function["Environment"] == {"Variables": {"OUTPOST_ORDER_LEDGER": "outpost-orders"}}
