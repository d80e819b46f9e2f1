"""The wire: every way in which the service can answer.

Real botocore sends real HTTP to the fake, which counts requests and orders. Each cell of
the matrix has a Create, a copy of it, and another copy after Lambda's limit has ended the
first. Then come a Delete, and the Create of a new stack that requests the same order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from outpost_order_fake.faults import Way
from outpost_order_handler import contract
from tests.edge.behaviours import Behaviour, Known, behaving, behaviours
from tests.edge.surroundings import (
    NOT_BOUGHT,
    NOTHING,
    UNKNOWN,
    Event,
    Function,
    contradictions,
    is_true,
)
from tests.fakes.cloudformation import Response
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import LEDGER, LIMIT, PROPERTIES, RE_CREATED_STACK

BACKOFF = "botocore.retries.standard.ExponentialBackoff.delay_amount"

CREATE, LIST, DONE = "CreateOrder", "ListOrders", "SUCCESS"
# The words in the answer to a Create, by outcome.
EXPECTED = {Known.DONE: DONE, Known.REFUSED: NOTHING, Known.NOT_KNOWN: UNKNOWN}
AFTER_ITS_END = LIMIT + 11  # seconds, when nothing more comes of the sender by any clock


def _of_a_purchase(behaviour: Behaviour) -> str:
    return EXPECTED[behaviour.known]


def _of_a_list(behaviour: Behaviour) -> str:
    """Without the list of the Outpost's orders, nothing is sent, until it can be read."""
    fault = behaviour.fault
    in_time = behaviour.patience is None and fault is not None and fault.way is Way.SLOW
    return DONE if fault is None or in_time else NOT_BOUGHT


# The operation that fails, the environment's settings of retries, and the expected answer to a
# Create. A purchase has the most tempting setting; tests/handler has others.
ROWS: tuple[tuple[str, dict[str, str], Callable[[Behaviour], str]], ...] = (
    (CREATE, {"AWS_MAX_ATTEMPTS": "7"}, _of_a_purchase),
    (LIST, {}, _of_a_list),
)


@dataclass(frozen=True)
class WireFigures:
    """The result of the matrix.

    Attributes:
        cells: How many cells there were.
        posts_at_most: CreateOrder requests of the cell with the most.
        orders_at_most: Orders of the cell with the most, late ones included.
        false_answers: Answers that were not true, or contradicted another one.
        unanswered: Deliveries that were not answered exactly once.
        given_up: Cells with an answer that was true, but says less than can be known.
        deletes_that_call: Cells in which a Delete called the service, or failed.
        wrong: The names of the cells in which something of this was wrong.
    """

    cells: int = 0
    posts_at_most: int = 0
    orders_at_most: int = 0
    false_answers: int = 0
    unanswered: int = 0
    given_up: int = 0
    deletes_that_call: int = 0
    wrong: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was wrong."""
        return not self.wrong


@dataclass
class Cell:
    """One behaviour of one operation: the events that meet it, and what was answered.

    Attributes:
        expected: The answer to the first Create, if it says everything that can be known.
    """

    function: Function
    operation: str
    behaviour: Behaviour
    expected: str
    number: int
    created: list[Response] = field(default_factory=list)
    false_answers: int = 0
    unanswered: int = 0
    gave_up: bool = False
    calls_of_the_delete: int = 0

    def run(self) -> None:
        """Let everything happen, in order, and judge it at the end."""
        outposts, time = self.function.outposts, self.function.time
        time.passed = 0
        event = self._event("Create")
        with behaving(self.function, self.operation, self.behaviour):
            self._create(event, self.expected)
            self._create(event, self.expected)
        time.passed = AFTER_ITS_END
        self._create(event, DONE if outposts.orders else self.expected)
        self._delete()
        outposts.apply_late()
        self.false_answers += contradictions(self.created) + self._untrue(self.created)
        if self.expected != NOTHING:  # after a refusal, a new request sends the order once more
            before, is_sent = len(self.created), bool(outposts.posts)
            again = self._event("Create", StackId=RE_CREATED_STACK)
            self._create(again, DONE if outposts.orders or not is_sent else self.expected)
            self.false_answers += self._untrue(self.created[before:])

    @property
    def posts(self) -> int:
        """How many CreateOrder requests came."""
        return len(self.function.outposts.posts)

    @property
    def orders(self) -> int:
        """How many orders were made."""
        return len(self.function.outposts.orders)

    @property
    def is_fine(self) -> bool:
        """Whether all was as it has to be."""
        wrong = self.false_answers or self.unanswered or self.gave_up or self.calls_of_the_delete
        return not wrong and self.posts <= 1 and self.orders <= 1

    def _untrue(self, created: list[Response]) -> int:
        return sum(not is_true(each, self.function.outposts.orders) for each in created)

    def _create(self, event: Event, expected: str) -> None:
        answers = self._answers(event)
        self.gave_up |= any(expected not in f"{each.status} {each.reason}" for each in answers)
        self.created += answers

    def _delete(self) -> None:
        requests = self.function.outposts.requests
        before = len(requests)
        event = self._event("Delete", PhysicalResourceId=self.created[-1].physical_id)
        self.false_answers += sum(each.status != DONE for each in self._answers(event))
        self.calls_of_the_delete = len(requests) - before

    def _answers(self, event: Event) -> list[Response]:
        answers = self.function.deliver(event)
        self.unanswered += len(answers) != 1
        return answers

    def _event(self, request_type: str, **more: str) -> Event:
        properties = PROPERTIES | {
            "OrderName": f"PO-{self.number}",
            "OutpostIdentifier": f"op-{self.number:017x}",
        }
        resource = f"Rack{self.number}"
        return self.function.cloudformation.event(
            request_type, properties, LogicalResourceId=resource, **more
        )


def run(rows: int = len(ROWS)) -> WireFigures:
    """Fill the first rows of the matrix: each behaviour of the service is a cell."""
    figures = WireFigures()
    with Function.started(DynamoDbInProcess(LEDGER, contract.LEDGER_KEY)) as function:
        function.patch.setattr(BACKOFF, lambda *_: 0)
        for operation, variables, expected in ROWS[:rows]:
            with function.patch.context() as patch:
                for name, value in variables.items():
                    patch.setenv(name, value)
                function.restart()
                for name, behaviour in behaviours().items():
                    function.outposts.reset()
                    cell = Cell(function, operation, behaviour, expected(behaviour), figures.cells)
                    cell.run()
                    figures = _with(figures, cell, f"{operation} {name}, {variables}")
    return figures


def _with(figures: WireFigures, cell: Cell, name: str) -> WireFigures:
    return WireFigures(
        cells=figures.cells + 1,
        posts_at_most=max(figures.posts_at_most, cell.posts),
        orders_at_most=max(figures.orders_at_most, cell.orders),
        false_answers=figures.false_answers + cell.false_answers,
        unanswered=figures.unanswered + cell.unanswered,
        given_up=figures.given_up + cell.gave_up,
        deletes_that_call=figures.deletes_that_call + (cell.calls_of_the_delete > 0),
        wrong=figures.wrong if cell.is_fine else (*figures.wrong, name),
    )
