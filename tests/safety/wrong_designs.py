"""Wrong designs, each of which the schedules must catch.

They are what a reader might propose instead. A proof that accepts one of them
proves nothing about the product.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from outpost_order_handler import answers, placement, reconciliation
from outpost_order_handler.answers import Answer
from outpost_order_handler.delivery import Delivery, World
from outpost_order_handler.failures import HandlerErrorCode, InDoubt, NotPlaced
from outpost_order_handler.order import Order
from outpost_order_handler.properties import parse
from outpost_order_handler.records import Row, State
from outpost_order_handler.request import OrderRequest
from outpost_order_handler.table import Item, Lost, Table, TableUnavailable, new_version
from tests.safety.checker import Finding, simulated, trials
from tests.safety.scenarios import SCENARIOS
from tests.safety.scheduler import Bound
from tests.safety.world.delivery import Design
from tests.safety.world.dynamodb import SimulatedDynamoDb


@dataclass(frozen=True)
class WrongDesign:
    """A wrong design.

    Attributes:
        name: Its name in figures.
        breaks: The invariant that it breaks.
        design: What is another part in it.
        bend: How the product is bent to it.
        together: How many faults and preemptions it takes at most to show that.
        shown_by: The scenario that is to show it; by default the first that does.
    """

    name: str
    breaks: int
    design: Design = field(default_factory=Design)
    bend: Callable[[], AbstractContextManager[Any]] = nullcontext
    together: int = 2
    shown_by: str = ""


def catch(wrong: WrongDesign) -> Finding | None:
    """Return the first schedule that breaks what the product keeps, smallest bounds first."""
    with simulated(), wrong.bend():
        for together in range(wrong.together + 1):
            bound = Bound(together, together, together)
            for scenario in SCENARIOS.values():
                if wrong.breaks in scenario.fails or wrong.shown_by not in ("", scenario.name):
                    continue
                for trial in trials(scenario, bound, wrong.design):
                    if wrong.breaks in trial.broken:
                        return Finding(trial.size, trial.story(wrong.breaks))
    return None


class _Unconditional(SimulatedDynamoDb):
    def _holds(self, put: Mapping[str, Any]) -> bool:  # noqa: ARG002
        return True


def _by_list_only(event: Mapping[str, Any], world: World) -> Answer:
    """Look for an equal order; where there is none, buy."""
    request = parse(event["ResourceProperties"])
    for summary in world.outposts.orders_on(request.outpost_id):
        order = world.outposts.get_order(summary.order_id)
        if summary.is_open and not request.differences(order):
            return Answer(order.order_id, order.attributes())
    order = world.outposts.create_order(request)
    return Answer(order.order_id, order.attributes())


def _probe_then_send_again() -> AbstractContextManager[Any]:
    """Look for the order after a doubt; where it does not show, send once more."""
    searched, submit = placement._searched, placement._submit

    def probe(row: Row, doubt: InDoubt, delivery: Delivery) -> Row:
        try:
            return searched(row, doubt, delivery)
        except InDoubt:
            request = parse(row.properties)
            return submit(delivery.world.ledger.row(row.name), request, delivery)

    return patch.object(placement, "_searched", probe)


def _no_nonce() -> AbstractContextManager[Any]:
    """After a failed write, take whatever stands for one's own."""
    write = Table.write

    def believing(self: Table, *items: Item, version: str = "") -> tuple[Item, ...]:
        version = version or new_version()
        try:
            return write(self, *items, version=version)
        except (Lost, TableUnavailable):
            if not self.read(items[0].key).version:
                raise
            return tuple(Item(item.key, item.attributes, version) for item in items)

    return patch.object(Table, "write", believing)


def _not_placed_on_an_empty_list() -> AbstractContextManager[Any]:
    """Where no evidence shows, say that nothing was placed."""

    def searched(row: Row, doubt: InDoubt, delivery: Delivery) -> Row:
        orders = reconciliation.evidence(row, delivery.world)
        if orders:
            raise doubt
        delivery.world.ledger.not_placed(row, "the list is empty")
        refusal = NotPlaced(HandlerErrorCode.NOT_FOUND, "EmptyList", row.outpost_id, "mend it")
        raise refusal from doubt

    return patch.object(placement, "_searched", searched)


def _not_placed_on_an_unused_quote() -> AbstractContextManager[Any]:
    """Where the quote names no order, say that nothing was placed."""
    searched = placement._searched

    def believing(row: Row, doubt: InDoubt, delivery: Delivery) -> Row:
        quote = parse(row.properties).quote
        if quote is None or delivery.world.outposts.get_quote(quote.quote_id).submitted_order_id:
            return searched(row, doubt, delivery)
        delivery.world.ledger.not_placed(row, "the quote is unused")
        refusal = NotPlaced(HandlerErrorCode.NOT_FOUND, "Unused", row.outpost_id, "mend it")
        raise refusal from doubt

    return patch.object(placement, "_searched", believing)


def _expiry_that_runs_again() -> AbstractContextManager[Any]:
    """Take an attempt that is in progress for over a minute for abandoned, and run again."""
    resolved = placement._resolved

    def expiring(request: OrderRequest, delivery: Delivery) -> Row:
        row = delivery.world.ledger.row(request.order_name)
        clock = delivery.world.clock
        long_ago = (clock.now() - timedelta(seconds=50)).isoformat()
        if row.state == State.SUBMITTING and row.submitted_at < long_ago:
            delivery.world.ledger.not_placed(row, "expired")
            return replace(delivery.world.ledger.row(request.order_name), request="")
        return resolved(request, delivery)

    return patch.object(placement, "_resolved", expiring)


def _by_content_without_baseline() -> AbstractContextManager[Any]:
    """Take any equal order of the Outpost for ours."""

    def evidence(row: Row, world: World) -> list[Order]:
        wanted = parse(row.properties)
        orders = [
            world.outposts.get_order(summary.order_id)
            for summary in world.outposts.orders_on(row.outpost_id)
            if not world.ledger.claim(summary.order_id).order_name
        ]
        return [order for order in orders if not wanted.differences(order)][:1]

    return patch.object(reconciliation, "evidence", evidence)


@contextmanager
def _answer_not_stored() -> Iterator[None]:
    """Forget what CloudFormation was told."""

    def forgetful(answer: Answer, *_: object) -> Answer:
        return answer

    with patch.object(answers, "_recorded", forgetful):
        yield


WRONG_DESIGNS = (
    WrongDesign("SDK retries on", 2, Design(attempts=3)),
    WrongDesign("probe, then send again", 2, bend=_probe_then_send_again),
    WrongDesign("no table, ListOrders only", 2, Design(create=_by_list_only)),
    WrongDesign("read, then unconditional put", 2, Design(table=_Unconditional)),
    WrongDesign("no nonce", 2, bend=_no_nonce),
    WrongDesign("not placed on an empty list", 2, bend=_not_placed_on_an_empty_list),
    WrongDesign("not placed on an unused quote", 4, bend=_not_placed_on_an_unused_quote),
    WrongDesign("in-progress expiry that runs again", 2, bend=_expiry_that_runs_again),
    WrongDesign("adopt by content without the baseline", 4, bend=_by_content_without_baseline),
    WrongDesign("answer not stored", 3, bend=_answer_not_stored),
    WrongDesign(
        "a ledger per stack",
        1,
        Design(ledger_of=lambda stack: f"outpost-orders-{stack}"),
        shown_by="first_deployment_unknown_then_deployed_again",
    ),
)
