from datetime import datetime, timedelta

from outpost_order_handler.records import State, Witness
from tests.cli.conftest import LONG_AGO, NAME, OUTPOST_ID, Orders, Run
from tests.fakes.outposts import FakeOutposts, Fault


def test_the_one_candidate_is_the_order(ledger: Run, orders: Orders) -> None:
    """It is written down, and shown."""
    orders.in_doubt()
    order_id = orders.equal()
    done = ledger("reconcile", NAME)
    row = orders.row()
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Recorded: {NAME} is {order_id}.\n")
    assert (row.state, row.order_id) == (State.PLACED, order_id)
    assert row.witness == Witness.ORDERS_OF_THE_OUTPOST
    assert orders.ledger().lock(OUTPOST_ID).held_by == ""


def test_every_page_is_looked_at(ledger: Run, orders: Orders, outposts: FakeOutposts) -> None:
    """The candidate may be on the last one."""
    for _ in range(3):
        orders.equal()
    orders.in_doubt()
    order_id = orders.equal()
    outposts.page_size = 1
    assert ledger("reconcile", NAME).exit_code == 0
    assert orders.row().order_id == order_id


def test_no_candidate_leaves_it_in_doubt(ledger: Run, orders: Orders) -> None:
    """An empty list proves nothing, and a script sees that by the exit code."""
    row = orders.in_doubt()
    orders.equal(payment_option="ALL_UPFRONT")
    orders.equal(ago=LONG_AGO - timedelta(minutes=10))
    done = ledger("reconcile", NAME)
    assert done.exit_code == 3
    assert done.stdout.startswith(f"No matching order found on {OUTPOST_ID} yet. ")
    assert orders.row() == row


def test_several_candidates_are_shown(ledger: Run, orders: Orders) -> None:
    """An operator can tell them apart; this program can't."""
    row = orders.in_doubt()
    candidates = [orders.equal(), orders.equal()]
    done = ledger("reconcile", NAME)
    lines = done.stdout.splitlines()
    assert done.exit_code == 3
    assert [line.split()[0] for line in lines[0:4:2]] == candidates
    assert lines[1] == "  2 x OR-ABCDEFG, NO_UPFRONT, THREE_YEARS"
    assert f"Found 2 matching orders. At most one of them is {NAME}." in lines
    assert orders.row() == row


def test_what_an_operator_can_do_is_named(ledger: Run, orders: Orders) -> None:
    """Each step is a command to be pasted, with the ledger that was given."""
    orders.in_doubt()
    first, second = orders.equal(), orders.equal()
    lines = [line.strip() for line in ledger("reconcile", NAME).stdout.splitlines()]
    command = f"outpost-order resolve {NAME}"
    excluded = f"--exclude {first} --exclude {second}"
    assert f"outpost-order reconcile {NAME} --table Ledger" in lines
    assert f"{command} --placed {first} --table Ledger" in lines
    assert f"{command} --placed {second} --table Ledger" in lines
    assert f'{command} --not-placed {excluded} --why "..." --table Ledger' in lines
    assert "If you know that no order was placed, run:" in lines


def test_an_order_that_cannot_be_excluded_yet_has_a_time(ledger: Run, orders: Orders) -> None:
    """Before it, the command would be refused."""
    row = orders.in_doubt(ago=timedelta(minutes=5))
    allowed = datetime.fromisoformat(row.submitted_at) + timedelta(minutes=15)
    when = f"{allowed:%Y-%m-%d %H:%M:%S}Z"
    assert f"no order was placed, run, from {when} on:\n" in ledger("reconcile", NAME).stdout


def test_a_deployment_might_still_run(ledger: Run, orders: Orders) -> None:
    """It is too early to decide."""
    orders.sent(ago=timedelta(seconds=30))
    done = ledger("reconcile", NAME)
    assert done.exit_code == 3
    assert "The deployment might still be running (until " in done.stdout


def test_a_deployment_that_ended_is_not_mentioned(ledger: Run, orders: Orders) -> None:
    """A crash leaves a record that only evidence or a verdict can resolve."""
    orders.sent()
    assert "might still be running" not in ledger("reconcile", NAME).stdout


def test_evidence_counts_while_the_sender_lives(ledger: Run, orders: Orders) -> None:
    """What is there is there."""
    orders.sent(ago=timedelta(seconds=30))
    order_id = orders.equal(ago=timedelta(seconds=29))
    assert ledger("reconcile", NAME).exit_code == 0
    assert orders.row().order_id == order_id


def test_what_is_known_is_not_looked_for(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """Running it twice does no harm."""
    row = orders.placed()
    outposts.requests.clear()
    done = ledger("reconcile", NAME)
    assert (done.exit_code, outposts.requests) == (0, [])
    assert done.stdout.startswith(f"{NAME} is already resolved: PLACED ({row.order_id}). ")


def test_a_cancelled_order_is_recorded(ledger: Run, orders: Orders, outposts: FakeOutposts) -> None:
    """The service confirms what the handler had asked for."""
    outposts.set_status(orders.cancelling().order_id, "CANCELLED")
    assert ledger("reconcile", NAME).exit_code == 0
    assert orders.row().state == State.CANCELLED


def test_an_order_that_is_not_cancelled_yet_is_reported(ledger: Run, orders: Orders) -> None:
    """Cancelling was asked for, and the order may yet be built."""
    row = orders.cancelling()
    done = ledger("reconcile", NAME)
    assert done.exit_code == 3
    assert done.stdout.startswith(
        f"The cancellation of {row.order_id} was requested, but its status is PREPARING. "
    )
    assert orders.row() == row


def test_orders_that_cannot_be_read_are_an_error(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """Nothing is concluded from a failure."""
    row = orders.in_doubt()
    orders.equal()
    outposts.fail("GetOrder", Fault.refusal("AccessDeniedException", "no outposts:GetOrder"))
    done = ledger("reconcile", NAME)
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: An error occurred (AccessDeniedException) when calling the GetOrder operation: "
        "no outposts:GetOrder. Ask an administrator for this permission.\n"
    )
    assert orders.row() == row


def test_the_order_of_a_quote_is_named_by_the_quote(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """No list has to show it, and the table has the quote."""
    quote = outposts.make_quote(outpost_id=OUTPOST_ID)
    option = quote["QuoteOptions"][0]["QuoteOptionIdentifier"]
    orders.in_doubt(QuoteIdentifier=quote["QuoteId"], QuoteOptionIdentifier=option)
    outposts.list_lag = 1000
    order_id = orders.equal(
        quote_identifier=quote["QuoteId"], quote_option_identifier=option, line_items=[]
    )
    done = ledger("reconcile", NAME)
    assert done.stdout.startswith(f"Recorded: {NAME} is {order_id}.\n")
    assert orders.row().witness == Witness.QUOTE
    assert quote["QuoteId"] in done.stdout
