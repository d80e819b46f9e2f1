"""The report: the verdict with the money, each change, and the checks that weren't possible."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from outpost_order_cli.review.assembly import Assembly, Environment
from outpost_order_cli.review.changes import Change, Kind, compare, stack_failures
from outpost_order_cli.review.declared import Commitment

SCHEMA = 1
NOT_LIVE = "The ledger and AWS: whether an order name has an order, or an identical order exists."


@dataclass(frozen=True)
class Report:
    """A review.

    Attributes:
        app: The reviewed app, as it was given.
        digest: A hash of everything that was read of it.
        against: The other app; empty if there is none.
        at: When.
        changes: The fate of each order name.
        stacks: Each stack that will be refused, and why.
        missing: The values that the app still has to look up.
        not_checked: The checks that weren't possible.
    """

    app: str
    digest: str
    against: str
    at: datetime
    changes: tuple[Change, ...]
    stacks: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    not_checked: tuple[str, ...]

    @classmethod
    def of(cls, new: Assembly, old: Assembly | None, only: Sequence[str] = ()) -> "Report":
        """Compare two assemblies; `only` names the stacks of which changes are reported."""
        changes = [each for each in compare(new, old) if _is_in(each, only)]
        failures = [(name, why) for name, why in stack_failures(new) if not only or name in only]
        not_checked = [NOT_LIVE]
        if old is None:
            not_checked.insert(
                0, "The deployed orders: without --against, every order counts as new."
            )
        return cls(
            new.source,
            new.digest,
            old.source if old else "",
            datetime.now(UTC),
            tuple(sorted(changes, key=_rank)),
            tuple(failures),
            new.missing,
            tuple(not_checked),
        )

    @property
    def verdict(self) -> str:
        """The purchases of the change, and the commitment."""
        return self.verdict_of(self.changes)

    def verdict_of(self, changes: Sequence[Change]) -> str:
        """Return what some of the changes buy, and what that commits to."""
        bought = [each for each in changes if each.buys]
        failing = sum(each.will_fail for each in changes) + len(self.stacks)
        fails = f"; {counted(failing, 'change')} will fail" if failing else ""
        if not bought:
            return f"Buys nothing{fails}."
        known = list(commitments(bought))
        parts = [f"commits {' and '.join(map(amount, summed(known)))}"] if known else []
        if not known:
            parts.append("the price isn't stated")
        elif len(known) < len(bought):
            unstated = counted(len(bought) - len(known), "order")
            parts.append(f"the price of {unstated} isn't stated")
        return f"Buys {counted(len(bought), 'order')}: {'; '.join(parts)}{fails}."

    def of_stage(self, stage: str) -> tuple[Change, ...]:
        """Return the changes of a stage."""
        return tuple(each for each in self.changes if each.order.stack.stage == stage)

    @property
    def stages(self) -> list[str]:
        """The stages that have changes, in order."""
        return list(dict.fromkeys(each.order.stack.stage for each in self.changes))

    def document(self) -> dict[str, Any]:
        """Return the report as a document for programs."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "app": self.app,
            "digest": self.digest,
            "against": self.against or None,
            "at": self.at.isoformat(timespec="seconds"),
            "buys": sum(each.buys for each in self.changes),
            "commitments": list(map(_document_of_commitment, summed(commitments(self.changes)))),
            "changes": [_document_of(each) for each in self.changes],
            "stack_failures": [{"stack": name, "text": text} for name, text in self.stacks],
            "missing": list(self.missing),
            "not_checked": list(self.not_checked),
        }


_ORDER = (
    Kind.CHANGED,
    Kind.BOUGHT,
    Kind.ADOPTED,
    Kind.REMOVED,
    Kind.MOVED,
    Kind.UNCHANGED,
)


def _rank(change: Change) -> tuple[str, int, str]:
    return change.order.stack.stage, _ORDER.index(change.kind), change.order.name


def _is_in(change: Change, only: Sequence[str]) -> bool:
    stacks = {each.stack.name for each in (*change.orders, *change.before)}
    roots = {name.partition("/")[0] for name in stacks}
    return not only or bool((stacks | roots) & set(only))


def commitments(changes: Iterable[Change]) -> Iterator[Commitment]:
    """Yield the commitment of each order that is bought, if the template states it."""
    for each in changes:
        if each.buys and each.order.commitment is not None:
            yield each.order.commitment


def summed(stated: Iterable[Commitment]) -> list[Commitment]:
    """Return the sum for each currency and term, the largest first."""
    totals: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for each in stated:
        totals[each.currency, each.months] += each.total
    found = [Commitment(currency, total, months) for (currency, months), total in totals.items()]
    return sorted(found, key=lambda each: (each.currency, -each.months))


def amount(commitment: Commitment) -> str:
    """Return a commitment as a person reads it, such as `USD 169,218.00 over 36 months`."""
    total = commitment.total
    places = max(2, -int(total.normalize().as_tuple().exponent))
    return f"{commitment.currency} {total:,.{places}f} over {commitment.months} months"


def place_of(environment: Environment) -> str:
    """Return the account and Region as a person reads them."""
    account, region = environment.account, environment.region
    return f"{account or 'any account'}, {region or 'any Region'}"


def counted(number: int, what: str) -> str:
    """Return a number of things, such as `2 orders`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _document_of_commitment(commitment: Commitment) -> dict[str, Any]:
    return {
        "currency": commitment.currency,
        "total": str(commitment.total),
        "months": commitment.months,
    }


def _document_of(change: Change) -> dict[str, Any]:
    order, commitment = change.order, change.order.commitment
    return {
        "kind": str(change.kind),
        "order_name": order.name,
        "stage": order.stack.stage or None,
        "stack": order.stack.name,
        "account": order.environment.account or None,
        "region": order.environment.region or None,
        "ledger": order.ledger,
        "purchase": order.description,
        "places": [each.place for each in change.orders],
        "before": [each.place for each in change.before],
        "buys": change.buys,
        "will_fail": change.will_fail,
        "commitment": commitment and _document_of_commitment(commitment),
        "differences": list(change.differences),
        "failures": [
            {"name": each.name, "text": each.text, "place": each.order.place}
            for each in change.failures
        ],
        "notes": list(change.notes),
    }


def old_and_new(change: Change) -> Iterator[tuple[str, str, str]]:
    """Yield each property that differs, with its old and its new value."""
    if not (change.orders and change.before):
        return
    for name in change.differences:
        yield name, change.before[0].shown(name), change.orders[0].shown(name)
