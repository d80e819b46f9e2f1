"""The view of a reviewer before a deployment."""

import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.conftest import ONE_MORE_ORDER, Synthesize
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.cdk_cli import CdkCli
from tests.rehearsal.stacks import Stacks


@pytest.fixture
def one_more(stacks: Stacks, assembly: Assembly, synthesized: Synthesize) -> str:
    """Deploy app.py, and give the cloud assembly of the same app with one more order."""
    stacks.create(assembly.stack_name, assembly.template)
    return str(synthesized(ONE_MORE_ORDER).folder)


def test_cdk_diff_says_what_one_more_order_buys(
    fake: FakeOutposts, aws: EmbeddedAws, one_more: str
) -> None:
    """Catalog item, quantity, Outpost, payment and term, in one line of the real CLI."""
    run = CdkCli(aws).diff(app=one_more)
    assert run.exit_code == 0, run.text
    bought = "1 x OR-BCDEFGH for op-0123456789abcdef0, NO_UPFRONT, THREE_YEARS"
    assert len([line for line in run.text.splitlines() if bought in line]) == 1
    assert "OR-ABCDEFG" not in run.text
    assert len(fake.posts) == 1


def test_the_cli_asks_before_it_places_one_more_order(
    fake: FakeOutposts, aws: EmbeddedAws, one_more: str
) -> None:
    """No permission changes: with the project's cdk.json, it asks nevertheless."""
    asked = CdkCli(aws).deploy(app=one_more, is_asked=True)
    assert asked.exit_code != 0
    assert "unable to get a confirmation from the user" in asked.text
    assert len(fake.posts) == 1


def test_the_cli_watches_no_file(
    fake: FakeOutposts, aws: EmbeddedAws, synthesized: Synthesize
) -> None:
    """`cdk watch` would buy each order as soon as it is saved: cdk.json lets it watch nothing."""
    watching = CdkCli(aws, seconds=60).watch(app=str(synthesized(ONE_MORE_ORDER).folder))
    assert watching.exit_code > 0
    assert "Cannot use the 'watch' command" in watching.text
    assert fake.posts == []
