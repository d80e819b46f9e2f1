"""Shapes of what an order refers to, and of what refers to it, in its stack and in others.

Each function builds one shape, and returns what is found in it and what must be found.
"""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from aws_cdk import App, CfnOutput, Environment, NestedStack, Stack
from aws_cdk import aws_outposts as outposts
from aws_cdk import cloudformation_include as include

from cdk_outpost_order import OutpostOrder
from tests.constructs.conftest import OUTPOST_ARN, OUTPOST_ID, granted_by, only, template_of
from tests.constructs.shapes import (
    EU_WEST_1,
    ORDER,
    US_WEST_2,
    Found,
    city,
    order,
    refusal,
    synthesis_refusal,
)


def _properties(stack: Stack) -> dict[str, Any]:
    return dict(only(template_of(stack), ORDER)["Properties"])


def _outpost_in(stack: Stack) -> outposts.CfnOutpost:
    return outposts.CfnOutpost(
        stack,
        "Outpost",
        availability_zone="us-west-2a",
        name="Rack",
        site_id="os-0123456789abcdef0",
    )


def an_outpost_of_the_stack() -> Found:
    """The order waits for the Outpost, and the role is allowed this Outpost alone."""
    stack = city()
    order(stack, outpost_identifier=None, outpost=_outpost_in(stack))
    template = template_of(stack)
    identifier = only(template, ORDER)["Properties"]["OutpostIdentifier"]
    return (identifier, granted_by(template)["outposts:CreateOrder"]), ({"Ref": "Outpost"},) * 2


def an_outpost_of_another_stack() -> Found:
    """The order is for what the other stack exports."""
    app = App()
    site, stack = Stack(app, "Site"), Stack(app, "City")
    order(stack, outpost_identifier=None, outpost=_outpost_in(site))
    identifier = _properties(stack)["OutpostIdentifier"]
    [export] = [each["Export"]["Name"] for each in template_of(site)["Outputs"].values()]
    return identifier, {"Fn::ImportValue": export}


def an_outpost_of_another_region() -> Found:
    """The function calls the API of its own Region."""
    app = App()
    site, stack = Stack(app, "Site", env=EU_WEST_1), Stack(app, "City", env=US_WEST_2)
    outpost = _outpost_in(site)
    return refusal(lambda: order(stack, outpost_identifier=None, outpost=outpost)), (
        "'outpost' must be in us-west-2, as its order is, got Site/Outpost, which is in eu-west-1",
    )


def an_outpost_of_an_included_template() -> Found:
    """The order is for an Outpost that a template of CloudFormation has."""
    stack = city()
    properties = {"AvailabilityZone": "us-west-2a", "Name": "Rack", "SiteId": "os-0"}
    resources = {"Basement": {"Type": "AWS::Outposts::Outpost", "Properties": properties}}
    with TemporaryDirectory() as folder:
        file = Path(folder, "template.json")
        file.write_text(json.dumps({"Resources": resources}))
        template = include.CfnInclude(stack, "Template", template_file=str(file))
    outpost = cast("outposts.CfnOutpost", template.get_resource("Basement"))
    order(stack, outpost_identifier=None, outpost=outpost)
    return _properties(stack)["OutpostIdentifier"], {"Ref": "Basement"}


def an_arn_that_the_stack_formats() -> Found:
    """The template and the policy have the ARN as it was formatted."""
    stack = city()
    arn = stack.format_arn(service="outposts", resource="outpost", resource_name=OUTPOST_ID)
    order(stack, outpost_identifier=arn)
    template = template_of(stack)
    identifier = only(template, ORDER)["Properties"]["OutpostIdentifier"]
    return (identifier, granted_by(template)["outposts:CreateOrder"]), (stack.resolve(arn),) * 2


def the_arn_of_another_region() -> Found:
    """The refusal names the Region in which the Outpost can be ordered for."""
    stack = city(env=EU_WEST_1)
    return refusal(lambda: order(stack, outpost_identifier=OUTPOST_ARN)), (
        (
            "'outpost_identifier' must be in eu-west-1, the stack's Region, whose API the function "
            f"calls, got '{OUTPOST_ARN}': order it in a stack of us-west-2"
        ),
    )


def the_arn_of_another_account() -> Found:
    """The refusal names the account in which the Outpost can be ordered for."""
    stack = city(env=Environment(account="444455556666", region="us-west-2"))
    return refusal(lambda: order(stack, outpost_identifier=OUTPOST_ARN)), (
        (
            "'outpost_identifier' must be of 444455556666, the stack's account, got "
            f"'{OUTPOST_ARN}': order it in a stack of 111122223333"
        ),
    )


def _status_in(where: Callable[[Stack], Stack]) -> tuple[OutpostOrder, Stack, Stack]:
    stack = city()
    rack = order(stack)
    other = where(stack)
    CfnOutput(other, "Of", value=rack.order_status)
    return rack, stack, other


def a_status_in_its_own_stack() -> Found:
    """An output of the stack can have the status."""
    rack, stack, _ = _status_in(lambda stack: stack)
    return template_of(stack)["Outputs"]["Of"]["Value"], stack.resolve(rack.order_status)


def a_status_in_a_nested_stack() -> Found:
    """The nested stack gets the status as a parameter."""
    _, stack, nested = _status_in(lambda stack: NestedStack(stack, "Hall"))
    [name] = template_of(nested)["Parameters"]
    value = template_of(nested)["Outputs"]["Of"]["Value"]
    [hall] = [
        each["Properties"]["Parameters"][name]
        for each in template_of(stack)["Resources"].values()
        if each["Type"] == "AWS::CloudFormation::Stack"
    ]
    return (value, hall["Fn::GetAtt"][1]), ({"Ref": name}, "Status")


def a_status_in_another_stack() -> Found:
    """CloudFormation could never change an exported status, so the refusal names GetOrder."""
    _, stack, _ = _status_in(lambda stack: Stack(cast("App", stack.node.root), "Town"))
    return synthesis_refusal(stack), [
        (
            "'order_status' of City/Rack must not be used in another stack, got Town: "
            "CloudFormation refuses to change a value that another stack imports, and a status "
            "changes by itself; read it with GetOrder where it is needed, or use it in its stack"
        )
    ]
