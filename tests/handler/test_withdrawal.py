from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest

from outpost_order_handler import lifecycle, placement, reconciliation
from outpost_order_handler.clock import Clock
from outpost_order_handler.delivery import World
from outpost_order_handler.ledger import Ledger
from outpost_order_handler.outposts import Outposts
from outpost_order_handler.table import Table
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import PROPERTIES, STACK_MADE_AGAIN, Deliver, Invoke
from tests.handler.dynamodb_wire import Crash, is_write, on_each_call

MADE_UP = "City_Rack05B0A054_X1Y2Z3W4"


def test_a_create_that_its_delete_overtook_buys_nothing(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """CloudFormation gave up while Lambda held the Create back: nobody waits for its order."""
    deleted = invoke("Delete", PhysicalResourceId=MADE_UP)
    response = invoke("Create")
    assert (deleted.status, response.status) == ("SUCCESS", "FAILED")
    assert response.physical_id == "PO-4711"
    assert response.reason == (
        "ResourceConflict (Withdrawn): PO-4711 is not sent, its resource was deleted before its "
        "creation came; wait ten minutes, then deploy again"
    )
    assert outposts.requests == []


def test_a_copy_of_a_withdrawn_create_gets_the_same_answer(
    outposts: FakeOutposts,
    cloudformation: FakeCloudFormation,
    invoke: Invoke,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was told not to be sent, so it is not sent later either."""
    event = cloudformation.event("Create", PROPERTIES)
    invoke("Delete", PhysicalResourceId=MADE_UP)
    first = deliver(event)
    monkeypatch.setattr(placement, "WITHDRAWN_FOR", timedelta(0))
    assert deliver(event) == first
    assert outposts.posts == []


def test_what_comes_after_lambda_held_it_back_may_buy(
    outposts: FakeOutposts, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So late, it is no overtaken Create but a new deployment."""
    monkeypatch.setattr(placement, "WITHDRAWN_FOR", timedelta(0))
    invoke("Delete", PhysicalResourceId=MADE_UP)
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.orders) == 1


class ClockAhead(Clock):
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        """Begin now."""
        super().__init__(lambda: 240_000)
        self._time = super().now()

    def now(self) -> datetime:
        """Return the time."""
        return self._time

    def goes_on(self, *_: object) -> None:
        """Let six minutes pass."""
        self._time += timedelta(minutes=6)


@pytest.mark.usefixtures("moto")
def test_a_create_that_works_for_long_stays_withdrawn(
    outposts: FakeOutposts, cloudformation: FakeCloudFormation, invoke: Invoke, ledger: Table
) -> None:
    """When it came counts, not how long its work takes: each look into the ledger is slow."""
    invoke("Delete", PhysicalResourceId=MADE_UP)
    clock = ClockAhead()
    event = cloudformation.event("Create", PROPERTIES)
    with on_each_call(clock.goes_on):
        world = World(Outposts(), Ledger(Table(ledger.name), clock), clock)
        answer = lifecycle.create(event, world)
    assert "(Withdrawn)" in answer.reason
    assert outposts.posts == []


@pytest.mark.parametrize("other", [{"StackId": STACK_MADE_AGAIN}, {"LogicalResourceId": "Spare"}])
def test_another_resource_is_not_withdrawn(
    other: dict[str, str], outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A stack made again has nothing to do with the Delete of the one before."""
    invoke("Delete", PhysicalResourceId=MADE_UP)
    assert invoke("Create", **other).status == "SUCCESS"
    assert len(outposts.orders) == 1


def test_a_refused_create_and_its_delete_do_not_hinder_the_next(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The stack stays, the template is mended, and the same resource is created at once."""
    outposts.fail("CreateOrder", Fault.refusal("ValidationException"))
    invoke("Create")
    invoke("Delete", PhysicalResourceId="PO-4711")
    assert invoke("Create", PROPERTIES | {"PaymentTerm": "ONE_YEAR"}).status == "SUCCESS"


def test_an_invalid_create_and_its_delete_do_not_hinder_the_next(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A typing error costs no ten minutes."""
    invoke("Create", PROPERTIES | {"PaymentOption": "CASH"})
    invoke("Delete", PROPERTIES | {"PaymentOption": "CASH"}, PhysicalResourceId="PO-4711")
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.orders) == 1


def test_a_placed_order_and_its_delete_do_not_hinder_the_next(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The order stands, so the resource that comes back has it again."""
    placed = invoke("Create")
    invoke("Delete", PhysicalResourceId=placed.physical_id)
    again = invoke("Create")
    assert (again.status, again.physical_id) == ("SUCCESS", placed.physical_id)
    assert len(outposts.posts) == 1


@pytest.mark.usefixtures("moto")
def test_a_create_that_died_before_it_was_sent_stays_unsent(
    outposts: FakeOutposts,
    cloudformation: FakeCloudFormation,
    invoke: Invoke,
    deliver: Deliver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its copy comes after the Delete, which was told that there is nothing."""
    monkeypatch.setattr(reconciliation, "SENDER_MAY_LIVE", timedelta(0))
    event: dict[str, Any] = cloudformation.event("Create", PROPERTIES)

    def dies(request: AWSPreparedRequest) -> None:
        if is_write(request):
            raise Crash

    with on_each_call(dies), pytest.raises(Crash):
        deliver(event)
    assert invoke("Delete", PhysicalResourceId=MADE_UP).status == "SUCCESS"
    assert "(Withdrawn)" in deliver(event).reason
    assert outposts.posts == []
