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
    assert "Earlier orders 1 on the Outpost before the attempt" in done.stdout
    assert "NetworkFailure (ReadTimeoutError): unknown" in done.stdout


def test_it_shows_the_history_oldest_first(ledger: Run, orders: Orders) -> None:
    """Each step has its time, its state, who said so and why."""
    row = orders.in_doubt()
    order = Outposts().get_order(orders.equal())
    orders.ledger().placed(row, order, Witness.PERSON, "seen [in] the console", "arn:aws:iam::1:me")
    _, _, history = ledger("show", NAME).stdout.partition("History\n")
    *steps, who = history.splitlines()
    assert [line.split()[2] for line in steps] == ["SUBMITTING", "IN_DOUBT", "PLACED"]
    assert steps[-1].endswith("  seen [in] the console")
    assert who == "  by arn:aws:iam::1:me"


def test_it_names_the_next_command(ledger: Run, orders: Orders) -> None:
    """Ready to be pasted, with the ledger that was given."""
    orders.in_doubt()
    last = ledger("show", NAME).stdout.splitlines()[-1]
    assert last == f"  outpost-order reconcile {NAME} --table Ledger"


def test_nothing_is_broken_or_cut_in_a_pipe(ledger: Run, orders: Orders) -> None:
    """However long it is, it stays on its line."""
    name, why = "A" * 64, "because " * 60
    row = orders.in_doubt(name)
    orders.ledger().not_placed(row, why.strip(), "arn:aws:iam::1:me")
    assert why.strip() in ledger("show", name).stdout
    assert f"{name}  NOT_PLACED  -      {OUTPOST_ID}" in ledger("list").stdout


def test_what_is_known_needs_no_command(ledger: Run, orders: Orders) -> None:
    """Nothing is to be done about an order that remains in force."""
    orders.placed()
    assert "outpost-order" not in ledger("show", NAME).stdout


def test_an_unknown_name_is_an_error(ledger: Run) -> None:
    """It says how to find the right one."""
    done = ledger("show", "PO-1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The ledger Ledger has no order PO-1. "
        "To list its orders, run: outpost-order list --table Ledger\n"
    )


def test_an_order_id_finds_its_name(ledger: Run, orders: Orders) -> None:
    """An invoice and the console show the ID."""
    row = orders.placed()
    assert ledger("show", row.order_id).stdout == ledger("show", NAME).stdout


def test_an_unknown_order_id_is_an_error(ledger: Run, orders: Orders) -> None:
    """It isn't taken for a name."""
    orders.placed()
    done = ledger("show", "oo-00000000000000000")
    assert done.exit_code == 1
    assert "Error: The ledger Ledger has no order ID oo-00000000000000000. " in done.stderr


def test_a_resolved_doubt_is_history(ledger: Run, orders: Orders) -> None:
    """What the order is counts, not what the reason once feared."""
    row = orders.in_doubt()
    order = Outposts().get_order(orders.equal())
    orders.ledger().placed(row, order, Witness.ORDERS_OF_THE_OUTPOST)
    facts, _, history = ledger("show", NAME).stdout.partition("History\n")
    assert "NetworkFailure" not in facts
    assert "NetworkFailure" in history
    assert "Known from     the orders of the Outpost\n" in facts


def test_control_characters_are_escaped(ledger: Run, orders: Orders) -> None:
    """The function of another stack can write into the table, but not into the terminal."""
    orders.ledger().in_doubt(orders.sent(), "red \x1b[31m and\nnew")
    assert "Reason         red \\x1b[31m and\\nnew\n" in ledger("show", NAME).stdout
