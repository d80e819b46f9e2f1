"""A world program: a list of actions as data, which can be written, read, and made smaller.

A scenario is a function that acts on the world. A program does the same with numbered actions,
so that a random walk can make one, and a person can repeat it from one line of text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from outpost_order_handler.placement.context import RequestContext
from tests.safety.history import Asked, Order, Request
from tests.safety.scenarios import ANOTHER_OUTPOST, SERVERS, THE_FIRST
from tests.safety.world import people
from tests.safety.world.actions import A_DAY, World, rack
from tests.safety.world.people import Desk
from tests.safety.world.universe import Resource

YES, NO, THEN = "yes", "no", "then"
NAMES = ("PO-1", "PO-2", "PO-3")
STACKS = ("A", "B", "C", "D")
ACCOUNT_LEDGER = "outpost-orders"

CONTENTS: Mapping[str, Mapping[str, object]] = {
    "rack": {},
    "upfront": {"PaymentOption": "ALL_UPFRONT"},
    "term": {"PaymentTerm": "THREE_YEARS"},
    "servers": {"LineItems": SERVERS},
    "elsewhere": {"OutpostIdentifier": ANOTHER_OUTPOST},
    "checked": {"Preflight": None},
    "quote": {
        "LineItems": None,
        "QuoteIdentifier": "oq-0123456789abcdef0",
        "QuoteOptionIdentifier": "oqo-0123456789abcdef0",
    },
}
CONTENT = tuple(CONTENTS)


def truth(context: RequestContext, desk: Desk) -> str:
    """Ask AWS Support and record the answer, once no request can be under way any more."""
    attempt, now = context.order.attempt, context.services.clock.now()
    if attempt is None or now < attempt.started_at + people.NOT_PLACED_AFTER:
        return "refused"
    return people.resolve_with_the_truth(context, desk)


VERDICTS: Mapping[str, people.Verdict] = {
    "reconcile": people.reconcile,
    "not-placed": people.resolve_not_placed,
    "placed": people.resolve_placed,
    "truth": truth,
    "cancel": people.cancel,
}


@dataclass(frozen=True)
class Option:
    """The values that an option of an action can have; the first is the default.

    Attributes:
        values: The values.
        chance: How often a random walk takes another one than the default.
    """

    values: tuple[str, ...]
    chance: float = 0.0


STACK = Option(STACKS, 0.4)
NAME = Option(NAMES, 0.3)
COPIES = Option(("0", "1", "2", "5"), 0.4)
WHEN = Option((THEN, "0", "20", "30", "65", "360"), 0.4)  # seconds after the one before began

# The options of each kind of action; a program writes those that differ from the default.
ACTIONS: Mapping[str, Mapping[str, Option]] = {
    "deploy": {
        "when": WHEN,
        "stack": STACK,
        "name": NAME,
        "content": Option(CONTENT, 0.3),
        "id": Option(("Rack", "New"), 0.2),
        "nested": Option(("", "Inner"), 0.08),
        "policy": Option(("Retain", "Delete", "RetainExceptOnCreate"), 0.4),
        "addition": Option((NO, YES), 0.2),
        "adopt": Option((NO, YES), 0.05),
        "other": Option(("", *NAMES), 0.15),
        "fails": Option((NO, YES), 0.15),
        "copies": COPIES,
        "patience": Option(("900", "0", "20"), 0.12),
        "held": Option(("0", "25", "60", "120"), 0.08),
        "limit": Option(("240", "5", "15", "25", "50", "65", "90"), 0.06),
        "clock": Option(("0", "5", "-5"), 0.1),  # seconds by which the function's is wrong
    },
    "update": {
        "when": WHEN,
        "stack": STACK,
        "name": Option(("", *NAMES), 0.2),
        "content": Option(CONTENT, 0.3),
    },
    "empty": {"when": WHEN, "stack": STACK},
    "destroy": {"when": WHEN, "stack": STACK, "copies": COPIES},
    "refactor": {"when": WHEN, "stack": STACK, "to": Option(("B", "A", "C", "D"), 0.3)},
    "redeliver": {
        "when": WHEN,
        "of": Option(("1", "2", "3", "4", "5", "6", "7", "8"), 0.4),
        "copies": Option(("0", "1", "5"), 0.2),
        "after": Option(("0", "1", "60", "70", "200"), 0.3),
    },
    "wait": {"seconds": Option(("3600", "60", "300", "960", "7200", "86400", "7776000"), 0.6)},
    "buy": {
        "when": replace(WHEN, chance=0.6),
        "content": Option(tuple(each for each in CONTENT if each != "checked"), 0.2),
        "dated": Option((YES, NO), 0.2),
        "kind": Option(("OUTPOST", "REPLACEMENT"), 0.15),
    },
    "turn": {
        "when": WHEN,
        "status": Option(("COMPLETED", "IN_PROGRESS", "ERROR", "CANCELLED"), 0.5),
        "items": Option(("same", "changed"), 0.1),
    },
    "operate": {
        "when": WHEN,
        "verdict": Option(tuple(VERDICTS), 0.8),
        "name": NAME,
    },
    "newer": {"name": NAME},
}


@dataclass(frozen=True)
class Action:
    """One action, with the options that differ from the default."""

    verb: str
    options: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, option: str) -> str:
        return dict(self.options).get(option) or ACTIONS[self.verb][option].values[0]

    def having(self, option: str, value: str) -> "Action":
        """Return it with another value of an option."""
        given = {**dict(self.options), option: value}
        defaults = {key: each.values[0] for key, each in ACTIONS[self.verb].items()}
        options = [(key, given.get(key, default)) for key, default in defaults.items()]
        return Action(self.verb, tuple(each for each in options if each[1] != defaults[each[0]]))

    @property
    def is_beside(self) -> bool:
        """Whether it begins while the one before runs."""
        return "when" in ACTIONS[self.verb] and self["when"] != THEN

    def __str__(self) -> str:
        return ":".join([self.verb, *(f"{key}={value}" for key, value in self.options)])


def read_action(text: str) -> Action:
    """Read what `str` of an action wrote."""
    verb, *options = text.split(":")
    if verb not in ACTIONS:
        raise ValueError(f"{verb!r} is not an action")
    action = Action(verb)
    for each in options:
        key, _, value = each.partition("=")
        if key not in ACTIONS[verb] or value not in ACTIONS[verb][key].values:
            raise ValueError(f"{each!r} is not an option of {verb!r}")
        action = action.having(key, value)
    return action


@dataclass(frozen=True)
class Program:
    """Actions, one after the other or side by side; a scenario can play it."""

    actions: tuple[Action, ...]

    def play(self, world: World) -> None:
        """Let it happen."""
        player = Player(world)
        for group in self._groups():
            world.at_once(*[player.actor(number, action) for number, action in group])

    def _groups(self) -> Iterator[list[tuple[int, Action]]]:
        group: list[tuple[int, Action]] = []
        for number, action in enumerate(self.actions, start=1):
            if group and not action.is_beside:
                yield group
                group = []
            group.append((number, action))
        if group:
            yield group


@dataclass
class Player:
    """Does the actions of a program in a world.

    Attributes:
        world: The world.
        sent: The requests of each action.
        busy: The stacks that are in an operation: CloudFormation does one at a time.
    """

    world: World
    sent: dict[int, tuple[Request, ...]] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)

    def actor(self, number: int, action: Action) -> Callable[[], None]:
        """Return what does an action as a process of its own."""

        def act() -> None:
            process = self.world.scheduler.current
            assert process is not None
            process.action, process.name = number, ACTORS[action.verb]
            if action.is_beside:
                process.sleep(float(action["when"]))
            stacks = {action[key] for key in ("stack", "to") if key in ACTIONS[action.verb]}
            while self.busy & stacks:
                process.wait(lambda: not self.busy & stacks, A_DAY)
            self.busy |= stacks
            self.world.scheduler.tell(process.name, describe(action))
            if not self._is_refused(action):
                getattr(self, f"_{action.verb}")(number, action)
            self.busy -= stacks

        return act

    def _is_refused(self, action: Action) -> bool:
        """Whether CloudFormation refuses an operation, because the last one failed."""
        if action.verb not in ("deploy", "update", "empty", "refactor"):
            return False
        stack = self.world.universe.stacks.get(action["stack"])
        return stack is not None and stack.status in ("UPDATE_ROLLBACK_FAILED", "DELETE_FAILED")

    def _deploy(self, number: int, action: Action) -> None:
        before = len([*self.world.universe.history.of(Asked)])
        self.world.deploy(
            action["stack"],
            *template(action),
            fails=action["fails"] == YES,
            copies=int(action["copies"]),
            gives_up_after=float(action["patience"]),
            held_back=float(action["held"]),
            limit=float(action["limit"]),
            clock_error=float(action["clock"]),
        )
        self._note(number, action, before)

    def _update(self, number: int, action: Action) -> None:
        changes = dict(CONTENTS[action["content"]])
        if action["name"]:
            changes["OrderName"] = action["name"]
        before = len([*self.world.universe.history.of(Asked)])
        self.world.update(action["stack"], **{"ServiceTimeout": str(1200 + number), **changes})
        self._note(number, action, before)

    def _empty(self, number: int, action: Action) -> None:
        if action["stack"] in self.world.universe.stacks:
            before = len([*self.world.universe.history.of(Asked)])
            self.world.deploy(action["stack"])
            self._note(number, action, before)

    def _destroy(self, number: int, action: Action) -> None:
        before = len([*self.world.universe.history.of(Asked)])
        self.world.destroy(action["stack"], copies=int(action["copies"]))
        self._note(number, action, before)

    def _note(self, number: int, action: Action, before: int) -> None:
        asked = [each.request for each in self.world.universe.history.of(Asked)][before:]
        own = (action["stack"], f"{action['stack']}-Inner")
        self.sent[number] = tuple(each for each in asked if each.stack.partition("/")[0] in own)

    def _refactor(self, _: int, action: Action) -> None:
        stacks = self.world.universe.stacks
        if action["stack"] in stacks and action["to"] not in stacks:
            self.world.refactor(action["stack"], action["to"])

    def _redeliver(self, _: int, action: Action) -> None:
        for _ in range(int(action["copies"]) + 1):
            requests = self.sent.get(int(action["of"]), ())
            self.world.redeliver(requests, after=float(action["after"]))

    def _wait(self, _: int, action: Action) -> None:
        self.world.pass_time(float(action["seconds"]))

    def _buy(self, _: int, action: Action) -> None:
        changes: Mapping[str, Any] = CONTENTS[action["content"]]
        if action["content"] == "quote":
            changes = {**changes, "LineItems": []}
        is_dated = action["dated"] == YES
        self.world.order_elsewhere(is_dated=is_dated, kind=action["kind"], **changes)

    def _turn(self, _: int, action: Action) -> None:
        self.world.turn(action["status"])
        if action["items"] == "changed":
            universe = self.world.universe
            for order in [*universe.orders.values()]:
                if order.is_live:
                    universe.became(_with_changed_items(order), "the service")

    def _operate(self, _: int, action: Action) -> None:
        self.world.operate(VERDICTS[action["verdict"]], action["name"])

    def _newer(self, _: int, action: Action) -> None:
        records = self.world.universe.tables.get(ACCOUNT_LEDGER, {})
        if f"order#{action['name']}" not in records:
            self.world.write_as_a_newer_version(action["name"], "RESERVED")


def _with_changed_items(order: Order) -> Order:
    if not order.parameters.get("LineItems"):
        return order
    return replace(order, parameters={**order.parameters, "LineItems": []})


ACTORS = {
    "deploy": "a pipeline",
    "update": "a pipeline",
    "empty": "a pipeline",
    "destroy": "a pipeline",
    "refactor": "a pipeline",
    "redeliver": "Lambda",
    "wait": "time",
    "buy": "a buyer",
    "turn": "AWS",
    "operate": "an operator",
    "newer": "a newer function",
}


def template(action: Action) -> Sequence[Resource]:
    """Return the orders that a deployment asks for."""
    common: dict[str, Any] = {"policy": action["policy"], "nested": action["nested"]}
    properties: dict[str, Any] = dict(CONTENTS[action["content"]])
    if action["addition"] == YES and action["content"] != "quote":
        others = [each for each in NAMES if each != action["name"]]
        properties["InAdditionTo"] = [THE_FIRST, *others]
    elif action["adopt"] == YES:
        properties["AdoptOrderId"] = THE_FIRST
    orders = [rack(action["name"], logical_id=action["id"], **common, **properties)]
    if action["other"]:
        orders.append(rack(action["other"], logical_id="Other", **common))
    return orders


SENTENCES = {
    "deploy": "deploys stack {stack} with {name} ({content}) as resource {id}",
    "update": "deploys stack {stack} again with a change to its orders",
    "empty": "deploys stack {stack} without its orders",
    "destroy": "deletes stack {stack}",
    "refactor": "moves the resources of stack {stack} to stack {to}, for which no event is sent",
    "redeliver": "delivers the events of action {of} again",
    "wait": "{seconds} seconds pass",
    "buy": "places an order in the console ({content})",
    "turn": "turns the orders {status}",
    "operate": "runs {verdict} on {name}",
    "newer": "writes a record of {name} in a state that this function doesn't know",
}


def describe(action: Action) -> str:
    """Return an action in words, with the options that its sentence doesn't have."""
    sentence = SENTENCES[action.verb]
    values = {name: action[name] for name in ACTIONS[action.verb]}
    more = [f"{name} {value}" for name, value in action.options if f"{{{name}}}" not in sentence]
    return sentence.format(**values) + (f" ({', '.join(more)})" if more else "")
