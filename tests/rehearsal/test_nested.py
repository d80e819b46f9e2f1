"""Orders in a nested stack, which the function of its parent places."""

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from tests.conftest import NESTED_ORDERS, Synthesize
from tests.rehearsal.stacks import Stacks

ASK = "cloudformation:DescribeStackResource"


def test_the_function_of_the_parent_places_the_orders_of_both_stacks(
    fake: FakeOutposts, guarded_aws: EmbeddedAws, synthesized: Synthesize
) -> None:
    """With one request for each; it may ask about both stacks, and about no stranger's."""
    app = synthesized(NESTED_ORDERS)
    stacks = Stacks(guarded_aws, app)
    placed = stacks.create("Site", app.template)
    assert (placed.status, placed.reasons("CREATE_FAILED")) == ("CREATE_COMPLETE", [])
    assert len(fake.posts) == len(fake.live_orders) == 2
    assert len(guarded_aws.client("lambda").list_functions()["Functions"]) == 1

    cloudformation, iam = guarded_aws.client("cloudformation"), guarded_aws.client("iam")
    resources = cloudformation.describe_stack_resources(StackName="Site")["StackResources"]
    ids = {each["ResourceType"]: each["PhysicalResourceId"] for each in resources}
    site, hall = resources[0]["StackId"], ids["AWS::CloudFormation::Stack"]
    stranger = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Sitemap/0f0e0d0c"
    allowed = {
        arn: iam.simulate_principal_policy(
            PolicySourceArn=iam.get_role(RoleName=ids["AWS::IAM::Role"])["Role"]["Arn"],
            ActionNames=[ASK],
            ResourceArns=[arn],
        )["EvaluationResults"][0]["EvalDecision"]
        for arn in (site, hall, stranger)
    }
    assert allowed == {site: "allowed", hall: "allowed", stranger: "implicitDeny"}

    assert stacks.delete("Site").status == "DELETE_COMPLETE"
    assert len(fake.live_orders) == len(fake.posts) == 2
