from datetime import timedelta
from threading import Thread
from time import sleep

import boto3
import pytest

from outpost_order_handler.records import State, Witness
from tests.cli.conftest import NAME, OUTPOST_ID, Orders, Run
from tests.fakes.outposts import FakeOutposts, Fault

NO_SUCH_ORDER = "oo-00000000000000000"
NOT_PLACED = ("--not-placed", "--why", "Support case 42")


def test_a_person_says_which_order_it_is(ledger: Run, orders: Orders) -> None:
    """The ledger records who said so, and why."""
    orders.in_doubt()
    order_id, _ = orders.equal(), orders.equal()
    why = "Support case 42"
    done = ledger("resolve", NAME, "--placed", order_id, "--why", why, "--yes")
    row, me = orders.row(), boto3.client("sts").get_caller_identity()["Arn"]
    assert (done.exit_code, done.stderr) == (0, "")
    assert (row.state, row.order_id, row.witness) == (State.PLACED, order_id, Witness.PERSON)
    assert (row.history[-1]["Who"], row.history[-1]["Why"]) == (me, why)
    assert orders.ledger().lock(OUTPOST_ID).held_by == ""


def test_an_order_needs_no_why(ledger: Run, orders: Orders) -> None:
    """That it is equal is reason enough."""
    orders.in_doubt()
    assert ledger("resolve", NAME, "--placed", orders.equal(), "--yes").exit_code == 0


def test_an_order_that_came_late_can_be_named(ledger: Run, orders: Orders) -> None:
    """An operator may know what no evidence shows."""
    orders.in_doubt()
    order_id = orders.equal(ago=timedelta(minutes=1))
    ledger("resolve", NAME, "--placed", order_id, "--yes")
    assert orders.row().order_id == order_id


def test_another_order_is_refused(ledger: Run, orders: Orders) -> None:
    """Every difference is named, with both values."""
    row = orders.in_doubt()
    items = [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 3}]
    order_id = orders.equal(line_items=items, payment_term=None)
    done = ledger("resolve", NAME, "--placed", order_id, "--yes")
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: {order_id} isn't what {NAME} asked for. It differs in "
        "LineItems (asked for 2 x OR-ABCDEFG, is 3 x OR-ABCDEFG), "
        "PaymentTerm (asked for THREE_YEARS, is -). Give the ID of the order that was placed.\n"
    )
    assert orders.row() == row


def test_an_order_of_another_name_is_refused(ledger: Run, orders: Orders) -> None:
    """No order belongs to two names."""
    other = orders.placed("PO-1")
    orders.in_doubt()
    done = ledger("resolve", NAME, "--placed", other.order_id, "--yes")
    assert done.exit_code == 1
    assert f"{other.order_id} belongs to order name PO-1. " in done.stderr
    assert orders.row().state == State.IN_DOUBT


def test_an_order_that_was_there_before_is_refused(ledger: Run, orders: Orders) -> None:
    """It cannot have come of the attempt; there is another way to take it over."""
    order_id = orders.equal()
    orders.in_doubt()
    done = ledger("resolve", NAME, "--placed", order_id, "--yes")
    assert done.exit_code == 1
    assert f"{order_id} was placed before the attempt" in done.stderr
    assert orders.row().state == State.IN_DOUBT


def test_an_order_that_does_not_exist_is_refused(ledger: Run, orders: Orders) -> None:
    """The real order is read, whatever the person says."""
    orders.in_doubt()
    done = ledger("resolve", NAME, "--placed", NO_SUCH_ORDER, "--yes")
    assert done.exit_code == 1
    assert f"No order found with ID {NO_SUCH_ORDER}. Check the arguments" in done.stderr


def test_a_deployment_that_might_still_run_is_mentioned(ledger: Run, orders: Orders) -> None:
    """Better to wait a minute than to decide."""
    orders.sent(ago=timedelta(seconds=30))
    done = ledger("resolve", NAME, "--placed", orders.equal(), answer="n\n")
    assert "The deployment might still be running (until " in done.stderr


