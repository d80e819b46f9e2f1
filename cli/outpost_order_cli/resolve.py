"""`outpost-order resolve`: an operator records what came of an order whose outcome is unknown."""

import shlex
from dataclasses import dataclass
from typing import Self

from outpost_order_cli.confirmation import confirm_by_name, confirm_problems
from outpost_order_cli.location import Location, identity_in_use
from outpost_order_cli.orders import (
    described_state,
    facts_of,
    moment,
    print_orders,
    record_of,
)
from outpost_order_cli.output import is_confirmed, say
from outpost_order_cli.problem import Problem, misused
from outpost_order_cli.progress import progress
from outpost_order_cli.unresolved import Unresolved
from outpost_order_handler import rules
from outpost_order_handler.ledger.records import State
from outpost_order_handler.outposts.responses import Order
from outpost_order_handler.placement.context import Services
from outpost_order_handler.placement.evidence import is_proof
from outpost_order_handler.rules import TextRule

_WHY = TextRule(
    r"[^\x00-\x1f\x7f\ud800-\udfff]*[^\x00-\x20\x7f\ud800-\udfff][^\x00-\x1f\x7f\ud800-\udfff]*",
    "a reason, on one line and not blank",
)
_LONGEST_WHY = 500


@dataclass(frozen=True)
class Verdict:
    """An operator's answer: whether an attempt placed an order, and which one.

    Attributes:
        order_id: The order that was placed; empty if none was.
        excluded: Matching orders that are known to be others.
        why: How the operator knows.
        confirm: The order name again, which answers the question of --not-placed.
        yes: Whether the question of --placed is skipped.
    """

    order_id: str
    excluded: tuple[str, ...]
    why: str
    confirm: str | None
    yes: bool

    @classmethod
    def of(
        cls,
        name: str,
        *,
        placed: str | None,
        not_placed: bool,
        exclude: list[str] | None,
        why: str | None,
        confirm: str | None,
        yes: bool,
    ) -> Self:
        """Read the options as they were typed.

        Raises:
            Problem: They contradict each other, or break a rule.
        """
        if (placed is not None) == not_placed:
            raise misused("Give exactly one of --placed and --not-placed.")
        if exclude and not not_placed:
            raise misused("--exclude goes with --not-placed only. Omit it.")
        if yes and not_placed:
            raise misused(
                "--yes doesn't apply to --not-placed. "
                f"To skip the question, use --confirm {shlex.quote(name)}."
            )
        if confirm is not None and not not_placed:
            raise misused(
                "--confirm goes with --not-placed only. "
                "To skip the question of --placed, use --yes."
            )
        problems = confirm_problems(name, confirm)
        if placed is not None:
            problems += rules.ORDER_ID.problems("--placed", placed)
        for order_id in exclude or ():
            problems += rules.ORDER_ID.problems("--exclude", order_id)
        if not_placed or why is not None:
            problems += why_problems(why)
        if problems:
            raise misused(f"{', '.join(problems)}.")
        return cls(placed or "", tuple(exclude or ()), why or "", confirm, yes)

    def confirmed_command(self, name: str, location: Location) -> str:
        """Return the command that records this --not-placed verdict without a question."""
        excluded = "".join(f" --exclude {order_id}" for order_id in self.excluded)
        given = f" --why {shlex.quote(self.why)} --confirm {shlex.quote(name)}"
        return location.command("resolve", name, f" --not-placed{excluded}{given}")


def resolve(name: str, verdict: Verdict, services: Services, location: Location) -> None:
    """Record the verdict, unless what can be read contradicts it.

    Raises:
        Problem: The verdict isn't recorded.
        VersionConflict: Another process changed the ledger; nothing was recorded.
    """
    record = record_of(name, services, location)
    if record.state != State.SUBMITTING:
        raise Problem(
            f"{name} is {described_state(record)}. Only an order that is SUBMITTING or IN_DOUBT "
            "can be resolved. Nothing was recorded."
        )
    unresolved = Unresolved.load(record, services)
    if verdict.order_id:
        _resolve_placed(unresolved, verdict)
    else:
        _resolve_not_placed(unresolved, verdict, location)


def _resolve_placed(unresolved: Unresolved, verdict: Verdict) -> None:
    if unresolved.still_running:
        raise Problem(
            f"{unresolved.still_running} Nothing was recorded. Run the command again after that."
        )
    context = unresolved.context
    with progress(f"Reading {verdict.order_id} from AWS Outposts"):
        order = context.services.outposts.get_order(verdict.order_id)
    _require_evidence(unresolved, order)
    who = identity_in_use()
    if not verdict.yes:
        unresolved.print_question(who)
        print_orders([order], err=True)
        if not is_confirmed(f"Record that {order.order_id} is the order of {unresolved.name}?"):
            raise Problem("Not confirmed. Nothing was recorded. To skip the question, add --yes.")
    context.placed(order, who, verdict.why)
    unresolved.record(f"{unresolved.name} is {order.order_id}")


