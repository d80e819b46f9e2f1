"""Wrong designs, each of which the schedules and the random walks must catch.

A reader might propose one of them instead. A proof that accepts one of them
proves nothing about the product.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from outpost_order_handler.clock import StartOver
from outpost_order_handler.cloudformation import answers, lifecycle
from outpost_order_handler.cloudformation.answers import Answer
from outpost_order_handler.cloudformation.event import Event
from outpost_order_handler.failures import OrderError, Outcome
from outpost_order_handler.ledger import records
from outpost_order_handler.ledger.records import Attempt, OrderRecord, OutpostRecord, State
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.responses import CANCELLED, Order
from outpost_order_handler.placement import evidence, identical, place
from outpost_order_handler.placement.context import RequestContext, Services
from tests.safety.checker import Finding, simulated, trials
from tests.safety.scenarios import SCENARIOS
from tests.safety.scheduler import Bound
from tests.safety.shrinking import shrink
from tests.safety.walks import NO_PROOF, Found, walk_randomly
from tests.safety.world.delivery import Design
from tests.safety.world.dynamodb import SimulatedDynamoDb

Bend = AbstractContextManager[Any]


@dataclass(frozen=True)
class WrongDesign:
    """A wrong design.

    Attributes:
        name: Its name in figures.
        breaks: The invariant that it breaks.
        design: Its other part.
        bend: A context in which the product has this design.
        together: The most faults and preemptions that are needed to show that.
        shown_by: The scenario that shows it; by default, the first that does.
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
                if wrong.shown_by not in ("", scenario.name):
                    continue
                for trial in trials(scenario, bound, wrong.design):
                    if wrong.breaks in trial.broken:
                        return Finding(trial.size, trial.story(wrong.breaks))
    return None


def walk_into(wrong: WrongDesign, seed: int, is_over: Callable[[int], bool]) -> Found | None:
    """Return the first random walk that breaks what the product keeps, made as small as it gets."""
    with simulated(), wrong.bend():
        _, found = walk_randomly(seed, is_over=is_over, design=wrong.design)
        if found is None or found.invariant == NO_PROOF:
            return None
        return replace(found, walk=shrink(found.walk, found.invariant, wrong.design))


class _Unconditional(SimulatedDynamoDb):
    def _holds(self, put: Mapping[str, Any]) -> bool:  # noqa: ARG002
        return True


def _by_list_only(event: Event, services: Services, _: Callable[[], None]) -> Answer:
    """Look for an identical order; without one, buy."""
    content, outposts = event.request.content, services.outposts
    for order_id in outposts.list_orders(content.outpost_id):
        order = outposts.get_order(order_id)
        if order.counts and order.content.is_identical_to(content):
            return Answer(order.order_id, Outcome.PLACED, order.attributes())
    order = outposts.client_that_sends_once(60)(content)
    return Answer(order.order_id, Outcome.PLACED, order.attributes())


def _delete_that_cancels(event: Event, services: Services) -> Answer:
    if event.physical_id.startswith("oo-"):
        services.outposts._reader.cancel_order(OrderId=event.physical_id)
    return answers.answer_delete(event)


def _probe_then_send_again() -> Bend:
    """Look for the order after a lost response; without evidence, send once more."""

    def probe(context: RequestContext) -> None:
        try:
            evidence.conclude(context)
        except (OrderError, StartOver):
            if not isinstance(context.response, OrderError):
                raise
            send = context.services.outposts.client_that_sends_once(60)
            context.response = send(context.request.content)
            evidence.conclude(context)

    return patch.object(place, "conclude", probe)


def _no_nonce() -> Bend:
    """After a failed write, take the stored record for one's own."""
    write = Ledger.write

    def believing(self: Ledger, order: OrderRecord, outpost: OutpostRecord | None = None) -> str:
        try:
            return write(self, order, outpost)
        except StartOver:
            version = self.record(order.name).version
            if not version:
                raise
            return version

    return patch.object(Ledger, "write", believing)


