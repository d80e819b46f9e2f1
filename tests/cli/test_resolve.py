import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.ledger.records import State
from tests.cli.conftest import LIMIT, LONG_AGO, NAME, OUTPOST_ID, During, Orders, Run

NO_SUCH_ORDER = "oo-00000000000000000"
NOT_PLACED = ("--not-placed", "--why", "Support case 42")
CONFIRMED = ("--confirm", NAME)


def test_a_person_says_which_order_it_is(ledger: Run, orders: Orders) -> None:
    """The ledger records who said so, and why."""
    orders.in_doubt()
    order_id, _ = orders.identical(), orders.identical()
    why = "Support case 42"
    done = ledger("resolve", NAME, "--placed", order_id, "--why", why, "--yes")
    record, me = orders.record(), boto3.client("sts").get_caller_identity()["Arn"]
    assert (done.exit_code, done.stderr) == (0, "")
    assert (record.state, record.order_id) == (State.PLACED, order_id)
    assert (record.history[-1]["Who"], record.history[-1]["Why"]) == (me, why)
    assert orders.outpost().attempts == {}
    assert orders.outpost().orders == {order_id: NAME}
    assert orders.outpost().version == record.version  # one transaction


def test_an_order_needs_no_why(ledger: Run, orders: Orders) -> None:
    """That the order is identical is reason enough."""
    orders.in_doubt()
    assert ledger("resolve", NAME, "--placed", orders.identical(), "--yes").exit_code == 0


@pytest.mark.parametrize(
    ("ago", "is_proven"),
    [
        (LONG_AGO + timedelta(minutes=2), False),
        (LONG_AGO + timedelta(seconds=59), True),
        (LONG_AGO - LIMIT - timedelta(minutes=4), True),
        (LONG_AGO - LIMIT - timedelta(minutes=6), False),
    ],
)
def test_an_order_must_be_of_the_attempts_time(
    ago: timedelta, *, is_proven: bool, ledger: Run, orders: Orders
) -> None:
    """An operator chooses among the orders that the function would take, each alone."""
    orders.in_doubt()
    order_id, _ = orders.identical(ago=ago), orders.identical()
    done = ledger("resolve", NAME, "--placed", order_id, "--yes")
    assert (done.exit_code, orders.record().order_id) == ((0, order_id) if is_proven else (1, ""))
    refused = f"Error: {order_id} can't be shown to come from the attempt: it was submitted at "
    assert done.stderr.startswith(refused) is not is_proven


def test_the_way_of_an_order_without_proof(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """It is excluded by name, and can be adopted then; every step is in the messages."""
    orders.in_doubt()
    order_id = orders.identical(ago=LONG_AGO - timedelta(minutes=10))
    refused = ledger("resolve", NAME, "--placed", order_id, "--yes")
    assert f"resolve with --not-placed --exclude {order_id}, and deploy with" in refused.stderr
    assert ledger("resolve", NAME, *NOT_PLACED, "--exclude", order_id, *CONFIRMED).exit_code == 0
    assert orders.record().state == State.NOT_PLACED
    assert outposts.posts == []


def test_a_cancelled_order_is_not_the_order(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """A name gets a live order or none."""
    orders.in_doubt()
    order_id = orders.identical()
    outposts.set_status(order_id, "CANCELLED")
    done = ledger("resolve", NAME, "--placed", order_id, "--yes")
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: {order_id} is CANCELLED, so it can't be the order of {NAME}. "
        "Give the ID of another order, or resolve with --not-placed.\n"
    )
    assert orders.record().state == State.SUBMITTING


def test_an_order_that_is_not_listed_yet_is_not_recorded(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """The list shows it some time later."""
    orders.in_doubt()
    outposts.list_lag = 1
    order_id = orders.identical()
    done = ledger("resolve", NAME, "--placed", order_id, "--yes")
    assert done.exit_code == 1
    assert f"{order_id} isn't in the list of the orders of {OUTPOST_ID} yet. " in done.stderr
    assert ledger("resolve", NAME, "--placed", order_id, "--yes").exit_code == 0


def test_another_order_is_refused(ledger: Run, orders: Orders) -> None:
    """Every difference is named, with both values."""
    record = orders.in_doubt()
    items = [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 3}]
    order_id = orders.identical(line_items=items, payment_term="ONE_YEAR")
    done = ledger("resolve", NAME, "--placed", order_id, "--yes")
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: {order_id} isn't what {NAME} asked for. It differs in "
        "LineItems (asked for 2 x OR-ABCDEFG, is 3 x OR-ABCDEFG), "
        "PaymentTerm (asked for THREE_YEARS, is ONE_YEAR). "
        "Give the ID of the order that was placed.\n"
    )
    assert orders.record() == record


