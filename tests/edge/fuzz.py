"""Malformed events: nothing invalid is sent, and every event is answered.

Each example goes to the real entry, with real crhelper and real HTTPS to a strict
CloudFormation. Rules of their own decide what is right.
"""

import logging
import multiprocessing
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import add

from hypothesis import HealthCheck, Phase, given, seed, settings

from outpost_order_handler import contract
from tests.edge.cases import Case, cases
from tests.edge.examples import Example
from tests.edge.surroundings import Function
from tests.fakes.cloudformation import MAX_RESPONSE
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import LEDGER

PROCESSES = 2
BATCH = 1000  # examples; hypothesis remembers what it tried, until it starts again after them
SECRET = b"X-Amz-Signature"
TRACES = ("Traceback", 'File "')
MOST_WRONG = 5


@dataclass(frozen=True)
class FuzzFigures:
    """The result of the examples.

    Attributes:
        examples: How many events were delivered.
        invalid: How many of them must not lead to an order.
        posts_for_invalid: CreateOrder requests of those.
        unanswered: Events that were not answered exactly once, or were none and answered.
        tracebacks: Reasons that show the inside of the handler.
        largest_answer_bytes: The size of the largest answer.
        misjudged: Events with another result than the rules say.
        secrets: Lines of the log that contain the presigned address of an answer.
        wrong: The first events with a wrong result.
    """

    examples: int = 0
    invalid: int = 0
    posts_for_invalid: int = 0
    unanswered: int = 0
    tracebacks: int = 0
    largest_answer_bytes: int = 0
    misjudged: int = 0
    secrets: int = 0
    wrong: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was wrong."""
        return not self.wrong and self.largest_answer_bytes < MAX_RESPONSE

    def __add__(self, other: "FuzzFigures") -> "FuzzFigures":
        return FuzzFigures(
            examples=self.examples + other.examples,
            invalid=self.invalid + other.invalid,
            posts_for_invalid=self.posts_for_invalid + other.posts_for_invalid,
            unanswered=self.unanswered + other.unanswered,
            tracebacks=self.tracebacks + other.tracebacks,
            largest_answer_bytes=max(self.largest_answer_bytes, other.largest_answer_bytes),
            misjudged=self.misjudged + other.misjudged,
            secrets=self.secrets + other.secrets,
            wrong=(*self.wrong, *other.wrong)[:MOST_WRONG],
        )


class LambdaLog(logging.Handler):
    """The log as Lambda's runtime writes it: a line that isn't Unicode fails at once."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        self.secrets += SECRET in self.format(record).encode()


def run(examples: int = 100_000) -> FuzzFigures:
    """Deliver about so many events, in several processes if they are many."""
    batches = [(number, min(BATCH, examples)) for number in range(-(-examples // BATCH))]
    if len(batches) == 1:
        return _run(batches)
    shares = [batches[each::PROCESSES] for each in range(PROCESSES)]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        return reduce(add, pool.map(_run, shares))


def _run(batches: Iterable[tuple[int, int]]) -> FuzzFigures:
    """Deliver batches of events, each given by a seed and a number."""
    figures = FuzzFigures()
    with (
        Function.started(DynamoDbInProcess(LEDGER, contract.LEDGER_KEY)) as function,
        _logging() as log,
    ):

        def deliver(case: Case) -> None:
            nonlocal figures
            example = Example(function, case)
            example.run()
            figures += _of(example, log)

        for number, examples in batches:
            bounds = settings(
                max_examples=examples,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            bounds(seed(number)(given(cases())(deliver)))()
    return figures


def _of(example: Example, log: LambdaLog) -> FuzzFigures:
    secrets, log.secrets = log.secrets, 0
    posts = 0 if example.is_valid else example.posts
    has_trace = any(trace in each.reason for trace in TRACES for each in example.answers)
    is_fine = (
        example.is_answered and example.is_judged_right and not (posts or has_trace or secrets)
    )
    return FuzzFigures(
        examples=1,
        invalid=int(not example.is_valid),
        posts_for_invalid=posts,
        unanswered=int(not example.is_answered),
        tracebacks=int(has_trace),
        largest_answer_bytes=max((each.size for each in example.answers), default=0),
        misjudged=int(not example.is_judged_right),
        secrets=secrets,
        wrong=() if is_fine else (f"{ascii(example.case)[:2000]}: {example.answers}",),
    )


@contextmanager
def _logging() -> Iterator[LambdaLog]:
    log = LambdaLog()
    logging.getLogger().addHandler(log)
    try:
        yield log
    finally:
        logging.getLogger().removeHandler(log)
