"""Each command in a failure reason of the handler works when it is pasted."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler import contract
from outpost_order_handler.cloudformation.answers import Answer
from outpost_order_handler.failures import Outcome
from outpost_order_handler.ledger.records import State
from outpost_order_handler.ledger.table import Ledger
from tests.cli.conftest import (
    LEDGER,
    LIMIT,
    LONG_AGO,
    NAME,
    REGION,
    Done,
    Run,
    answer_create,
    make_ledger,
)

OTHER_NAME = "PO-4712"
SENDER_HAS_ENDED = LIMIT + timedelta(seconds=11)


Create = Callable[..., Answer]


@pytest.fixture(params=[contract.DEFAULT_LEDGER, LEDGER])
def create(
    request: pytest.FixtureRequest,
    environment: None,  # noqa: ARG001 (it comes first)
) -> Create:
    """Give a way to let the function answer a Create as it did a while ago, with each ledger."""
    table = make_ledger(request.param).table

    def create(
        request_id: str, ago: timedelta = timedelta(), name: str = NAME, ledger: str = table
    ) -> Answer:
        return answer_create(request_id, ledger, ago, name)

    return create


@pytest.fixture
def paste(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Done]:
    """Give a way to run the command of a reason in a shell that has another Region."""

    def paste(reason: str) -> Done:
        _, _, command = reason.rpartition("run: outpost-order ")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        done = run(*shlex.split(command))
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        return done

    return paste


Paste = Callable[[str], Done]


def test_a_lost_order_is_found(create: Create, paste: Paste, outposts: FakeOutposts) -> None:
    """The next deployment joins it, and one order was bought."""
    outposts.fail("CreateOrder", Fault.closed(applied=True))
    outposts.list_lag = 1000
    answer = create("first", SENDER_HAS_ENDED)
    outposts.list_every_order()
    done = paste(answer.reason)
    [order] = outposts.orders
    assert (answer.outcome, done.exit_code) == (Outcome.UNKNOWN, 0)
    assert done.stdout.startswith(f"Recorded: {NAME} is {order['OrderId']}.\n")
    assert create("second").physical_id == order["OrderId"]
    assert len(outposts.posts) == 1


def test_an_order_that_another_name_waits_for_is_found(
    create: Create, paste: Paste, outposts: FakeOutposts
) -> None:
    """OutpostBusy is about the other name, and so is its command."""
    outposts.fail("CreateOrder", Fault.closed(applied=True))
    outposts.list_lag = 1000
    create("first", SENDER_HAS_ENDED)
    busy = create("second", name=OTHER_NAME)
    assert "(OutpostBusy)" in busy.reason
    outposts.list_every_order()
    done = paste(busy.reason)
    [order] = outposts.orders
    assert done.stdout.startswith(f"Recorded: {NAME} is {order['OrderId']}.\n")
    assert "(IdenticalOrderExists)" in create("third", name=OTHER_NAME).reason
    assert len(outposts.posts) == 1


@contextmanager
def refused_calls_to_dynamodb() -> Iterator[None]:
    """Refuse what clients made from now on send, as DynamoDB does without the permission."""

    def refuse(event_name: str, **_: object) -> None:
        if event_name.startswith("before-send.dynamodb."):
            error = {"Error": {"Code": "AccessDeniedException", "Message": "no permission"}}
            raise ClientError(error, "TransactGetItems")

    if boto3.DEFAULT_SESSION is None:
        boto3.setup_default_session()
    events = boto3.DEFAULT_SESSION.events
    # At the same event as moto, which is DynamoDB here: a longer name would always be before it.
    events.register_first("before-send", refuse)
    try:
        yield
    finally:
        events.unregister("before-send", refuse)


def test_a_request_that_sent_nothing_leaves_nothing_to_do(
    create: Create, paste: Paste, outposts: FakeOutposts
) -> None:
    """The ledger couldn't be read; when it can, it has no record of the name."""
    with refused_calls_to_dynamodb():
        answer = create("first")
    assert "outcome unknown. This request sent nothing" in answer.reason
    done = paste(answer.reason)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith("no order was sent for it, and you can deploy again.\n")
    assert create("second").outcome is Outcome.PLACED
    assert len(outposts.posts) == 1


def test_a_command_can_be_too_early(create: Create, paste: Paste, outposts: FakeOutposts) -> None:
    """The function of the failed deployment might still run, and then the exit code says so."""
    outposts.fail("CreateOrder", Fault.closed(applied=True))
    outposts.list_lag = 1000
    done = paste(create("first").reason)
    assert done.exit_code == 3
    assert done.stdout.startswith("The deployment might still be running (until ")


def test_each_printed_command_works(
    create: Create, paste: Paste, run: Run, outposts: FakeOutposts
) -> None:
    """From the reason to the next purchase, only by what was printed."""
    outposts.fail("CreateOrder", Fault.closed())
    done = paste(create("first", LONG_AGO).reason)
    assert (done.exit_code, "outcome unknown" in create("second").reason) == (3, True)
    commands = [line.strip() for line in done.stdout.splitlines() if line.startswith("  outpost-")]
    verbs = [run(*shlex.split(command)[1:], answer=f"{NAME}\n") for command in commands]
    assert [command.split()[1] for command in commands] == ["reconcile", "resolve"]
    assert [verb.exit_code for verb in verbs] == [3, 0]
    answer = create("third")
    assert [order["OrderId"] for order in outposts.orders] == [answer.physical_id]
    assert len(outposts.posts) == 2


def test_a_missing_ledger_names_the_command_that_creates_it(create: Create, run: Run) -> None:
    """Nothing was sent, and the next step depends on the name of the table."""
    answer = create("first", ledger="Nowhere")
    assert "(LedgerNotFound)" in answer.reason
    assert "Create table Nowhere with key Key" in answer.reason
    done = run("reconcile", NAME, "--region", REGION, "--table", "Nowhere")
    assert done.stderr.startswith("Error: The ledger Nowhere doesn't exist in us-west-2. ")


@pytest.mark.parametrize("create", [LEDGER], indirect=True)
def test_a_missing_default_ledger_is_created(
    create: Create, paste: Paste, run: Run, outposts: FakeOutposts
) -> None:
    """The reason and the terminal name the same command, and the next deployment can buy."""
    answer = create("first", ledger=contract.DEFAULT_LEDGER)
    assert "(LedgerNotFound)" in answer.reason
    command = "outpost-order init --region us-west-2"
    assert answer.reason.endswith(f"run: {command}")
    done = run("reconcile", NAME, "--region", REGION)
    assert (done.exit_code, outposts.requests) == (1, [])
    assert done.stderr == (
        f"Error: The ledger outpost-orders doesn't exist in us-west-2. Run: {command}\n"
    )
    assert paste(answer.reason).exit_code == 0
    assert create("second", ledger=contract.DEFAULT_LEDGER).outcome is Outcome.PLACED
    assert len(outposts.posts) == 1


def test_a_verdict_is_recorded_in_the_ledger_of_the_function(
    create: Create, run: Run, outposts: FakeOutposts, request: pytest.FixtureRequest
) -> None:
    """It ends the attempt for other names as well."""
    outposts.fail("CreateOrder", Fault.closed())
    create("first", LONG_AGO)
    table = request.node.callspec.params["create"]
    verdict = ("resolve", NAME, "--not-placed", "--why", "Support case 42", "--confirm", NAME)
    assert run(*verdict, "--table", table).exit_code == 0
    assert Ledger(table).record(NAME).state == State.NOT_PLACED
    assert create("second", name=OTHER_NAME).outcome is Outcome.PLACED
