import logging
import os
import subprocess
import sys
from typing import Any

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler import contract, entry
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import PROPERTIES, Context, Invoke
from tests.handler.ledger_faults import on_each_call


@pytest.mark.parametrize(
    "missing", ["RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId"]
)
def test_an_event_that_cannot_be_answered_raises(
    missing: str, cloudformation: FakeCloudFormation, invoke: Invoke, outposts: FakeOutposts
) -> None:
    """Crhelper would answer to the address of the event before, or try for ever."""
    invoke("Delete", PhysicalResourceId="PO-4711")
    answers = sum(map(len, cloudformation.responses.values()))
    event = cloudformation.event("Create", PROPERTIES)
    del event[missing]
    with pytest.raises(ValueError, match=f"it lacks {missing}"):
        entry.handler(event, Context())
    assert sum(map(len, cloudformation.responses.values())) == answers
    assert outposts.requests == []


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "localhost",
        "/answer",
        "https://",
        "https:///answer",
        "https://[::1/answer",
        "https://localhost:99999/answer",
        "https://localhost:65536/answer",
        "https://localhost:0/answer",
        "http://localhost/answer",
        "file:///etc/passwd",
    ],
)
def test_an_event_without_a_usable_address_raises_and_calls_nothing(
    url: str,
    request_type: str,
    cloudformation: FakeCloudFormation,
    dynamodb: DynamoDbInProcess,
    outposts: FakeOutposts,
) -> None:
    """Without an answer, the stack would fail after the order was placed."""
    event = cloudformation.event(request_type, PROPERTIES, PhysicalResourceId="PO-4711")
    calls: list[str] = []
    with (
        on_each_call(dynamodb, calls.append),
        pytest.raises(ValueError, match="ResponseURL must be an https address"),
    ):
        entry.handler(event | {"ResponseURL": url}, Context())
    assert (calls, outposts.requests, cloudformation.heads) == ([], [], [])
    assert cloudformation.described == []


@pytest.mark.parametrize("event", [None, [], "Create", {}])
def test_an_event_of_another_sender_raises(event: Any, outposts: FakeOutposts) -> None:  # noqa: ANN401
    """A test event of the Lambda console isn't an order."""
    with pytest.raises(ValueError, match="not an event of a custom resource"):
        entry.handler(event, Context())
    assert outposts.requests == []


def test_an_unknown_request_type_buys_nothing(
    cloudformation: FakeCloudFormation, outposts: FakeOutposts
) -> None:
    """Crhelper would answer without a physical id, which CloudFormation refuses."""
    event = cloudformation.event("Purchase", PROPERTIES)
    with pytest.raises(ValueError, match="must be one of Create, Update, Delete, got Purchase"):
        entry.handler(event, Context())
    assert (outposts.requests, cloudformation.rejected) == ([], [])


@pytest.mark.parametrize(
    "keys", [{"CrHelperPoll": True}, {"CrHelperData": 7}, {"CrHelperData": {"Status": "y" * 4000}}]
)
def test_keys_of_crhelper_in_an_event_do_nothing(
    keys: dict[str, Any], invoke: Invoke, outposts: FakeOutposts
) -> None:
    """Crhelper would believe that it polls, and never end or never answer."""
    response = invoke("Create", **keys)
    assert (response.status, response.data["Status"]) == ("SUCCESS", "PREPARING")
    assert len(outposts.posts) == 1


def test_each_event_is_answered_once(invoke: Invoke) -> None:
    """Neither crhelper's timer nor its polling sends a second answer."""
    for request_type in ("Create", "Update", "Delete"):
        invoke(request_type, PhysicalResourceId="PO-4711")


def test_a_delete_calls_nothing(
    invoke: Invoke, outposts: FakeOutposts, dynamodb: DynamoDbInProcess
) -> None:
    """The order remains in force, whatever the physical ID."""
    order_id = invoke("Create").physical_id
    calls: list[str] = []
    asked = len(outposts.requests)
    with on_each_call(dynamodb, calls.append):
        for physical_id in (order_id, "PO-4711", "City_Rack05B0A054_X1Y2Z3W4"):
            response = invoke("Delete", PhysicalResourceId=physical_id)
            assert (response.status, response.physical_id) == ("SUCCESS", physical_id)
    assert (calls, len(outposts.requests), len(outposts.live_orders)) == ([], asked, 1)


def test_without_its_environment_the_function_uses_the_default_ledger(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands in its reasons say the same."""
    monkeypatch.delenv(contract.LEDGER_TABLE)
    assert invoke("Create").status == "SUCCESS"


def test_an_answer_has_nothing_of_the_one_before(invoke: Invoke) -> None:
    """A warm function forgets the attributes of the order before."""
    assert invoke("Create").data
    assert invoke("Delete", PhysicalResourceId="PO-4711").data == {}


def test_delete_does_not_sleep(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crhelper's default waits two minutes for its log."""
    slept: list[float] = []
    monkeypatch.setattr("crhelper.resource_helper.sleep", slept.append)
    invoke("Delete", PhysicalResourceId="PO-4711")
    assert slept == []


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
def test_the_presigned_address_is_in_no_log_line(
    request_type: str, invoke: Invoke, outposts: FakeOutposts
) -> None:
    """A reader of the log can't answer for the function, not even at the lowest level.

    Lambda puts its own handler on the root logger, and the libraries' loggers
    propagate to it: the test reads every record of every logger.
    """
    records: list[str] = []
    root = logging.getLogger()
    listener = logging.Handler(logging.NOTSET)
    listener.emit = lambda record: records.append(  # type: ignore[method-assign]
        logging.Formatter().format(record)
    )
    root.addHandler(listener)
    try:
        outposts.fail("CreateOrder", Fault.status(500))
        invoke(request_type, PhysicalResourceId="PO-4711")
    finally:
        root.removeHandler(listener)
    assert records
    assert not [record for record in records if "X-Amz-Signature" in record]
    assert root.level == logging.INFO


def test_starting_pays_for_no_client() -> None:
    """Crhelper makes three clients that only its polling needs; nothing may fail at import."""
    code = (
        "import boto3\n"
        "boto3.client = lambda *a, **k: print('client made')\n"
        "import os, outpost_order_handler.entry as entry\n"
        "print(entry.helper._init_failed, 'AWS_SAM_LOCAL' in os.environ)"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "None False\n"


def test_handler_code_does_not_know_the_cdk() -> None:
    """The function's package has no aws_cdk, so its code must not want it."""
    code = "import sys, outpost_order_handler.entry; print('aws_cdk' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True
    )
    assert done.stdout == "False\n"
