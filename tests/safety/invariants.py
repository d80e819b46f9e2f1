"""What must hold in every schedule, by the numbers in the design.

1. No order name has two live orders. 2. A request is sent once, and none while an
earlier one of its name is live or unknown. 3. Every request is answered, without
contradiction. 4. What is told is true. 5. An order has one name. 6. An Outpost is
locked exactly while an attempt on it is unresolved. 7. Where nothing goes wrong, the
answer is SUCCESS. 8. After a clean delivery no row is SUBMITTING.
"""

from dataclasses import dataclass

from outpost_order_handler.answers import Answer
from outpost_order_handler.records import UNRESOLVED, WITH_AN_ORDER, Lock, Row, State
from tests.safety.scenarios import Delivery
from tests.safety.simulation import CANCELLED, Post, Process, SimulatedOrder, Universe

UNKNOWN = "outcome unknown"
NOTHING = ("nothing was ordered", "nothing was bought")


@dataclass(frozen=True)
class Violation:
    """An invariant that did not hold."""

    kind: str
    what: str


@dataclass
class Judge:
    """Watches a universe, and what was answered in it."""

    universe: Universe
    answers: list[tuple[Delivery, Answer | None]]
    violations: list[Violation]

    def _violate(self, kind: str, what: str) -> None:
        self.violations.append(Violation(kind, what))

    def check_post(self, process: Process) -> None:
        """2: one POST for each request, and none while an earlier one is live or unknown."""
        name = self._name_of(process)
        for post in self.universe.posts:
            if self._name_of(post.sender) != name:
                continue
            if post.sender.request == process.request:
                self._violate("duplicate", f"{process.request} is sent twice")
            elif not _is_over(post):
                self._violate("duplicate", f"{name} is sent again, {post.sender.request} stands")

    def _name_of(self, process: Process) -> str:
        return next(d.order_name for d, _ in self.answers if d.request == process.request)

    def check_duplicates(self) -> None:
        """1: no name has two live orders."""
        live: dict[str, int] = {}
        for post in self.universe.posts:
            if post.is_pending or (post.order and post.order.is_live):
                name = self._name_of(post.sender)
                live[name] = live.get(name, 0) + 1
        for name, orders in live.items():
            if orders > 1:
                self._violate("duplicate", f"{name} has {orders} live orders")

    def check_ledger(self) -> None:
        """5 and 6: an order has one name; an Outpost is locked while an attempt is unresolved."""
        claimed, unresolved, held = [], [], ""
        for key, stored in self.universe.items.items():
            if key.startswith(f"{Row.PREFIX}#"):
                state = stored["State"]["S"]
                if state in WITH_AN_ORDER:
                    claimed.append(stored["OrderId"]["S"])
                elif state in UNRESOLVED:
                    unresolved.append(key.partition("#")[2])
            elif key.startswith(f"{Lock.PREFIX}#"):
                held = stored["HeldBy"]["S"]
        if len(claimed) != len(set(claimed)):
            self._violate("ledger", f"an order is claimed twice: {claimed}")
        if unresolved != ([held] if held else []):
            self._violate("ledger", f"{unresolved} unresolved, the Outpost held by {held!r}")

    def check_end(self, succeeds: tuple[str, ...], stands: tuple[str, ...]) -> None:
        """Judge the end: which requests must have succeeded, and whose order must stand."""
        self.check_duplicates()
        for post in self.universe.posts:
            lives = post.order is None or post.order.is_live
            if post.sender.request in stands and not lives:
                self._violate("false answer", f"the order of {post.sender.request} is cancelled")
        self._check_answers()
        self._check_deletes()
        for key, stored in self.universe.items.items():
            if key.startswith(f"{Row.PREFIX}#") and stored["State"]["S"] == State.SUBMITTING:
                self._violate("ledger", f"{key} is SUBMITTING after a clean delivery")
        self._check_success(succeeds)

    def _check_answers(self) -> None:
        """3 and 4: each request is answered, without contradiction, and what is told is true."""
        for request in {d.request for d, _ in self.answers if d.kind not in ("console", "person")}:
            told = [answer for d, answer in self.answers if d.request == request and answer]
            if not told:
                self._violate("unanswered", request)
        for request in {d.request for d, _ in self.answers if d.kind == "Create"}:
            told = [answer for d, answer in self.answers if d.request == request and answer]
            placed = {answer.physical_id for answer in told if not answer.reason}
            refused = [a for a in told if any(word in a.reason for word in NOTHING)]
            if len(placed) > 1 or (placed and refused):
                self._violate("false answer", f"{request} was told {told}")
        for delivery, answer in self.answers:
            if delivery.kind == "Create" and answer:
                self._check_truth(delivery, answer)

    def _check_truth(self, delivery: Delivery, answer: Answer) -> None:
        if not answer.reason:
            order = self._order(answer.physical_id)
            if order is None or not self._is_ours(order, delivery):
                self._violate(
                    "false answer", f"{delivery.request}: {answer.physical_id} is not ours"
                )
        elif UNKNOWN not in answer.reason:
            for post in self.universe.posts:
                if post.sender.request == delivery.request and post.order and post.order.is_live:
                    self._violate("false answer", f"{delivery.request}: {answer.reason}")

    def _order(self, order_id: str) -> SimulatedOrder | None:
        return next((o for o in self.universe.orders if o.order_id == order_id), None)

    def _is_ours(self, order: SimulatedOrder, delivery: Delivery) -> bool:
        if order.sender is None:
            return delivery.properties.get("ExistingOrder") == "ADOPT"
        return self._name_of(order.sender) == delivery.order_name

    def _check_deletes(self) -> None:
        """After a Delete that cancels was told as done, nothing of its resource is live."""
        for position, (delivery, answer) in enumerate(self.answers):
            cancels = delivery.properties.get("OnDelete") == "CANCEL"
            if delivery.kind != "Delete" or not cancels or not answer or answer.reason:
                continue
            taken = [a.physical_id for d, a in self.answers if a and d.where != delivery.where]
            for post in self.universe.posts:
                mine = self._place_of(post.sender) == delivery.where
                if not mine or self._belongs_elsewhere(delivery):
                    continue
                if post.order and post.order.is_live and post.order.order_id not in taken:
                    self._violate("false answer", f"{delivery.request} at {position}: it stands")

    def _belongs_elsewhere(self, delivery: Delivery) -> bool:
        """Whether another resource took the order over, whose own Delete is to come."""
        stored = self.universe.items.get(Row.key_of(delivery.order_name))
        return stored is not None and not stored["Resource"]["S"].endswith(
            f"stack/{delivery.stack}/0f0e0d0c|{delivery.resource}"
        )

    def _place_of(self, process: Process) -> tuple[str, str]:
        return next(d.where for d, _ in self.answers if d.request == process.request)

    def _check_success(self, succeeds: tuple[str, ...]) -> None:
        """7: where nothing goes wrong, the answer is SUCCESS."""
        for request in succeeds:
            told = [answer for d, answer in self.answers if d.request == request and answer]
            if not told or told[0].reason:
                self._violate("false answer", f"{request} fails without a fault: {told}")


def _is_over(post: Post) -> bool:
    """Whether an earlier request is known to hold no order."""
    return post.was_refused or (post.order is not None and post.order.status == CANCELLED)
