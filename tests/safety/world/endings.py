"""Repeated actions: from the same start, an action has the same end as in an earlier schedule.

Only an action in which nothing is chosen is done once. It starts and ends at rest, so that
all it depends on is the universe, the time, and whether something more may go wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.safety.history import Asked, Entry, History
from tests.safety.scheduler import Scheduler
from tests.safety.world.universe import Universe

_MOST = 20_000  # endings that are remembered, then all are forgotten
_UNIQUE = re.compile(r"'[0-9a-f]{32}'")  # versions and senders


@dataclass(frozen=True)
class Ending:
    """How an action ended.

    Attributes:
        result: The result.
        now: The time at its end.
        log: Its lines of the story.
        entries: Its entries of the history.
        universe: How it left the universe, without its history.
    """

    result: object
    now: datetime
    log: list[tuple[datetime, str, str]]
    entries: list[Entry]
    universe: Universe

    def happen(self, scheduler: Scheduler, universe: Universe) -> None:
        """Repeat the ending."""
        scheduler.now = self.now
        scheduler.log += self.log
        universe.turn_into(self.universe.copy(), self.entries)


@dataclass
class Endings:
    """The known endings of the actions of one scenario."""

    _known: dict[tuple[object, ...], Ending] = field(default_factory=dict)

    def act(
        self,
        action: tuple[object, ...],
        work: Callable[[], Any],
        scheduler: Scheduler,
        universe: Universe,
    ) -> Any:  # noqa: ANN401 (whatever the work returns)
        """Run an action that starts at rest, or repeat its known ending."""
        key = (*action, scheduler.now, scheduler.possible_events, *_state(universe))
        known = self._known.get(key)
        if known is not None:
            known.happen(scheduler, universe)
            return known.result
        taken, log, entries = scheduler.choices.taken, scheduler.log, universe.history.entries
        before = len(taken), len(log), len(entries)
        result = work()
        if scheduler.is_idle and len(taken) == before[0]:
            if len(self._known) > _MOST:
                self._known.clear()
            left = replace(universe.copy(), history=History())
            added = log[before[1] :], entries[before[2] :]
            self._known[key] = Ending(result, scheduler.now, *added, left)
        return result


def _state(universe: Universe) -> tuple[object, ...]:
    """Return the state that an action can depend on; of the history, only the requests.

    Name unique values in the order in which they appear.
    """
    names: dict[str, str] = {}
    tables = _UNIQUE.sub(
        lambda found: names.setdefault(found[0], f"#{len(names)}"), repr(universe.tables)
    )
    asked = tuple(each.request for each in universe.history.of(Asked))
    numbers = [pair for pair in universe.numbers.items() if pair[0] != "unique"]
    rest = (
        universe.orders,
        universe.ledger_is_back_at,
        universe.cloudformation_is_back_at,
        universe.ledgers,
        universe.stacks,
        universe.described,
        universe.answers,
        numbers,
    )
    return tables, asked, repr(rest)