def _not_placed_on_an_empty_list() -> Bend:
    """Without evidence, say that nothing was placed."""

    def conclude(context: RequestContext, _: OrderError) -> None:
        context.not_placed()
        raise OrderError("NotSent")

    return patch.object(evidence, "_search_again_or_raise", conclude)


def _not_placed_on_an_unused_quote() -> Bend:
    """If the quote names no order, say that nothing was placed."""
    search_again = evidence._search_again_or_raise

    def conclude(context: RequestContext, error: OrderError) -> None:
        if not context.request.content.option_id:
            search_again(context, error)
        context.not_placed()
        raise OrderError("NotSent")

    return patch.object(evidence, "_search_again_or_raise", conclude)


def _expiry_that_runs_again() -> Bend:
    """Take an attempt that is in progress for over 50 seconds for abandoned, and run again."""

    def conclude(context: RequestContext) -> None:
        attempt, now = context.order.attempt, context.services.clock.now()
        assert attempt is not None
        if attempt.sender != context.sender and now - attempt.started_at > timedelta(seconds=50):
            context.not_placed()
        else:
            evidence.conclude(context)

    return patch.object(lifecycle, "conclude", conclude)


def _by_content_without_baseline() -> Bend:
    """Take any identical order of the Outpost for ours."""

    def find(context: RequestContext) -> Order | None:
        outposts, content = context.services.outposts, context.request.content
        found = [
            order
            for order in map(outposts.get_order, outposts.list_orders(content.outpost_id))
            if order.counts
            and order.content.is_identical_to(content)
            and order.order_id not in context.outpost.orders
        ]
        return found[0] if found else None

    return patch.object(evidence, "find_evidence", find)


def _answers_not_stored(*outcomes: Outcome) -> Bend:
    """Forget the answer to CloudFormation."""
    answered = OrderRecord.answered

    def forgetful(self: OrderRecord, request: str, answer: Mapping[str, Any]) -> OrderRecord:
        return self if answer["Outcome"] in outcomes else answered(self, request, answer)

    return patch.object(OrderRecord, "answered", forgetful)


def _orders_of_this_hour_are_meant() -> Bend:
    """Take an identical order of the last hour for another one that is wanted."""
    is_identical = identical._is_identical

    def old_and_identical(order_id: str, context: RequestContext) -> bool:
        real, now = context.services.outposts.get_order(order_id), context.services.clock.now()
        is_old = real.submitted_at is None or now - real.submitted_at > timedelta(hours=1)
        return is_old and is_identical(order_id, context)

    return patch.object(identical, "_is_identical", old_and_identical)


def _completed_is_gone() -> Bend:
    """A delivered order is no obstacle."""

    def counts(self: Order) -> bool:
        return self.status not in (CANCELLED, "COMPLETED") and not self.is_replacement

    return patch.object(Order, "counts", property(counts))


def _list_without_ledger() -> Bend:
    """Search in ListOrders alone."""
    search = identical.require_no_identical_order

    def listed(context: RequestContext) -> tuple[str, ...]:
        mapped = context.outpost
        context.outpost = OutpostRecord(name=mapped.name)
        try:
            return search(context)
        finally:
            context.outpost = mapped

    return patch.object(place, "require_no_identical_order", listed)


def _every_state_buys() -> Bend:
    """Buy in each state that isn't known to forbid it."""

    class Everything(frozenset[str]):
        def __contains__(self, _: object) -> bool:
            return True

    return patch.object(lifecycle, "MAY_BUY", Everything())


def _cancelled_orders_are_bought_again() -> Bend:
    """A name whose order was cancelled is free."""

    def join(context: RequestContext) -> None:
        place.join(context)
        if context.order.state == State.CANCELLED:
            place.place(context)

    return patch.object(lifecycle, "join", join)


