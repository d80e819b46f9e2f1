"""Delta debugging: the smallest walk that still breaks the same invariant.

Parts of a walk are left out, many at a time and then one by one, and options get their
defaults, until nothing more can be left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tests.safety.checker import PRODUCT
from tests.safety.program import ACTIONS, Action, Program
from tests.safety.walks import Incident, Walk
from tests.safety.world.delivery import Design


def shrink(walk: Walk, invariant: int, design: Design = PRODUCT) -> Walk:
    """Return the smallest walk on the way down that breaks the invariant, too."""
    test = _Test(invariant, design)
    while True:
        smaller = _with_fewer_incidents(walk, test)
        smaller = _first_that_breaks(smaller, test)
        if smaller == walk:
            return walk
        walk = smaller


@dataclass
class _Test:
    """Runs walks, each once."""

    invariant: int
    design: Design
    known: dict[str, bool] = field(default_factory=dict)

    def breaks(self, walk: Walk) -> bool:
        text = str(walk)
        if text not in self.known:
            self.known[text] = self.invariant in walk.run(self.design).broken
        return self.known[text]


def _with_fewer_incidents(walk: Walk, test: _Test) -> Walk:
    incidents, size = walk.incidents, len(walk.incidents)
    while size:
        first = 0
        while first < len(incidents):
            fewer = incidents[:first] + incidents[first + size :]
            if test.breaks(replace(walk, incidents=fewer)):
                incidents = fewer
            else:
                first += size
        size //= 2
    return replace(walk, incidents=incidents)


def _first_that_breaks(walk: Walk, test: _Test) -> Walk:
    """Return the first simpler walk that breaks the invariant, or this one if none does."""
    return next((each for each in _simpler(walk) if test.breaks(each)), walk)


def _simpler(walk: Walk) -> Iterator[Walk]:
    actions = walk.program.actions
    for number in range(len(actions), 0, -1):
        if len(actions) > 1:
            yield _without(walk, number)
    for number, action in enumerate(actions):
        for other in _simpler_actions(action):
            changed = (*actions[:number], other, *actions[number + 1 :])
            yield replace(walk, program=Program(changed))
    for number, incident in enumerate(walk.incidents):
        for way in _simpler_incidents(incident):
            changed_too = (*walk.incidents[:number], way, *walk.incidents[number + 1 :])
            yield replace(walk, incidents=changed_too)


def _without(walk: Walk, number: int) -> Walk:
    """Return a walk without an action; the numbers after it, which others use, move up."""
    actions: list[Action] = []
    for each_number, action in enumerate(walk.program.actions, start=1):
        if each_number == number:
            continue
        of = int(action["of"]) if action.verb == "redeliver" else 0
        actions.append(action.having("of", str(of - 1)) if of > number else action)
    incidents = (each.without(number) for each in walk.incidents)
    return Walk(Program(tuple(actions)), tuple(each for each in incidents if each is not None))


def _simpler_actions(action: Action) -> Iterator[Action]:
    """Yield an action with one option at its default, or at least closer to it."""
    for name, _ in action.options:
        values = ACTIONS[action.verb][name].values
        for value in values[: values.index(action[name])]:
            yield action.having(name, value)


def _simpler_incidents(incident: Incident) -> Iterator[Incident]:
    """Yield an incident at an earlier I/O of the same kind."""
    for number in range(1, incident.number):
        yield replace(incident, number=number)
