"""The form of the results: sections, tables, and goals, in Markdown."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Row = Sequence[object]


@dataclass(frozen=True)
class Goal:
    """A goal, what was measured, and whether that meets it."""

    what: str
    measured: str
    is_met: bool


@dataclass(frozen=True)
class Section:
    """The figures of one benchmark.

    Attributes:
        title: The heading.
        body: Text and tables.
        goals: The goals that these figures are compared with.
        summary: Rows of the first table of the results, with a value for each design.
    """

    title: str
    body: str
    goals: tuple[Goal, ...] = ()
    summary: tuple[Row, ...] = ()

    def __str__(self) -> str:
        return f"## {self.title}\n\n{self.body.strip()}\n"


def table(header: Row, rows: Iterable[Row]) -> str:
    """Return a table."""
    return "\n".join(map(line, [header, ["---"] * len(header), *rows])) + "\n"


def line(row: Row) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(map(str, row))} |"


def goals_table(goals: Iterable[Goal]) -> str:
    """Return the table of goals."""
    rows = [(goal.what, goal.measured, "met" if goal.is_met else "**not met**") for goal in goals]
    return table(("goal", "measured", ""), rows)


def spread(values: Sequence[float], unit: str = "") -> str:
    """Return the median, with the least and the greatest value."""
    median, least, greatest = (
        f"{each:.2f}" for each in (statistics.median(values), min(values), max(values))
    )
    return f"{median}{unit and f' {unit}'} ({least} to {greatest})"
