from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.outposts import FakeOutposts
from tests.handler.conftest import (
    OUTPOST_ID,
    PROPERTIES,
    STACK_MADE_AGAIN,
    Context,
    Deliver,
    Invoke,
)
from tests.handler.dynamodb_wire import is_write, on_each_call, when

NO_TIME_LEFT = (
    f"NotStabilized (NoTimeLeft): nothing was ordered on {OUTPOST_ID}: too little of the "
    "function's time was left to send the order; wait some minutes, then deploy again"
)


@dataclass(frozen=True)
class LateContext(Context):
    """An invocation whose time is nearly up."""

    seconds_left: Callable[[], int] = lambda: 25

    def get_remaining_time_in_millis(self) -> int:
        """Answer what is left."""
        return self.seconds_left() * 1000


@pytest.fixture
def event(cloudformation: FakeCloudFormation) -> dict[str, Any]:
    """Give the event of a Create."""
    return cloudformation.event("Create", PROPERTIES)


@pytest.mark.parametrize("seconds", [25, 5])
def test_too_little_time_sends_nothing(
    seconds: int, event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver
) -> None:
    """An answer that the function does not live to hear would be a doubt."""
    response = deliver(event, LateContext(seconds_left=lambda: seconds))
    assert (response.status, response.reason) == ("FAILED", NO_TIME_LEFT)
    assert outposts.posts == []


def test_what_was_not_sent_for_lack_of_time_is_not_sent_later(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver, invoke: Invoke
) -> None:
    """A copy gets the same answer; the next deployment buys."""
    first = deliver(event, LateContext())
    assert deliver(event) == first
    assert outposts.posts == []
    assert invoke("Create", StackId=STACK_MADE_AGAIN).status == "SUCCESS"


@pytest.mark.usefixtures("moto")
def test_a_function_that_was_frozen_before_it_sent_does_not_send(
    event: dict[str, Any], outposts: FakeOutposts, deliver: Deliver, invoke: Invoke
) -> None:
    """It passed the point of no return in time, and woke up too late: nothing was ordered."""
    written: list[object] = []
    with on_each_call(when(is_write, written.append), applied=True):
        response = deliver(event, LateContext(seconds_left=lambda: 15 if written else 240))
    assert (response.status, response.reason) == ("FAILED", NO_TIME_LEFT)
    assert outposts.posts == []
    assert invoke("Create", StackId=STACK_MADE_AGAIN).status == "SUCCESS"
