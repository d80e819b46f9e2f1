"""`outpost-order review`: read, compare, ask AWS if that is wanted, print, and judge."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from outpost_order_cli.options import Format
from outpost_order_cli.output import (
    flush,
    one_line,
    say,
    say_as_given,
    shows_colors,
    terminal_width,
)
from outpost_order_cli.problem import Problem
from outpost_order_cli.review.assembly import DEPLOYED, Assembly, read
from outpost_order_cli.review.gate import GATE_FAILED, Gate
from outpost_order_cli.review.github import annotations
from outpost_order_cli.review.markdown import comments
from outpost_order_cli.review.report import Report
from outpost_order_cli.review.terminal import printed

_NO_LIMIT = 10**9


@dataclass(frozen=True)
class Review:
    """The arguments and options, as they were typed.

    Attributes:
        app: The synthesized app.
        against: The other app: a path, `deployed`, or nothing.
        stacks: The stacks of which changes are reported; all if none is named.
        live: Whether the ledger and AWS are asked.
        region: The Region that is used for that.
        profile: The profile of the AWS CLI that is used for that.
    """

    app: str
    against: str | None
    stacks: Sequence[str]
    live: bool
    region: str | None = None
    profile: str | None = None

    def report(self) -> Report:
        """Review the app."""
        new = read(self.app)
        self._require_stacks(new)
        if self.against != DEPLOYED and not self.live:
            return Report.of(new, read(self.against) if self.against else None, self.stacks)
        # boto3 takes most of a second to import.
        from outpost_order_cli.location import Location  # noqa: PLC0415
        from outpost_order_cli.review import deployed  # noqa: PLC0415

        Location(self.region, self.profile).connect()
        here = deployed.here()
        not_read: list[str] = []
        old = None
        if self.against == DEPLOYED:
            old, not_read = deployed.read_deployed(new, here)
        elif self.against:
            old = read(self.against)
        report = Report.of(new, old, self.stacks)
        report = replace(report, not_checked=(*report.not_checked, *not_read))
        if self.live:
            from outpost_order_cli.review.live import checked  # noqa: PLC0415

            report = checked(report, here)
        return report

    def run(self, gate: Gate, form: Format, summary: Path | None) -> None:
        """Print the review, and end with the exit code of the gate.

        Raises:
            Problem: The review can't be made.
            typer.Exit: The gate fails; the exit code is 4.
        """
        report = self.report()
        _print(report, form)
        if summary is not None:
            _append(summary, "\n".join(comments(report, _NO_LIMIT)))
        flush()
        objections = list(gate.objections(report))
        for each in objections:
            say(one_line(f"The gate fails: {each}."), err=True)
        if objections:
            raise typer.Exit(GATE_FAILED)

    def _require_stacks(self, new: Assembly) -> None:
        known = {each.name for each in new.stacks}
        for name in self.stacks:
            if name not in known:
                raise Problem(
                    f"{self.app} has no stack {name!r}. Its stacks: {', '.join(sorted(known))}."
                )


def _print(report: Report, form: Format) -> None:
    if form is Format.MARKDOWN:
        say_as_given("\n".join(comments(report)))
    elif form is Format.JSON:
        say_as_given(json.dumps(report.document(), indent=2))
    elif form is Format.GITHUB:
        say_as_given("\n".join(annotations(report)))
    else:
        is_terminal = sys.stdout.isatty()
        width = terminal_width() if is_terminal else None
        say_as_given(printed(report, color=shows_colors(), width=width))


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Problem(f"{str(path)!r} can't be written: {error.strerror}.") from error
