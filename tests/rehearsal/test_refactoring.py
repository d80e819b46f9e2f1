"""The refactorings of an app that has placed its order: one CreateOrder request in all."""

from pathlib import Path

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.assembly import Assembly, Template
from tests.rehearsal.stacks import Stacks

CITY, TOWN, VILLAGE = "City", "Town", "Village"
FIRST, RENAMED, SCOPED, MOVED = "First", "Renamed", "Scoped", "Moved"
PROVIDED = "Provided"
APP = f"""
import os
from aws_cdk import App, CfnResource, Stack
from constructs import Construct
from cdk_outpost_order import LineItem, OutpostOrder, OutpostOrderProvider, PaymentOption

for name in ("{FIRST}", "{RENAMED}", "{SCOPED}", "{MOVED}", "{PROVIDED}"):
    app = App(outdir=os.path.join(os.environ["CDK_OUTDIR"], name))
    city, town = Stack(app, "{CITY}"), Stack(app, "{TOWN}")
    for stack in (city, town):
        parameter = {{"Type": "String", "Value": "one", "Name": f"/{{stack.stack_name}}"}}
        CfnResource(stack, "Other", type="AWS::SSM::Parameter", properties=parameter)
    stack = town if name == "{MOVED}" else city
    OutpostOrder(
        Construct(stack, "Site") if name == "{SCOPED}" else stack,
        "SiteRack" if name == "{RENAMED}" else "Rack",
        order_name="PO-4710",
        outpost_identifier="op-0123456789abcdef0",
        line_items=[LineItem("OR-ABCDEFG", quantity=2)],
        payment_option=PaymentOption.NO_UPFRONT,
        provider=OutpostOrderProvider(stack, "Orders") if name == "{PROVIDED}" else None,
    )
    app.synth()
"""
DELETED = "deleted"
# By what a developer does: the stacks that are deployed one after the other, and as what.
REFACTORINGS = {
    "the stack is re-created": [(CITY, DELETED), (CITY, FIRST)],
    "the stack is renamed, the new one first": [(VILLAGE, FIRST), (CITY, DELETED)],
    "the stack is renamed, the old one first": [(CITY, DELETED), (VILLAGE, FIRST)],
    "the construct is renamed": [(CITY, RENAMED)],
    "the construct is renamed and that is undone": [(CITY, RENAMED), (CITY, FIRST)],
    "a scope is put around it": [(CITY, SCOPED)],
    "it is moved, its new stack first": [(TOWN, MOVED), (CITY, MOVED)],
    "it is moved, its old stack first": [(CITY, MOVED), (TOWN, MOVED)],
    "it is removed, and comes back with another provider": [(CITY, MOVED), (CITY, PROVIDED)],
}
PREFIXES = {RENAMED: "SiteRack", SCOPED: "SiteRack"}

Templates = dict[str, dict[str, Template]]


@pytest.fixture(scope="session")
def refactored(
    aws_server: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Assembly]:
    """Synthesize the app as it was first, and as it is after each refactoring."""
    app, folder = tmp_path_factory.mktemp("refactored"), aws_server.folder / "refactored"
    (app / "app.py").write_text(APP)
    (app / "cdk.json").write_text('{"app": "python app.py"}')
    Assembly.synthesize(app, folder, aws_server.client_env)
    return {path.name: Assembly(path) for path in Path(folder).iterdir()}


@pytest.fixture
def templates(refactored: dict[str, Assembly]) -> Templates:
    """Return the templates of each, by stack name; the renamed stack has another name only."""
    return {
        name: {**assembly.templates, VILLAGE: _named(assembly.templates[CITY], VILLAGE)}
        for name, assembly in refactored.items()
    }


def _named(template: Template, stack: str) -> Template:
    """Give the stack's other resource the name that it has in this stack."""
    template["Resources"]["Other"]["Properties"]["Name"] = f"/{stack}"
    return template


@pytest.fixture
def stacks(aws: EmbeddedAws, refactored: dict[str, Assembly]) -> Stacks:
    """Return an AWS with a ledger, that knows the assets and no stack."""
    return Stacks(aws, refactored[FIRST])


@pytest.mark.parametrize("steps", REFACTORINGS.values(), ids=REFACTORINGS)
def test_a_delivered_order_is_the_same_order_after_a_refactoring(
    steps: list[tuple[str, str]], fake: FakeOutposts, stacks: Stacks, templates: Templates
) -> None:
    """The order name identifies the order, not the stack or the construct."""
    deployed = {name: stacks.create(name, templates[FIRST][name]) for name in (CITY, TOWN)}
    order_id = deployed[CITY].outputs["RackOrderId"]
    fake.advance(order_id, to="COMPLETED")
    outputs = {}
    for stack, version in steps:
        if version == DELETED:
            assert stacks.delete(stack).status == "DELETE_COMPLETE"
            del deployed[stack]
            continue
        deploy = stacks.update if stack in deployed else stacks.create
        deployed[stack] = deploy(stack, templates[version][stack])
        assert deployed[stack].status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        if deployed[stack].outputs:
            prefix = PREFIXES.get(version, "Rack")
            outputs = {f"{prefix}OrderId": order_id, f"{prefix}Status": "COMPLETED"}
            assert deployed[stack].outputs == outputs
    assert [each.outputs for each in deployed.values() if each.outputs] == [outputs]
    assert [order["OrderId"] for order in fake.live_orders] == [order_id]
    assert len(fake.posts) == 1
    assert "CancelOrder" not in {request.operation for request in fake.requests}


def test_another_provider_is_refused_for_an_order_in_the_template(
    fake: FakeOutposts, stacks: Stacks, templates: Templates
) -> None:
    """CloudFormation changes no ServiceToken: the update is rolled back, and nothing is bought."""
    placed = stacks.create(CITY, templates[FIRST][CITY])
    result = stacks.update(CITY, templates[PROVIDED][CITY])
    assert result.status == "UPDATE_ROLLBACK_COMPLETE"
    assert any("Modifying service token" in each for each in result.reasons("UPDATE_FAILED"))
    assert result.outputs == placed.outputs
    assert len(fake.posts) == len(fake.live_orders) == 1


def test_without_a_ledger_nothing_is_sent(
    fake: FakeOutposts, aws: EmbeddedAws, refactored: dict[str, Assembly]
) -> None:
    """The deployment fails at once, and its reason ends with the command to run."""
    assembly = refactored[FIRST]
    result = Stacks(aws, assembly, with_ledger=False).create(CITY, assembly.templates[CITY])
    [reason] = result.reasons("CREATE_FAILED")
    assert result.status == "ROLLBACK_COMPLETE"
    assert "NotFound (LedgerNotFound): nothing was ordered on op-0123456789abcdef0" in reason
    assert reason.endswith("run: outpost-order init --region us-west-2")
    assert fake.requests == []
