import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from outpost_order_fake import DOCUMENTED, THROTTLES, FakeOutposts, Fault, Reply

Buy = Callable[..., dict[str, Any]]
Connect = Callable[..., BaseClient]

RACK: dict[str, Any] = {
    "OutpostIdentifier": "op-0123456789abcdef0",
    "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 1}],
    "PaymentOption": "ALL_UPFRONT",
}
BROKEN = [Fault.closed, Fault.reset, Fault.cut_off]


@pytest.mark.parametrize(("name", "status"), DOCUMENTED.items())
def test_refuses_by_name(fake: FakeOutposts, buy: Buy, name: str, status: int) -> None:
    """Every documented exception comes with its HTTP status, and buys nothing."""
    fake.fail("CreateOrder", Fault.refusal(name))
    with pytest.raises(ClientError) as refused:
        buy()
    assert refused.value.response["Error"]["Code"] == name
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert not fake.orders


def test_refuses_with_members(fake: FakeOutposts, buy: Buy) -> None:
    """A refusal carries the exception's further members."""
    extra = {"ResourceId": "op-0123456789abcdef0", "ResourceType": "OUTPOST"}
    fake.fail("CreateOrder", Fault.refusal("ConflictException", extra=extra))
    with pytest.raises(ClientError) as refused:
        buy()
    assert extra.items() <= refused.value.response.items()


@pytest.mark.parametrize("length", [600, 2000])
def test_refuses_at_length(fake: FakeOutposts, buy: Buy, length: int) -> None:
    """A message can have any length."""
    fake.fail("CreateOrder", Fault.refusal("AccessDeniedException", "x" * length))
    with pytest.raises(ClientError) as refused:
        buy()
    assert refused.value.response["Error"]["Message"] == "x" * length


@pytest.mark.parametrize(("name", "status"), THROTTLES.items())
def test_throttles(fake: FakeOutposts, buy: Buy, name: str, status: int) -> None:
    """Throttling names its code, and buys nothing."""
    fake.fail("CreateOrder", Fault.throttled(name))
    with pytest.raises(ClientError) as refused:
        buy()
    assert refused.value.response["Error"]["Code"] == name
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert not fake.orders


@pytest.mark.parametrize("status", [403, 404, 409, 418, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [Reply.EMPTY, Reply.HTML])
def test_answers_any_status(fake: FakeOutposts, buy: Buy, status: int, body: str) -> None:
    """Without an exception's name, botocore takes the HTTP status for the code."""
    fake.fail("CreateOrder", Fault.status(status, body=body))
    with pytest.raises(ClientError) as failed:
        buy()
    assert failed.value.response["Error"]["Code"] == str(status)
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_answers_any_code(fake: FakeOutposts, buy: Buy) -> None:
    """A status can carry a code that the API does not document."""
    fake.fail("CreateOrder", Fault.status(403, code="UnrecognizedClientException"))
    with pytest.raises(ClientError) as failed:
        buy()
    assert failed.value.response["Error"]["Code"] == "UnrecognizedClientException"


@pytest.mark.parametrize("body", [*Reply, '{"Order": null}'])
def test_answers_success_without_an_order(fake: FakeOutposts, buy: Buy, body: str) -> None:
    """Botocore takes a senseless 200 for success, and shows no sign of an order."""
    fake.fail("CreateOrder", Fault.reply(body))
    assert set(buy()) == {"ResponseMetadata"}
    assert not fake.orders


@pytest.mark.parametrize("body", ["null", "[]", '"done"'])
def test_answers_json_that_is_no_object(fake: FakeOutposts, buy: Buy, body: str) -> None:
    """Botocore raises errors of plain Python over a 200 whose JSON is no object."""
    fake.fail("CreateOrder", Fault.reply(body))
    with pytest.raises((TypeError, AttributeError)):
        buy()


@pytest.mark.parametrize("fault", BROKEN)
def test_breaks_the_connection(fake: FakeOutposts, buy: Buy, fault: Callable[..., Fault]) -> None:
    """An end, a reset and a half answer look the same to a client."""
    fake.fail("CreateOrder", fault())
    with pytest.raises(ConnectionClosedError):
        buy()
    assert not fake.orders
    assert len(fake.posts) == 1


def test_hangs(fake: FakeOutposts, connect: Connect) -> None:
    """A client that gets no answer gives up by itself."""
    fake.fail("CreateOrder", Fault.hang())
    with pytest.raises(ReadTimeoutError):
        connect(read_timeout=0.1).create_order(**RACK)
    assert not fake.orders


def test_answers_slowly(fake: FakeOutposts, buy: Buy) -> None:
    """A slow answer is a normal one for a patient client."""
    fake.fail("CreateOrder", Fault.slow(0.05))
    assert buy()["Order"] == fake.orders[0]


def test_answers_too_slowly(fake: FakeOutposts, connect: Connect) -> None:
    """An impatient client has bought without knowing."""
    fake.fail("CreateOrder", Fault.slow(60))
    with pytest.raises(ReadTimeoutError):
        connect(read_timeout=0.1).create_order(**RACK)
    assert len(fake.orders) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault.refusal("InternalServerException", applied=True),
        Fault.throttled(applied=True),
        Fault.status(503, applied=True),
        Fault.closed(applied=True),
        Fault.reset(applied=True),
        Fault.cut_off(applied=True),
        Fault.hang(applied=True),
    ],
)
def test_buys_before_it_fails(fake: FakeOutposts, connect: Connect, fault: Fault) -> None:
    """An applied fault has made the order by the time the client sees it."""
    fake.fail("CreateOrder", fault)
    with pytest.raises((ClientError, ConnectionClosedError, ReadTimeoutError)):
        connect(read_timeout=0.1).create_order(**RACK)
    assert len(fake.live_orders) == 1


