from dataclasses import replace
from datetime import timedelta

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.ledger.records import State
from tests.cli.conftest import LIMIT, LONG_AGO, NAME, OUTPOST_ID, During, Orders, Run


def test_the_one_candidate_is_the_order(ledger: Run, orders: Orders) -> None:
    """The command records and shows it."""
    orders.in_doubt()
    order_id = orders.identical()
    done = ledger("reconcile", NAME)
    record = orders.record()
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Recorded: {NAME} is {order_id}.\n")
    assert (record.state, record.order_id) == (State.PLACED, order_id)
    assert orders.outpost().attempts == {}
    assert orders.outpost().orders == {order_id: NAME}
    assert orders.outpost().version == record.version  # one transaction


def test_every_page_is_looked_at(ledger: Run, orders: Orders, outposts: FakeOutposts) -> None:
    """The order can be on the last page."""
    for _ in range(3):
        orders.identical()
    orders.in_doubt()
    order_id = orders.identical()
    outposts.page_size = 1
    assert ledger("reconcile", NAME).exit_code == 0
    assert orders.record().order_id == order_id


def test_no_candidate_leaves_it_in_doubt(ledger: Run, orders: Orders) -> None:
    """An empty list proves nothing, and a script sees that by the exit code."""
    record = orders.in_doubt()
    orders.identical(payment_option="ALL_UPFRONT")
    done = ledger("reconcile", NAME)
    assert done.exit_code == 3
    assert done.stdout.startswith(f"No matching order found on {OUTPOST_ID} yet. ")
    assert orders.record() == record


def test_several_candidates_are_shown(ledger: Run, orders: Orders) -> None:
    """An operator can tell them apart; this program can't."""
    record = orders.in_doubt()
    candidates = [orders.identical(), orders.identical()]
    done = ledger("reconcile", NAME)
    lines = done.stdout.splitlines()
    assert done.exit_code == 3
    assert [line.split()[0] for line in lines[0:4:2]] == candidates
    assert lines[1] == "  2 x OR-ABCDEFG, NO_UPFRONT, THREE_YEARS"
    assert f"Found 2 matching orders. At most one of them is {NAME}." in lines
    assert orders.record() == record


def test_the_next_commands_are_named(ledger: Run, orders: Orders) -> None:
    """Each step is a command to be pasted, with the ledger that was given."""
    orders.in_doubt()
    first, second = orders.identical(), orders.identical()
    lines = [line.strip() for line in ledger("reconcile", NAME).stdout.splitlines()]
    command = f"outpost-order resolve {NAME}"
    excluded = f"--exclude {first} --exclude {second}"
    assert f"outpost-order reconcile {NAME} --table Ledger" in lines
    assert f"{command} --placed {first} --table Ledger" in lines
    assert f"{command} --placed {second} --table Ledger" in lines
    assert f'{command} --not-placed {excluded} --why "..." --table Ledger' in lines
    assert "If you know that no order was placed, run:" in lines


def test_a_matching_order_without_proof_is_shown(ledger: Run, orders: Orders) -> None:
    """It came too late: it must be excluded, and it can't be recorded as the order."""
    record = orders.in_doubt()
    order_id = orders.identical(ago=LONG_AGO - timedelta(minutes=10))
    done = ledger("reconcile", NAME)
    assert done.exit_code == 3
    assert done.stdout.startswith(order_id)
    assert f"Found 1 matching order, which can't be shown to be {NAME}.\n" in done.stdout
    assert "--placed" not in done.stdout
    assert f"--not-placed --exclude {order_id} " in done.stdout
    assert orders.record() == record


def test_an_order_that_cannot_be_excluded_yet_has_a_time(ledger: Run, orders: Orders) -> None:
    """Before it, the command would be refused."""
    attempt = orders.in_doubt(ago=timedelta(minutes=5)).attempt
    assert attempt is not None
    when = f"{attempt.started_at + timedelta(minutes=15):%Y-%m-%d %H:%M:%S}Z"
    assert f"no order was placed, run, from {when} on:\n" in ledger("reconcile", NAME).stdout