def test_an_order_of_another_name_is_refused(ledger: Run, orders: Orders) -> None:
    """No order belongs to two names."""
    other = orders.placed("PO-1")
    orders.in_doubt()
    done = ledger("resolve", NAME, "--placed", other.order_id, "--yes")
    assert done.exit_code == 1
    assert f"{other.order_id} belongs to order name PO-1. " in done.stderr
    assert orders.record().state == State.SUBMITTING


def test_an_order_that_was_there_before_is_refused(ledger: Run, orders: Orders) -> None:
    """The attempt can't have placed it; the message names the way to adopt it."""
    order_id = orders.identical()
    orders.in_doubt()
    done = ledger("resolve", NAME, "--placed", order_id, "--yes")
    assert done.exit_code == 1
    assert f"{order_id} was placed before the attempt" in done.stderr
    assert orders.record().state == State.SUBMITTING


def test_an_order_that_does_not_exist_is_refused(ledger: Run, orders: Orders) -> None:
    """The command reads the real order, whatever the operator says."""
    orders.in_doubt()
    done = ledger("resolve", NAME, "--placed", NO_SUCH_ORDER, "--yes")
    assert done.exit_code == 1
    assert f"No order found with ID {NO_SUCH_ORDER}. Check the arguments" in done.stderr


