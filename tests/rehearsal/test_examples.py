"""Each example that you copy can be deployed, with policies enforced."""

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.environment import REGION
from tests.conftest import Synthesize
from tests.rehearsal.cdk_cli import ROOT
from tests.rehearsal.given import of_type, with_outpost, with_quote
from tests.rehearsal.stacks import Stacks
from tests.rehearsal.terminal import Terminal

WITH_A_LEDGER_OF_ITS_OWN = "shared_ledger.py"
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_places_its_orders(
    example: str, fake: FakeOutposts, guarded_aws: EmbeddedAws, synthesized: Synthesize
) -> None:
    """After `outpost-order init`, all stacks of an example deploy, each order with one request."""
    app = synthesized(f"examples/{example}")
    stacks = Stacks(guarded_aws, app, with_ledger=False)
    if example != WITH_A_LEDGER_OF_ITS_OWN:
        assert Terminal(guarded_aws).paste(f"outpost-order init --region {REGION}").exit_code == 0
    orders = 0
    for name, template in app.templates.items():
        given = with_quote(with_outpost(template), fake)
        result = stacks.create(name, given)
        assert (result.status, result.reasons("CREATE_FAILED")) == ("CREATE_COMPLETE", [])
        orders += len(of_type(template, "Custom::OutpostOrder"))
    assert len(fake.live_orders) == len(fake.posts) == orders > 0


def test_an_order_names_the_outpost_of_its_stack(synthesized: Synthesize) -> None:
    """The one that is made is ordered for, and orders for no other are allowed."""
    template = synthesized("examples/site_outpost_order.py").template
    [order] = of_type(template, "Custom::OutpostOrder")
    [policy] = of_type(template, "AWS::IAM::Policy")
    [outpost] = [
        name
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::Outposts::Outpost"
    ]
    buying = [
        statement["Resource"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "outposts:CreateOrder" in statement["Action"]
    ]
    assert order["Properties"]["OutpostIdentifier"] == {"Ref": outpost}
    assert buying == [{"Ref": outpost}]
