"""The commands that a failure reason names, as an operator pastes them.

The function's own environment says which Region and ledger they need, so that the
command finds the record wherever it runs.
"""

import os

from outpost_order_handler import contract


def init() -> str:
    """Return the command that creates the account's ledger."""
    return f"outpost-order init{_region()}"


def reconcile(order_name: str) -> str:
    """Return the command that finds out what became of an order."""
    return f"outpost-order reconcile {order_name}{_region()}{_table()}"


def show(order_name: str) -> str:
    """Return the command that shows the record of an order."""
    return f"outpost-order show {order_name}{_region()}{_table()}"


def ledger() -> str:
    """Return the name of the function's ledger."""
    return os.environ.get(contract.LEDGER_TABLE, contract.DEFAULT_LEDGER)


def is_default_ledger() -> bool:
    """Tell whether the function's ledger is the one that `outpost-order init` creates."""
    return ledger() == contract.DEFAULT_LEDGER


def region() -> str:
    """Return the function's Region; unknown is empty."""
    return os.environ.get("AWS_REGION", "")


def _region() -> str:
    return f" --region {region()}" if region() else ""


def _table() -> str:
    return "" if is_default_ledger() else f" --table {ledger()}"