@pytest.mark.parametrize("ago", [timedelta(seconds=30), LIMIT + timedelta(seconds=5)])
def test_nothing_is_recorded_before_the_senders_end(
    ago: timedelta, ledger: Run, orders: Orders
) -> None:
    """Its response decides."""
    record = orders.sent(ago=ago)
    done = ledger("resolve", NAME, "--placed", orders.identical(ago=ago), "--yes")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: The deployment might still be running (until ")
    assert done.stderr.endswith(" Nothing was recorded. Run the command again after that.\n")
    assert orders.record() == record


def test_a_person_says_that_no_order_came(ledger: Run, orders: Orders) -> None:
    """The ledger records who said so and why, and the Outpost is free again."""
    orders.in_doubt()
    done = ledger("resolve", NAME, *NOT_PLACED, *CONFIRMED)
    record, me = orders.record(), boto3.client("sts").get_caller_identity()["Arn"]
    assert done.exit_code == 0
    assert done.stdout.startswith(
        f"Recorded: no order was placed for {NAME}. The next deployment can buy it.\n"
    )
    assert (record.state, record.order_id) == (State.NOT_PLACED, "")
    assert (record.history[-1]["Who"], record.history[-1]["Why"]) == (me, "Support case 42")
    assert orders.outpost().attempts == {}


@pytest.mark.parametrize("minutes", [0, 14])
def test_not_placed_needs_time(minutes: int, ledger: Run, orders: Orders) -> None:
    """The service can carry out a request late."""
    orders.in_doubt(ago=timedelta(minutes=minutes))
    done = ledger("resolve", NAME, *NOT_PLACED, *CONFIRMED)
    assert done.exit_code == 1
    assert "might still appear. --not-placed is allowed from 20" in done.stderr
    assert orders.record().state == State.SUBMITTING


def test_not_placed_needs_the_senders_end(ledger: Run, orders: Orders) -> None:
    """However long the function was allowed to run."""
    record = orders.in_doubt()
    assert record.attempt is not None
    attempt = replace(record.attempt, sender_end=datetime.now(UTC) + timedelta(minutes=5))
    orders.ledger.write(replace(record, attempt=attempt))
    done = ledger("resolve", NAME, *NOT_PLACED, *CONFIRMED)
    assert done.exit_code == 1
    from_ = f"{attempt.sender_end + timedelta(seconds=10):%Y-%m-%d %H:%M:%S}Z"
    assert f"--not-placed is allowed from {from_} on." in done.stderr


@pytest.mark.parametrize(
    "case",
    ["7 minutes late", "long before", "without a date", "cancelled"],
)
def test_every_new_identical_order_is_an_objection(
    case: str, ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """The proof of an order is strict; the objection to "not placed" is wide."""
    orders.in_doubt()
    ago = LONG_AGO - timedelta(minutes=7 if case == "7 minutes late" else -60)
    order_id = orders.identical(ago=ago)
    if case == "cancelled":
        outposts.set_status(order_id, "CANCELLED")
    if case == "without a date":
        _serve_without_date(outposts, order_id)
    done = ledger("resolve", NAME, *NOT_PLACED, *CONFIRMED)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {order_id} might be the order of {NAME}. ")
    assert orders.record().state == State.SUBMITTING
    if case == "without a date":
        _serve_without_date(outposts, order_id)
    assert ledger("resolve", NAME, *NOT_PLACED, "--exclude", order_id, *CONFIRMED).exit_code == 0
    assert orders.record().history[-1]["Why"] == f"Support case 42; excluded: {order_id}"


def test_orders_of_other_names_and_of_before_are_no_objection(ledger: Run, orders: Orders) -> None:
    """The attempt can't have placed them."""
    orders.identical()
    orders.in_doubt()
    orders.placed("PO-1", InAdditionTo=[NAME])
    assert ledger("resolve", NAME, *NOT_PLACED, *CONFIRMED).exit_code == 0


def test_not_placed_is_refused_with_a_candidate(ledger: Run, orders: Orders) -> None:
    """A matching order contradicts the verdict."""
    orders.in_doubt()
    order_id = orders.identical()
    done = ledger("resolve", NAME, *NOT_PLACED, *CONFIRMED)
    assert done.exit_code == 1
    assert done.stderr.startswith(
        f"Error: {order_id} might be the order of {NAME}. Resolve with --placed oo-..."
    )
    assert orders.record().state == State.SUBMITTING


def test_every_matching_order_must_be_excluded(ledger: Run, orders: Orders) -> None:
    """An order that isn't excluded might be the one."""
    orders.in_doubt()
    first, second = orders.identical(), orders.identical()
    done = ledger("resolve", NAME, *NOT_PLACED, "--exclude", first, *CONFIRMED)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {second} might be the order of {NAME}. ")


def test_excluded_orders_are_no_candidates(ledger: Run, orders: Orders) -> None:
    """The ledger records their IDs with the reason."""
    orders.in_doubt()
    first, second = orders.identical(), orders.identical()
    excluded = ("--exclude", first, "--exclude", second)
    assert ledger("resolve", NAME, *NOT_PLACED, *excluded, *CONFIRMED).exit_code == 0
    record = orders.record()
    assert record.state == State.NOT_PLACED
    assert record.history[-1]["Why"] == f"Support case 42; excluded: {first}, {second}"


def test_an_order_that_is_no_candidate_need_not_be_excluded(ledger: Run, orders: Orders) -> None:
    """A mistyped ID would be recorded for ever."""
    orders.in_doubt()
    done = ledger("resolve", NAME, *NOT_PLACED, "--exclude", NO_SUCH_ORDER, *CONFIRMED)
    assert done.exit_code == 1
    assert f"--exclude {NO_SUCH_ORDER}: this can't be the order of {NAME}" in done.stderr


def test_the_order_name_confirms_that_no_order_was_placed(ledger: Run, orders: Orders) -> None:
    """The question says that the next deployment can buy."""
    orders.in_doubt()
    done = ledger("resolve", NAME, *NOT_PLACED, answer=f"{NAME}\n")
    assert done.exit_code == 0
    assert done.stderr.endswith(
        f"The next deployment can buy {NAME} again.\n"
        "To record that no order was placed, type its order name: "
    )
    assert orders.record().state == State.NOT_PLACED


@pytest.mark.parametrize("options", [(), CONFIRMED])
def test_a_verdict_shows_what_was_asked_for(
    options: tuple[str, ...], ledger: Run, orders: Orders
) -> None:
    """With the excluded orders, on the stream that a pipe leaves alone, for a script too."""
    orders.in_doubt()
    order_id = orders.identical()
    done = ledger("resolve", NAME, *NOT_PLACED, "--exclude", order_id, *options, answer="n\n")
    me = boto3.client("sts").get_caller_identity()["Arn"]
    lines = done.stderr.splitlines()
    assert lines[:6] == [
        f"Order name: {NAME}",
        f"Outpost:    {OUTPOST_ID}",
        "Items:      2 x OR-ABCDEFG",
        "Payment:    NO_UPFRONT, THREE_YEARS",
        f"You are:    {me}",
        "Excluded, because you know that these are other orders:",
    ]
    assert lines[6].startswith(f"{order_id}  PREPARING  ")
    assert lines[7] == "  2 x OR-ABCDEFG, NO_UPFRONT, THREE_YEARS"
    assert ("type its order name" in done.stderr) is not bool(options)


def test_a_verdict_shows_the_price_of_a_quote(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """As the template has it."""
    quote = outposts.make_quote(outpost_id=OUTPOST_ID)
    option = quote["QuoteOptions"][0]["QuoteOptionIdentifier"]
    price = {"UpfrontPrice": "0", "MonthlyRecurringPrice": "1200.50", "Currency": "USD"}
    orders.in_doubt(
        QuoteIdentifier=quote["QuoteId"], QuoteOptionIdentifier=option, QuotePrice=price
    )
    lines = ledger("resolve", NAME, *NOT_PLACED).stderr.splitlines()
    assert f"Quote:      {option} of {quote['QuoteId']}" in lines
    assert "Price:      USD 0 upfront and 1200.50 monthly" in lines


def test_a_question_shows_the_order_that_is_confirmed(ledger: Run, orders: Orders) -> None:
    """As the service has it, after what was asked for."""
    orders.in_doubt()
    order_id = orders.identical()
    done = ledger("resolve", NAME, "--placed", order_id, answer="y\n")
    assert done.stderr.startswith(f"Order name: {NAME}\n")
    assert f"\n{order_id}  PREPARING  " in done.stderr
    assert f"\nRecord that {order_id} is the order of {NAME}? [y/N]" in done.stderr
    assert done.stdout.startswith(f"Recorded: {NAME} is {order_id}.\n")


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_recorded(answer: str, ledger: Run, orders: Orders) -> None:
    """A question without an answer is a no."""
    orders.in_doubt()
    done = ledger("resolve", NAME, "--placed", orders.identical(), answer=answer)
    assert done.exit_code == 1
    assert done.stderr.endswith(
        "Error: Not confirmed. Nothing was recorded. To skip the question, add --yes.\n"
    )
    assert orders.record().state == State.SUBMITTING


@pytest.mark.parametrize("answer", ["y\n", "yes\n", "po-4711\n", "PO-4712\n", "\n", ""])
def test_without_its_name_nothing_is_recorded(
    answer: str, ledger: Run, run: Run, orders: Orders
) -> None:
    """A yes is too easy; the command that needs no answer works when it is pasted."""
    record = orders.in_doubt()
    order_id = orders.identical()
    why = "It's Bob's"
    verdict = ("--not-placed", "--exclude", order_id, "--why", why)
    done = ledger("resolve", NAME, *verdict, answer=answer)
    assert (done.exit_code, done.stdout) == (1, "")
    message, _, command = done.stderr.splitlines()[-1].rpartition("run: ")
    assert message.endswith("Error: Not confirmed. Nothing was recorded. To skip the question, ")
    assert orders.record() == record
    assert run(*shlex.split(command)[1:]).exit_code == 0
    assert orders.record().history[-1]["Why"] == f"{why}; excluded: {order_id}"


@pytest.mark.parametrize("verdict", [NOT_PLACED, ("--placed", NO_SUCH_ORDER)])
def test_a_resolved_order_is_not_resolved_again(
    verdict: tuple[str, ...], ledger: Run, orders: Orders
) -> None:
    """A verdict is for an unknown outcome."""
    record = orders.refused()
    done = ledger("resolve", NAME, *verdict)
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: {NAME} is NOT_PLACED. Only an order that is SUBMITTING or IN_DOUBT "
        "can be resolved. Nothing was recorded.\n"
    )
    assert orders.record() == record


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], "Give exactly one of --placed and --not-placed."),
        (
            [*NOT_PLACED, "--yes"],
            f"--yes doesn't apply to --not-placed. To skip the question, use --confirm {NAME}.\n",
        ),
        (
            ["--placed", NO_SUCH_ORDER, *CONFIRMED],
            "--confirm goes with --not-placed only. To skip the question of --placed, use --yes.\n",
        ),
        (
            [*NOT_PLACED, "--confirm", "PO-1"],
            f"--confirm must be the order name '{NAME}', got 'PO-1'",
        ),
        (
            [*NOT_PLACED, "--placed", NO_SUCH_ORDER],
            "Give exactly one of --placed and --not-placed.",
        ),
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
    done = ledger("resolve", NAME, *options)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: {problem}")
    assert orders.record().state == State.SUBMITTING


