from datetime import timedelta

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
    assert done.stdout.startswith(f"found and recorded: {NAME} is {order_id}\n")
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
    assert done.stdout.startswith(f"no order on {OUTPOST_ID} can be {NAME}: ")
    assert orders.row() == row


def test_several_candidates_are_shown(ledger: Run, orders: Orders) -> None:
    """A person can tell them apart; this program cannot."""
    row = orders.in_doubt()
    candidates = [orders.equal(), orders.equal()]
    done = ledger("reconcile", NAME)
    lines = done.stdout.splitlines()
    assert done.exit_code == 3
    assert [line.split()[0] for line in lines[1:3]] == candidates
    assert "2 x OR-ABCDEFG" in lines[1]
    assert f"these 2 may all be {NAME}, and at most one of them is" in lines
    assert orders.row() == row


def test_what_a_person_may_do_is_named(ledger: Run, orders: Orders) -> None:
    """Each step is a command to be pasted, with the ledger that was given."""
    orders.in_doubt()
    first, second = orders.equal(), orders.equal()
    lines = [line.strip() for line in ledger("reconcile", NAME).stdout.splitlines()]
    command = f"outpost-order ledger resolve {NAME}"
    not_ours = f"--not-ours {first} --not-ours {second}"
    assert f"outpost-order ledger reconcile {NAME} --table Ledger" in lines
    assert f"{command} --placed oo-... --table Ledger" in lines
    assert f'{command} --not-placed {not_ours} --why "..." --table Ledger' in lines


def test_a_living_sender_may_still_tell(ledger: Run, orders: Orders) -> None:
    """Whoever looks early should not decide yet."""
    orders.sent(ago=timedelta(seconds=30))
    done = ledger("reconcile", NAME)
    assert done.exit_code == 3
    assert "its sender may still tell, until " in done.stdout


def test_a_dead_sender_tells_nothing(ledger: Run, orders: Orders) -> None:
    """A crash leaves a row that only a look can resolve."""
    orders.sent()
    assert "may still tell" not in ledger("reconcile", NAME).stdout


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
    assert done.stdout.startswith(f"{NAME} is PLACED ({row.order_id}) already")


def test_a_cancelled_order_is_recorded(ledger: Run, orders: Orders, outposts: FakeOutposts) -> None:
    """The service confirms what the handler had asked for."""
    outposts.set_status(orders.cancelling().order_id, "CANCELLED")
    assert ledger("reconcile", NAME).exit_code == 0
    assert orders.row().state == State.CANCELLED


def test_an_order_that_still_stands_is_told(ledger: Run, orders: Orders) -> None:
    """Cancelling was asked for, and the order may yet be built."""
    row = orders.cancelling()
    done = ledger("reconcile", NAME)
    assert done.exit_code == 3
    assert f"{row.order_id} was to be cancelled, and is PREPARING: " in done.stdout
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
        "no outposts:GetOrder; have this allowed for your identity\n"
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
    assert done.stdout.startswith(f"found and recorded: {NAME} is {order_id}\n")
    assert orders.row().witness == Witness.QUOTE
    assert quote["QuoteId"] in done.stdout
