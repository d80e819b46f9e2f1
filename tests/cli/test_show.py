from outpost_order_handler.outposts import Outposts
from outpost_order_handler.records import Witness
from tests.cli.conftest import NAME, OUTPOST_ID, Orders, Run


def test_it_shows_what_was_asked_for(ledger: Run, orders: Orders) -> None:
    """With the number of orders that were there before."""
    orders.equal()
    orders.in_doubt()
    done = ledger("show", NAME)
    facts = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if " " in line)
    assert done.exit_code == 0
    assert (facts["Name"].strip(), facts["Outpost"].strip()) == (NAME, OUTPOST_ID)
    assert "Asked for      2 x OR-ABCDEFG, NO_UPFRONT, THREE_YEARS" in done.stdout
    assert "Orders before  1" in done.stdout
    assert "NetworkFailure (ReadTimeoutError): unknown" in done.stdout


def test_it_shows_the_history_oldest_first(ledger: Run, orders: Orders) -> None:
    """Each step has its time, its state, who said so and why."""
    row = orders.in_doubt()
    order = Outposts().get_order(orders.equal())
    orders.ledger().placed(row, order, Witness.PERSON, "seen [in] the console", "arn:aws:iam::1:me")
    _, _, history = ledger("show", NAME).stdout.partition("When ")
    states = [line.split()[2] for line in history.splitlines()[1:]]
    assert states == ["SUBMITTING", "IN_DOUBT", "PLACED"]
    assert "arn:aws:iam::1:me  seen [in] the console" in history


def test_it_names_the_next_command(ledger: Run, orders: Orders) -> None:
    """Ready to be pasted, with the ledger that was given."""
    orders.in_doubt()
    last = ledger("show", NAME).stdout.splitlines()[-1]
    assert last == f"look again: outpost-order ledger reconcile {NAME} --table Ledger"


def test_nothing_is_broken_or_cut_in_a_pipe(ledger: Run, orders: Orders) -> None:
    """However long it is, it stays on its line."""
    name, why = "A" * 64, "because " * 60
    row = orders.in_doubt(name)
    orders.ledger().not_placed(row, why.strip(), "arn:aws:iam::1:me")
    assert why.strip() in ledger("show", name).stdout
    assert f"{name}  NOT_PLACED  {OUTPOST_ID}" in ledger("list").stdout


def test_what_is_known_needs_no_command(ledger: Run, orders: Orders) -> None:
    """Nothing is to be done about an order that stands."""
    orders.placed()
    assert "outpost-order ledger" not in ledger("show", NAME).stdout


def test_an_unknown_name_is_an_error(ledger: Run) -> None:
    """It says how to find the right one."""
    done = ledger("show", "PO-1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: there is no order 'PO-1' in this ledger; "
        "'outpost-order ledger list' shows all of them\n"
    )
