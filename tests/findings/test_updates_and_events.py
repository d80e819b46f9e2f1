"""The findings about Updates, about the way of an answer, and about events of any origin."""

import time as real_time
from typing import Any

import pytest
from aws_cdk import App, Stack

from cdk_outpost_order import OutpostOrderProvider
from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler import entry
from tests.fakes.cloudformation import FakeCloudFormation, PutFault
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.findings.conftest import Deploy, Orders, ids, orders_in, rack
from tests.handler.conftest import OUTPOST_ID, PROPERTIES, Context, Deliver, Invoke
from tests.handler.ledger_faults import READ, WRITE, failing, on_each_call, outage

SETTINGS = PROPERTIES | {"ServiceTimeout": "1200"}
HANGS = PutFault(None)


@pytest.mark.parametrize("trouble", ["GetOrder answers 500", "a line item was replaced", "ledger"])
def test_f10_an_update_of_settings_and_its_rollback_succeed(
    trouble: str, dynamodb: DynamoDbInProcess, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An outage, or a change by AWS, failed an Update that changed no order, and its rollback."""
    order_id = invoke("Create").physical_id
    if trouble == "GetOrder answers 500":
        outposts.fail("GetOrder", Fault.status(500), times=None)
    elif trouble == "a line item was replaced":
        items = [{"CatalogItemId": "OR-7654321", "Quantity": 2, "Status": "PREPARING"}]
        outposts.set_order(order_id, LineItems=items)
    down = (READ, WRITE) if trouble == "ledger" else ()
    with failing(dynamodb, outage(), *down):
        for new, old in ((SETTINGS, PROPERTIES), (PROPERTIES, SETTINGS)):
            more = {"PhysicalResourceId": order_id, "OldResourceProperties": old}
            response = invoke("Update", new, **more)
            assert (response.status, response.physical_id) == ("SUCCESS", order_id)
            assert response.data["OrderId"] == order_id
    assert (ids(outposts), len(outposts.posts)) == ([order_id], 1)


@pytest.mark.parametrize("is_readable", [True, False], ids=["readable", "GetOrder answers 500"])
def test_f10_a_refused_update_can_be_rolled_back(
    *, is_readable: bool, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The rollback of an Update was compared with the current order, not the bought one."""
    order_id = invoke("Create").physical_id
    items = [{"CatalogItemId": "OR-7654321", "Quantity": 2, "Status": "PREPARING"}]
    outposts.set_order(order_id, LineItems=items)  # AWS replaced one
    if not is_readable:
        outposts.fail("GetOrder", Fault.status(500), times=None)
    changed = PROPERTIES | {"PaymentTerm": "ONE_YEAR"}
    held = {"PhysicalResourceId": order_id}
    assert invoke("Update", changed, OldResourceProperties=PROPERTIES, **held).status == "FAILED"
    rolled_back = invoke("Update", PROPERTIES, OldResourceProperties=changed, **held)
    assert (rolled_back.status, rolled_back.data["OrderId"]) == ("SUCCESS", order_id)
    assert (ids(outposts), len(outposts.posts)) == ([order_id], 1)


def test_f20_a_price_that_was_never_agreed_is_refused(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """An Update to any quote_price succeeded, and the template showed it."""
    quote = outposts.make_quote(
        outpost_id=OUTPOST_ID,
        upfront_price=0.0,
        monthly_recurring_price=4700.5,
    )
    [option] = quote["QuoteOptions"]
    price = {"UpfrontPrice": "0", "MonthlyRecurringPrice": "4700.50", "Currency": "USD"}
    properties: dict[str, Any] = PROPERTIES | {
        "QuoteIdentifier": quote["QuoteId"],
        "QuoteOptionIdentifier": option["QuoteOptionIdentifier"],
        "QuotePrice": price,
    }
    del properties["LineItems"]
    order_id = invoke("Create", properties).physical_id
    cheap = properties | {"QuotePrice": price | {"MonthlyRecurringPrice": "1.00"}}
    held = {"PhysicalResourceId": order_id}
    refused = invoke("Update", cheap, OldResourceProperties=properties, **held)
    assert f"(NotUpdatable): {order_id} is unchanged" in refused.reason
    assert "QuotePrice" in refused.reason
    assert invoke("Update", properties, OldResourceProperties=cheap, **held).status == "SUCCESS"
    same = properties | {"QuotePrice": price | {"MonthlyRecurringPrice": "4700.5"}}
    assert invoke("Update", same, OldResourceProperties=properties, **held).status == "SUCCESS"
    assert (ids(outposts), len(outposts.posts)) == ([order_id], 1)


@pytest.fixture
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as briefly as a test can."""
    monkeypatch.setattr(entry, "TIMEOUT", (1, 0.3))
    monkeypatch.setattr(entry, "PUT_PAUSES", (0.01,))


@pytest.mark.usefixtures("short_timeouts")
@pytest.mark.parametrize("is_taken", [True, False], ids=["taken", "not taken"])
def test_f11_a_put_that_hangs_is_given_up_and_the_same_answer_is_sent(
    *, is_taken: bool, cloudformation: FakeCloudFormation, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """A PUT that hung ended in "Execution timed out" for an order that was placed."""
    event = cloudformation.event("Create", PROPERTIES)
    cloudformation.put_faults.extend([PutFault(None, taken=is_taken)] * 2)
    with pytest.raises(ConnectionError):
        entry.handler(dict(event), Context())
    deliver(event)
    [first, *others] = cloudformation.responses[event["RequestId"]]
    assert others == [first] * (2 if is_taken else 0)
    assert (first.status, [first.physical_id]) == ("SUCCESS", ids(outposts))
    assert len(outposts.posts) == 1


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
def test_f11_execution_timed_out_is_never_the_answer(
    request_type: str,
    cloudformation: FakeCloudFormation,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
    deliver: Deliver,
) -> None:
    """A timer answered for a function that was slow, whatever the truth was."""
    more = {"PhysicalResourceId": "PO-4711", "OldResourceProperties": PROPERTIES}
    event = cloudformation.event(request_type, SETTINGS, **more)
    with on_each_call(dynamodb, lambda _: real_time.sleep(0.2)):
        response = deliver(event, Context(limit=0.6))
    assert "timed out" not in response.reason
    assert len(cloudformation.responses[event["RequestId"]]) == 1
    assert outposts.posts == []


@pytest.mark.parametrize("url", ["", "http://localhost/", "https://", "ftp://localhost/x", None])
def test_f22_without_an_address_nothing_is_called(
    url: object,
    cloudformation: FakeCloudFormation,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
) -> None:
    """With an empty ResponseURL, the order was placed and its answer was sent without end."""
    event = cloudformation.event("Create", PROPERTIES) | {"ResponseURL": url}
    with pytest.raises(ValueError, match="ResponseURL"):
        entry.handler(event, Context())
    assert (outposts.requests, dynamodb.items, cloudformation.described) == ([], {}, [])


FOREIGN = {
    "another account": ("111122223333", "444455556666"),
    "another Region": ("us-west-2", "eu-west-1"),
    "another stack": ("/City/", "/Nowhere/"),
}


@pytest.mark.parametrize("origin", FOREIGN)
def test_f23_an_event_that_cloudformation_does_not_know_buys_nothing(
    origin: str, cloudformation: FakeCloudFormation, outposts: FakeOutposts, deliver: Deliver
) -> None:
    """Every event bought, from any sender, and its answer went to any host."""
    event = cloudformation.event("Create", PROPERTIES)
    forged = {**event, "StackId": event["StackId"].replace(*FOREIGN[origin])}
    cloudformation._events[event["RequestId"]] = forged  # noqa: SLF001 (it takes the answer)
    response = deliver(forged)
    assert response.reason.startswith("ResourceConflict (NotConfirmed): nothing was ordered")
    assert outposts.posts == []


def test_f23_an_event_with_other_content_than_the_template_buys_nothing(
    outposts: FakeOutposts, deploy: Deploy
) -> None:
    """The event alone said what was bought; the template's own line has to agree."""
    stack = Stack(App(), "City")
    rack(stack).node.default_child.add_property_override("PaymentOption", "ALL_UPFRONT")  # type: ignore[union-attr]
    reason = deploy(orders_in(stack)).reason
    assert "(NotConfirmed): nothing was ordered" in reason
    assert ("NO_UPFRONT" in reason, "ALL_UPFRONT" in reason) == (True, True)
    assert outposts.posts == []


def test_f24_an_order_gets_another_provider_without_being_bought_again(
    city: Orders, outposts: FakeOutposts, deploy: Deploy, invoke: Invoke
) -> None:
    """A ServiceToken can't be changed, and the way around it led through a new ledger."""
    stack = Stack(App(), "City")
    rack(stack, provider=OutpostOrderProvider(stack, "Provider", memory_size=512))
    [(logical_id, old)], after = city.items(), orders_in(stack)
    [new] = after.values()
    assert old["Properties"]["ServiceToken"] != new["Properties"]["ServiceToken"]
    order_id = deploy(city).physical_id
    more = {"LogicalResourceId": logical_id, "PhysicalResourceId": order_id}
    assert invoke("Delete", old["Properties"], **more).status == "SUCCESS"  # removed
    again = deploy(after)  # and added again, under the same name
    assert (again.status, again.physical_id) == ("SUCCESS", order_id)
    assert (ids(outposts), len(outposts.posts)) == ([order_id], 1)
