"""A review as annotations of a GitHub workflow.

Source:
    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from collections.abc import Iterator

from outpost_order_cli.output import one_line
from outpost_order_cli.review.changes import Change, Kind
from outpost_order_cli.review.report import Report, amount


def annotations(report: Report) -> Iterator[str]:
    """Yield the commands, one a line."""
    yield _command("notice", "Outposts orders", report.verdict)
    for change in report.changes:
        name = change.order.name
        for failure in change.failures:
            yield _command("error", f"{name} will fail", f"{failure.name}: {failure.text}")
        if change.buys:
            yield _command("warning", f"{name} is bought", _purchase(change))
        if change.kind is Kind.REMOVED:
            text = f"{change.order.description}: the order remains in force, and you pay for it"
            yield _command("warning", f"{name} is removed", text)
    for stack, why in report.stacks:
        yield _command("error", f"{stack} will fail", why)


def _purchase(change: Change) -> str:
    commitment = change.order.commitment
    stated = amount(commitment) if commitment else "the price isn't stated"
    return f"{change.order.description}: {stated}"


def _command(kind: str, title: str, text: str) -> str:
    return f"::{kind} title={_escaped(title, ':,')}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    text = one_line(text)[:1000].replace("%", "%25")
    for each in more:
        text = text.replace(each, f"%{ord(each):02X}")
    return text
