import json
import re
from datetime import datetime, timedelta

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler import contract
from outpost_order_handler.ledger.records import State
from tests.cli.conftest import (
    LEDGER,
    LIMIT,
    NAME,
    OUTPOST_ID,
    STACK_ID,
    Orders,
    Run,
    answer_create,
)

SENDER_HAS_ENDED = LIMIT + timedelta(seconds=11)
SECOND = r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ"


def test_it_shows_what_was_asked_for_and_tried(ledger: Run, orders: Orders) -> None:
    """With the number of earlier orders, and the end of the function."""
    orders.identical()
    attempt = orders.in_doubt().attempt
    assert attempt is not None
    facts = _facts(ledger("show", NAME).stdout)
    assert facts == {
        "Name": NAME,
        "State": "IN_DOUBT",
        "Order": "-",
        "Outpost": OUTPOST_ID,
        "Items": "2 x OR-ABCDEFG",
        "Payment": "NO_UPFRONT, THREE_YEARS",
        "Sent": f"{_second(attempt.started_at)} for Rack of City",
        "Function ends": f"{_second(attempt.sender_end)} at the latest",
        "Earlier orders": "1 on the Outpost before the request",
    }


def test_it_shows_the_live_status(ledger: Run, orders: Orders, outposts: FakeOutposts) -> None:
    """As GetOrder shows it, with the time; the facts of an unknown outcome are gone."""
    record = orders.placed()
    outposts.advance(record.order_id, "IN_PROGRESS")
    facts = _facts(ledger("show", NAME).stdout)
    assert record.attempt is not None
    status = facts.pop("Status")
    assert re.fullmatch(rf"IN_PROGRESS \(live, read at {SECOND}\)", status)
    assert facts == {
        "Name": NAME,
        "State": "PLACED, no stack",
        "Order": record.order_id,
        "Outpost": OUTPOST_ID,
        "Items": "2 x OR-ABCDEFG",
        "Payment": "NO_UPFRONT, THREE_YEARS",
        "Order type": "OUTPOST",
        "Submitted": _second(
            datetime.fromisoformat(record.order_attributes["OrderSubmissionDate"])
        ),
        "Sent": f"{_second(record.attempt.started_at)} for Rack of City",
    }
    assert orders.record() == record


def test_offline_it_shows_the_status_of_the_ledger(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """And says when that was read."""
    record = orders.placed()
    outposts.advance(record.order_id, "IN_PROGRESS")
    facts = _facts(ledger("show", NAME, "--offline").stdout)
    assert (facts["State"], facts["Order"]) == ("PLACED", record.order_id)
    assert facts["Status"] == "PREPARING (when last created or updated)"


def test_a_live_status_that_cannot_be_read_is_no_failure(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """The record is shown, and one line says what is missing."""
    order_id = orders.placed().order_id
    outposts.fail("GetOrder", Fault.refusal("AccessDeniedException", "no outposts:GetOrder"))
    done = ledger("show", NAME)
    assert done.exit_code == 0
    assert _facts(done.stdout)["Status"] == "PREPARING (when last created or updated)"
    assert done.stderr == (
        f"The live status of {order_id} can't be read: An error occurred (AccessDeniedException) "
        "when calling the GetOrder operation: no outposts:GetOrder. Ask an administrator for this "
        "permission. To show the ledger alone, use --offline.\n"
    )


def test_an_answer_that_is_no_order_is_no_status(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """An order ID at the beginning of a sentence keeps its letters."""
    order_id = orders.placed().order_id
    outposts.fail("GetOrder", Fault.reply("{}"))
    done = ledger("show", NAME)
    assert done.exit_code == 0
    assert done.stderr == (
        f"The live status of {order_id} can't be read: {order_id} could not be read, and nothing "
        "was bought or changed. It is safe to run the command again. "
        "To show the ledger alone, use --offline.\n"
    )


def test_an_order_that_was_cancelled_elsewhere_can_be_recorded(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """The console cancels, and the ledger doesn't know."""
    outposts.set_status(orders.placed().order_id, "CANCELLED")
    lines = ledger("show", NAME).stdout.splitlines()
    assert lines[-2:] == [
        "The order is cancelled, and the ledger doesn't say so yet. To record it, run:",
        f"  outpost-order cancel {NAME} --table Ledger",
    ]


def test_a_doubt_that_was_cleared_is_not_shown(
    ledger: Run, orders: Orders, outposts: FakeOutposts
) -> None:
    """After reconcile, nothing says that the outcome is unknown."""
    outposts.fail("CreateOrder", Fault.closed(applied=True))
    outposts.list_lag = 1000
    assert "outcome unknown" in answer_create("first", LEDGER, SENDER_HAS_ENDED).reason
    outposts.list_every_order()
    assert ledger("reconcile", NAME).exit_code == 0
    shown = ledger("show", NAME, "--offline").stdout
    assert not re.search("unknown|reconcile|deploy again", shown)
    assert [entry["State"] for entry in orders.record().history] == ["SUBMITTING", "PLACED"]


def test_json_is_one_document(ledger: Run, orders: Orders) -> None:
    """With all that is shown, and the ARNs that a person doesn't need."""
    record = orders.placed()
    attempt = record.attempt
    assert attempt is not None
    document = json.loads(ledger("show", NAME, "--json").stdout)
    order = document.pop("order")
    assert document == {"schema": 1, "ledger": {"table": LEDGER, "region": "us-west-2"}}
    assert (order["name"], order["state"], order["needs"]) == (NAME, "PLACED", None)
    assert (order["order_id"], order["order_type"]) == (record.order_id, "OUTPOST")
    assert (order["in_stack"], order["stack_id"]) == (False, None)
    assert order["status"] == "PREPARING"
    assert datetime.fromisoformat(order["status_read_at"]) > attempt.started_at
    assert order["attempt"] == {
        "stack_id": STACK_ID,
        "logical_id": "Rack",
        "started_at": attempt.started_at.isoformat(),
        "ends_at": attempt.sender_end.isoformat(),
        "earlier_orders": [],
    }
    assert order["history"] == [
        {
            "at": entry["At"],
            "state": entry["State"],
            "who": entry.get("Who"),
            "why": entry.get("Why"),
        }
        for entry in record.history
    ]


def test_it_shows_all_that_a_template_asks_for(ledger: Run, orders: Orders) -> None:
    """An option that isn't the default is named."""
    orders.in_doubt(
        Preflight=contract.Preflight.SKIP, InAdditionTo=["PO-1", "oo-00000000000000001"]
    )
    assert _facts(ledger("show", NAME).stdout)["Options"] == (
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
    facts = _facts(ledger("show", NAME).stdout)
    assert facts["Quote"] == "oqo-0123456789abcdef0 of oq-0123456789abcdef0"
    assert facts["Price"] == "USD 0 upfront and 1200.50 monthly"
    assert facts["Payment"] == "NO_UPFRONT, THREE_YEARS"
    assert "Items" not in facts
    asked_for = json.loads(ledger("show", NAME, "--json").stdout)["order"]["asked_for"]
    assert asked_for["quote_price"] == {
        "upfront_price": "0",
        "monthly_recurring_price": "1200.50",
        "currency": "USD",
    }


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


def test_a_resolved_order_needs_no_command(ledger: Run, orders: Orders) -> None:
    """Nothing is to be done about an order that remains in force."""
    orders.placed()
    assert "outpost-order" not in ledger("show", NAME, "--offline").stdout


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
    by_id, by_name = (ledger("show", each, "--offline") for each in (record.order_id, NAME))
    assert by_id.stdout == by_name.stdout


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
