"""Orders made, and requests sent, when the answer to CreateOrder is lost."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.designs import DESIGNS, OUTPOST, synthesize
from benchmarks.embedded import Account, connected
from benchmarks.report import Goal, Section, table
from outpost_order_fake import FakeOutposts, Fault, Reply
from outpost_order_rehearsal.engine import StackResult
from tests.rehearsal.assembly import Assembly, Template
from tests.rehearsal.impatience import rewritten

TITLE = "Orders made under lost answers"
ORDER_NAME = "PO-1"
LIMIT = 20  # seconds that a function can run, as those of the peers
AT_ONCE = 4  # deployments
UNLISTED = 1_000_000  # calls of ListOrders that don't show an order

# OutpostOrder refuses a limit under 240 seconds. So its times are a fifth of what they are.
_SCALED = {
    "outpost_order_handler/clock.py": (
        (b"TIME_TO_SEND = 60 ", b"TIME_TO_SEND = 12 "),
        (b"TIME_TO_READ = 35 ", b"TIME_TO_READ = 7 "),
        (b"TIME_TO_RECORD = 20 ", b"TIME_TO_RECORD = 4 "),
        (b"ACCESS_PATIENCE = 60 ", b"ACCESS_PATIENCE = 12 "),
    ),
    "placement/context.py": ((b"POLL_INTERVAL = 5.0 ", b"POLL_INTERVAL = 1.0 "),),
    "placement/evidence.py": ((b"EVIDENCE_PATIENCE = 30 ", b"EVIDENCE_PATIENCE = 6 "),),
    "placement/place.py": (
        (b"MAX_CONFIRMATION_AGE = 30 ", b"MAX_CONFIRMATION_AGE = 6 "),
        (b"MAX_RESPONSE_TIME = 60 ", b"MAX_RESPONSE_TIME = 12 "),
    ),
}


def _fail(outposts: FakeOutposts, *, fault: Fault, times: int = 1, lag: int = 0) -> None:
    outposts.list_lag = lag
    outposts.fail("CreateOrder", fault, times=times)


_ERROR = Fault.status(500, code="InternalServerException", applied=True)
FAULTS: dict[str, Callable[[FakeOutposts], None]] = {
    "no fault": FakeOutposts.clear_faults,
    "answers 500 twice": partial(_fail, fault=_ERROR, times=2),
    "resets the connection": partial(_fail, fault=Fault.reset(applied=True)),
    "hangs": partial(_fail, fault=Fault.hang(applied=True)),
    "answers an empty 200": partial(_fail, fault=Fault.reply(Reply.EMPTY, applied=True)),
    "resets, and the list doesn't show the order": partial(
        _fail, fault=Fault.reset(applied=True), lag=UNLISTED
    ),
}


@dataclass(frozen=True)
class Result:
    """A deployment, and the next one with the same template when the service works again."""

    design: str
    fault: str
    first: StackResult
    second: StackResult
    posts: tuple[int, int]  # after each of both
    orders: tuple[int, int]

    @property
    def counts(self) -> str:
        """The orders, and the POSTs, after each of both."""
        one, two = (f"{o} ({p})" for o, p in zip(self.orders, self.posts, strict=True))
        return f"{one}, then {two}"

    def messages(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is reported of each deployment that doesn't complete as if all were well."""
        for when, result in (("first", self.first), ("next", self.second)):
            if result.status != "CREATE_COMPLETE":
                yield f"{self.fault}, {when}", self.design, _reason(result)


def measure(_folder: Path) -> Section:
    """Deploy each design with each fault, and again."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        plan = {design: (design, [(1, OUTPOST)]) for design in DESIGNS}
        synthesize(folder, plan)
        results = list(_results(Assembly(folder)))
    by_fault = {fault: [r for r in results if r.fault == fault] for fault in FAULTS}
    counts = table(
        ("the service", *DESIGNS),
        [(fault, *(each.counts for each in found)) for fault, found in by_fault.items()],
    )
    messages = table(
        ("the service, the deployment", "design", "the reason that CloudFormation shows"),
        [message for each in results for message in each.messages()],
    )
    body = f"""
The service places the order, and then its answer is lost. Each stack has one order, a service of
its own, and a function that can run for {LIMIT} seconds; the times of `OutpostOrder` are scaled to
that. Then the service works again, and the same template is deployed once more, as `cdk deploy`
does: it deletes a stack that was rolled back first. The table has the orders after both
deployments, and in brackets the CreateOrder requests.

{counts}
Every deployment that isn't in the next table ended with `CREATE_COMPLETE`: its user sees no error.

{messages}
The embedded AWS delivers an event once. AWS Lambda delivers the event of a function that reached
its limit up to twice more. So a peer whose function hangs can make more orders there than here.
"""
    most = max(each.orders[1] for each in results if each.design == "OutpostOrder")
    goal = Goal("`OutpostOrder` makes at most one order, whatever is lost", str(most), most <= 1)
    lost_twice = [each.orders[0] for each in by_fault["answers 500 twice"]]
    return Section(TITLE, body, (goal,), (("orders made if two answers are lost", *lost_twice),))


def _results(assembly: Assembly) -> Iterator[Result]:
    cases = list(product(FAULTS, DESIGNS))
    with (
        FakeOutposts() as unused,
        Account.opened(assembly, unused.url, _scaled) as account,
        ThreadPoolExecutor(AT_ONCE) as executor,
    ):
        templates = assembly.templates
        futures = [
            executor.submit(_result, account, templates[design], design, fault, number)
            for number, (fault, design) in enumerate(cases)
        ]
        yield from (future.result() for future in futures)


def _result(account: Account, template: Template, design: str, fault: str, number: int) -> Result:
    with FakeOutposts() as outposts:
        names = {ORDER_NAME: f"PO-{number}", OUTPOST: f"op-{number:017x}"}
        template = _limited(connected(template, outposts, names))
        FAULTS[fault](outposts)
        name = f"Stack{number}"
        first = account.deploy(name, template)
        one = (len(outposts.posts), len(outposts.orders))
        outposts.clear_faults()
        second = account.deploy(name, template)
        two = (len(outposts.posts), len(outposts.orders))
        posts, orders = zip(one, two, strict=True)
        return Result(design, fault, first, second, posts, orders)


def _limited(template: Template) -> Template:
    """Limit our function as the peers, and the wait for an answer after it has ended."""
    for resource in template["Resources"].values():
        properties: dict[str, Any] = resource["Properties"]
        if str(properties.get("Handler")).startswith("outpost_order_handler"):
            properties["Timeout"] = LIMIT
        elif resource["Type"].startswith("Custom::"):
            properties["ServiceTimeout"] = 1
    return template


def _scaled(asset: bytes) -> bytes:
    is_ours = b"outpost_order_handler/clock.py" in asset
    return rewritten(asset, _SCALED) if is_ours else asset


def _reason(result: StackResult) -> str:
    """Return the reason of a failure, without the names that each run makes up."""
    [reason, *_] = result.reasons("CREATE_FAILED")
    first_lines = re.sub(r"\s+", " ", reason).partition(" Logs: ")[0]
    return f"{result.status}: {first_lines}".replace("|", "\\|")
