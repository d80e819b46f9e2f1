"""Resolving an order whose outcome is unknown: by evidence, or by an operator's verdict."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import boto3
import typer

from outpost_order_cli.location import Location
from outpost_order_cli.orders import (
    RECONCILE,
    asked_for,
    content,
    moment,
    print_orders,
    print_row,
)
from outpost_order_cli.output import best_effort, is_confirmed, one_line, say
from outpost_order_cli.problems import STILL_UNKNOWN, Problem, misused
from outpost_order_handler import rules
from outpost_order_handler.delivery import World
from outpost_order_handler.order import Order
from outpost_order_handler.properties import parse
from outpost_order_handler.reconciliation import SENDER_MAY_LIVE, evidence, witness_of
from outpost_order_handler.records import Row, State, Witness
from outpost_order_handler.rules import TextRule

# A request is on its way for little more than a minute, and can take effect some minutes
# later. After this long, an order that isn't there won't appear.
_NOT_PLACED_AFTER = timedelta(minutes=15)
_WHY = TextRule(
    r"[^\x00-\x1f\x7f\ud800-\udfff]*[^\x00-\x20\x7f\ud800-\udfff][^\x00-\x1f\x7f\ud800-\udfff]*",
    "a reason, on one line and not blank",
)
_LONGEST_WHY = 500


@dataclass(frozen=True)
class Verdict:
    """An operator's answer to the question of what came of an attempt.

    Attributes:
        order_id: The order that was placed; empty if none was.
        excluded: Matching orders that are known to be others.
        why: How the operator knows.
    """

    order_id: str
    excluded: tuple[str, ...]
    why: str

    @classmethod
    def of(
        cls, *, placed: str | None, not_placed: bool, exclude: list[str] | None, why: str | None
    ) -> Self:
        """Read the options as they were typed.

        Raises:
            Problem: They contradict each other, or break a rule.
        """
        if (placed is not None) == not_placed:
            raise misused("Exactly one of --placed and --not-placed must be given.")
        if exclude and not not_placed:
            raise misused("--exclude goes with --not-placed only.")
        problems = [] if placed is None else [*rules.ORDER_ID.problems("--placed", placed)]
        for order_id in exclude or ():
            problems += rules.ORDER_ID.problems("--exclude", order_id)
        if not_placed or why is not None:
            problems += _why_problems(why)
        if problems:
            raise misused(f"{', '.join(problems)}.")
        return cls(placed or "", tuple(exclude or ()), why or "")


def reconcile(row: Row, world: World, location: Location) -> None:
    """Look for evidence, record what it proves, and print what is left to do.

    Raises:
        typer.Exit: The outcome is still unknown; the exit code is 3.
    """
    if row.state == State.CANCELLING:
        _confirm_cancellation(row, world)
    elif row.is_unresolved:
        _find(row, world, location)
    else:
        say(f"{row.name} is already resolved: {_state(row)}. Nothing to do.")


def resolve(row: Row, verdict: Verdict, world: World, *, yes: bool) -> None:
    """Record the verdict, unless what can be read contradicts it.

    Raises:
        Problem: The verdict isn't recorded.
    """
    if not row.is_unresolved:
        raise Problem(
            f"{row.name} is {_state(row)}. Only an order that is SUBMITTING or IN_DOUBT "
            "can be resolved. Nothing was recorded."
        )
    if verdict.order_id:
        _resolve_placed(row, verdict, world, yes=yes)
    else:
        _resolve_not_placed(row, verdict, world, yes=yes)


def _confirm_cancellation(row: Row, world: World) -> None:
    order = world.outposts.get_order(row.order_id)
    if order.is_cancelled:
        row = world.ledger.cancelled(row)
        _print_recorded(f"{row.order_id} is cancelled", row)
        return
    with best_effort():
        say(
            f"The cancellation of {row.order_id} was requested, but its status is {order.status}. "
            "Delete its resource again, or cancel the order in the Outposts console "
            "or with AWS Support."
        )
    raise typer.Exit(STILL_UNKNOWN)


def _find(row: Row, world: World, location: Location) -> None:
    candidates = evidence(row, world)
    if len(candidates) == 1:
        row = world.ledger.placed(row, candidates[0], witness_of(row))
        _print_recorded(f"{row.name} is {row.order_id}", row)
        return
    with best_effort():
        if candidates:
            print_orders(candidates)
            say(f"\nFound {len(candidates)} matching orders. At most one of them is {row.name}.")
        else:
            say(
                f"No matching order found on {row.outpost_id} yet. "
                "It might still appear: try again in a few minutes."
            )
        _print_next_commands(row, candidates, world.clock.now(), location)
    raise typer.Exit(STILL_UNKNOWN)


def _print_next_commands(
    row: Row, candidates: list[Order], now: datetime, location: Location
) -> None:
    if running := _sender_may_run(row, now):
        say(running)
    say(f"To look again, run:\n  {location.command(RECONCILE, row.name)}")
    say(f"If you know that an order is {row.name}, run:")
    for order_id in [order.order_id for order in candidates] or ["oo-..."]:
        say(f"  {location.command('resolve', row.name, f' --placed {order_id}')}")
    allowed = _earliest_not_placed(row)
    when = f", from {moment(allowed.isoformat())} on" if now < allowed else ""
    excluded = "".join(f" --exclude {order.order_id}" for order in candidates)
    options = f' --not-placed{excluded} --why "..."'
    say(f"If you know that no order was placed, run{when}:")
    say(f"  {location.command('resolve', row.name, options)}")


def _resolve_placed(row: Row, verdict: Verdict, world: World, *, yes: bool) -> None:
    order = world.outposts.get_order(verdict.order_id)
    _refuse_another_order(row, order, world)
    who = _who()
    if not yes:
        print_orders([order], err=True)
        if running := _sender_may_run(row, world.clock.now()):
            say(running, err=True)
        _confirm(row, f"{order.order_id} is the order of {row.name}", who)
    row = world.ledger.placed(row, order, Witness.PERSON, verdict.why, who)
    _print_recorded(f"{row.name} is {row.order_id}", row)


def _refuse_another_order(row: Row, order: Order, world: World) -> None:
    wanted, real = content(request := parse(row.properties)), content(order)
    differences = [
        f"{name} (asked for {wanted[name]}, is {real[name]})" for name in request.differences(order)
    ]
    owner = world.ledger.claim(order.order_id).order_name
    if differences:
        raise Problem(
            f"{order.order_id} isn't what {row.name} asked for. It differs in "
            f"{', '.join(differences)}. Give the ID of the order that was placed."
        )
    if owner:
        whose = "an earlier attempt of this name" if owner == row.name else f"order name {owner}"
        raise Problem(f"{order.order_id} belongs to {whose}. Give the ID of another order.")
    if order.order_id in row.baseline:
        raise Problem(
            f"{order.order_id} was placed before the attempt, so it isn't the order of {row.name}. "
            "To adopt it, resolve with --not-placed, and deploy with adopt_order_id."
        )


def _resolve_not_placed(row: Row, verdict: Verdict, world: World, *, yes: bool) -> None:
    allowed = _earliest_not_placed(row)
    if world.clock.now() < allowed:
        raise Problem(
            f"The order of {row.name} was sent at {moment(row.submitted_at)} and might still "
            f"appear. --not-placed is allowed from {moment(allowed.isoformat())} on."
        )
    excluded = _excluded(row, verdict, world)
    who = _who()
    if not yes:
        if excluded:
            say("Excluded, because you know that they are others:", err=True)
            print_orders(excluded, err=True)
        say(f"The next deployment can buy {row.name} again.", err=True)
        _confirm(row, f"no order was placed for {row.name}", who)
    others = f"; excluded: {', '.join(verdict.excluded)}" if verdict.excluded else ""
    row = world.ledger.not_placed(row, verdict.why + others, who)
    _print_recorded(f"no order was placed for {row.name}. The next deployment can buy it", row)


def _excluded(row: Row, verdict: Verdict, world: World) -> list[Order]:
    """Return the matching orders, if the verdict excludes each of them and no other."""
    candidates = {order.order_id: order for order in evidence(row, world)}
    unknown = [order_id for order_id in verdict.excluded if order_id not in candidates]
    if unknown:
        raise Problem(
            f"--exclude {', '.join(unknown)}: this can't be the order of {row.name}, so it needs "
            f"no exclusion. Matching orders: {', '.join(candidates) or 'none'}."
        )
    left = [order_id for order_id in candidates if order_id not in verdict.excluded]
    if left:
        raise Problem(
            f"{', '.join(left)} might be the order of {row.name}. Resolve with --placed oo-..., "
            "or add --exclude oo-... for each order that you know to be another one."
        )
    return list(candidates.values())


def _earliest_not_placed(row: Row) -> datetime:
    """Return when it can be known at the earliest that no order was placed."""
    return datetime.fromisoformat(row.submitted_at) + _NOT_PLACED_AFTER


def _sender_may_run(row: Row, now: datetime) -> str:
    """Return until when the deployment can still record the outcome; empty after that."""
    until = datetime.fromisoformat(row.submitted_at) + SENDER_MAY_LIVE
    if row.state != State.SUBMITTING or now >= until:
        return ""
    return f"The deployment might still be running (until {until:%H:%M:%S} UTC)."


def _state(row: Row) -> str:
    return f"{row.state} ({row.order_id})" if row.order_id else row.state


def _print_recorded(what: str, row: Row) -> None:
    with best_effort():
        say(f"Recorded: {what}.\n")
        print_row(row)


def _why_problems(why: str | None) -> list[str]:
    if why is not None and len(why) > _LONGEST_WHY:
        return [f"--why must be at most {_LONGEST_WHY} characters, got {len(why)}"]
    return [*_WHY.problems("--why", why or "")]


def _who() -> str:
    return str(boto3.client("sts").get_caller_identity()["Arn"])


def _confirm(row: Row, what: str, who: str) -> None:
    """Ask whether to record something, on the stream that a pipe doesn't swallow."""
    say(f"Order name: {row.name}", err=True)
    say(f"Outpost:    {row.outpost_id}", err=True)
    say(f"Asked for:  {one_line(asked_for(row))}", err=True)
    say(f"You are:    {who}", err=True)
    if not is_confirmed(f"Record that {what}?"):
        raise Problem("Not confirmed. Nothing was recorded. To skip the question, add --yes.")