def test_a_person_says_that_no_order_came(ledger: Run, orders: Orders) -> None:
    """It is recorded who said so and why, and the Outpost is free again."""
    orders.in_doubt()
    done = ledger("resolve", NAME, *NOT_PLACED, "--yes")
    row, me = orders.row(), boto3.client("sts").get_caller_identity()["Arn"]
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(
        f"Recorded: no order was placed for {NAME}. The next deployment can buy it.\n"
    )
    assert (row.state, row.order_id) == (State.NOT_PLACED, "")
    assert (row.history[-1]["Who"], row.history[-1]["Why"]) == (me, "Support case 42")
    assert orders.ledger().lock(OUTPOST_ID).held_by == ""


@pytest.mark.parametrize("minutes", [0, 14])
def test_not_placed_needs_time(minutes: int, ledger: Run, orders: Orders) -> None:
    """The service may carry out late what was sent."""
    orders.in_doubt(ago=timedelta(minutes=minutes))
    done = ledger("resolve", NAME, *NOT_PLACED, "--yes")
    assert done.exit_code == 1
    assert "might still appear. --not-placed is allowed from 20" in done.stderr
    assert orders.row().state == State.IN_DOUBT


def test_not_placed_is_refused_with_a_candidate(ledger: Run, orders: Orders) -> None:
    """What can be seen speaks against it."""
    orders.in_doubt()
    order_id = orders.equal()
    done = ledger("resolve", NAME, *NOT_PLACED, "--yes")
    assert done.exit_code == 1
    assert done.stderr.startswith(
        f"Error: {order_id} might be the order of {NAME}. Resolve with --placed oo-..."
    )
    assert orders.row().state == State.IN_DOUBT


def test_every_matching_order_must_be_excluded(ledger: Run, orders: Orders) -> None:
    """The one that was not spoken of may be it."""
    orders.in_doubt()
    first, second = orders.equal(), orders.equal()
    done = ledger("resolve", NAME, *NOT_PLACED, "--exclude", first, "--yes")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {second} might be the order of {NAME}. ")


def test_excluded_orders_are_no_candidates(ledger: Run, orders: Orders) -> None:
    """Which they were is recorded with the reason."""
    orders.in_doubt()
    first, second = orders.equal(), orders.equal()
    excluded = ("--exclude", first, "--exclude", second)
    assert ledger("resolve", NAME, *NOT_PLACED, *excluded, "--yes").exit_code == 0
    row = orders.row()
    assert row.state == State.NOT_PLACED
    assert row.history[-1]["Why"] == f"Support case 42; excluded: {first}, {second}"


def test_what_is_no_candidate_need_not_be_excluded(ledger: Run, orders: Orders) -> None:
    """A mistyped id would be recorded for ever."""
    orders.in_doubt()
    done = ledger("resolve", NAME, *NOT_PLACED, "--exclude", NO_SUCH_ORDER, "--yes")
    assert done.exit_code == 1
    assert f"--exclude {NO_SUCH_ORDER}: this can't be the order of {NAME}" in done.stderr


def test_a_question_says_what_follows(ledger: Run, orders: Orders) -> None:
    """Not to have bought means to buy, the next time."""
    orders.in_doubt()
    done = ledger("resolve", NAME, *NOT_PLACED, answer="y\n")
    assert f"The next deployment can buy {NAME} again.\n" in done.stderr
    assert f"Record that no order was placed for {NAME}? [y/N]" in done.stderr
    assert orders.row().state == State.NOT_PLACED


def test_a_question_shows_what_is_confirmed(ledger: Run, orders: Orders) -> None:
    """Name, Outpost, content and the excluded orders, on the stream that a pipe leaves alone."""
    orders.in_doubt()
    order_id = orders.equal()
    done = ledger("resolve", NAME, *NOT_PLACED, "--exclude", order_id, answer="n\n")
    me = boto3.client("sts").get_caller_identity()["Arn"]
    assert done.stdout == ""
    assert done.stderr.splitlines()[1].startswith(order_id)
    assert (
        f"Order name: {NAME}\n"
        f"Outpost:    {OUTPOST_ID}\n"
        "Asked for:  2 x OR-ABCDEFG, NO_UPFRONT, THREE_YEARS\n"
        f"You are:    {me}\n"
    ) in done.stderr


