from datetime import timedelta

import pytest

from outpost_order_handler import lifecycle, reconciliation
from outpost_order_handler.answers import Answer
from outpost_order_handler.delivery import World
from outpost_order_handler.outposts import Outposts
from tests.cli.conftest import LONG_AGO, NAME, PROPERTIES, ClockBehind, Orders, Run
from tests.fakes.outposts import FakeOutposts, Fault


def create(orders: Orders, request_id: str, ago: timedelta = timedelta()) -> Answer:
    """Let the handler answer a Create, as it did a while ago."""
    event = {
        "RequestType": "Create",
        "StackId": "arn:aws:cloudformation:us-west-2:111122223333:stack/City/1",
        "RequestId": request_id,
        "LogicalResourceId": "Rack",
        "ResourceProperties": PROPERTIES,
    }
    return lifecycle.create(event, World(Outposts(), orders.ledger(ago), ClockBehind(ago)))


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the handler does not see at once, it does not see."""
    monkeypatch.setattr(reconciliation, "PAUSES", ())


def test_the_reason_names_the_command(ledger: Run, orders: Orders, outposts: FakeOutposts) -> None:
    """It finds the order, and the next deployment takes it instead of buying one."""
    outposts.fail("CreateOrder", Fault.closed(applied=True))
    outposts.list_lag = 1
    reason = create(orders, "first").reason
    command = reason.partition("outpost-order ")[2].split()
    done = ledger(*command)
    [order] = outposts.orders
    assert (done.exit_code, orders.row().order_id) == (0, order["OrderId"])
    assert create(orders, "second").physical_id == order["OrderId"]
    assert len(outposts.posts) == 1


def test_a_verdict_lets_the_next_deployment_buy(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """Until then it does not."""
    outposts.fail("CreateOrder", Fault.closed())
    assert "outcome unknown" in create(orders, "first", LONG_AGO).reason
    assert "outcome unknown" in create(orders, "second").reason
    ledger("resolve", NAME, "--not-placed", "--why", "Support case 42", "--yes")
    answer = create(orders, "third")
    assert [order["OrderId"] for order in outposts.orders] == [answer.physical_id]
    assert len(outposts.posts) == 2