def _unconfirmed() -> Bend:
    """Believe the event."""

    def now(context: RequestContext) -> datetime:
        return context.services.clock.now()

    return patch.object(place, "require_creating", now)


def _never_too_old() -> Bend:
    """Never ask CloudFormation a second time."""
    return patch.object(place, "_require_fresh", lambda *_: None)


def _evidence_at_once() -> Bend:
    """Draw conclusions while the sender might still run."""
    return patch.object(Attempt, "sender_has_ended", lambda *_: True)


def _named_attempts_are_passed() -> Bend:
    """Take the names in the template for resolved."""
    require = identical.require_no_identical_attempt

    def unless_named(context: RequestContext) -> None:
        mapped, named = context.outpost, set(context.request.in_addition_to)
        others = {name: each for name, each in mapped.attempts.items() if name not in named}
        context.outpost = replace(mapped, attempts=others)
        try:
            require(context)
        finally:
            context.outpost = mapped

    return patch.object(lifecycle, "require_no_identical_attempt", unless_named)


def _newest_answer_only() -> Bend:
    """Keep one answer."""
    return patch.object(records, "MAX_STORED_ANSWERS", 1)


ALL_OUTCOMES = (Outcome.PLACED, Outcome.JOINED, Outcome.NOT_PLACED)
WRONG_DESIGNS = (
    WrongDesign("SDK retries on", 2, Design(attempts=3)),
    WrongDesign("probe, then send again", 2, bend=_probe_then_send_again),
    WrongDesign("no table, ListOrders only", 2, Design(answer=_by_list_only)),
    WrongDesign("read, then unconditional put", 2, Design(table=_Unconditional)),
    WrongDesign("no nonce", 2, bend=_no_nonce),
    WrongDesign("not placed on an empty list", 4, bend=_not_placed_on_an_empty_list),
    WrongDesign("not placed on an unused quote", 4, bend=_not_placed_on_an_unused_quote),
    WrongDesign("in-progress expiry that runs again", 2, bend=_expiry_that_runs_again),
    WrongDesign("adopt by content without the baseline", 4, bend=_by_content_without_baseline),
    WrongDesign("answers not stored", 3, bend=lambda: _answers_not_stored(*ALL_OUTCOMES)),
    WrongDesign(
        "answers of refusals not stored", 3, bend=lambda: _answers_not_stored(Outcome.NOT_PLACED)
    ),
    WrongDesign("only the newest answer kept", 3, bend=_newest_answer_only),
    WrongDesign("a clock rule for identical orders", 11, bend=_orders_of_this_hour_are_meant),
    WrongDesign("COMPLETED treated as gone", 11, bend=_completed_is_gone),
    WrongDesign(
        "list without ledger",
        11,
        bend=_list_without_ledger,
        shown_by="identical_order_that_no_list_shows",
    ),
    WrongDesign("an unknown state permits a purchase", 2, bend=_every_state_buys),
    WrongDesign("a cancelled order is bought again", 1, bend=_cancelled_orders_are_bought_again),
    WrongDesign("no confirmation by CloudFormation", 12, bend=_unconfirmed),
    WrongDesign(
        "a confirmation that is never too old",
        12,
        bend=_never_too_old,
        shown_by="given_up_while_the_sender_is_suspended",
    ),
    WrongDesign(
        "evidence before the sender's end",
        4,
        bend=_evidence_at_once,
        shown_by="identical_order_elsewhere_while_the_sender_is_suspended",
    ),
    WrongDesign(
        "in_addition_to passes an unresolved attempt",
        5,
        bend=_named_attempts_are_passed,
        shown_by="in_addition_to_an_unresolved_attempt",
    ),
    WrongDesign("a Delete that cancels", 9, Design(delete=_delete_that_cancels)),
    WrongDesign(
        "a ledger per stack",
        1,
        Design(ledger_of=lambda stack: f"outpost-orders-{stack}"),
        shown_by="first_deployment_unknown_then_deployed_again",
    ),
)
