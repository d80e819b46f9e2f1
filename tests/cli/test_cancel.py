"""An order is cancelled by an operator; interrupted anywhere, the next run records the truth."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from outpost_order_cli import ledger as operator
from outpost_order_fake import FakeOutposts, Fault, Reply
from outpost_order_handler.failures import Outcome
from outpost_order_handler.ledger.records import State
from tests.cli.conftest import LEDGER, NAME, OUTPOST_ID, Done, During, Orders, Run, answer_create

README = Path(__file__).parents[2] / "README.md"
CONFIRMED = ("--confirm", NAME)
COMMAND = f"outpost-order cancel {NAME}"
STEPS = [
    "TransactGetItems",
    "TransactGetItems",
    "GetOrder",
    "GetCallerIdentity",
    "CancelOrder",
    "GetOrder",
    "TransactWriteItems",
]
SENT = STEPS.index("CancelOrder")
WRITTEN = STEPS.index("TransactWriteItems")
KILLED = 137
URL = "https://aws.example"
APPLIED = True

Cancel = Callable[..., Done]


@dataclass
class Wire:
    """Everything that is sent to AWS, and what happens right before or after it."""

    sent: list[str] = field(default_factory=list)
    faults: dict[tuple[str, int], BaseException] = field(default_factory=dict)

    def reach(self, moment: str) -> None:
        """Apply the fault of a moment of the request that was sent last."""
        if fault := self.faults.pop((moment, len(self.sent) - 1), None):
            raise fault


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Give the place between botocore and HTTP."""
    wire, make_request = Wire(), Endpoint.make_request

    def make_request_or_fail(endpoint: Any, operation: Any, request: Any) -> Any:  # noqa: ANN401
        wire.sent.append(operation.name)
        wire.reach("before")
        response = make_request(endpoint, operation, request)
        wire.reach("after")
        return response

    monkeypatch.setattr(Endpoint, "make_request", make_request_or_fail)
    return wire


@pytest.fixture
def cancel(ledger: Run) -> Cancel:
    """Give a way to cancel an order; a typed name is an answer."""
    return lambda *options, **more: ledger("cancel", NAME, *options, **more)


def cancellations(outposts: FakeOutposts) -> int:
    """Count the CancelOrder requests that came over HTTP."""
    return [request.operation for request in outposts.requests].count("CancelOrder")


def paste(run: Run, printed: str, **more: str) -> Done:
    """Run the one command that a command printed."""
    [command] = [
        line[line.index("outpost-order ") :]
        for line in printed.splitlines()
        if "outpost-order " in line
    ]
    return run(*shlex.split(command)[1:], **more)


def assert_cancelled(orders: Orders, outposts: FakeOutposts) -> None:
    """Assert that the ledger has the truth, once, and that no order was bought."""
    [order] = outposts.orders
    record = orders.record()
    assert (record.state, order["Status"]) == (State.CANCELLED, "CANCELLED")
    assert record.order_id == order["OrderId"]
    assert record.order_attributes["Status"] == "CANCELLED"
    assert [entry["State"] for entry in record.history].count("CANCELLED") == 1
    assert orders.outpost().orders == {record.order_id: NAME}
    assert orders.outpost().attempts == {}
    assert outposts.posts == []


def test_an_order_is_cancelled(cancel: Cancel, orders: Orders, outposts: FakeOutposts) -> None:
    """It is recorded with who and why, beside the answers and the order's ID."""
    placed = orders.placed()
    done = cancel(*CONFIRMED, "--why", "Deployed by mistake")
    me = boto3.client("sts").get_caller_identity()["Arn"]
    record = orders.record()
    assert done.exit_code == 0
    assert done.stdout.startswith(
        f"{placed.order_id} of {NAME} is cancelled.\n"
        f"Recorded: {NAME} is CANCELLED. To order again, use a new order_name.\n"
    )
    entry = {key: value for key, value in record.history[-1].items() if key != "At"}
    assert entry == {"State": "CANCELLED", "Who": me, "Why": "Deployed by mistake"}
    assert record.answers == placed.answers
    assert_cancelled(orders, outposts)
    assert cancellations(outposts) == 1


