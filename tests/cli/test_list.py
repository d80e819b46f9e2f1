import json

from tests.cli.conftest import NAME, OUTPOST_ID, Orders, Run

ANOTHER_OUTPOST = "op-00000000000000001"


def test_each_order_is_a_line(ledger: Run, orders: Orders) -> None:
    """Name, state, order and Outpost are in one line of at most 80 columns, with whole IDs."""
    row = orders.placed()
    done = ledger("list")
    header, line = done.stdout.splitlines()
    assert done.exit_code == 0
    assert header.split() == ["Name", "State", "Order", "Outpost"]
    assert line.split() == [NAME, "PLACED", row.order_id, OUTPOST_ID]
    assert max(len(line), len(header)) <= 80
    assert (header, line) == (header.rstrip(), line.rstrip())


def test_a_wide_list_has_the_time_and_the_need(ledger: Run, orders: Orders) -> None:
    """In two more columns."""
    row = orders.placed()
    header, line = ledger("list", "--wide").stdout.splitlines()
    assert header.split() == ["Name", "State", "Order", "Outpost", "Submitted", "Needs"]
    submitted = f"{row.submitted_at[:10]} {row.submitted_at[11:19]}Z"
    assert line.split() == [NAME, "PLACED", row.order_id, OUTPOST_ID, *submitted.split(), "-"]


def test_orders_are_sorted_by_name(ledger: Run, orders: Orders) -> None:
    """A table has no order of its own."""
    for name in ("C", "A", "B"):
        orders.rejected(name)
    lines = ledger("list").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["A", "B", "C"]


def test_an_unknown_outcome_needs_attention(ledger: Run, orders: Orders) -> None:
    """It comes first, and the command for the first one is ready to be pasted."""
    orders.rejected("0")
    orders.sent("A")
    orders.in_doubt("B", OutpostIdentifier=ANOTHER_OUTPOST)
    lines = ledger("list", "--wide").stdout.splitlines()
    assert lines[4:] == [
        "",
        "2 orders need attention. Run:",
        "  outpost-order reconcile A --table Ledger",
    ]
    assert [(line.split()[1], line.split()[-1]) for line in lines[1:3]] == [
        ("SUBMITTING", "reconcile"),
        ("IN_DOUBT", "reconcile"),
    ]


def test_unresolved_leaves_out_what_is_known(ledger: Run, orders: Orders) -> None:
    """Only orders that need an operator are listed."""
    orders.rejected("A")
    orders.in_doubt("B")
    line, *footer = ledger("list", "--unresolved").stdout.splitlines()[1:]
    assert line.startswith("B ")
    assert footer[1] == "1 order needs attention. Run:"


def test_an_empty_ledger_says_so(ledger: Run) -> None:
    """No table without lines, and no failure."""
    done = ledger("list")
    assert (done.exit_code, done.stdout) == (0, "The ledger is empty.\n")


def test_nothing_unresolved_says_so(ledger: Run, orders: Orders) -> None:
    """An empty answer could be a mistake of the command."""
    orders.rejected()
    assert ledger("list", "--unresolved").stdout == "No order is unresolved.\n"


def test_json_is_an_object_on_each_line(ledger: Run, orders: Orders) -> None:
    """Scripts read what people see."""
    orders.rejected("A")
    row = orders.in_doubt("B")
    first, second = map(json.loads, ledger("list", "--json").stdout.splitlines())
    assert first["State"] == "REJECTED"
    assert second == {
        "Name": "B",
        "State": "IN_DOUBT",
        "OutpostId": OUTPOST_ID,
        "OrderId": "",
        "SubmittedAt": row.submitted_at,
        "Needs": "reconcile",
    }


def test_json_of_an_empty_ledger_is_empty(ledger: Run) -> None:
    """A script would take words for an order."""
    assert ledger("list", "--json").stdout == ""