def _require_evidence(unresolved: Unresolved, order: Order) -> None:
    """Refuse an order that the function wouldn't take as evidence if it were the only one."""
    name, order_id = unresolved.name, order.order_id
    wanted, real = unresolved.context.request.content, order.content
    asked, is_ = facts_of(wanted), facts_of(real)
    differences = [
        f"{each} (asked for {asked[each]}, is {is_[each]})" for each in wanted.differences(real)
    ]
    owner = unresolved.context.outpost.orders.get(order_id)
    if differences:
        raise Problem(
            f"{order_id} isn't what {name} asked for. It differs in "
            f"{', '.join(differences)}. Give the ID of the order that was placed."
        )
    if owner:
        raise Problem(f"{order_id} belongs to order name {owner}. Give the ID of another order.")
    if order_id in unresolved.attempt.baseline:
        raise Problem(
            f"{order_id} was placed before the attempt, so it isn't the order of {name}. "
            "To adopt it, resolve with --not-placed, and deploy with adopt_order_id."
        )
    if not order.counts:
        what = "a replacement by AWS" if order.is_replacement else "CANCELLED"
        raise Problem(
            f"{order_id} is {what}, so it can't be the order of {name}. "
            "Give the ID of another order, or resolve with --not-placed."
        )
    found = unresolved.matching_orders()
    if order_id not in [each.order_id for each in found]:
        raise Problem(
            f"{order_id} isn't in the list of the orders of {real.outpost_id} yet. "
            "Run the command again in a few minutes."
        )
    if not is_proof(order, unresolved.context):
        raise Problem(
            f"{order_id} can't be shown to come from the attempt: it was submitted at "
            f"{moment(order.submitted_at)}, and the attempt ran from "
            f"{moment(unresolved.attempt.started_at)} to "
            f"{moment(unresolved.attempt.sender_end)}. To adopt it, resolve with "
            f"--not-placed --exclude {order_id}, and deploy with adopt_order_id."
        )


def _resolve_not_placed(unresolved: Unresolved, verdict: Verdict, location: Location) -> None:
    name, allowed = unresolved.name, unresolved.not_placed_from
    if unresolved.now < allowed:
        raise Problem(
            f"The order of {name} was sent at {moment(unresolved.attempt.started_at)} and might "
            f"still appear. --not-placed is allowed from {moment(allowed)} on."
        )
    excluded = _excluded(unresolved, verdict)
    who = identity_in_use()

    def show() -> None:
        unresolved.print_question(who)
        if excluded:
            say("Excluded, because you know that these are other orders:", err=True)
            print_orders(excluded, err=True)

    confirm_by_name(
        name,
        verdict.confirm,
        show,
        (
            f"The next deployment can buy {name} again.",
            "To record that no order was placed",
        ),
        "Nothing was recorded. To skip the question, run: "
        f"{verdict.confirmed_command(name, location)}",
    )
    others = f"; excluded: {', '.join(verdict.excluded)}" if verdict.excluded else ""
    unresolved.context.not_placed(who, verdict.why + others)
    unresolved.record(f"no order was placed for {name}. The next deployment can buy it")


def _excluded(unresolved: Unresolved, verdict: Verdict) -> list[Order]:
    """Return the matching orders, if the verdict excludes each of them and no other."""
    found = {order.order_id: order for order in unresolved.matching_orders()}
    foreign = [order_id for order_id in verdict.excluded if order_id not in found]
    if foreign:
        raise Problem(
            f"--exclude {', '.join(foreign)}: this can't be the order of {unresolved.name}, so it "
            f"needs no exclusion. Matching orders: {', '.join(found) or 'none'}."
        )
    left = [order_id for order_id in found if order_id not in verdict.excluded]
    if left:
        raise Problem(
            f"{', '.join(left)} might be the order of {unresolved.name}. Resolve with --placed "
            "oo-..., or add --exclude oo-... for each order that you know to be another one."
        )
    return list(found.values())


def why_problems(why: str | None) -> list[str]:
    """Return what is wrong with a reason that is to be recorded."""
    if why is not None and len(why) > _LONGEST_WHY:
        return [f"--why must be at most {_LONGEST_WHY} characters, got {len(why)}"]
    return [*_WHY.problems("--why", why or "")]
