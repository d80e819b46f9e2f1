"""The log of a failure: one line, and a traceback only of a defect of the handler."""

import logging
from collections.abc import Callable

import pytest

from outpost_order_fake import DOCUMENTED, REQUEST_ID, FakeOutposts, Fault, Reply
from outpost_order_handler.cloudformation import metrics
from outpost_order_handler.outposts import responses
from tests.fakes.cloudformation import FakeCloudFormation, Response
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import (
    OTHER_NAME,
    PROPERTIES,
    RE_CREATED_STACK,
    Deliver,
    Invoke,
    make_identical_order,
)
from tests.handler.ledger_faults import (
    breaks,
    denies,
    is_gone,
    is_write,
    on_each_call,
    outage,
    when,
)

MESSAGE = "The service has many words,\nand a request of its own.\r\n" * 30 + "The last of them"
TRACEBACK = "Traceback (most recent call last)"

Lines = Callable[[], list[str]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """Give the warnings and errors in the log, each as Lambda writes it."""
    return lambda: [
        logging.Formatter().format(record)
        for record in caplog.records
        if record.levelno >= logging.WARNING
    ]


@pytest.mark.parametrize("exception", DOCUMENTED)
def test_a_refusal_of_the_service_is_one_line(
    exception: str, outposts: FakeOutposts, invoke: Invoke, lines: Lines
) -> None:
    """The line has the reason, the whole message, and the ID that AWS Support asks for."""
    outposts.fail("CreateOrder", Fault.refusal(exception, message=MESSAGE))
    reason = invoke("Create").reason
    [line] = lines()
    assert f"({exception})" in reason
    assert reason in line
    assert " ".join(MESSAGE.split()) in line
    assert f"request ID {REQUEST_ID}" in line
    assert "\n" not in line


@pytest.mark.parametrize("exception", sorted(set(DOCUMENTED) - {"InternalServerException"}))
def test_the_message_of_a_refusal_is_in_no_other_line(
    exception: str, outposts: FakeOutposts, invoke: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    """A search in the log finds it once."""
    outposts.fail("CreateOrder", Fault.refusal(exception, message="refused on demand"))
    invoke("Create")
    assert len([each for each in caplog.messages if "refused on demand" in each]) == 1


def _invalid(invoke: Invoke, *_: object) -> Response:
    return invoke("Create", PROPERTIES | {"LineItems": []})


def _taken(invoke: Invoke, *_: object) -> Response:
    invoke("Create")
    other = PROPERTIES | {"PaymentOption": "ALL_UPFRONT"}
    return invoke("Create", other, StackId=RE_CREATED_STACK)


def _identical(invoke: Invoke, outposts: FakeOutposts, *_: object) -> Response:
    make_identical_order(outposts)
    return invoke("Create")


def _unknown(invoke: Invoke, outposts: FakeOutposts, *_: object) -> Response:
    outposts.fail("CreateOrder", Fault.reply(Reply.EMPTY_OBJECT))
    return invoke("Create")


def _busy(invoke: Invoke, outposts: FakeOutposts, *_: object) -> Response:
    outposts.fail("CreateOrder", Fault.reset())
    invoke("Create")
    return invoke("Create", OTHER_NAME, LogicalResourceId="Spare")


def _unreadable(invoke: Invoke, outposts: FakeOutposts, *_: object) -> Response:
    outposts.fail("ListOrders", Fault.throttled(), times=None)
    return invoke("Create")


def _without_ledger(
    invoke: Invoke, _: FakeOutposts, dynamodb: DynamoDbInProcess, *__: object
) -> Response:
    with on_each_call(dynamodb, is_gone):
        return invoke("Create")


def _denied(invoke: Invoke, _: FakeOutposts, dynamodb: DynamoDbInProcess, *__: object) -> Response:
    with on_each_call(dynamodb, denies):
        return invoke("Create")


def _unconfirmed(
    invoke: Invoke,
    _: FakeOutposts,
    __: DynamoDbInProcess,
    cloudformation: FakeCloudFormation,
) -> Response:
    cloudformation.failure = (400, "Throttling")
    return invoke("Create")


def _changed(invoke: Invoke, *_: object) -> Response:
    order_id = invoke("Create").physical_id
    other = PROPERTIES | {"PaymentOption": "ALL_UPFRONT"}
    old = {"OldResourceProperties": PROPERTIES}
    return invoke("Update", other, PhysicalResourceId=order_id, **old)


REFUSED: dict[str, tuple[Callable[..., Response], int]] = {
    "InvalidRequest": (_invalid, 1),
    "OrderNameTaken": (_taken, 1),
    "IdenticalOrderExists": (_identical, 1),
    "OutcomeUnknown": (_unknown, 1),
    "OutpostBusy": (_busy, 2),  # the other attempt has its own
    "TooManyRequestsException": (_unreadable, 1),
    "LedgerNotFound": (_without_ledger, 1),
    "AccessDeniedException": (_denied, 1),
    "NotConfirmed": (_unconfirmed, 1),
    "NotUpdatable": (_changed, 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_one_line(
    *,
    name: str,
    invoke: Invoke,
    outposts: FakeOutposts,
    dynamodb: DynamoDbInProcess,
    cloudformation: FakeCloudFormation,
    lines: Lines,
) -> None:
    """Earlier tries write no further line."""
    refuse, expected = REFUSED[name]
    response = refuse(invoke, outposts, dynamodb, cloudformation)
    found = lines()
    assert f"({name})" in response.reason
    assert len(found) == expected
    assert response.reason in found[-1]
    assert not [line for line in found if "\n" in line]


def test_an_error_of_the_ledger_has_the_id_of_its_request(
    invoke: Invoke, dynamodb: DynamoDbInProcess, lines: Lines
) -> None:
    """The line has the ID of the last request."""

    def fail(_: str) -> None:
        error = outage(message="the table\nrests")
        error.response["ResponseMetadata"] = {"RequestId": "K2J4"}
        raise error

    with on_each_call(dynamodb, fail):
        invoke("Create")
    [line] = lines()
    assert "the table rests" in line
    assert "request ID K2J4" in line


def test_a_refusal_that_is_written_in_the_second_try_is_one_line(
    invoke: Invoke, outposts: FakeOutposts, dynamodb: DynamoDbInProcess, lines: Lines
) -> None:
    """The ledger breaks once, and everything is decided again."""
    make_identical_order(outposts)
    calls: list[str] = []

    def break_once(operation: str) -> None:
        calls.append(operation)
        if len(calls) == 1:
            breaks(operation)

    with on_each_call(dynamodb, when(is_write, break_once)):
        assert "(IdenticalOrderExists)" in invoke("Create").reason
    assert len(calls) == 2
    assert len(lines()) == 1


def test_a_copy_of_a_refused_event_has_the_same_reason_in_the_log(
    cloudformation: FakeCloudFormation,
    outposts: FakeOutposts,
    deliver: Deliver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The copy gets the stored answer."""
    make_identical_order(outposts)
    event = cloudformation.event("Create", PROPERTIES)
    reason = deliver(event).reason
    caplog.clear()
    assert deliver(event).reason == reason
    assert len([each for each in caplog.messages if reason in each]) == 1


def test_an_order_that_is_found_has_what_its_response_was_in_the_log(
    outposts: FakeOutposts, invoke: Invoke, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    """The deployment succeeds, and the service failed all the same."""
    fault = Fault.refusal("InternalServerException", message=MESSAGE, applied=True)
    outposts.fail("CreateOrder", fault)
    assert invoke("Create").status == "SUCCESS"
    [message] = [each for each in caplog.messages if "The last of them" in each]
    assert f"request ID {REQUEST_ID}" in message
    assert lines() == []


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_defect_has_one_traceback(
    request_type: str, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    """The line with the reason has the traceback."""
    order_id = invoke("Create").physical_id
    monkeypatch.setattr(responses.Order, "attributes", None)
    more = {"OldResourceProperties": OTHER_NAME, "PhysicalResourceId": order_id}
    response = invoke(request_type, StackId=RE_CREATED_STACK, **more)
    [line] = lines()
    assert response.reason.startswith("InternalFailure (TypeError)")
    assert response.reason in line.partition("\n")[0]
    assert line.count(TRACEBACK) == 1


def test_a_defect_outside_of_the_work_has_one_traceback(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    """Crhelper catches it."""
    monkeypatch.setattr(metrics, "count", None)
    assert invoke("Delete", PhysicalResourceId="PO-4711").status == "FAILED"
    [line] = lines()
    assert line.count(TRACEBACK) == 1
