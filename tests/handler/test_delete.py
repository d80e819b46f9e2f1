import pytest

from tests.fakes.outposts import FakeOutposts
from tests.handler.conftest import PROPERTIES, Invoke


@pytest.mark.parametrize(
    "physical_id",
    ["PO-4711", "City_Rack05B0A054_X1Y2Z3W4", "oo-ffffffffffffffff0", "2026/11/24/[$LATEST]0f0e"],
)
def test_any_made_up_id_is_accepted(
    physical_id: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """CloudFormation makes up an id when a Create failed or was cancelled."""
    response = invoke("Delete", PhysicalResourceId=physical_id)
    assert (response.status, response.physical_id) == ("SUCCESS", physical_id)
    assert outposts.requests == []


def test_the_order_is_kept(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Whatever deletion policy a deployer chose instead, the order stands."""
    order = outposts.make_order()
    response = invoke("Delete", PhysicalResourceId=order["OrderId"])
    assert response.status == "SUCCESS"
    assert [order["Status"] for order in outposts.live_orders] == ["PREPARING"]


def test_keeping_the_order_is_logged(invoke: Invoke, caplog: pytest.LogCaptureFixture) -> None:
    """Who looks for the order later finds its id in the log."""
    invoke("Delete", PhysicalResourceId="oo-0123456789abcdef0")
    assert "lets go of oo-0123456789abcdef0" in caplog.text


def test_properties_do_not_matter(invoke: Invoke) -> None:
    """A resource that never was valid can still be removed."""
    for properties in ({}, None, PROPERTIES | {"LineItems": "none"}):
        assert invoke("Delete", properties, PhysicalResourceId="PO-4711").status == "SUCCESS"
