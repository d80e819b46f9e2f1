"""What developers do to an app that has placed its order: one CreateOrder request in all."""

from pathlib import Path

import pytest

from tests.fakes.outposts import FakeOutposts
from tests.rehearsal.assembly import Assembly, Template
from tests.rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.stacks import Stacks

STACK = "City"
FIRST, RENAMED, SCOPED = "First", "Renamed", "Scoped"
APP = f"""
import os
from aws_cdk import App, Stack
from constructs import Construct
from outpost_order import LineItem, OutpostOrder, PaymentOption

for name in ("{FIRST}", "{RENAMED}", "{SCOPED}"):
    app = App(outdir=os.path.join(os.environ["CDK_OUTDIR"], name))
    stack = Stack(app, "{STACK}")
    OutpostOrder(
        Construct(stack, "Site") if name == "{SCOPED}" else stack,
        "SiteRack" if name == "{RENAMED}" else "Rack",
        order_name="PO-4710",
        outpost_identifier="op-0123456789abcdef0",
        line_items=[LineItem("OR-ABCDEFG", quantity=2)],
        payment_option=PaymentOption.NO_UPFRONT,
    )
    app.synth()
"""


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
def templates(refactored: dict[str, Assembly]) -> dict[str, Template]:
    """Return the stack's template of each."""
    return {name: assembly.template for name, assembly in refactored.items()}


@pytest.fixture
def stacks(aws: EmbeddedAws, refactored: dict[str, Assembly]) -> Stacks:
    """Return an AWS with a ledger, that knows the assets and no stack."""
    return Stacks(aws, refactored[FIRST])


@pytest.mark.parametrize("after", [RENAMED, SCOPED])
def test_a_refactored_order_is_the_same_order(
    after: str, fake: FakeOutposts, stacks: Stacks, templates: dict[str, Template]
) -> None:
    """The construct has another logical ID and other outputs, and the order's name decides."""
    placed = stacks.create(STACK, templates[FIRST])
    fake.advance(placed.outputs["RackOrderId"], to="COMPLETED")
    result = stacks.update(STACK, templates[after])
    [order] = fake.orders
    assert result.status == "UPDATE_COMPLETE"
    assert sorted(result.outputs.values()) == ["COMPLETED", order["OrderId"]]
    assert result.outputs.keys().isdisjoint(placed.outputs)
    assert len(fake.posts) == 1


def test_a_stack_that_is_created_again_has_the_same_order(
    fake: FakeOutposts, stacks: Stacks, templates: dict[str, Template]
) -> None:
    """The ledger belongs to the account: it outlives every stack of orders."""
    placed = stacks.create(STACK, templates[FIRST])
    fake.advance(placed.outputs["RackOrderId"], to="COMPLETED")
    assert stacks.delete(STACK).status == "DELETE_COMPLETE"
    again = stacks.create(STACK, templates[FIRST])
    assert again.outputs == placed.outputs | {"RackStatus": "COMPLETED"}
    assert len(fake.posts) == len(fake.live_orders) == 1


def test_without_a_ledger_nothing_is_sent(
    fake: FakeOutposts, aws: EmbeddedAws, refactored: dict[str, Assembly]
) -> None:
    """The deployment fails at once, and its reason ends with the command to run."""
    assembly = refactored[FIRST]
    result = Stacks(aws, assembly, with_ledger=False).create(STACK, assembly.template)
    [reason] = result.reasons("CREATE_FAILED")
    assert result.status == "ROLLBACK_COMPLETE"
    assert "NotFound (LedgerNotFound): nothing was ordered on op-0123456789abcdef0" in reason
    assert reason.endswith("run: outpost-order init --region us-west-2")
    assert fake.requests == []
