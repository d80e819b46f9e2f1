"""Whether a pipeline may go on: what a review must not contain."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from outpost_order_cli.problem import misused
from outpost_order_cli.review.changes import Change, Kind
from outpost_order_cli.review.report import Report, commitments
from outpost_order_handler import rules

GATE_FAILED = 4  # the exit code

_OF_A_CHANGE: Mapping[str, Callable[[Change], bool]] = {
    "new-order": lambda change: change.buys,
    "changed": lambda change: change.kind is Kind.CHANGED,
    "removed": lambda change: change.kind is Kind.REMOVED,
    "unpriced": lambda change: change.buys and change.order.commitment is None,
    "identical": lambda change: change.is_identical,
    "will-fail": lambda change: change.will_fail,
}
NOT_CHECKED = "not-checked"
CONDITIONS = (*_OF_A_CHANGE, NOT_CHECKED)


@dataclass(frozen=True)
class Gate:
    """The conditions that fail a pipeline.

    Attributes:
        conditions: Some of `CONDITIONS`.
        limits: The highest allowed commitment, by currency.
    """

    conditions: tuple[str, ...] = ()
    limits: tuple[tuple[str, Decimal], ...] = ()

    @classmethod
    def of(cls, fail_on: str | None, limits: Sequence[str]) -> Self:
        """Read the options as they were typed.

        Raises:
            Problem: One of them can't be used.
        """
        conditions = [each.strip() for each in fail_on.split(",")] if fail_on else []
        for each in conditions:
            if each not in CONDITIONS:
                raise misused(f"--fail-on must be of {', '.join(CONDITIONS)}, got {each!r}.")
        return cls(tuple(conditions), tuple(map(_limit, limits)))

    def objections(self, report: Report) -> Iterator[str]:
        """Yield why the gate fails; it passes without one."""
        for condition in self.conditions:
            if condition == NOT_CHECKED:
                if report.not_checked or report.missing:
                    yield f"{condition}: {len(report.not_checked) + len(report.missing)}"
                continue
            found = [each.order.name for each in report.changes if _OF_A_CHANGE[condition](each)]
            found += [name for name, _ in report.stacks] if condition == "will-fail" else []
            if found:
                yield f"{condition}: {', '.join(found)}"
        if self.limits:
            yield from self._excesses(report)

    def _excesses(self, report: Report) -> Iterator[str]:
        bought = [each for each in report.changes if each.buys]
        unpriced = [each.order.name for each in bought if each.order.commitment is None]
        if unpriced:
            yield f"max-commitment: the price of {', '.join(unpriced)} isn't stated"
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for stated in commitments(bought):
            totals[stated.currency] += stated.total
        allowed = dict(self.limits)
        for currency, total in totals.items():
            if currency not in allowed:
                yield f"max-commitment: there is no limit for {currency}, and {total} is committed"
            elif total > allowed[currency]:
                yield f"max-commitment: {currency} {total} is more than {allowed[currency]}"


def _limit(given: str) -> tuple[str, Decimal]:
    currency, _, amount = given.partition("=")
    if not rules.CURRENCY.accepts(currency) or not rules.PRICE.accepts(amount):
        raise misused(f"--max-commitment must be like USD=200000, got {given!r}.")
    return currency, Decimal(amount)
