"""A review in a terminal: the verdict first, then a paragraph for each change."""

import io
import textwrap
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from outpost_order_cli.output import one_line
from outpost_order_cli.review.changes import Change, Kind
from outpost_order_cli.review.report import Report, amount, old_and_new, place_of

_STYLES = {
    Kind.BOUGHT: "bold yellow",
    Kind.CHANGED: "bold red",
    Kind.REMOVED: "yellow",
    Kind.ADOPTED: "green",
    Kind.MOVED: "green",
    Kind.UNCHANGED: "dim",
}
_MEANINGS = {
    Kind.BOUGHT: "",
    Kind.CHANGED: "nothing is bought",
    Kind.REMOVED: "the order remains in force, and you pay for it",
    Kind.ADOPTED: "the order name gets an order that exists, and nothing is bought",
    Kind.MOVED: "the resource gets the order of the name, and nothing is bought",
    Kind.UNCHANGED: "",
}
_INDENT = "  "
_NO_LIMIT = 10**6  # columns


def printed(report: Report, *, color: bool, width: int | None) -> str:
    """Return the report, broken between words if it has a width; no ID is broken.

    Args:
        report: The report.
        color: Whether states have colors.
        width: The columns of the terminal; none for a pipe.
    """
    file = io.StringIO()
    console = Console(file=file, force_terminal=color, width=width or _NO_LIMIT, highlight=False)
    for line in _lines(report):
        if width is None:
            console.print(line, soft_wrap=True)
            continue
        for part in _broken(line, width):
            console.print(part, soft_wrap=True)
    return file.getvalue().rstrip("\n")


def _broken(line: Text, width: int) -> Iterator[Text]:
    """Yield the parts of a line, broken between words; a word that is too long is kept whole."""
    indent = len(line.plain) - len(line.plain.lstrip())
    parts = textwrap.wrap(
        line.plain[indent:], width - indent, break_long_words=False, break_on_hyphens=False
    )
    at = indent
    for part in parts or [""]:
        at = line.plain.index(part, at)
        yield Text(" " * indent).append_text(line[at : at + len(part)])
        at += len(part)


def _lines(report: Report) -> Iterator[Text]:
    yield Text(report.verdict, style="bold")
    base = f", compared with {one_line(report.against)}" if report.against else ""
    at = f"{report.at:%Y-%m-%d %H:%M UTC}"
    yield Text(f"{one_line(report.app)} ({report.digest}){base}, {at}", style="dim")
    for change in report.changes:
        if change.kind is not Kind.UNCHANGED or change.will_fail:
            yield Text()
            yield from _paragraph(change)
    unchanged = [each for each in report.changes if each.kind is Kind.UNCHANGED]
    if unchanged:
        yield Text()
        names = ", ".join(one_line(each.order.name) for each in unchanged)
        yield Text(f"unchanged  {names}", style=_STYLES[Kind.UNCHANGED])
    for title, lines in (
        ("These stacks will fail", [f"{name}: {why}" for name, why in report.stacks]),
        ("The assembly is incomplete. These are missing", list(report.missing)),
        ("Not checked", list(report.not_checked)),
    ):
        if lines:
            yield Text()
            yield Text(f"{title}:")
            yield from (Text(f"{_INDENT}{one_line(line)}") for line in lines)


def _paragraph(change: Change) -> Iterator[Text]:
    order, style = change.order, _STYLES[change.kind]
    head = Text(f"{change.kind}  ", style=style)
    head.append(one_line(order.name), style="bold")
    if meaning := _MEANINGS[change.kind]:
        head.append(f"  {meaning}", style="")
    yield head
    yield Text(f"{_INDENT}{one_line(order.description)}")
    yield Text(f"{_INDENT}{one_line(order.place)}, {one_line(place_of(order.environment))}")
    if change.kind is Kind.BOUGHT:
        stated = amount(order.commitment) if order.commitment else "the price isn't stated"
        yield Text(f"{_INDENT}{stated}")
    for name, old, new in old_and_new(change):
        yield Text(f"{_INDENT}{name}: {one_line(old)} -> {one_line(new)}")
    for failure in change.failures:
        place = one_line(failure.order.place)
        text = f"will fail: {failure.name}: {one_line(failure.text)} ({place})"
        yield Text(f"{_INDENT}{text}", style="red")
    for note in change.notes:
        yield Text(f"{_INDENT}{one_line(note)}")
