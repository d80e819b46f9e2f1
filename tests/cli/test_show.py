from datetime import datetime

from outpost_order_handler import contract
from outpost_order_handler.ledger.records import State
from tests.cli.conftest import NAME, OUTPOST_ID, STACK_ID, Orders, Run


def test_it_shows_what_was_asked_for_and_tried(ledger: Run, orders: Orders) -> None:
    """With the number of orders that were there before, and when nothing more can come of it."""
    orders.identical()
    attempt = orders.in_doubt().attempt
    assert attempt is not None
    facts = _facts(ledger("show", NAME).stdout)
    assert facts == {
        "Name": NAME,
        "State": "IN_DOUBT",
        "Outpost": OUTPOST_ID,
        "Asked for": "2 x OR-ABCDEFG, NO_UPFRONT, THREE_YEARS",
        "Order": "-",
        "Last status": "-",
        "Last read": "-",
        "Resource": f"Rack of {STACK_ID}",
        "Submitted": _second(attempt.started_at),
        "Sender's end": _second(attempt.sender_end),
        "Earlier orders": "1 on the Outpost before the attempt",
        "Answers": "0",
    }


def test_it_shows_the_order_as_it_was_last_read(ledger: Run, orders: Orders) -> None:
    """An order isn't read again: the command works without access to Outposts."""
    record = orders.placed()
    facts = _facts(ledger("show", NAME).stdout)
    submitted = record.order_attributes["OrderSubmissionDate"]
    assert (facts["State"], facts["Order"]) == ("PLACED", record.order_id)
    assert facts["Last status"] == "PREPARING"
    assert facts["Last read"] == (
        "OrderType OUTPOST, PaymentOption NO_UPFRONT, PaymentTerm THREE_YEARS, "
        f"OrderSubmissionDate {submitted}"
    )
    assert facts["Answers"] == "1"


def test_it_shows_all_that_a_template_asks_for(ledger: Run, orders: Orders) -> None:
    """What isn't the default is named."""
    orders.in_doubt(
        Preflight=contract.Preflight.SKIP, InAdditionTo=["PO-1", "oo-00000000000000001"]
    )
    assert _facts(ledger("show", NAME).stdout)["Asked for"] == (
        "2 x OR-ABCDEFG, NO_UPFRONT, THREE_YEARS, "
        "in addition to PO-1 and oo-00000000000000001, without preflight"
    )


def test_it_shows_the_quote_and_its_agreed_price(ledger: Run, orders: Orders) -> None:
    """In place of the line items."""
    price = {"UpfrontPrice": "0", "MonthlyRecurringPrice": "1200.50", "Currency": "USD"}
    orders.in_doubt(
        QuoteIdentifier="oq-0123456789abcdef0",
        QuoteOptionIdentifier="oqo-0123456789abcdef0",
        QuotePrice=price,
    )
    assert _facts(ledger("show", NAME).stdout)["Asked for"] == (
        "oq-0123456789abcdef0, oqo-0123456789abcdef0, NO_UPFRONT, THREE_YEARS, "
        "USD 0 upfront and 1200.50 monthly"
    )


def test_a_running_deployment_is_submitting(ledger: Run, orders: Orders) -> None:
    """Only when its sender has ended is the outcome in doubt."""
    orders.sent()
    assert _facts(ledger("show", NAME).stdout)["State"] == "SUBMITTING"


def test_it_shows_the_history_oldest_first(ledger: Run, orders: Orders) -> None:
    """Each step has its time, its state, who said so and why."""
    record = orders.in_doubt()
    orders.ended(record, State.NOT_PLACED, why="seen [in] the console", who="arn:aws:iam::1:me")
    _, _, history = ledger("show", NAME).stdout.partition("History\n")
    *steps, who = history.splitlines()
    assert [line.split()[2] for line in steps] == ["SUBMITTING", "NOT_PLACED"]
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
    orders.ended(orders.in_doubt(name), State.NOT_PLACED, why=why.strip())
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
    record = orders.placed()
    assert ledger("show", record.order_id).stdout == ledger("show", NAME).stdout


def test_an_unknown_order_id_is_an_error(ledger: Run, orders: Orders) -> None:
    """It isn't taken for a name."""
    orders.placed()
    done = ledger("show", "oo-00000000000000000")
    assert done.exit_code == 1
    assert "Error: The ledger Ledger has no order ID oo-00000000000000000. " in done.stderr


def test_control_characters_are_escaped(ledger: Run, orders: Orders) -> None:
    """The function of another stack can write into the table, but not into the terminal."""
    orders.ended(orders.in_doubt(), State.NOT_PLACED, why="red \x1b[31m and\nnew")
    assert "NOT_PLACED  red \\x1b[31m and\\nnew\n" in ledger("show", NAME).stdout


def _facts(shown: str) -> dict[str, str]:
    """Return what `show` prints before the history, by its label."""
    facts, _, _ = shown.partition("\n\nHistory\n")
    return {line[:15].strip(): line[15:] for line in facts.splitlines()}


def _second(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
