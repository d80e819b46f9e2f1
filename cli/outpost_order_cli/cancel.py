"""`outpost-order cancel`: an operator cancels an order, and GetOrder decides what is recorded."""

import shlex
from dataclasses import dataclass
from typing import Self

import typer

from outpost_order_cli.confirmation import confirm_by_name, confirm_problems, print_question
from outpost_order_cli.ledger import OperatorServices
from outpost_order_cli.location import Location, identity_in_use
from outpost_order_cli.orders import (
    UPGRADE,
    KnownOrder,
    described_state,
    needs,
    print_orders,
    record_of,
)
from outpost_order_cli.output import best_effort, say
from outpost_order_cli.problem import STILL_UNKNOWN, Problem, misused
from outpost_order_cli.problems import UPGRADE_FIRST, step_after, words_of
from outpost_order_cli.progress import progress
from outpost_order_cli.reconcile import reconcile
from outpost_order_cli.resolve import why_problems
from outpost_order_cli.show import print_order
from outpost_order_cli.unresolved import load_context
from outpost_order_handler.failures import OrderError, Outcome
from outpost_order_handler.ledger.records import OrderRecord, State
from outpost_order_handler.outposts.responses import CANCELLED, Order
from outpost_order_handler.placement.context import RequestContext

_ASK_SUPPORT = "Ask AWS Support whether it can still be cancelled."


@dataclass(frozen=True)
class Cancellation:
    """A cancellation as an operator typed it, and the ledger of its order."""

    name: str
    location: Location
    confirm: str | None
    why: str | None

    @classmethod
    def of(cls, name: str, location: Location, *, confirm: str | None, why: str | None) -> Self:
        """Read the arguments and options as they were typed.

        Raises:
            Problem: They contradict each other, or break a rule.
        """
        problems = confirm_problems(name, confirm)
        problems += [] if why is None else why_problems(why)
        if problems:
            raise misused(f"{', '.join(problems)}. Nothing was sent.")
        return cls(name, location, confirm, why)

    def command(self, confirm: str | None) -> str:
        """Return the command that does this again."""
        given = {"--confirm": confirm, "--why": self.why}
        options = "".join(f" {key} {shlex.quote(each)}" for key, each in given.items() if each)
        return self.location.command("cancel", self.name, options)


def cancel(typed: Cancellation, services: OperatorServices) -> None:
    """Cancel the order, unless it is cancelled already, and record that.

    Raises:
        Problem: The name has no order, or its order remains in force.
        typer.Exit: It isn't known yet whether the order remains in force; the exit code is 3.
        VersionConflict: Another process changed the ledger; nothing was recorded.
    """
    record = _load_resolved_record(typed, services)
    if record.state == State.CANCELLED:
        say(f"{typed.name} is already {described_state(record)}. Nothing to do.")
        return
    context, why = load_context(record, services), "the service shows that it was cancelled"
    with progress(f"Reading {record.order_id} from AWS Outposts"):
        real, who = services.outposts.get_order(record.order_id), identity_in_use()
    if real.status != CANCELLED:
        _confirm(typed, real, who)
        real, why = _request_cancellation(typed, context, services), "by outpost-order cancel"
    _record(context, real, who, typed.why or why)


def _load_resolved_record(typed: Cancellation, services: OperatorServices) -> OrderRecord:
    """Return the record of a name that has an order; an unresolved one is reconciled first."""
    record = record_of(typed.name, services, typed.location)
    if record.state == State.SUBMITTING:
        reconcile(typed.name, services, typed.location)
        record = record_of(typed.name, services, typed.location)
    if needs(record.state) == UPGRADE:
        unknown = f"{typed.name} is {record.state}, which this version doesn't know."
        raise Problem(f"{unknown} Nothing was sent. {UPGRADE_FIRST}")
    if record.state not in (State.PLACED, State.CANCELLED):
        raise Problem(f"{typed.name} is {record.state}: it has no order. Nothing was sent.")
    return record


def _confirm(typed: Cancellation, real: Order, who: str) -> None:
    """Show the order, and let the operator type its name, unless an option has it."""

    def show() -> None:
        print_question(typed.name, real.content.outpost_id, who)
        print_orders([real], err=True)

    confirm_by_name(
        typed.name,
        typed.confirm,
        show,
        (
            "You can't undo a cancellation, and the order name can't be used again.",
            f"To cancel {real.order_id}",
        ),
        f"Nothing was sent, and {real.order_id} remains in force. "
        f"To skip the question, run: {typed.command(confirm=typed.name)}",
    )


def _request_cancellation(
    typed: Cancellation, context: RequestContext, services: OperatorServices
) -> Order:
    """Send CancelOrder, and return the order if GetOrder shows it as cancelled; else raise."""
    order_id, failure = context.order.order_id, None
    said = "The service accepted the cancellation."
    try:
        with progress(f"Cancelling {order_id}"):
            services.outposts.cancel_order(order_id)
    except OrderError as error:
        failure, said = error, words_of(error.__cause__ or error)
    real = context.order_or_none(order_id)
    if real is not None and real.status == CANCELLED:
        return real
    if real is not None and failure is not None and failure.outcome is Outcome.NOT_PLACED:
        step = step_after(failure.__cause__ or failure) or _ASK_SUPPORT
        raise Problem(f"{said} {order_id} of {typed.name} remains in force. {step}")
    shown = f"still shows {order_id} as {real.status}" if real else f"can't show {order_id} now"
    with best_effort():
        say(f"{said} GetOrder {shown}.\n{order_id} might remain in force. Run it again:")
        say(f"  {typed.command(typed.confirm)}")
    raise typer.Exit(STILL_UNKNOWN)


def _record(context: RequestContext, real: Order, who: str, why: str) -> None:
    name = context.order.name
    with best_effort():
        say(f"{real.order_id} of {name} is cancelled.")
    context.cancelled(real, who, why)
    context.commit()
    with best_effort():
        say(f"Recorded: {name} is CANCELLED. To order again, use a new order_name.\n")
        print_order(KnownOrder(context.order, context.services.clock.now(), is_live=True))
