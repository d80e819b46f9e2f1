"""Which orders are in no stack any more, as `list` and `show` say it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.config import Config

from outpost_order_cli import stacks
from outpost_order_fake import FakeOutposts
from outpost_order_handler.ledger.records import State
from tests.cli.aws_account import FakeAccount, Resource
from tests.cli.conftest import NAME, OUTPOST_ID, STACK_ID, Done, Orders, Run

TYPE = "Custom::OutpostOrder"
TOWN = "arn:aws:cloudformation:us-west-2:123456789012:stack/Town/2"
UNKNOWN = "Orders that are in no stack can't be marked: "
OFFLINE = " To read the ledger alone, use --offline.\n"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAccount]:
    """Give an account with the stack that places each order; it has no resource yet."""
    monkeypatch.setattr(stacks, "_CONFIG", Config(retries={"total_max_attempts": 1}))
    with FakeAccount() as account:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", account.url)
        account.resources[STACK_ID] = []
        account.stacks[STACK_ID] = "UPDATE_COMPLETE"
        yield account


def add(account: FakeAccount, stack: str, order_id: str, status: str = "CREATE_COMPLETE") -> None:
    """Let a stack have an order."""
    account.stacks.setdefault(stack, "CREATE_COMPLETE")
    account.resources.setdefault(stack, []).append(Resource(TYPE, order_id, status))


def in_stacks(done: Done) -> dict[str, Any]:
    """Return what a list as JSON says of each order's stack."""
    return {each["name"]: each["in_stack"] for each in json.loads(done.stdout)["orders"]}


