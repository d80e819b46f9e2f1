"""A review as a comment of a pull request. Values of the app are shown, and never obeyed.

Each value is in a code span: nothing in it is Markdown, HTML, a mention, a link or the marker.

Source:
    https://github.github.com/gfm/#code-spans
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from outpost_order_cli.output import one_line
from outpost_order_cli.review.changes import Change, Kind
from outpost_order_cli.review.report import Report, amount, old_and_new, place_of

MAX_COMMENT = 60_000  # characters; GitHub takes 65,536
MAX_VALUE = 300
_DETAILS = {
    Kind.ADOPTED: "Adopted: the order name gets an order that exists; nothing is bought",
    Kind.REMOVED: "Removed from the app: each order remains in force, and you pay for it",
    Kind.MOVED: "Moved: the same order name and content; nothing is bought",
    Kind.UNCHANGED: "Unchanged",
}


def comments(report: Report, most: int = MAX_COMMENT) -> Iterator[str]:
    """Yield a comment for each stage, of at most so many characters."""
    for stage in report.stages or [""]:
        yield _comment(report, stage, most)


def marker(stage: str) -> str:
    """Return the first line of the comment of a stage, by which it is found again."""
    return f"<!-- outpost-order review: {re.sub(r'[^A-Za-z0-9/_. -]', '_', stage) or 'app'} -->"


def code(value: str) -> str:
    """Return a value as a code span, which is good in a table, too."""
    text = one_line(value).replace("<!--", "<! --").replace("|", "\\|")
    if len(text) > MAX_VALUE:
        text = text[: MAX_VALUE - 3] + "..."
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith(("`", "\\")) or not text.strip() else ""
    return f"{fence}{space}{text}{space}{fence}"


def _comment(report: Report, stage: str, most: int) -> str:
    changes = report.of_stage(stage)
    moves = [each for each in changes if each.kind is not Kind.UNCHANGED]
    head = [
        marker(stage),
        f"## {_plain(report.verdict_of(changes))}" if moves else "## No purchase any more",
        _source(report, stage),
    ]
    if any(each.buys for each in changes):
        head.append(
            "> [!CAUTION]\n> You can't edit an order, and a rollback or a revert doesn't cancel it."
        )
    sections = [
        _table("Will fail", ("Order name", "Stack", "Why"), map(_failing, _failed(changes))),
        _table(
            "Buys",
            ("Order name", "What", "Where", "Commitment"),
            map(_bought, [each for each in changes if each.buys]),
        ),
    ]
    sections += [_details(kind, changes) for kind in _DETAILS]
    tail = [_not_checked(report)]
    return _joined(head, [each for each in sections if each], tail, most)


def _joined(
    head: Sequence[str], sections: Sequence[list[str]], tail: Sequence[str], most: int
) -> str:
    """Keep the summary whole, and as many lines of the rest as there is room for."""
    cut = "_The rest doesn't fit into a comment. The job summary has all of it._"
    room = most - len("\n\n".join([*head, *tail, cut])) - 100
    kept: list[str] = []
    for lines in sections:
        closing = ["", "</details>"] if lines[0].startswith("<details") else []
        taken = list(_fitting(lines, room, reserve=len("".join(closing)) + 2))
        room -= sum(len(line) + 1 for line in taken)
        if taken:
            kept.append("\n".join([*taken, *closing]))
        if taken != lines:
            kept.append(cut)
            break
    return "\n\n".join([*head, *kept, *tail]) + "\n"


def _fitting(lines: Iterable[str], room: int, reserve: int) -> Iterator[str]:
    """Yield lines as long as there is room for each, and for the reserve."""
    for line in lines:
        if room < len(line) + reserve:
            return
        yield line
        room -= len(line) + 1


def _source(report: Report, stage: str) -> str:
    base = f"compared with {code(report.against)}" if report.against else "compared with nothing"
    where = f"stage {code(stage)} of " if stage else ""
    at = report.at.strftime("%Y-%m-%d %H:%M UTC")
    return f"{where}{code(report.app)} ({code(report.digest)}), {base}, {at}"


def _failed(changes: Iterable[Change]) -> list[Change]:
    return [each for each in changes if each.will_fail]


def _failing(change: Change) -> tuple[str, ...]:
    why = "<br>".join(f"{each.name}: {code(each.text)}" for each in change.failures)
    for name, old, new in old_and_new(change):
        why += f"<br>{name}: {code(old)} to {code(new)}"
    places = "<br>".join(dict.fromkeys(code(each.order.place) for each in change.failures))
    return code(change.order.name), places, f"{why}<br>Nothing is bought."


def _bought(change: Change) -> tuple[str, ...]:
    order = change.order
    stated = amount(order.commitment) if order.commitment else "not stated"
    where = f"{code(order.place)}<br>{code(place_of(order.environment))}"
    what = "<br>".join(map(code, (order.description, *change.notes)))
    return code(order.name), what, where, stated


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return []
    return [f"### {title}", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *lines]


def _details(kind: Kind, changes: Iterable[Change]) -> list[str]:
    found = [each for each in changes if each.kind is kind and not each.will_fail]
    if not found:
        return []
    is_open = " open" if kind is Kind.REMOVED else ""  # they cost money
    lines = [f"<details{is_open}><summary>{_DETAILS[kind]} ({len(found)})</summary>", ""]
    for each in found:
        notes = "".join(f" ({code(note)})" for note in each.notes)
        lines.append(f"- {code(each.order.name)}: {code(each.order.description)}{notes}")
    return lines


def _not_checked(report: Report) -> str:
    lines = [f"- {_plain(each)}" for each in report.not_checked]
    lines += [
        f"- The assembly is incomplete: {code(each)} is missing." for each in report.missing[:20]
    ]
    lines += [f"- The stack {code(name)} will fail: {code(why)}" for name, why in report.stacks]
    return "\n".join(["Not checked, or of the whole app:", "", *lines]) if lines else ""


def _plain(text: str) -> str:
    """Return a sentence of ours, in which no value of the app is Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|~@])", r"\\\1", one_line(text))
