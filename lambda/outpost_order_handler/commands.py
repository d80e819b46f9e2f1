"""The commands that a failure reason names, as an operator pastes them.

The function's environment says which Region and which ledger they need.
"""

import os

from outpost_order_handler import contract


def init() -> str:
    """Return the command that creates the account's ledger."""
    return f"outpost-order init{_region()}"


def reconcile(order_name: str) -> str:
    """Return the command that finds out what became of an order."""
    table = "" if is_default_ledger() else f" --table {ledger()}"
    return f"outpost-order reconcile {order_name}{_region()}{table}"


def ledger() -> str:
    """Return the name of the function's ledger."""
    return os.environ.get(contract.LEDGER_TABLE, contract.DEFAULT_LEDGER)


def is_default_ledger() -> bool:
    """Return whether the function's ledger is the one that `outpost-order init` creates."""
    return ledger() == contract.DEFAULT_LEDGER


def region() -> str:
    """Return the function's Region; unknown is empty."""
    return os.environ.get("AWS_REGION", "")


def _region() -> str:
    return f" --region {region()}" if region() else ""