@pytest.mark.parametrize("verdict", ["--placed", "--not-placed"])
@pytest.mark.parametrize("changed", ["order", "outpost"])
def test_a_change_by_another_process_is_not_overwritten(  # noqa: PLR0917 (fixtures)
    verdict: str, changed: str, ledger: Run, orders: Orders, outposts: FakeOutposts, during: During
) -> None:
    """Both records are written over the versions that were read, or none."""
    orders.in_doubt()
    order_id = orders.identical()
    options = {
        "--placed": (order_id, "--yes"),
        "--not-placed": ("--why", "Support case 42", "--exclude", order_id, *CONFIRMED),
    }[verdict]

    def write() -> None:
        order, outpost = orders.ledger.read(NAME, OUTPOST_ID)
        if changed == "order":
            orders.ledger.write(order)
        else:
            orders.ledger.write(orders.record("PO-1"), outpost)

    during("ListOrders", write)
    done = ledger("resolve", NAME, verdict, *options)
    assert done.exit_code == 1
    assert done.stderr.endswith(
        "Error: The ledger was changed by another process. Nothing was recorded. "
        "Run the command again.\n"
    )
    assert orders.record().state == State.SUBMITTING
    assert list(orders.outpost().attempts) == [NAME]
    assert outposts.posts == []


def _serve_without_date(outposts: FakeOutposts, order_id: str) -> None:
    """Let the next GetOrder lack the date, which the API doesn't require."""
    [order] = [each for each in outposts.orders if each["OrderId"] == order_id]
    order = {key: value for key, value in order.items() if key != "OrderSubmissionDate"}
    outposts.fail("GetOrder", Fault.reply(json.dumps({"Order": order}, default=str)))
