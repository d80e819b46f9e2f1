"""The failures and faults of a rehearsal, from before its first deployment to after it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from outpost_order_cli.problem import misused
from outpost_order_cli.rehearse.drills import FAILURES, FAULTS, Drill, chosen, order_named
from outpost_order_cli.rehearse.machine import Machine
from outpost_order_cli.rehearse.situation import Situation
from outpost_order_cli.review.assembly import Environment
from outpost_order_cli.review.declared import Order
from outpost_order_handler import contract
from outpost_order_handler.ledger.records import CLOCK_SKEW, OrderRecord, State
from outpost_order_rehearsal import function_faults


@dataclass(frozen=True)
class Practice:
    """The situation of each order name.

    Attributes:
        drills: The situation of each order name, and its name.
    """

    drills: Mapping[str, tuple[str, Drill]]

    @classmethod
    def of(cls, failures: Sequence[str], faults: Sequence[str]) -> "Practice":
        """Read the options `--fail` and `--fault`.

        Raises:
            Problem: One can't be used.
        """
        drills: dict[str, tuple[str, Drill]] = {}
        for option, given, allowed in (
            *(("--fail", each, FAILURES) for each in failures),
            *(("--fault", each, FAULTS) for each in faults),
        ):
            order_name, name = chosen(option, given, allowed)
            if order_name in drills:
                raise misused(
                    f"{order_name or 'An order'} can have one of --fail and --fault, and has two."
                )
            drills[order_name] = (name, allowed[name])
        return cls(drills)

    @property
    def needs_update(self) -> bool:
        """Whether only an update of a stack shows one of the failures."""
        return any(drill.is_seen_by_update for _, drill in self.drills.values())

    def of_app(self, orders: Sequence[Order]) -> "Practice":
        """Return the same for the orders of an app.

        Raises:
            Problem: An order doesn't exist, or can't meet its situation.
        """
        drills = {order_named(given, orders): drill for given, drill in self.drills.items()}
        for order in orders:
            if order.name in drills:
                name, drill = drills[order.name]
                drill.require_possible(name, order)
        return Practice(drills)

    def begin(
        self, machine: Machine, orders: Iterable[Order], default: Environment, undo: ExitStack
    ) -> None:
        """Arrange the situations; `undo` ends them."""
        functions = {}
        for order in orders:
            if order.name in self.drills:
                situation = Situation(order, order.environment.or_else(default), machine, undo)
                _, drill = self.drills[order.name]
                drill.arrange(situation)
                functions[order.name] = situation.function
        function_faults.write(machine.aws.folder, functions)
        undo.callback(function_faults.write, machine.aws.folder, {})
        undo.callback(machine.outposts.clear_faults)


def let_time_pass(machine: Machine, orders: Iterable[Order], default: Environment) -> list[str]:
    """Place late orders, and let the function of each unresolved attempt have ended.

    Returns the names of these orders.
    """
    machine.outposts.apply_late()
    unresolved = []
    for order in orders:
        place = order.environment.or_else(default)
        client = machine.aws.client("dynamodb", place.region, place.account)
        key = {contract.LEDGER_KEY: {"S": f"{OrderRecord.PREFIX}#{order.name}"}}
        for table in client.list_tables()["TableNames"]:
            try:
                item = client.get_item(TableName=table, Key=key).get("Item", {})
            except client.exceptions.ClientError:  # a table of the app's own, with another key
                continue
            if item.get("State", {}).get("S") == State.SUBMITTING:
                _age(item["Attempt"]["M"])
                client.put_item(TableName=table, Item=item)
                unresolved.append(order.name)
    return unresolved


def _age(attempt: dict[str, Any]) -> None:
    """Let the sender of an attempt have ended just now."""
    end = datetime.fromisoformat(attempt["SenderEnd"]["S"])
    past = end - (datetime.now(UTC) - CLOCK_SKEW - timedelta(seconds=1))
    for name in ("StartedAt", "SenderEnd"):
        moved = datetime.fromisoformat(attempt[name]["S"]) - max(past, timedelta())
        attempt[name] = {"S": moved.isoformat()}
