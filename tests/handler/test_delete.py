"""A Delete changes nothing about an order, whatever CloudFormation knows of the resource."""

import pytest

from outpost_order_fake import FakeOutposts, Fault
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import OTHER_STACK, PROPERTIES, RE_CREATED_STACK, Invoke


@pytest.fixture
def no_calls(
    outposts: FakeOutposts, dynamodb: DynamoDbInProcess, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Give the calls to DynamoDB and Outposts from now on, which must remain none."""
    calls: list[str] = []
    outposts.requests.clear()
    for operation in ("get_item", "transact_get_items", "transact_write_items"):
        monkeypatch.setattr(dynamodb, operation, lambda **call: calls.append(str(call)))
    return calls


@pytest.mark.parametrize(
    "physical_id",
    [
        "PO-4711",
        "City_Rack05B0A054_X1Y2Z3W4",
        "Rack05B0A054",
        "oo-ffffffffffffffff0",
        "2026/11/24/[$LATEST]0f0e",
        "☃",
        pytest.param("x" * 1000, id="1,000 characters"),
    ],
)
@pytest.mark.parametrize(
    "properties",
    [
        PROPERTIES,
        PROPERTIES | {"OnDelete": "CANCEL"},
        PROPERTIES | {"LineItems": "none"},
        {},
        None,
    ],
    ids=["valid", "of an older version", "invalid", "empty", "none"],
)
def test_any_physical_id_is_success(
    physical_id: str,
    properties: object,
    outposts: FakeOutposts,
    invoke: Invoke,
    no_calls: list[str],
) -> None:
    """CloudFormation makes an ID up if a Create failed; even an invalid resource can be removed."""
    response = invoke("Delete", properties, PhysicalResourceId=physical_id)
    assert (response.status, response.physical_id) == ("SUCCESS", physical_id)
    assert (outposts.requests, no_calls) == ([], [])


@pytest.mark.parametrize("stack", [None, RE_CREATED_STACK, OTHER_STACK])
def test_the_order_remains_in_force(
    stack: str | None, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """Neither a deletion nor a rollback cancels the order, with any deletion policy."""
    order_id = invoke("Create").physical_id
    outposts.requests.clear()
    more = {} if stack is None else {"StackId": stack}
    assert invoke("Delete", PhysicalResourceId=order_id, **more).status == "SUCCESS"
    assert [order["Status"] for order in outposts.live_orders] == ["PREPARING"]
    assert outposts.requests == []


def test_an_order_of_unknown_outcome_remains_unchanged(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The rollback's Delete resolves nothing and hides nothing."""
    outposts.fail("CreateOrder", Fault.status(500, applied="late"))
    invoke("Create")
    outposts.apply_late()
    outposts.requests.clear()
    assert invoke("Delete", PhysicalResourceId="PO-4711").status == "SUCCESS"
    assert (outposts.requests, len(outposts.live_orders)) == ([], 1)


def test_the_next_deployment_joins_the_order(outposts: FakeOutposts, invoke: Invoke) -> None:
    """After a rollback, the same name has the same order."""
    order_id = invoke("Create").physical_id
    invoke("Delete", PhysicalResourceId=order_id)
    again = invoke("Create", StackId=RE_CREATED_STACK)
    assert (again.status, again.physical_id) == ("SUCCESS", order_id)
    assert len(outposts.posts) == 1


def test_the_order_is_in_the_log(invoke: Invoke, caplog: pytest.LogCaptureFixture) -> None:
    """You find the ID of an order there; a resource that never had one isn't mentioned."""
    invoke("Delete", PhysicalResourceId="oo-0123456789abcdef0")
    invoke("Delete", PhysicalResourceId="PO-4711")
    assert "oo-0123456789abcdef0 remains in force: only its resource is deleted" in caplog.text
    assert "PO-4711" not in caplog.text
