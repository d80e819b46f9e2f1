"""Resources, bytes, and synthesis time of a stack with more and more orders."""

import json
import resource
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.curves import Curves, draw
from benchmarks.designs import DESIGNS, OUTPOST, synthesize
from benchmarks.report import Goal, Section, spread, table
from tests.rehearsal.assembly import Assembly

TITLE = "Resources, bytes, and synthesis time"
ORDERS = (1, 60, 200, 450)
RUNS = 3
PAIRS = 2  # with CDK's validation, in each run
IMAGE = "synthesis.svg"
MAX_RATIO = 1.2  # of the time of plain custom resources, at 450 orders
MAX_RESOURCES = 500  # of CloudFormation
SAME = "crhelper"  # declares the same resources as CustomResource
MEASURED = [design for design in DESIGNS if design != SAME]


@dataclass(frozen=True)
class Size:
    """The size of a template."""

    resources: int
    minified_bytes: int

    @classmethod
    def of(cls, design: str, orders: int, *, validate: bool = False) -> "tuple[Size | None, float]":
        """Synthesize a stack; return its size, or None if CDK refuses it, and the CPU time."""
        plan = {"Orders": (design, [(1 + number, OUTPOST) for number in range(orders)])}
        with TemporaryDirectory() as folder:
            before = cpu_seconds()
            try:
                synthesize(Path(folder), plan, validate=validate)
            except subprocess.CalledProcessError as error:
                if f"allowed maximum of {MAX_RESOURCES}" not in str(error.stderr):
                    raise
                return None, 0
            seconds = cpu_seconds() - before
            template = Assembly(Path(folder)).template
        minified = json.dumps(template, separators=(",", ":"))
        return cls(len(template["Resources"]), len(minified.encode())), seconds


def cpu_seconds() -> float:
    """Return the CPU time of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(folder: Path) -> Section:
    """Synthesize each design with each number of orders, in turn."""
    sizes: dict[tuple[str, int], Size] = {}
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    validated: dict[str, list[float]] = {"OutpostOrder": [], "CustomResource": []}
    for run in range(RUNS):
        for orders in ORDERS:
            for design in MEASURED:
                if run and (design, orders) not in sizes:
                    continue
                size, seconds = Size.of(design, orders)
                if size:
                    sizes[design, orders] = size
                    times[design, orders].append(seconds)
        for design, seconds_of in [*validated.items()] * PAIRS:
            seconds_of.append(Size.of(design, max(ORDERS), validate=True)[1])
    curves = {d: [statistics.median(times[d, n]) for n in ORDERS if times[d, n]] for d in MEASURED}
    bytes_of = {
        d: [sizes[d, n].minified_bytes for n in ORDERS if (d, n) in sizes] for d in MEASURED
    }
    panels: dict[str, Curves] = {
        "CPU in seconds": curves,
        "bytes of the minified template": bytes_of,
    }
    draw(folder / IMAGE, "orders in the stack", ORDERS, panels)
    rows = [
        (
            orders,
            design,
            *((each.resources, f"{each.minified_bytes:,}") if each else ("more than 500", "none")),
            spread(times[design, orders]) if each else "CDK refuses it",
        )
        for orders in ORDERS
        for design in MEASURED
        for each in [sizes.get((design, orders))]
    ]
    per_order = {design: bytes_for_each_order(sizes, design) for design in MEASURED}
    per_order[SAME] = per_order["CustomResource"]
    most = max(ORDERS)
    ratios = [ours / plain for ours, plain in zip(*validated.values(), strict=True)]
    ratio = statistics.median(ratios)
    bare = curves["OutpostOrder"][-1] / curves["CustomResource"][-1]
    header = ("orders", "design", "resources", "bytes of the minified template", "CPU in s")
    body = f"""
`python app.py` with one stack, without outputs. CPU of Python and Node.js together, {RUNS} runs of
each, in turn: medians, the least, and the greatest. The table is without CDK's validation, which
takes seconds for each design. {SAME} declares what `CustomResource` declares.
`AwsCustomResource` needs a policy for each call, and CloudFormation allows {MAX_RESOURCES}
resources in a stack.

{table(header, rows)}
![CPU and bytes of the designs, by the orders in the stack](images/{IMAGE})

With the validation, as its users run it, CDK takes this CPU in s for {most} orders:

{table(("", *validated), [("CPU in s", *map(spread, validated.values()))])}
The ratio is {spread(ratios)}, by pairs of runs. The validation takes most of the time, and hides
a part of the difference: without it, the ratio is {bare:.2f}, which is more than {MAX_RATIO}.

An `OutpostOrder` calls Node.js 6 times, a `CustomResource` once. In a profile by cProfile, these
calls take about two thirds of the time to declare {most} orders. The comparison of each order with
all earlier ones of the app takes about a fifth, and grows with the square of the orders.
"""
    goal = Goal(
        f"{most} orders take `python app.py` at most {MAX_RATIO} times the CPU of `CustomResource`",
        f"{spread(ratios)}; without CDK's validation {bare:.2f}",
        ratio <= MAX_RATIO,
    )
    values = (per_order[design] for design in DESIGNS)
    summary = ("bytes of the template for each order", *values)
    return Section(TITLE, body, (goal,), (summary,))


def bytes_for_each_order(sizes: Mapping[tuple[str, int], Size], design: str) -> int:
    """Return what one more order adds to a template."""
    few, many = ORDERS[:2]
    more = sizes[design, many].minified_bytes - sizes[design, few].minified_bytes
    return more // (many - few)
