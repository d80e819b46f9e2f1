"""What a newcomer copies can be deployed, with policies enforced."""

import pytest

from tests.fakes.outposts import FakeOutposts
from tests.rehearsal.assembly import Template
from tests.rehearsal.cdk_cli import ROOT
from tests.rehearsal.conftest import Synthesize
from tests.rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.stacks import Stacks

ORDER = "Custom::OutpostOrder"
# The embedded AWS has neither sites nor Outposts.
NOT_EMBEDDED = {"site_outpost_order.py"}
EXAMPLES = sorted({path.name for path in (ROOT / "examples").glob("*.py")} - NOT_EMBEDDED)


def _orders(template: Template) -> list[Template]:
    return [each for each in template["Resources"].values() if each["Type"] == ORDER]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_places_its_orders(
    example: str, fake: FakeOutposts, guarded_aws: EmbeddedAws, synthesized: Synthesize
) -> None:
    """All its stacks stand in the end, and each order was placed with one request."""
    app = synthesized(f"examples/{example}")
    stacks = Stacks(guarded_aws, app)
    for name, template in app.templates.items():
        result = stacks.create(name, template)
        assert (result.status, result.reasons("CREATE_FAILED")) == ("CREATE_COMPLETE", [])
    wanted = [order for template in app.templates.values() for order in _orders(template)]
    assert wanted
    assert len(fake.live_orders) == len(fake.posts) == len(wanted)
