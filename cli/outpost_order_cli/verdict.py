"""What a person says became of an order, as the options tell it."""

from dataclasses import dataclass
from typing import Self

from outpost_order_cli.problems import misused
from outpost_order_handler import rules
from outpost_order_handler.rules import TextRule

_WHY = TextRule(
    r"[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*", "a reason, on one line and not blank"
)
_LONGEST_WHY = 500


@dataclass(frozen=True)
class Verdict:
    """What a person says became of an attempt.

    Attributes:
        order_id: The order that came of it; empty where none did.
        not_ours: Equal orders that are known not to be it.
        why: How the person knows.
    """

    order_id: str
    not_ours: tuple[str, ...]
    why: str

    @classmethod
    def of(
        cls, *, placed: str | None, not_placed: bool, not_ours: list[str] | None, why: str | None
    ) -> Self:
        """Take the options as they were given.

        Raises:
            Problem: They do not say one thing.
        """
        if (placed is not None) == not_placed:
            raise misused("exactly one of --placed and --not-placed must be given")
        if not_ours and not not_placed:
            raise misused("--not-ours goes with --not-placed only")
        problems = [] if placed is None else [*rules.ORDER_ID.problems("--placed", placed)]
        for order_id in not_ours or ():
            problems += rules.ORDER_ID.problems("--not-ours", order_id)
        if not_placed or why is not None:
            problems += _why_problems(why)
        if problems:
            raise misused(", ".join(problems))
        return cls(placed or "", tuple(not_ours or ()), why or "")


def _why_problems(why: str | None) -> list[str]:
    if why is not None and len(why) > _LONGEST_WHY:
        return [f"--why must be at most {_LONGEST_WHY} characters, got {len(why)}"]
    return [*_WHY.problems("--why", why or "")]