def test_buys_before_a_senseless_success(fake: FakeOutposts, buy: Buy) -> None:
    """A foreign body may hide an order that was made."""
    fake.fail("CreateOrder", Fault.reply(Reply.FOREIGN, applied=True))
    assert "Order" not in buy()
    assert len(fake.orders) == 1


def test_buys_late(fake: FakeOutposts, buy: Buy) -> None:
    """A late fault places its order on demand, once."""
    fake.fail("CreateOrder", Fault.status(504, applied="late"))
    with pytest.raises(ClientError):
        buy()
    assert not fake.orders
    assert fake.apply_late() == fake.orders
    assert len(fake.orders) == 1
    assert not fake.apply_late()


def test_applies_only_what_is_valid(fake: FakeOutposts, buy: Buy) -> None:
    """A request that the API refuses makes no order behind a fault either."""
    fake.fail("CreateOrder", Fault.status(500, applied=True))
    with pytest.raises(ClientError):
        buy(PaymentOption="UPFRONT")
    assert not fake.orders


def test_cancels_before_it_fails(fake: FakeOutposts, client: BaseClient) -> None:
    """Faults apply any operation, not only CreateOrder."""
    order_id = fake.make_order()["OrderId"]
    fake.fail("CancelOrder", Fault.status(500, applied=True))
    with pytest.raises(ClientError):
        client.cancel_order(OrderId=order_id)
    assert not fake.live_orders


def test_fails_in_sequence(fake: FakeOutposts, buy: Buy) -> None:
    """Queued faults show one a call, then all works."""
    fake.fail("CreateOrder", Fault.status(500))
    fake.fail("CreateOrder", Fault.status(503), times=2)
    codes = []
    for _ in range(3):
        with pytest.raises(ClientError) as failed:
            buy()
        codes.append(failed.value.response["Error"]["Code"])
    assert codes == ["500", "503", "503"]
    assert buy()["Order"]


def test_fails_until_cleared(fake: FakeOutposts, buy: Buy) -> None:
    """A fault without a count stays."""
    fake.fail("CreateOrder", Fault.status(500), times=None)
    for _ in range(3):
        with pytest.raises(ClientError):
            buy()
    fake.clear_faults()
    assert buy()["Order"]


def test_fails_one_operation(fake: FakeOutposts, client: BaseClient) -> None:
    """Other operations go on working."""
    fake.fail("CreateOrder", Fault.status(500), times=None)
    assert client.list_orders()["Orders"] == []


def test_fails_the_requests_that_it_is_for(fake: FakeOutposts, client: BaseClient) -> None:
    """Others neither fail nor count, whether the fault has a count or not."""
    one, other = fake.make_order(), fake.make_order()
    for times in (1, None):
        fake.fail(
            "GetOrder",
            Fault.refusal("ConflictException"),
            times=times,
            when=lambda request: request.params["OrderId"] == one["OrderId"],
        )
        assert client.get_order(OrderId=other["OrderId"])["Order"]
        with pytest.raises(ClientError):
            client.get_order(OrderId=one["OrderId"])


def test_knows_operations() -> None:
    """A misspelt operation is an error, not a fault that never shows."""
    with FakeOutposts() as fake, pytest.raises(ValueError, match="OrderCreate"):
        fake.fail("OrderCreate", Fault.hang())


def test_counts_retries(fake: FakeOutposts, connect: Connect) -> None:
    """A client that retries sends more requests than the caller made, and buys more."""
    fake.fail("CreateOrder", Fault.status(500, applied=True))
    connect(retries={"total_max_attempts": 2, "mode": "standard"}).create_order(**RACK)
    assert len(fake.posts) == 2
    assert len(fake.orders) == 2


@pytest.mark.parametrize("fault", [Fault.hang(), Fault.slow(60)])
def test_stops_while_a_call_hangs(fake: FakeOutposts, connect: Connect, fault: Fault) -> None:
    """A stop ends what hangs, and the client hears of it."""
    fake.fail("ListOrders", fault)
    with ThreadPoolExecutor() as pool:
        call = pool.submit(connect(read_timeout=60).list_orders)
        while not (fake.requests or call.done()):
            time.sleep(0.01)
        fake.stop()
        assert isinstance(call.exception(timeout=10), ConnectionClosedError)