def test_an_order_of_the_stack_that_placed_it_has_no_mark(
    ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """One list of this stack is enough."""
    record = orders.placed()
    add(account, STACK_ID, record.order_id)
    done = ledger("list")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == [f"{NAME}  PLACED  {record.order_id}  {OUTPOST_ID}"]
    assert account.operations == ["ListStackResources"]


def test_each_stack_is_read_once(ledger: Run, orders: Orders, account: FakeAccount) -> None:
    """However many orders it placed, and however many pages it has."""
    account.resources[STACK_ID] = [Resource("AWS::Logs::LogGroup", f"log{n}") for n in range(3)]
    for name in ("A", "B"):
        add(account, STACK_ID, orders.placed(name).order_id)
    assert in_stacks(ledger("list", "--json")) == {"A": True, "B": True}
    assert account.operations == ["ListStackResources"] * 3  # its pages


@pytest.mark.parametrize("left", ["removed", "DELETE_SKIPPED", "DELETE_COMPLETE", "stack deleted"])
def test_an_order_that_no_stack_has_is_marked(
    left: str, ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """It remains in force, and the last line says how to cancel it."""
    record = orders.placed()
    add(account, TOWN, "oo-00000000000000009")
    if left.startswith("DELETE"):
        add(account, STACK_ID, record.order_id, left)
    if left == "stack deleted":
        del account.resources[STACK_ID], account.stacks[STACK_ID]
    done = ledger("list")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == [
        f"{NAME}  PLACED, no stack  {record.order_id}  {OUTPOST_ID}",
        "",
        "1 order is in no stack. It remains in force and is payable. To cancel it, run:",
        f"  outpost-order cancel {NAME} --table Ledger",
    ]


def test_orders_without_a_stack_come_after_the_unresolved_ones(
    ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """The others have time."""
    add(account, STACK_ID, orders.placed("A").order_id)
    for name in ("B", "C"):
        orders.placed(name, InAdditionTo=["A"])
    orders.in_doubt("D", OutpostIdentifier="op-00000000000000001")
    lines = ledger("list").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:5]] == ["D", "B", "C", "A"]
    assert lines[-2] == (
        "2 orders are in no stack. They remain in force and are payable. To cancel one, run:"
    )


@pytest.mark.parametrize("adopted", [False, True])
def test_an_order_of_another_stack_has_no_mark(
    *, adopted: bool, ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """It was moved, or adopted; a list of all stacks finds it on its last page."""
    record = orders.placed()
    if adopted:
        orders.ledger.write(replace(record, attempt=None))
    for number in range(4):
        other = f"arn:aws:cloudformation:us-west-2:123456789012:stack/Other{number}/1"
        account.stacks[other], account.resources[other] = "CREATE_COMPLETE", []
    add(account, TOWN, record.order_id)
    [order] = json.loads(ledger("list", "--json").stdout)["orders"]
    assert (order["in_stack"], order["stack_id"]) == (True, TOWN)


def test_a_stack_that_is_deleted_has_no_order(
    ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """CloudFormation lists it for some months more."""
    record = orders.placed()
    add(account, TOWN, record.order_id)
    account.stacks[TOWN] = "DELETE_COMPLETE"
    assert in_stacks(ledger("list", "--json")) == {NAME: False}


def test_a_resource_of_another_type_is_no_order(
    ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """Whatever its physical ID is."""
    record = orders.placed()
    account.resources[STACK_ID] = [Resource("Custom::Other", record.order_id)]
    assert in_stacks(ledger("list", "--json")) == {NAME: False}


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("ListStackResources", "AccessDenied"),
        ("ListStacks", "AccessDenied"),
        ("ListStacks", "Throttling"),
    ],
)
def test_stacks_that_cannot_be_read_mark_nothing(
    operation: str, code: str, ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """A mark is certain; one line says what couldn't be read, and the list is there."""
    orders.placed()
    account.refuse(operation, code)
    done = ledger("list")
    assert done.exit_code == 0
    assert "no stack" not in done.stdout
    assert done.stderr.startswith(f"{UNKNOWN}An error occurred ({code}) when calling the ")
    assert done.stderr.endswith(OFFLINE)
    assert done.stderr.count("\n") == 1


def test_an_order_that_was_found_stays_found(
    ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """Only of the others it isn't known."""
    add(account, STACK_ID, orders.placed("A").order_id)
    orders.placed("B", InAdditionTo=["A"])
    account.refuse("ListStacks", "AccessDenied")
    assert in_stacks(ledger("list", "--json")) == {"A": True, "B": None}


def test_one_stack_that_cannot_be_read_makes_it_uncertain(
    ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """The order could be in this one."""
    orders.placed()
    add(account, TOWN, "oo-00000000000000009")
    account.forbidden = {TOWN}
    assert in_stacks(ledger("list", "--json")) == {NAME: None}


def test_an_order_of_another_account_is_not_marked(
    ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """These credentials don't see its stacks."""
    record = orders.placed()
    assert record.attempt is not None
    elsewhere = STACK_ID.replace("us-west-2", "eu-west-1")
    attempt = replace(record.attempt, resource=f"{elsewhere}|Rack")
    orders.ledger.write(replace(record, attempt=attempt))
    done = ledger("list", "--json")
    assert in_stacks(done) == {NAME: None}
    assert done.stderr == (
        f"{UNKNOWN}{record.order_id} was placed by {elsewhere}, which your credentials can't "
        f"read.{OFFLINE}"
    )
    assert "ListStacks" not in account.operations


def test_a_deployment_that_runs_makes_it_uncertain(
    ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """Its resource has no physical ID before its answer."""
    orders.placed()
    add(account, TOWN, "", "CREATE_IN_PROGRESS")
    done = ledger("list", "--json")
    assert in_stacks(done) == {NAME: None}
    assert done.stderr == (
        f"{UNKNOWN}A deployment creates an order now: Town. "
        f"Run the command again after that.{OFFLINE}"
    )


def test_an_order_that_is_not_in_force_needs_no_stack(
    ledger: Run, orders: Orders, account: FakeAccount
) -> None:
    """Nothing is read for it, and nothing is claimed."""
    orders.refused("A")
    orders.ended(orders.placed("B"), State.CANCELLED)
    orders.in_doubt("C")
    assert in_stacks(ledger("list", "--json")) == {"A": None, "B": None, "C": None}
    assert account.operations == []


@pytest.mark.parametrize("command", [("list",), ("show", NAME)])
def test_offline_reads_the_ledger_alone(
    command: tuple[str, ...],
    ledger: Run,
    orders: Orders,
    account: FakeAccount,
    outposts: FakeOutposts,
) -> None:
    """No other service is asked."""
    orders.placed()
    outposts.requests.clear()
    done = ledger(*command, "--offline")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "no stack" not in done.stdout
    assert (account.operations, outposts.requests) == ([], [])


def test_show_names_the_stack(ledger: Run, orders: Orders, account: FakeAccount) -> None:
    """Its ARN is in the JSON."""
    add(account, TOWN, orders.placed().order_id)
    assert "Stack          Town" in ledger("show", NAME).stdout.splitlines()
    order = json.loads(ledger("show", NAME, "--json").stdout)["order"]
    assert (order["in_stack"], order["stack_id"]) == (True, TOWN)


def test_show_says_that_no_stack_has_the_order(ledger: Run, orders: Orders) -> None:
    """And what can be done about it."""
    orders.placed()
    lines = ledger("show", NAME).stdout.splitlines()
    assert "State          PLACED, no stack" in lines
    assert lines[-2:] == [
        "No stack has this order. It remains in force and is payable. To cancel it, run:",
        f"  outpost-order cancel {NAME} --table Ledger",
    ]
