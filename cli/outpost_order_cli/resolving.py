"""Recording a person's verdict on an order whose outcome nobody knows."""

import boto3
import typer

from outpost_order_cli.problems import Problem
from outpost_order_cli.shown import content, moment, print_orders, print_row
from outpost_order_cli.verdict import Verdict
from outpost_order_cli.waiting import earliest_not_placed, sender_may_tell
from outpost_order_handler.delivery import World
from outpost_order_handler.order import Order
from outpost_order_handler.properties import parse
from outpost_order_handler.reconciliation import evidence
from outpost_order_handler.records import Row, Witness


def resolve(row: Row, verdict: Verdict, world: World, *, yes: bool) -> None:
    """Record the verdict, if what can be read does not speak against it.

    Raises:
        Problem: It is not recorded.
    """
    if not row.is_unresolved:
        order = f" ({row.order_id})" if row.order_id else ""
        raise Problem(
            f"{row.name} is {row.state}{order}; "
            "only an order that is SUBMITTING or IN_DOUBT can be resolved"
        )
    if verdict.order_id:
        _resolve_placed(row, verdict, world, yes=yes)
    else:
        _resolve_not_placed(row, verdict, world, yes=yes)


def _resolve_placed(row: Row, verdict: Verdict, world: World, *, yes: bool) -> None:
    order = world.outposts.get_order(verdict.order_id)
    _refuse_another_order(row, order, world)
    who = _who()
    print_orders([order])
    typer.echo(sender_may_tell(row, world.clock.now()))
    _ask(f"Record, as {who}, that {order.order_id} came of {row.name}?", yes=yes)
    row = world.ledger.placed(row, order, Witness.PERSON, verdict.why, who)
    typer.echo(f"recorded: {row.name} is {row.order_id}\n")
    print_row(row)


def _refuse_another_order(row: Row, order: Order, world: World) -> None:
    wanted, real = content(request := parse(row.properties)), content(order)
    differences = [
        f"{name} (asked for {wanted[name]}, is {real[name]})" for name in request.differences(order)
    ]
    owner = world.ledger.claim(order.order_id).order_name
    if differences:
        raise Problem(
            f"{order.order_id} is not what {row.name} asked for, it has another "
            f"{', '.join(differences)}; give the id of the order that came of it"
        )
    if owner:
        whose = "an earlier attempt of this name" if owner == row.name else f"order {owner}"
        raise Problem(f"{order.order_id} belongs to {whose}; give the id of another order")
    if order.order_id in row.baseline:
        raise Problem(
            f"{order.order_id} was there before the attempt, so it did not come of {row.name}; "
            "to take it over, resolve with --not-placed and deploy with adopt_order_id"
        )


def _resolve_not_placed(row: Row, verdict: Verdict, world: World, *, yes: bool) -> None:
    allowed = earliest_not_placed(row)
    if world.clock.now() < allowed:
        raise Problem(
            f"{row.name} was sent at {moment(row.submitted_at)}, and may be carried out late; "
            f"--not-placed is allowed from {moment(allowed.isoformat())} on"
        )
    _refuse_with_candidates(row, verdict, world)
    who = _who()
    _ask(
        f"The next deployment may buy this order again. "
        f"Record, as {who}, that no order came of {row.name}?",
        yes=yes,
    )
    others = f"; not ours: {', '.join(verdict.not_ours)}" if verdict.not_ours else ""
    row = world.ledger.not_placed(row, verdict.why + others, who)
    typer.echo(f"recorded: no order came of {row.name}\n")
    print_row(row)


def _refuse_with_candidates(row: Row, verdict: Verdict, world: World) -> None:
    candidates = [order.order_id for order in evidence(row, world)]
    unknown = [order_id for order_id in verdict.not_ours if order_id not in candidates]
    if unknown:
        raise Problem(
            f"--not-ours {', '.join(unknown)}: this could not be {row.name} anyway, "
            f"candidates are {', '.join(candidates) or 'none'}; leave it out"
        )
    left = [order_id for order_id in candidates if order_id not in verdict.not_ours]
    if left:
        raise Problem(
            f"{', '.join(left)} may be {row.name}; resolve with --placed oo-..., or give "
            "--not-ours oo-... for each that is known to be somebody else's"
        )


def _who() -> str:
    return str(boto3.client("sts").get_caller_identity()["Arn"])


def _ask(question: str, *, yes: bool) -> None:
    try:
        confirmed = yes or typer.confirm(question, err=True)
    except typer.Abort:
        typer.echo(err=True)  # the question has no end of line yet
        confirmed = False
    if not confirmed:
        raise Problem("not confirmed, nothing was recorded; --yes confirms without a question")
