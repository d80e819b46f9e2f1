"""`make bench`: measure all sections and write RESULTS.md, or measure one and print it."""

import argparse
import logging
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from subprocess import check_output

from benchmarks import (
    assets,
    calls,
    cold_start,
    commands,
    faults,
    growth,
    load,
    synthesis,
)
from benchmarks.designs import DESIGNS
from benchmarks.report import Goal, Section, goals_table, table

RESULTS = Path(__file__).with_name("RESULTS.md")
IMAGES = RESULTS.with_name("images")
SECTIONS: dict[str, Callable[[Path], Section]] = {
    "faults": faults.measure,
    "load": load.measure,
    "calls": calls.measure,
    "growth": growth.measure,
    "cold": cold_start.measure,
    "synthesis": synthesis.measure,
    "assets": assets.measure,
    "commands": commands.measure,
}
MAX_MINUTES = 10
PACKAGES = ("cdk-outpost-order", "aws-cdk-lib", "boto3", "crhelper", "ministack")


def main() -> int:
    """Measure the sections, and write or print them."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("only", nargs="?", choices=SECTIONS, help="measure this, and print it")
    only = parser.parse_args().only
    logging.disable()  # the function's own lines
    IMAGES.mkdir(exist_ok=True)
    machine, begun = machine_lines(), time.monotonic()
    sections = [_measured(name) for name in ([only] if only else SECTIONS)]
    if only:
        print(f"{sections[0]}\n{goals_table(sections[0].goals)}")
    else:
        RESULTS.write_text(results(sections, machine, time.monotonic() - begun))
        print(f"wrote {RESULTS.name} and {IMAGES.name}")
    return 0


def _measured(name: str) -> Section:
    begun = time.monotonic()
    section = SECTIONS[name](IMAGES)
    print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return section


def results(sections: list[Section], machine: list[str], seconds: float) -> str:
    """Return the text of RESULTS.md."""
    summary = table(("", *DESIGNS), [row for each in sections for row in each.summary])
    minutes = seconds / 60
    whole = Goal(
        f"`make bench` takes less than {MAX_MINUTES} minutes",
        f"{minutes:.1f}",
        minutes < MAX_MINUTES,
    )
    goals = goals_table([whole, *(goal for each in sections for goal in each.goals)])
    parts = [
        "# Benchmarks\n",
        "`make bench` writes this page and its images.\n",
        *machine,
        f"\n{summary}",
        f"## Goals\n\n{goals}",
        *map(str, sections),
    ]
    return "\n".join(parts)


def machine_lines() -> list[str]:
    """Return the machine, the versions, and the date."""
    node = check_output(["node", "--version"], text=True).strip()  # noqa: S607
    versions = [f"Python {platform.python_version()}", f"Node.js {node}"]
    versions += [f"{package} {version(package)}" for package in PACKAGES]
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"- Date: {datetime.now(UTC).date()}",
        f"- Machine: {_processor()}, {os.cpu_count()} cores, {gigabytes:.0f} GB",
        f"- Load average at the start: {os.getloadavg()[0]:.1f} (above 1: other programs ran, too)",
        f"- Versions: {', '.join(versions)}",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main())
