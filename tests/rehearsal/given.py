"""The resources that a template needs and the embedded AWS lacks: an Outpost, a quote."""

import json

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from tests.rehearsal.assembly import Template

OUTPOST_ARN = f"arn:aws:outposts:{REGION}:{ACCOUNT}:outpost/op-0123456789abcdef0"


def with_outpost(template: Template) -> Template:
    """Give the ARN of an existing Outpost: the embedded AWS creates neither sites nor Outposts."""
    kept, parameters = {}, {}
    for name, each in template["Resources"].items():
        if each["Type"] == "AWS::Outposts::Outpost":
            parameters[name] = {"Type": "String", "Default": OUTPOST_ARN}
        elif each["Type"] != "AWS::Outposts::Site":
            kept[name] = each
    return {
        **template,
        "Resources": kept,
        "Parameters": {**template["Parameters"], **parameters},
    }


def with_quote(template: Template, fake: FakeOutposts) -> Template:
    """Order from an existing quote, if the template orders from one."""
    text = json.dumps(template)
    for order in of_type(template, "Custom::OutpostOrder"):
        properties = order["Properties"]
        if "QuoteIdentifier" in properties:
            quote = fake.make_quote()
            [option] = quote["QuoteOptions"]
            text = text.replace(properties["QuoteIdentifier"], quote["QuoteId"])
            option_id = option["QuoteOptionIdentifier"]
            text = text.replace(properties["QuoteOptionIdentifier"], option_id)
    given: Template = json.loads(text)
    return given


def of_type(template: Template, resource_type: str) -> list[Template]:
    """Return all resources of a type."""
    return [each for each in template["Resources"].values() if each["Type"] == resource_type]
