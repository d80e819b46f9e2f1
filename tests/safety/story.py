"""The story of a walk: one line a step, and the invariant that it broke in plain words."""

from collections.abc import Iterator

from tests.safety.checker import Trial
from tests.safety.judge import INVARIANTS
from tests.safety.walks import NO_PROOF, Walk
from tests.safety.world.outposts import LATE

READS = ("reads", "ListOrders", "GetOrder", "GetQuote", "GetOutpost", "GetCatalogItem")
ASKED = (*READS, "ListCatalogItems", "HEAD", "DescribeStackResource", "PUT")
CREATE_ORDER = {
    "": "the service places the order and answers",
    "refused": "the service refuses it",
    "throttled": "the service throttles and refuses it",
    "lost": "it is lost, and no answer comes",
    "applied and lost": "the service carries it out, and the answer is lost",
    "empty answer": "the service carries it out, and its answer is empty",
    "not sent": "no connection is possible, and nothing is sent",
    "suspended for 100 s": "the function is suspended for 100 s, and then sends it",
    **{way: f"no answer comes, and it is {way}" for way in LATE},
}
IO = {
    "HEAD": "connects to the host of the answer",
    "PUT": "sends its answer to CloudFormation",
    "DescribeStackResource": "asks CloudFormation with DescribeStackResource",
    "ListOrders": "asks Outposts with ListOrders",
    "GetOrder": "asks Outposts with GetOrder",
    "GetQuote": "asks Outposts with GetQuote",
    "CreateOrder": "sends CreateOrder",
    "CancelOrder": "sends CancelOrder",
}


def story_of(walk: Walk, trial: Trial) -> str:
    """Return what happened, without the reads in which nothing went wrong."""
    begun = trial.scheduler.log[0][0]
    lines = [
        f"{(at - begun).total_seconds():>8.0f} s  {_who(who)} {_sentence(what)}"
        for at, who, what in trial.scheduler.log
        if not what.startswith(ASKED) or ":" in what
    ]
    parts = [f"{walk.steps} steps: {_number(walk)}", *lines, *_end(trial), *_verdict(trial)]
    return "\n".join([*parts, f"repeat it with: make safety REPLAY={walk}"])


def _number(walk: Walk) -> str:
    return f"{len(walk.program.actions)} of actions, {len(walk.incidents)} of incidents"


def _end(trial: Trial) -> Iterator[str]:
    for order in trial.universe.orders.values():
        whose = order.made_by or "a person elsewhere"
        yield f"in the end: {order.order_id} is {order.status}, placed for {whose}"


def _verdict(trial: Trial) -> Iterator[str]:
    for number in sorted(trial.broken):
        yield _broken(number)
        broken = (each.what for each in trial.violations if each.invariant == number)
        yield from (f"  {what}" for what in dict.fromkeys(broken))
    if not trial.broken:
        yield "every invariant holds"


def _broken(number: int) -> str:
    if number == NO_PROOF:
        return "the simulated world raises an error, so this walk proves nothing:"
    return f"invariant {number} is broken: {str(INVARIANTS[number].__doc__).strip()}"


def _who(name: str) -> str:
    request, _, copy = name.partition("/")
    return f"function for {request} (run {copy})" if copy else f"{name}:"


def _sentence(what: str) -> str:
    io, _, way = what.partition(": ")
    if io.startswith(("reads ", "writes ")):
        verb, _, records = io.partition(" ")
        io = f"{verb} the ledger ({records})"
    elif io in IO:
        said = CREATE_ORDER.get(way, way) if io == "CreateOrder" else way
        io, way = IO[io], said
    return f"{io}: {way}" if way else io
