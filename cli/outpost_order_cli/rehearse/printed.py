"""The outcome of a rehearsal as a person reads it."""

from collections.abc import Iterator

from outpost_order_cli.output import one_line, wrapped
from outpost_order_cli.rehearse.outcome import Outcome
from outpost_order_cli.review.report import counted


def lines_of(outcome: Outcome, *, is_verbose: bool) -> Iterator[str]:
    """Yield the lines below the steps; the last one is the verdict."""
    if is_verbose or len(outcome.stacks) == 1:
        for stack in outcome.stacks:
            for name, value in sorted(stack.outputs.items()):
                yield one_line(f"{stack.name}.{name} = {value}")
    requests = counted(len(outcome.received), "CreateOrder request")
    force = counted(len(outcome.in_force), "order")
    are = "is" if len(outcome.in_force) == 1 else "are"
    yield f"The Outposts API received {requests}; {force} {are} in force."
    for body in outcome.received:
        yield wrapped(f"  {one_line(body)}", 4)
    if outcome.hosts:
        yield one_line(f"Refused requests to other hosts: {', '.join(outcome.hosts)}")
    yield from _differences(outcome)
    yield outcome.verdict


def _differences(outcome: Outcome) -> Iterator[str]:
    for problem in outcome.problems:
        yield wrapped(one_line(f"Unexpected: {problem}"), 2)
    if not outcome.expected:
        if not outcome.is_as_predicted:
            yield f"This differs from review, which says: {outcome.predicted.verdict}"
        return
    for name, failure in sorted(outcome.expected - outcome.happened):
        yield one_line(f"Expected and didn't happen: {name}={failure}")
    for name, failure in sorted(outcome.happened - outcome.expected):
        yield one_line(f"Happened and wasn't expected: {name}={failure}")
