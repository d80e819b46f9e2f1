"""Orders and records as a person sees them."""

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from outpost_order_handler.order import Order
from outpost_order_handler.records import Row, State
from outpost_order_handler.request import OrderRequest

NOTHING = "-"
_WIDE = 1000  # columns: more than any table has

NEEDS = {
    State.SUBMITTING: "reconcile",
    State.IN_DOUBT: "reconcile",
    State.CANCELLING: "reconcile",
    State.CANCEL_REFUSED: "cancel by hand",
}


def summary(row: Row) -> dict[str, str]:
    """Return what a list says of a row."""
    return {
        "Name": row.name,
        "State": row.state,
        "OutpostId": row.outpost_id,
        "OrderId": row.order_id,
        "SubmittedAt": row.submitted_at,
        "Needs": NEEDS.get(row.state, ""),
    }


def print_rows(rows: Iterable[Row]) -> None:
    """Print a table of rows."""
    table = _table("Name", "State", "Outpost", "Order", "Submitted", "Needs")
    for row in rows:
        values = summary(row) | {"SubmittedAt": moment(row.submitted_at)}
        table.add_row(*(value or NOTHING for value in values.values()))
    _print(table)


def print_row(row: Row) -> None:
    """Print everything that is known of a row."""
    facts = {
        "Name": row.name,
        "State": row.state,
        "Outpost": row.outpost_id,
        "Order": row.order_id,
        "Status": row.attributes.get("Status", ""),
        "Witness": row.witness,
        "Submitted": moment(row.submitted_at),
        "Asked for": _asked_for(row.properties),
        "Orders before": str(len(row.baseline)),
        "Resource": row.resource.replace("|", " "),
        "Reason": row.reason,
    }
    grid = _table("", "", show_header=False)
    for name, value in facts.items():
        grid.add_row(name, value or NOTHING)
    _print(grid, fitting=True)
    _print_history(row)


def print_orders(orders: Iterable[Order]) -> None:
    """Print a table of real orders."""
    orders = list(orders)
    columns = {"LineItems": "Line items", "PaymentOption": "Payment", "PaymentTerm": "Term"}
    if any(order.quote_id for order in orders):
        columns |= {"QuoteIdentifier": "Quote", "QuoteOptionIdentifier": "Option"}
    table = _table("Order", "Status", "Submitted", *columns.values())
    for order in orders:
        told = content(order)
        shown = (told[name] for name in columns)
        table.add_row(order.order_id, order.status, moment(order.submitted_at), *shown)
    _print(table)


def content(order: Order | OrderRequest) -> dict[str, str]:
    """Return what is ordered, by the names of the API."""
    items = ", ".join(f"{quantity} x {item}" for item, quantity in order.line_items)
    return {
        "OutpostIdentifier": order.outpost_id,
        "LineItems": items or NOTHING,
        "QuoteIdentifier": order.quote_id or NOTHING,
        "QuoteOptionIdentifier": order.quote_option_identifier or NOTHING,
        "PaymentOption": order.payment_option,
        "PaymentTerm": order.payment_term or NOTHING,
    }


def moment(at: str) -> str:
    """Return a time of the ledger to the second, in UTC."""
    return f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if at else NOTHING


def _asked_for(properties: Mapping[str, Any]) -> str:
    # Not parsed: what a newer version wrote is to be seen as well.
    items = properties.get("LineItems", ())
    shown_above = ("OrderName", "OutpostIdentifier", "LineItems")
    others = [str(value) for name, value in properties.items() if name not in shown_above]
    return ", ".join([f"{item['Quantity']} x {item['CatalogItemId']}" for item in items] + others)


def _print_history(row: Row) -> None:
    table = _table("When", "State", "Who", "Why")
    for entry in row.history:
        said = (entry.get("Who", NOTHING), entry.get("Why", NOTHING))
        table.add_row(moment(entry["At"]), entry["State"], *said)
    typer.echo()
    _print(table, fitting=True)


def _table(*headers: str, show_header: bool = True) -> Table:
    table = Table(*headers, box=None, pad_edge=False, show_header=show_header, header_style="bold")
    for column in table.columns:
        column.overflow = "fold"  # by default, what does not fit is cut
    return table


def _print(table: Table, *, fitting: bool = False) -> None:
    """Print a table, by default as wide as it is: an id that is broken cannot be copied."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not (fitting and sys.stdout.isatty()):
        console.width = _WIDE
    console.print(table)
