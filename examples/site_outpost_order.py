"""Create a site and an Outpost on it, and order its first rack, in one stack.

Deploy it with: cdk deploy --app "python examples/site_outpost_order.py"
"""

from aws_cdk import App, Stack
from aws_cdk import aws_outposts as outposts

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption, PaymentTerm

app = App()
stack = Stack(app, "SiteOutpostOrder")
site = outposts.CfnSite(
    stack,
    "Site",
    name="Basement",
    description="Server room in the basement",
    operating_address=outposts.CfnSite.AddressProperty(
        contact_name="Facility Desk",
        contact_phone_number="+15555550100",
        address_line1="100 Main Street",
        city="Seattle",
        state_or_region="WA",
        postal_code="98101",
        country_code="US",
    ),
)
outpost = outposts.CfnOutpost(
    stack,
    "Outpost",
    name="Basement",
    site_id=site.attr_site_id,
    availability_zone="us-west-2a",
)
# The order refers to the Outpost, so CloudFormation creates the Outpost first.
OutpostOrder(
    stack,
    "Rack",
    order_name="PO-4713",
    outpost=outpost,
    line_items=[LineItem("OR-ABCDEFG")],
    payment_option=PaymentOption.PARTIAL_UPFRONT,
    payment_term=PaymentTerm.THREE_YEARS,
)
app.synth()
