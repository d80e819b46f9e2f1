"""The wire: every way in which the service can answer.

Real botocore sends real HTTP to the fake, which counts requests and orders. Each cell of
the matrix lives through a Create, a second copy of it, a Delete that cancels, and another one.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from outpost_order_handler import contract
from tests.edge.behaviours import Behaviour, Known, behaving, behaviours
from tests.edge.surroundings import NOTHING, UNKNOWN, Event, Function, is_true
from tests.fakes.cloudformation import Response
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import LEDGER, PROPERTIES

BACKOFF = "botocore.retries.standard.ExponentialBackoff.delay_amount"

CREATE, CANCEL = "CreateOrder", "CancelOrder"
# The operation that goes wrong, and what the environment says of retries meanwhile: for a
# purchase the most tempting setting, tests/handler/test_create.py has the others.
ROWS: tuple[tuple[str, dict[str, str]], ...] = (
    (CREATE, {"AWS_MAX_ATTEMPTS": "7"}),
    (CANCEL, {}),
)
# What the answer to a Create says of each outcome.
TOLD = {Known.DONE: "SUCCESS", Known.REFUSED: NOTHING, Known.NOT_KNOWN: UNKNOWN}


@dataclass(frozen=True)
class WireFigures:
    """What the matrix showed.

    Attributes:
        cells: How many cells there were.
        posts_at_most: CreateOrder requests of the cell with the most.
        orders_at_most: Orders of the cell with the most, late ones included.
        false_answers: Answers that were not true, or not the same for the second copy.
        unanswered: Deliveries that were not answered exactly once.
        given_up: Cells with an answer that was true, but told less than could be known.
        wrong: The names of the cells in which something of this was wrong.
    """

    cells: int = 0
    posts_at_most: int = 0
    orders_at_most: int = 0
    false_answers: int = 0
    unanswered: int = 0
    given_up: int = 0
    wrong: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was wrong."""
        return not self.wrong


@dataclass
class Cell:
    """One behaviour of one operation: the events that meet it, and what was answered."""

    function: Function
    operation: str
    behaviour: Behaviour
    number: int
    created: list[Response] = field(default_factory=list)
    deleted: list[Response] = field(default_factory=list)
    false_answers: int = 0
    unanswered: int = 0

    def run(self) -> None:
        """Let everything happen, in order, and judge it at the end."""
        outposts = self.function.outposts
        with self._behaving(CREATE):
            event = self._event("Create")
            self.created = [*self._answers(event), *self._answers(event)]
        with self._behaving(CANCEL):
            self._delete("CANCEL")
        self._delete("KEEP" if self.operation == CREATE else "CANCEL")
        outposts.apply_late()
        self.false_answers += len({(each.status, each.reason) for each in self.created}) > 1
        self.false_answers += sum(not is_true(each, outposts.orders) for each in self.created)
        # Where a Delete went well no order stands, not even one that was made late.
        went_well = any(each.status == "SUCCESS" for each in self.deleted)
        self.false_answers += went_well and bool(outposts.live_orders)

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
        wrong = self.false_answers or self.unanswered or self.gave_up
        return not wrong and self.posts <= 1 and self.orders <= 1

    @property
    def gave_up(self) -> bool:
        """Whether an answer told less than could be known."""
        known = self.behaviour.known
        if self.operation == CREATE:
            return not all(TOLD[known] in (e.status, *_facts(e.reason)) for e in self.created)
        went_well = bool(self.deleted) and self.deleted[0].status == "SUCCESS"
        return went_well != (known == Known.DONE)

    def _behaving(self, operation: str) -> AbstractContextManager[None]:
        if operation == self.operation:
            return behaving(self.function, operation, self.behaviour)
        return nullcontext()

    def _delete(self, on_delete: str) -> None:
        held = self.created[0].physical_id if self.created else "made-up"
        answers = self._answers(self._event("Delete", on_delete, PhysicalResourceId=held))
        stands = bool(self.function.outposts.live_orders)
        self.false_answers += sum(not _is_true_of_now(each, stands) for each in answers)
        self.deleted += answers

    def _answers(self, event: Event) -> list[Response]:
        answers = self.function.deliver(event)
        self.unanswered += len(answers) != 1
        return answers

    def _event(self, request_type: str, on_delete: str = "CANCEL", **more: str) -> Event:
        properties = PROPERTIES | {
            "OrderName": f"PO-{self.number}",
            "OutpostIdentifier": f"op-{self.number:017x}",
            "OnDelete": on_delete,
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
        for operation, variables in ROWS[:rows]:
            with function.patch.context() as patch:
                for name, value in variables.items():
                    patch.setenv(name, value)
                function.restart()
                for name, behaviour in behaviours().items():
                    function.outposts.reset()
                    cell = Cell(function, operation, behaviour, figures.cells)
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
        wrong=figures.wrong if cell.is_fine else (*figures.wrong, name),
    )


def _is_true_of_now(deleted: Response, stands: bool) -> bool:  # noqa: FBT001 - what is compared
    if deleted.status == "SUCCESS":
        return not stands
    return stands or UNKNOWN in deleted.reason or "may or may not be" in deleted.reason


def _facts(reason: str) -> list[str]:
    return [word for word in (NOTHING, UNKNOWN) if word in reason]
