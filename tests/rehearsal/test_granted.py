"""The role has the permissions that it needs, and no other."""

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler import contract
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from tests.conftest import Synthesize
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.given import OUTPOST_ARN, with_quote
from tests.rehearsal.granted import granted, without
from tests.rehearsal.impatience import impatient
from tests.rehearsal.stacks import Stacks
from tests.rehearsal.variants import with_failing_sibling

STACK = "Racks"
APP, FROM_QUOTE = "app.py", "examples/order_from_quote.py"
OTHER_OUTPOST = OUTPOST_ARN.replace("op-0", "op-f")
LEDGER = ("dynamodb:GetItem", "dynamodb:PutItem")
LOG = ("logs:CreateLogStream", "logs:PutLogEvents")
CONFIRMATION = "cloudformation:DescribeStackResource"
READ = ("outposts:GetOrder", "outposts:ListOrders")
GRANTED = {
    "the ledger": LEDGER,
    "the log": LOG,
    "the Outpost": ("outposts:CreateOrder", *READ),
    "another Outpost": READ,
    "its stack": (CONFIRMATION,),
}
DENIED = (
    "AccessDenied (AccessDeniedException): outcome unknown. This request sent nothing: "
    "the ledger is unavailable: "
)
NOT_GRANTED = {
    "the ledger": (
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:DeleteTable",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
        "dynamodb:UpdateTable",
    ),
    "the log": ("logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteLogStream"),
    "the Outpost": ("outposts:CancelOrder", "outposts:DeleteOutpost", "outposts:UpdateOutpost"),
    "another Outpost": ("outposts:CreateOrder",),
    "another table": LEDGER,
    "its stack": (
        "cloudformation:CancelUpdateStack",
        "cloudformation:DeleteStack",
        "cloudformation:UpdateStack",
    ),
}


class Deployed:
    """The stack of an app in an AWS that enforces policies, and what its role may do."""

    def __init__(self, aws: EmbeddedAws, assembly: Assembly) -> None:
        self._iam = aws.client("iam")
        assert Stacks(aws, assembly).create(STACK, assembly.template).status == "CREATE_COMPLETE"
        resources = aws.client("cloudformation").describe_stack_resources(StackName=STACK)
        names = {r["ResourceType"]: r["PhysicalResourceId"] for r in resources["StackResources"]}
        role = self._iam.get_role(RoleName=names["AWS::IAM::Role"])["Role"]
        self._role = role["Arn"]
        table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/"
        log_group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{names['AWS::Logs::LogGroup']}"
        self.arns = {
            "its stack": resources["StackResources"][0]["StackId"],
            "the ledger": table + contract.DEFAULT_LEDGER,
            "another table": table + "another",
            "the log": f"{log_group}:*",
            "the Outpost": OUTPOST_ARN,
            "another Outpost": OTHER_OUTPOST,
        }

    def allowed(self, resource: str, *actions: str) -> set[str]:
        """Return which of the actions IAM would allow on a resource."""
        results = self._iam.simulate_principal_policy(
            PolicySourceArn=self._role, ActionNames=actions, ResourceArns=[self.arns[resource]]
        )["EvaluationResults"]
        assert len(results) == len(actions)
        return {each["EvalActionName"] for each in results if each["EvalDecision"] == "allowed"}


@pytest.fixture
def deployed(fake: FakeOutposts, guarded_aws: EmbeddedAws, synthesized: Synthesize) -> Deployed:
    """Deploy app.py."""
    assert fake.orders == []
    return Deployed(guarded_aws, synthesized(APP))


def test_an_order_is_placed_with_what_is_granted(
    fake: FakeOutposts, guarded_aws: EmbeddedAws, synthesized: Synthesize
) -> None:
    """The permissions are enough to place an order beside another one, with policies enforced."""
    app = synthesized(APP)
    fake.make_order()
    result = Stacks(guarded_aws, app).create(STACK, app.template)
    [_, order] = fake.live_orders
    assert result.outputs == {"RackOrderId": order["OrderId"], "RackStatus": "PREPARING"}


@pytest.mark.parametrize("action", LEDGER)
def test_no_order_is_placed_without_the_ledger(
    action: str, fake: FakeOutposts, guarded_aws: EmbeddedAws, synthesized: Synthesize
) -> None:
    """If a permission is missing, the failure reports it before anything is bought."""
    app = synthesized(APP)
    stacks = Stacks(guarded_aws, app, code=impatient)
    result = stacks.create(STACK, without(app.template, action))
    [reason] = result.reasons("CREATE_FAILED")
    assert result.status == "ROLLBACK_COMPLETE"
    assert reason.startswith(DENIED)
    assert reason.endswith("run: outpost-order reconcile PO-4710 --region us-west-2")
    assert fake.posts == []


@pytest.mark.parametrize(
    "operation",
    ["CreateOrder", "GetCatalogItem", "GetOrder", "GetOutpost", "ListCatalogItems", "ListOrders"],
)
def test_no_order_is_placed_without_an_action_of_outposts(
    operation: str, fake: FakeOutposts, guarded_aws: EmbeddedAws, synthesized: Synthesize
) -> None:
    """The reason names it. Here the service refuses, for it does not see the role."""
    app = synthesized(APP)
    other = fake.make_order()
    fake.fail(operation, Fault.refusal("AccessDeniedException"), times=None)
    stacks = Stacks(guarded_aws, app, code=impatient)
    result = stacks.create(STACK, without(app.template, f"outposts:{operation}"))
    [reason] = result.reasons("CREATE_FAILED")
    assert result.status == "ROLLBACK_COMPLETE"
    assert f"Allow outposts:{operation} in the function's role" in reason
    assert fake.orders == [other]


@pytest.mark.parametrize("app", [APP, FROM_QUOTE])
def test_each_granted_action_of_outposts_is_called(
    app: str, fake: FakeOutposts, guarded_aws: EmbeddedAws, synthesized: Synthesize
) -> None:
    """Placed, rolled back and placed again, a stack calls all it may, and nothing else."""
    assembly = synthesized(app)
    stacks = Stacks(guarded_aws, assembly)
    template = with_quote(assembly.template, fake)
    stacks.create(STACK, with_failing_sibling(template))
    stacks.delete(STACK)
    stacks.create(STACK, template)
    called = {f"outposts:{request.operation}" for request in fake.requests}
    assert called == granted(template) - {*LEDGER, *LOG, CONFIRMATION}


def test_iam_allows_what_is_granted(deployed: Deployed) -> None:
    """As IAM itself reads the policies of the deployed role."""
    for resource, actions in GRANTED.items():
        assert deployed.allowed(resource, *actions) == set(actions)


def test_iam_denies_what_is_not_granted(deployed: Deployed) -> None:
    """Not even a function that was taken over could cancel, forget, or buy elsewhere."""
    for resource, actions in NOT_GRANTED.items():
        assert deployed.allowed(resource, *actions) == set()