@pytest.mark.parametrize("ago", [timedelta(), LIMIT + timedelta(seconds=5)])
def test_nothing_is_concluded_before_the_senders_end(
    ago: timedelta, ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """Its response decides; two clocks differ by less than 10 seconds."""
    record = orders.sent(ago=ago)
    orders.identical(ago=ago)
    outposts.requests.clear()
    done = ledger("reconcile", NAME)
    assert record.attempt is not None
    until = f"{record.attempt.sender_end + timedelta(seconds=10):%H:%M:%S}"
    assert (done.exit_code, outposts.requests) == (3, [])
    assert done.stdout.splitlines()[:3] == [
        f"The deployment might still be running (until {until} UTC).",
        "To look again, run:",
        f"  outpost-order reconcile {NAME} --table Ledger",
    ]
    assert orders.record() == record


def test_evidence_counts_after_the_senders_end(ledger: Run, orders: Orders) -> None:
    """From 10 seconds after it on."""
    ago = LIMIT + timedelta(seconds=11)
    orders.sent(ago=ago)
    order_id = orders.identical(ago=ago)
    assert ledger("reconcile", NAME).exit_code == 0
    assert orders.record().order_id == order_id


def test_a_deployment_that_ended_is_not_mentioned(ledger: Run, orders: Orders) -> None:
    """A crash leaves a record that only evidence or a verdict can resolve."""
    orders.in_doubt()
    assert "might still be running" not in ledger("reconcile", NAME).stdout


def test_a_resolved_order_is_not_looked_for(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """A second run does no harm."""
    record = orders.placed()
    outposts.requests.clear()
    done = ledger("reconcile", NAME)
    assert (done.exit_code, outposts.requests) == (0, [])
    assert done.stdout.startswith(f"{NAME} is already resolved: PLACED ({record.order_id}). ")


def test_a_name_without_a_record_is_an_error(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """It is mistyped, or of a request that wrote nothing: its failure reason names this command."""
    done = ledger("reconcile", NAME)
    assert (done.exit_code, done.stdout, outposts.requests) == (1, "", [])
    assert done.stderr == (
        f"Error: The ledger Ledger has no order {NAME}. "
        "To list its orders, run: outpost-order list --table Ledger\n"
        "If a failure reason has this name, no order was sent for it, and you can deploy again.\n"
    )
    assert not orders.record().version


def test_a_state_of_a_newer_version_is_no_outcome(ledger: Run, orders: Orders) -> None:
    """This version can't know whether anything is left to do."""
    orders.ledger.write(replace(orders.in_doubt(), state="ON_THE_MOON"))
    done = ledger("reconcile", NAME)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: {NAME} is ON_THE_MOON, which this version doesn't know. "
        "Upgrade cdk-outpost-order, then run the command again.\n"
    )


@pytest.mark.parametrize(("conflicts", "exit_code"), [(2, 0), (3, 1)])
def test_another_process_may_write_at_the_same_time(
    conflicts: int, exit_code: int, ledger: Run, orders: Orders, during: During
) -> None:
    """The command reads the other process's record and searches again, three times at most."""
    orders.in_doubt()
    order_id = orders.identical()
    looks: list[str] = []

    def write() -> None:
        looks.append(NAME)
        if len(looks) in range(1, 2 * conflicts, 2):  # each search lists the orders twice
            orders.ledger.write(*orders.ledger.read(NAME, OUTPOST_ID))

    during("ListOrders", write)
    done = ledger("reconcile", NAME)
    assert (done.exit_code, len(looks)) == (exit_code, 6)
    assert orders.record().order_id == (order_id if exit_code == 0 else "")
    assert ("The ledger was changed by another process." in done.stderr) is (exit_code == 1)


def test_orders_that_cannot_be_read_are_an_error(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """Nothing is concluded from a failure."""
    record = orders.in_doubt()
    orders.identical()
    outposts.fail("GetOrder", Fault.refusal("AccessDeniedException", "no outposts:GetOrder"))
    done = ledger("reconcile", NAME)
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: An error occurred (AccessDeniedException) when calling the GetOrder operation: "
        "no outposts:GetOrder. Ask an administrator for this permission.\n"
    )
    assert orders.record() == record


def test_the_order_of_a_quote_is_named_by_the_quote(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """No list has to show it, and the table has the quote."""
    quote = outposts.make_quote(outpost_id=OUTPOST_ID)
    option = quote["QuoteOptions"][0]["QuoteOptionIdentifier"]
    orders.in_doubt(QuoteIdentifier=quote["QuoteId"], QuoteOptionIdentifier=option)
    outposts.list_lag = 1000
    order_id = orders.identical(
        quote_identifier=quote["QuoteId"], quote_option_identifier=option, line_items=[]
    )
    done = ledger("reconcile", NAME)
    assert done.stdout.startswith(f"Recorded: {NAME} is {order_id}.\n")
    assert orders.record().order_id == order_id
    assert quote["QuoteId"] in done.stdout