def test_a_question_shows_the_order_that_is_confirmed(ledger: Run, orders: Orders) -> None:
    """As the service has it."""
    orders.in_doubt()
    order_id = orders.equal()
    done = ledger("resolve", NAME, "--placed", order_id, answer="y\n")
    assert done.stderr.startswith(f"{order_id}  PREPARING  ")
    assert f"\nRecord that {order_id} is the order of {NAME}? [y/N]" in done.stderr
    assert done.stdout.startswith(f"Recorded: {NAME} is {order_id}.\n")


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_without_a_yes_nothing_is_recorded(answer: str, ledger: Run, orders: Orders) -> None:
    """To ask is to take no for an answer."""
    orders.in_doubt()
    done = ledger("resolve", NAME, *NOT_PLACED, answer=answer)
    assert done.exit_code == 1
    assert done.stderr.endswith(
        "Error: Not confirmed. Nothing was recorded. To skip the question, add --yes.\n"
    )
    assert orders.row().state == State.IN_DOUBT


def test_without_an_answer_nothing_is_recorded(ledger: Run, orders: Orders) -> None:
    """A script must say --yes."""
    orders.in_doubt()
    done = ledger("resolve", NAME, *NOT_PLACED)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("Error: Not confirmed.")
    assert orders.row().state == State.IN_DOUBT


@pytest.mark.parametrize("verdict", [NOT_PLACED, ("--placed", NO_SUCH_ORDER)])
def test_what_is_known_is_not_resolved(
    verdict: tuple[str, ...], ledger: Run, orders: Orders
) -> None:
    """A verdict is for an unknown outcome."""
    row = orders.rejected()
    done = ledger("resolve", NAME, *verdict, "--yes")
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: {NAME} is REJECTED. Only an order that is SUBMITTING or IN_DOUBT can be resolved. "
        "Nothing was recorded.\n"
    )
    assert orders.row() == row


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], "Exactly one of --placed and --not-placed must be given."),
        ([*NOT_PLACED, "--placed", NO_SUCH_ORDER], "Exactly one of --placed and --not-placed"),
        (["--placed", NO_SUCH_ORDER, "--exclude", NO_SUCH_ORDER], "--exclude goes with"),
        (["--placed", "oo-1"], "--placed must be oo- and 17 of 0-9, a-f, got 'oo-1'"),
        ([*NOT_PLACED, "--exclude", "x"], "--exclude must be oo- and 17 of 0-9, a-f, got 'x'"),
        (["--not-placed"], "--why must be a reason, on one line and not blank, got ''"),
        (["--not-placed", "--why", " "], "--why must be a reason, on one line and not blank"),
        (["--not-placed", "--why", "a\nb"], "--why must be a reason, on one line"),
        (["--not-placed", "--why", "a\udcff"], "--why must be a reason, on one line"),
        (["--not-placed", "--why", "a" * 501], "--why must be at most 500 characters, got 501"),
    ],
)
def test_a_verdict_says_one_thing(
    options: list[str], problem: str, ledger: Run, orders: Orders
) -> None:
    """Anything else is refused, whatever the ledger holds."""
    orders.in_doubt()
    done = ledger("resolve", NAME, *options, "--yes")
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: {problem}")
    assert orders.row().state == State.IN_DOUBT


def test_a_change_by_another_process_is_not_overwritten(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """The sender recorded its outcome first; the operator reads again."""
    row = orders.sent()
    order_id = orders.equal()
    outposts.fail("GetOrder", Fault.slow(1))

    def doubt() -> None:
        while not any(request.operation == "GetOrder" for request in outposts.requests):
            sleep(0.01)
        orders.ledger().in_doubt(row, "the sender's own words")

    sender = Thread(target=doubt)
    sender.start()
    done = ledger("resolve", NAME, "--placed", order_id, "--yes")
    sender.join()
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: The ledger was changed by another process. Nothing was recorded. "
        "Run the command again.\n"
    )
    assert orders.row().reason == "the sender's own words"