def test_a_reason_need_not_be_given(cancel: Cancel, orders: Orders) -> None:
    """Then the record says that this command cancelled the order."""
    orders.placed()
    assert cancel(*CONFIRMED).exit_code == 0
    assert orders.record().history[-1]["Why"] == "by outpost-order cancel"


def test_the_order_is_shown_and_its_name_is_asked_for(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """As the service shows the order, on standard error, which a pipe doesn't redirect."""
    order_id = orders.placed().order_id
    outposts.set_order(order_id, PaymentTerm="FIVE_YEARS")
    done = cancel(answer=f"{NAME}\n")
    me = boto3.client("sts").get_caller_identity()["Arn"]
    lines = done.stderr.splitlines()
    assert done.exit_code == 0
    assert lines[:3] == [
        f"Order name: {NAME}",
        f"Outpost:    {OUTPOST_ID}",
        f"You are:    {me}",
    ]
    assert lines[3].startswith(f"{order_id}  PREPARING  ")
    assert lines[4:] == [
        "  2 x OR-ABCDEFG, NO_UPFRONT, FIVE_YEARS",
        "You can't undo a cancellation, and the order name can't be used again.",
        f"To cancel {order_id}, type its order name: ",
    ]
    assert_cancelled(orders, outposts)


def test_a_script_sees_the_order_too(cancel: Cancel, orders: Orders) -> None:
    """Without the question."""
    order_id = orders.placed().order_id
    done = cancel(*CONFIRMED)
    assert f"\n{order_id}  PREPARING  " in done.stderr
    assert "type its order name" not in done.stderr


@pytest.mark.parametrize("typed", ["PO-4712\n", "po-4711\n", "y\n", "yes\n", "\n", ""])
def test_without_its_name_nothing_is_sent(
    typed: str, cancel: Cancel, run: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """A yes is too easy; the command that needs no answer works when it is pasted."""
    record = orders.placed()
    why = "It's Bob's"
    done = cancel("--why", why, answer=typed)
    assert (done.exit_code, done.stdout, cancellations(outposts)) == (1, "", 0)
    command = f"{COMMAND} --confirm {NAME} --why {shlex.quote(why)} --table {LEDGER}"
    _, _, error = done.stderr.partition("type its order name: ")
    assert error.strip() == (
        f"Error: Not confirmed. Nothing was sent, and {record.order_id} remains in force. "
        f"To skip the question, run: {command}"
    )
    assert orders.record() == record
    assert paste(run, done.stderr).exit_code == 0
    assert orders.record().history[-1]["Why"] == why


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--confirm", "PO-4712"], f"--confirm must be the order name '{NAME}', got 'PO-4712'"),
        (["--confirm", ""], f"--confirm must be the order name '{NAME}', got ''"),
        ([*CONFIRMED, "--why", " "], "--why must be a reason, on one line and not blank, got ' '"),
        ([*CONFIRMED, "--why", "a" * 501], "--why must be at most 500 characters, got 501"),
    ],
)
def test_options_that_cannot_be_used_send_nothing(
    options: list[str], problem: str, cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """Not even a request that reads."""
    record = orders.placed()
    outposts.requests.clear()
    done = cancel(*options, answer=f"{NAME}\n")
    assert (done.exit_code, done.stdout, outposts.requests) == (2, "", [])
    assert done.stderr == f"Error: {problem}. Nothing was sent.\n"
    assert orders.record() == record


def test_there_is_no_yes(cancel: Cancel, orders: Orders, outposts: FakeOutposts) -> None:
    """An option that fits every command isn't a confirmation."""
    orders.placed()
    assert cancel("--yes").exit_code == 2
    assert cancellations(outposts) == 0


def test_an_order_that_was_cancelled_already_is_recorded(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """By AWS or in the console: nothing is asked, and nothing is sent."""
    record = orders.placed()
    outposts.set_status(record.order_id, "CANCELLED")
    done = cancel()
    assert (done.exit_code, done.stderr, cancellations(outposts)) == (0, "", 0)
    assert done.stdout.startswith(f"{record.order_id} of {NAME} is cancelled.\nRecorded: ")
    entry = orders.record().history[-1]
    assert entry["Why"] == "the service shows that it was cancelled"
    assert entry["Who"] == boto3.client("sts").get_caller_identity()["Arn"]
    assert_cancelled(orders, outposts)


def test_a_name_that_is_cancelled_has_nothing_to_do(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """To run it twice does no harm."""
    order_id = orders.placed().order_id
    cancel(*CONFIRMED)
    record = orders.record()
    outposts.requests.clear()
    done = cancel()
    assert (done.exit_code, done.stderr, outposts.requests) == (0, "", [])
    assert done.stdout == f"{NAME} is already CANCELLED ({order_id}). Nothing to do.\n"
    assert orders.record() == record


def test_a_name_without_a_record_is_an_error(cancel: Cancel, outposts: FakeOutposts) -> None:
    """The name is mistyped, or in another ledger."""
    done = cancel(*CONFIRMED)
    assert (done.exit_code, done.stdout, outposts.requests) == (1, "", [])
    assert done.stderr == (
        f"Error: The ledger {LEDGER} has no order {NAME}. "
        f"To list its orders, run: outpost-order list --table {LEDGER}\n"
    )


@pytest.mark.parametrize("state", [State.NONE, State.NOT_PLACED])
def test_a_name_without_an_order_is_an_error(
    state: State, cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """There is nothing to cancel."""
    record = orders.ended(orders.in_doubt(), state)
    done = cancel(*CONFIRMED)
    assert (done.exit_code, done.stdout, outposts.requests) == (1, "", [])
    assert done.stderr == f"Error: {NAME} is {state}: it has no order. Nothing was sent.\n"
    assert orders.record() == record


@pytest.mark.parametrize("state", ["ON_THE_MOON", "CANCELLING"])
def test_a_state_of_a_newer_version_is_not_touched(
    state: str, cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """This version can't know what it means."""
    orders.ledger.write(replace(orders.placed(), state=state))
    outposts.requests.clear()
    done = cancel(*CONFIRMED)
    assert (done.exit_code, done.stdout, outposts.requests) == (1, "", [])
    assert done.stderr == (
        f"Error: {NAME} is {state}, which this version doesn't know. Nothing was sent. "
        "Upgrade cdk-outpost-order, then run the command again.\n"
    )


def test_a_record_of_an_unknown_form_is_not_touched(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """Its Outpost isn't known."""
    orders.ledger.write(replace(orders.placed(), request=None))
    done = cancel(*CONFIRMED)
    assert (done.exit_code, cancellations(outposts)) == (1, 0)
    assert done.stderr.startswith(f"Error: The record of {NAME} has an unknown form. Upgrade ")


def test_an_adopted_order_can_be_cancelled(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """There was no attempt."""
    orders.ledger.write(replace(orders.placed(), attempt=None))
    assert cancel(*CONFIRMED).exit_code == 0
    assert_cancelled(orders, outposts)


def test_an_unresolved_order_is_found_first(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """As reconcile does it; the question follows."""
    orders.in_doubt()
    order_id = orders.identical()
    done = cancel(answer=f"{NAME}\n")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Recorded: {NAME} is {order_id}.\n")
    assert f"\nRecorded: {NAME} is CANCELLED. " in done.stdout
    states = [entry["State"] for entry in orders.record().history]
    assert states == ["SUBMITTING", "PLACED", "CANCELLED"]
    assert_cancelled(orders, outposts)


@pytest.mark.parametrize("still_running", [True, False])
def test_an_order_that_is_not_found_stays_unknown(
    still_running: bool,  # noqa: FBT001 (a parameter of the test)
    cancel: Cancel,
    ledger: Run,
    orders: Orders,
    outposts: FakeOutposts,
) -> None:
    """In the words of reconcile, with its exit code."""
    record = orders.sent() if still_running else orders.in_doubt()
    done = cancel(*CONFIRMED)
    assert done.exit_code == 3
    assert done == ledger("reconcile", NAME)
    assert cancellations(outposts) == 0
    assert orders.record() == record


def test_an_order_in_progress_remains_in_force(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """The service refuses, in its own words."""
    record = orders.placed()
    outposts.advance(record.order_id, "IN_PROGRESS")
    done = cancel(*CONFIRMED)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == (
        "Error: An error occurred (ConflictException) when calling the CancelOrder operation: "
        f"Order {record.order_id} cannot be cancelled in status IN_PROGRESS. "
        f"{record.order_id} of {NAME} remains in force. "
        "Ask AWS Support whether it can still be cancelled."
    )
    assert orders.record() == record
    assert len(outposts.live_orders) == 1


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        (Fault.refusal("AccessDeniedException"), "Ask an administrator for this permission."),
        (Fault.throttled(), "It is safe to run the command again."),
        (Fault.throttled("ThrottlingException"), "It is safe to run the command again."),
        (
            Fault.refusal("NotFoundException"),
            "Check the arguments, --region, and --profile.",
        ),
        (Fault.refusal("ValidationException"), "Check the arguments, --region, and --profile."),
    ],
)
def test_a_refusal_leaves_the_order_in_force(
    fault: Fault, step: str, cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """One request is sent, and the reason of the service comes first."""
    record = orders.placed()
    outposts.fail("CancelOrder", fault)
    done = cancel(*CONFIRMED)
    [line] = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert (done.exit_code, done.stdout, cancellations(outposts)) == (1, "", 1)
    assert "when calling the CancelOrder operation: " in line
    assert line.endswith(f" {record.order_id} of {NAME} remains in force. {step}")
    assert orders.record() == record
    assert cancel(*CONFIRMED).exit_code == 0
    assert_cancelled(orders, outposts)


def test_a_request_that_never_left_changed_nothing(
    cancel: Cancel, orders: Orders, wire: Wire
) -> None:
    """A connection that can't be made proves it."""
    record = orders.placed()
    wire.sent.clear()
    wire.faults["before", SENT] = EndpointConnectionError(endpoint_url=URL)
    done = cancel(*CONFIRMED)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == (
        f'Error: Could not connect to the endpoint URL: "{URL}". {record.order_id} of {NAME} '
        "remains in force. Check the network, the proxy, and --region."
    )
    assert orders.record() == record


def test_a_refusal_is_no_answer_if_the_order_was_cancelled_since(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts, during: During
) -> None:
    """GetOrder decides."""
    order_id = orders.placed().order_id

    def cancel_elsewhere() -> None:
        outposts.set_status(order_id, "CANCELLED")

    during("CancelOrder", cancel_elsewhere)
    assert cancel(*CONFIRMED).exit_code == 0
    assert_cancelled(orders, outposts)


LOST: dict[str, Callable[[Any], Fault]] = {
    "500": lambda applied: Fault.status(500, code="InternalServerException", applied=applied),
    "503 of a proxy": lambda applied: Fault.status(503, body=Reply.HTML, applied=applied),
    "undocumented": lambda applied: Fault.status(418, code="TeapotException", applied=applied),
    "408": lambda applied: Fault.status(408, applied=applied),
    "closed": lambda applied: Fault.closed(applied=applied),
    "reset": lambda applied: Fault.reset(applied=applied),
    "cut off": lambda applied: Fault.cut_off(applied=applied),
    "timeout": lambda applied: Fault.hang(applied=applied),
    "empty": lambda applied: Fault.reply(Reply.EMPTY, applied=applied),
    "accepted": lambda applied: Fault.reply(Reply.EMPTY_OBJECT, applied=applied),
    "foreign": lambda applied: Fault.reply(Reply.HTML, applied=applied),
}


@pytest.fixture(autouse=True)
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up early on a CancelOrder that is never answered, and wait for every other answer."""
    if (
        getattr(request.node, "callspec", None)
        and request.node.callspec.params.get("way") == "timeout"
    ):
        monkeypatch.setattr(operator, "CANCEL_TIMEOUT", 0.3)


@pytest.mark.parametrize("way", LOST)
def test_a_lost_response_of_a_cancellation_that_worked(
    way: str, cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """GetOrder shows it."""
    orders.placed()
    outposts.fail("CancelOrder", LOST[way](APPLIED))
    done = cancel(*CONFIRMED)
    assert (done.exit_code, cancellations(outposts)) == (0, 1)
    assert orders.record().history[-1]["Why"] == "by outpost-order cancel"
    assert_cancelled(orders, outposts)


@pytest.mark.parametrize("way", LOST)
@pytest.mark.parametrize("applied", [False, "late"])
def test_a_lost_response_of_a_cancellation_that_is_not_shown(  # noqa: PLR0917 (fixtures)
    applied: bool | str,  # noqa: FBT001 (a parameter of the test)
    way: str,
    cancel: Cancel,
    run: Run,
    orders: Orders,
    outposts: FakeOutposts,
) -> None:
    """It isn't known, and the command to run works when it is pasted."""
    record = orders.placed()
    outposts.fail("CancelOrder", LOST[way](applied))
    done = cancel(*CONFIRMED, "--why", "Deployed by mistake")
    command = f"{COMMAND} --confirm {NAME} --why 'Deployed by mistake' --table {LEDGER}"
    assert (done.exit_code, cancellations(outposts)) == (3, 1)
    assert done.stdout.splitlines()[-2:] == [
        f"{record.order_id} might remain in force. Run it again:",
        f"  {command}",
    ]
    assert f" GetOrder still shows {record.order_id} as PREPARING.\n" in done.stdout
    assert orders.record() == record
    outposts.apply_late()
    assert paste(run, done.stdout).exit_code == 0
    assert cancellations(outposts) == (1 if applied else 2)
    assert orders.record().history[-1]["Why"] == "Deployed by mistake"
    assert_cancelled(orders, outposts)


def test_a_cancellation_that_is_accepted_and_not_shown_is_unknown(
    cancel: Cancel, run: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """Typed by a person, the command to run asks again."""
    order_id = orders.placed().order_id
    outposts.fail("CancelOrder", Fault.reply(Reply.EMPTY_OBJECT))
    done = cancel(answer=f"{NAME}\n")
    assert done.exit_code == 3
    assert done.stdout == (
        "The service accepted the cancellation. "
        f"GetOrder still shows {order_id} as PREPARING.\n"
        f"{order_id} might remain in force. Run it again:\n"
        f"  {COMMAND} --table {LEDGER}\n"
    )
    assert paste(run, done.stdout, answer=f"{NAME}\n").exit_code == 0
    assert_cancelled(orders, outposts)


@pytest.mark.parametrize(
    "fault", [None, Fault.refusal("ConflictException"), Fault.closed(applied=True)]
)
def test_an_order_that_cannot_be_read_afterwards_is_unknown(  # noqa: PLR0917 (fixtures)
    fault: Fault | None,
    cancel: Cancel,
    run: Run,
    orders: Orders,
    outposts: FakeOutposts,
    during: During,
) -> None:
    """A refusal too: the service also refuses to cancel an order that is already cancelled."""
    record = orders.placed()

    def break_down() -> None:
        if cancellations(outposts) == 1:
            outposts.fail("GetOrder", Fault.status(500, code="InternalServerException"), times=None)

    during("CancelOrder", break_down)
    if fault is not None:
        outposts.fail("CancelOrder", fault)
    done = cancel(*CONFIRMED)
    assert done.exit_code == 3
    assert f" GetOrder can't show {record.order_id} now.\n" in done.stdout
    assert orders.record() == record
    outposts.clear_faults()
    assert paste(run, done.stdout).exit_code == 0
    assert_cancelled(orders, outposts)


def test_an_order_that_cannot_be_read_is_not_cancelled(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """An operator can't confirm an order that isn't shown."""
    record = orders.placed()
    outposts.fail("GetOrder", Fault.refusal("AccessDeniedException", "no outposts:GetOrder"))
    done = cancel(*CONFIRMED)
    assert (done.exit_code, done.stdout, cancellations(outposts)) == (1, "", 0)
    assert done.stderr == (
        "Error: An error occurred (AccessDeniedException) when calling the GetOrder operation: "
        "no outposts:GetOrder. Ask an administrator for this permission.\n"
    )
    assert orders.record() == record


def test_the_steps_are_these(cancel: Cancel, orders: Orders, wire: Wire) -> None:
    """The identity is read before anything is sent, so that only the write is left after it."""
    orders.placed()
    wire.sent.clear()
    assert cancel(*CONFIRMED).exit_code == 0
    assert wire.sent == STEPS


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", range(len(STEPS)), ids=lambda step: f"{step}-{STEPS[step]}")
def test_interrupted_anywhere_the_next_run_finishes(  # noqa: PLR0917 (fixtures)
    moment: str, step: int, cancel: Cancel, orders: Orders, outposts: FakeOutposts, wire: Wire
) -> None:
    """The process ends before or after each request; nothing is bought under the name."""
    record = orders.placed()
    wire.sent.clear()
    wire.faults[moment, step] = SystemExit(KILLED)
    assert cancel(*CONFIRMED).exit_code == KILLED
    assert wire.sent == STEPS[: step + 1]
    is_cancelled = (step, moment) >= (SENT + (moment == "before"), moment)
    is_recorded = (moment, step) == ("after", WRITTEN)
    assert outposts.live_orders == ([] if is_cancelled else outposts.orders)
    assert (orders.record() == record) is not is_recorded
    wire.sent.clear()
    assert cancel(*CONFIRMED).exit_code == 0
    sent_again = [] if is_cancelled else ["CancelOrder"]
    assert [each for each in wire.sent if each == "CancelOrder"] == sent_again
    assert_cancelled(orders, outposts)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", range(len(STEPS)), ids=lambda step: f"{step}-{STEPS[step]}")
def test_a_deployment_after_an_interruption_buys_nothing(  # noqa: PLR0917 (fixtures)
    moment: str, step: int, cancel: Cancel, orders: Orders, outposts: FakeOutposts, wire: Wire
) -> None:
    """It gets the order, or OrderCancelled; the next run finishes all the same."""
    answer_create("first", LEDGER)
    [order] = outposts.live_orders
    wire.sent.clear()
    wire.faults[moment, step] = SystemExit(KILLED)
    cancel(*CONFIRMED)
    is_live = bool(outposts.live_orders)
    answer = answer_create("second", LEDGER)
    assert answer.outcome is (Outcome.JOINED if is_live else Outcome.NOT_PLACED)
    assert ("(OrderCancelled)" in answer.reason) is not is_live
    assert cancel(*CONFIRMED).exit_code == 0
    assert orders.record().state == State.CANCELLED
    assert [each["Status"] for each in outposts.orders] == ["CANCELLED"]
    assert orders.record().order_id == order["OrderId"]
    assert len(outposts.posts) == 1


@pytest.mark.parametrize("typed", ["a refusal", "a cancellation", "one that came late"])
def test_nothing_buys_under_the_name_afterwards(
    typed: str, cancel: Cancel, orders: Orders, outposts: FakeOutposts
) -> None:
    """A Create fails with OrderCancelled, whatever the command knew; another name can buy."""
    placed = answer_create("first", LEDGER)
    if typed == "a refusal":
        outposts.fail("CancelOrder", Fault.refusal("ConflictException"))
        assert cancel(*CONFIRMED).exit_code == 1
        assert answer_create("joins", LEDGER).physical_id == placed.physical_id
    if typed == "one that came late":
        outposts.fail("CancelOrder", Fault.closed(applied="late"))
        assert cancel(*CONFIRMED).exit_code == 3
        assert answer_create("joins", LEDGER).physical_id == placed.physical_id
        outposts.apply_late()
    else:
        assert cancel(*CONFIRMED).exit_code == 0
    for request in ("second", "third"):
        answer = answer_create(request, LEDGER)
        assert answer.outcome is Outcome.NOT_PLACED
        assert answer.reason.startswith(
            f"AlreadyExists (OrderCancelled): {placed.physical_id} of {NAME} was cancelled, "
        )
    assert (len(outposts.posts), outposts.live_orders) == (1, [])
    assert cancel(*CONFIRMED).exit_code == 0
    assert orders.record().state == State.CANCELLED
    assert answer_create("other", LEDGER, name="PO-4712").outcome is Outcome.PLACED
    assert len(outposts.posts) == 2


def test_a_lost_acknowledgement_of_the_write_is_recognized(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts, wire: Wire
) -> None:
    """The record that is read back has the version that was written."""
    orders.placed()
    wire.sent.clear()
    wire.faults["after", WRITTEN] = ReadTimeoutError(endpoint_url=URL)
    assert cancel(*CONFIRMED).exit_code == 0
    assert_cancelled(orders, outposts)


def test_a_write_that_fails_is_made_up_for(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts, wire: Wire
) -> None:
    """The terminal already says that the order is cancelled; the next run records it."""
    record = orders.placed()
    wire.sent.clear()
    wire.faults["before", WRITTEN] = EndpointConnectionError(endpoint_url=URL)
    done = cancel(*CONFIRMED)
    assert (done.exit_code, outposts.live_orders) == (1, [])
    assert done.stdout == f"{record.order_id} of {NAME} is cancelled.\n"
    assert done.stderr.splitlines()[-1].startswith("Error: Could not connect to the endpoint URL")
    assert orders.record() == record
    assert cancel(*CONFIRMED).exit_code == 0
    assert_cancelled(orders, outposts)


def test_a_change_by_another_process_is_not_overwritten(
    cancel: Cancel, orders: Orders, outposts: FakeOutposts, during: During
) -> None:
    """The order is cancelled, and the next run records it."""
    record = orders.placed()

    def write() -> None:
        orders.ledger.write(orders.record())

    during("CancelOrder", write)
    done = cancel(*CONFIRMED)
    assert (done.exit_code, outposts.live_orders) == (1, [])
    assert done.stdout == f"{record.order_id} of {NAME} is cancelled.\n"
    assert done.stderr.splitlines()[-1] == (
        "Error: The ledger was changed by another process. Nothing was recorded. "
        "Run the command again."
    )
    assert orders.record().state == State.PLACED
    assert cancel(*CONFIRMED).exit_code == 0
    assert_cancelled(orders, outposts)


def test_list_and_show_say_cancelled(
    cancel: Cancel, ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """With the order, who, and why; it needs no attention."""
    order_id = orders.placed().order_id
    cancel(*CONFIRMED, "--why", "Deployed by mistake")
    outposts.requests.clear()
    shown = ledger("show", NAME, "--offline").stdout.splitlines()
    [listed] = json.loads(ledger("list", "--json").stdout)["orders"]
    assert f"State          {State.CANCELLED}" in shown
    assert f"Order          {order_id}" in shown
    assert "Status         CANCELLED (when last created or updated)" in shown
    assert shown[-2].endswith("Z  CANCELLED  Deployed by mistake")
    assert shown[-1] == f"  by {boto3.client('sts').get_caller_identity()['Arn']}"
    assert (listed["state"], listed["order_id"]) == ("CANCELLED", order_id)
    assert listed["needs"] is None
    assert ledger("list").stdout.splitlines()[1:] == [
        f"{NAME}  CANCELLED  {order_id}  {OUTPOST_ID}"
    ]
    assert ledger("list", "--unresolved").stdout == "No order is unresolved.\n"
    assert ledger("show", order_id).exit_code == 0


def test_help_names_the_permissions(run: Run) -> None:
    """An administrator copies them from there."""
    text = " ".join(run("cancel", "--help").stdout.split())
    assert "outposts: CancelOrder, GetOrder." in text
    assert "dynamodb: GetItem, PutItem on the ledger's table." in text


def masked(text: str) -> str:
    """Return the text without what differs from order to order."""
    for pattern in (r"PO-\d+", r"oo-[0-9a-f]{17}", r"arn:\S+", r"[0-9-]{10} [0-9:]{8}Z"):
        text = re.sub(pattern, "*", text)
    return text
