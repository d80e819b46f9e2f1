import json
from typing import Any

import boto3
import pytest

from tests.fakes.outposts import FakeOutposts, Fault
from tests.handler.conftest import LEDGER, PROPERTIES, Invoke
from tests.handler.dynamodb_wire import denies, on_each_call

UNKNOWN = Fault.status(500)


def counted(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what CloudWatch would count, read as its specification says."""
    names = []
    for line in capsys.readouterr().out.splitlines():
        told = json.loads(line)
        [definition] = told["_aws"]["CloudWatchMetrics"]
        [metric] = definition["Metrics"]
        assert definition["Namespace"] == "OutpostOrder"
        assert definition["Dimensions"] == [["FunctionName"]]
        assert (told["FunctionName"], told[metric["Name"]]) == ("City", 1)
        assert told["_aws"]["Timestamp"] > 1_700_000_000_000
        names.append(metric["Name"])
    return names


def test_a_placed_order_is_counted(invoke: Invoke, capsys: pytest.CaptureFixture[str]) -> None:
    """Once, when its creation is answered."""
    invoke("Create")
    assert counted(capsys) == ["OrdersPlaced"]


@pytest.mark.parametrize("properties", [PROPERTIES, {}], ids=["by the service", "by us"])
def test_a_refused_order_is_counted(
    properties: dict[str, Any],
    outposts: FakeOutposts,
    invoke: Invoke,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever refused it."""
    outposts.fail("CreateOrder", Fault.refusal("ConflictException"))
    invoke("Create", properties)
    assert counted(capsys) == ["OrdersRefused"]


def test_an_order_in_doubt_is_counted(
    outposts: FakeOutposts, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """So is the deletion that still does not know."""
    outposts.fail("CreateOrder", UNKNOWN)
    invoke("Create")
    invoke("Delete", PROPERTIES | {"OnDelete": "CANCEL"}, PhysicalResourceId="PO-4711")
    assert counted(capsys) == ["OrdersInDoubt", "OrdersInDoubt"]


@pytest.mark.usefixtures("moto")
def test_an_order_without_a_table_is_counted_as_refused(
    invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was sent; whether a deleted resource had an order, no record says."""
    boto3.client("dynamodb").delete_table(TableName=LEDGER)
    invoke("Create")
    invoke("Delete", PROPERTIES | {"OnDelete": "CANCEL"}, PhysicalResourceId="PO-4711")
    assert counted(capsys) == ["OrdersRefused", "OrdersInDoubt"]


@pytest.mark.usefixtures("moto")
def test_an_order_with_an_unreadable_ledger_is_counted_as_in_doubt(
    invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """An earlier copy of the request might have sent the order."""
    with on_each_call(denies):
        invoke("Create")
    assert counted(capsys) == ["OrdersInDoubt"]


def test_what_buys_nothing_is_not_counted(
    invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """Updates, refused or not, and deletions."""
    order_id = invoke("Create").physical_id
    counted(capsys)
    invoke("Update", PhysicalResourceId=order_id)
    invoke("Update", PROPERTIES | {"PaymentTerm": "ONE_YEAR"}, PhysicalResourceId=order_id)
    invoke("Delete", PhysicalResourceId=order_id)
    assert counted(capsys) == []
