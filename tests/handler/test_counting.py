import json
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts, Fault
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import (
    PROPERTIES,
    RE_CREATED_STACK,
    Deliver,
    Invoke,
    make_identical_order,
)
from tests.handler.ledger_faults import denies, is_gone, on_each_call


def counted(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what CloudWatch would count, read as its specification says."""
    names = []
    for line in capsys.readouterr().out.splitlines():
        shown = json.loads(line)
        [definition] = shown["_aws"]["CloudWatchMetrics"]
        [metric] = definition["Metrics"]
        assert definition["Namespace"] == "OutpostOrder"
        assert definition["Dimensions"] == [["FunctionName"]]
        assert (shown["FunctionName"], shown[metric["Name"]]) == ("City", 1)
        assert shown["_aws"]["Timestamp"] > 1_700_000_000_000
        names.append(metric["Name"])
    return names


def test_a_placed_order_is_counted(invoke: Invoke, capsys: pytest.CaptureFixture[str]) -> None:
    """The function counts the order once, when it answers the Create."""
    invoke("Create")
    assert counted(capsys) == ["OrdersPlaced"]


def test_a_joined_order_is_counted(invoke: Invoke, capsys: pytest.CaptureFixture[str]) -> None:
    """A re-created stack buys nothing."""
    invoke("Create")
    invoke("Create", StackId=RE_CREATED_STACK)
    assert counted(capsys) == ["OrdersPlaced", "OrdersJoined"]


def test_an_adopted_order_is_counted_as_joined(
    outposts: FakeOutposts, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was placed in the console."""
    invoke("Create", PROPERTIES | {"AdoptOrderId": make_identical_order(outposts)})
    assert counted(capsys) == ["OrdersJoined"]


def test_an_order_that_evidence_shows_is_counted_as_placed(
    outposts: FakeOutposts, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """The request placed it, though the response was lost."""
    outposts.fail("CreateOrder", Fault.status(500, applied=True))
    invoke("Create")
    assert counted(capsys) == ["OrdersPlaced"]


def test_a_copy_counts_what_its_request_was_counted_as(
    cloudformation: FakeCloudFormation,
    invoke: Invoke,
    deliver: Deliver,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The stored answer says whether the order was joined."""
    invoke("Create")
    event = cloudformation.event("Create", PROPERTIES, StackId=RE_CREATED_STACK)
    deliver(event)
    deliver(event)
    assert counted(capsys) == ["OrdersPlaced", "OrdersJoined", "OrdersJoined"]


@pytest.mark.parametrize("properties", [PROPERTIES, {}], ids=["by the service", "by us"])
def test_a_refused_order_is_counted(
    properties: dict[str, Any],
    outposts: FakeOutposts,
    invoke: Invoke,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The service or the function can refuse it."""
    outposts.fail("CreateOrder", Fault.refusal("ConflictException"))
    invoke("Create", properties)
    assert counted(capsys) == ["OrdersRefused"]


def test_an_unknown_outcome_is_counted(
    outposts: FakeOutposts, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """The alarm for an order that might have been placed depends on this count."""
    outposts.fail("CreateOrder", Fault.status(500))
    invoke("Create")
    assert counted(capsys) == ["OrdersInDoubt"]


def test_an_order_without_a_table_is_counted_as_refused(
    dynamodb: DynamoDbInProcess, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was sent."""
    with on_each_call(dynamodb, is_gone):
        invoke("Create")
    assert counted(capsys) == ["OrdersRefused"]


def test_an_order_with_an_unreadable_ledger_is_counted_as_unknown(
    dynamodb: DynamoDbInProcess, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """An earlier request of this name might have placed the order. It is counted once."""
    with on_each_call(dynamodb, denies):
        invoke("Create")
    assert counted(capsys) == ["OrdersInDoubt"]


def test_updates_and_deletes_are_not_counted(
    invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """Updates and Deletes never buy anything."""
    order_id = invoke("Create").physical_id
    counted(capsys)
    invoke("Update", PhysicalResourceId=order_id)
    invoke("Update", PROPERTIES | {"PaymentTerm": "ONE_YEAR"}, PhysicalResourceId=order_id)
    invoke("Delete", PhysicalResourceId=order_id)
    assert counted(capsys) == []
