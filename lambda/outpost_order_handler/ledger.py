"""What is known of every order: who asked for it, how far it came, and what was answered.

    (none) --> SUBMITTING --> PLACED --> CANCELLING --> CANCELLED
                   |  |         ^              |
                   |  |         | evidence     +--> CANCEL_REFUSED
                   |  +--> IN_DOUBT --> NOT_PLACED, which only a person says
                   +--> REJECTED

The step into SUBMITTING is the point of no return, and no path leads from there
back to it: a new attempt starts where no order can be, at none, REJECTED,
NOT_PLACED or CANCELLED, and for a new request. Records that must agree change
in one write, so an Outpost is locked exactly while an attempt on it is unresolved,
and no order is claimed by two names.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from outpost_order_handler.clock import Clock
from outpost_order_handler.order import Order
from outpost_order_handler.records import Claim, Lock, Receipt, Row, State, Witness
from outpost_order_handler.request import OrderRequest
from outpost_order_handler.table import Item, Table, new_version

_LONGEST_HISTORY = 50
_MOST_ANSWERS = 12
_MOST_FORMER = 12
_MOST_ENDED = 50


class Ledger:
    """The records of all orders, and the steps between their states.

    Every step raises `Lost` where another writer was first, and
    `TableUnavailable` where it is not known whether it was written.
    """

    def __init__(self, table: Table, clock: Clock) -> None:
        """Take the table that holds the records."""
        self._table = table
        self._clock = clock

    def row(self, order_name: str) -> Row:
        """Read what is known of a name."""
        return Row.of(self._table.read(Row.key_of(order_name)))

    def lock(self, outpost_id: str) -> Lock:
        """Read who has an unresolved attempt on an Outpost."""
        return Lock.of(self._table.read(Lock.key_of(outpost_id)))

    def claim(self, order_id: str) -> Claim:
        """Read which name an order belongs to."""
        return Claim.of(self._table.read(Claim.key_of(order_id)))

    def receipt(self, resource: str) -> Receipt:
        """Read what was answered for a resource."""
        return Receipt.of(self._table.read(Receipt.key_of(resource)))

    def rows(self) -> list[Row]:
        """Read every row, for a person who looks; the function's role may not."""
        items = self._table.scan()
        return [Row.of(item) for item in items if item.key.startswith(f"{Row.PREFIX}#")]

    def begin(
        self,
        row: Row,
        lock: Lock,
        receipt: Receipt,
        request: OrderRequest,
        *,
        request_id: str,
        baseline: list[str],
    ) -> tuple[Row, Receipt]:
        """Pass the point of no return: from here on, an order may stand."""
        attempt = new_version()
        begun = self._step(
            replace(
                row,
                attempt=attempt,
                request=request_id,
                ended=_ended_requests(row),
                resource=receipt.name,
                former=[],
                properties=request.properties(),
                baseline=baseline,
                submitted_at=self._clock.now().isoformat(),
                order_id="",
                attributes={},
                witness="",
                reason="",
            ),
            State.SUBMITTING,
        )
        held = replace(lock, held_by=row.name)
        # The receipt is written as it is: whoever read it before learns that it moved on.
        self._table.write(begun.item(), held.item(), receipt.item(), version=attempt)
        return replace(begun, version=attempt), replace(receipt, version=attempt)

    def placed(self, row: Row, order: Order, witness: Witness, why: str = "", who: str = "") -> Row:
        """Resolve the attempt: this order came of it."""
        done = self._step(_with_order(row, order, witness), State.PLACED, why, who)
        return self._written(done, self._claim(row, order), _released(row))

    def rejected(self, row: Row, reason: str) -> Row:
        """Resolve the attempt: it is proven that no order came of it."""
        return self._written(
            self._step(replace(row, reason=reason), State.REJECTED, reason), _released(row)
        )

    def not_placed(self, row: Row, why: str, who: str = "") -> Row:
        """Resolve the attempt by a person's verdict: no order came of it."""
        return self._written(self._step(row, State.NOT_PLACED, why, who), _released(row))

    def in_doubt(self, row: Row, reason: str) -> Row:
        """Note that nobody knows what came of the attempt."""
        return self._written(self._step(replace(row, reason=reason), State.IN_DOUBT, reason))

    def adopted(
        self,
        row: Row,
        lock: Lock,
        receipt: Receipt,
        request: OrderRequest,
        *,
        request_id: str,
        order: Order,
    ) -> tuple[Row, Receipt]:
        """Take over an order that was made elsewhere."""
        taken = replace(
            row,
            request=request_id,
            ended=_ended_requests(row),
            resource=receipt.name,
            former=[],
            properties=request.properties(),
            reason="",
        )
        done = self._step(_with_order(taken, order, Witness.ADOPTED), State.PLACED)
        # The lock is written as it is: nobody may begin an attempt at the same time.
        version = new_version()
        self._table.write(
            done.item(), self._claim(row, order), lock.item(), receipt.item(), version=version
        )
        return replace(done, version=version), replace(receipt, version=version)

    def taken_over(self, row: Row, receipt: Receipt, order: Order) -> tuple[Row, Receipt]:
        """Let the order of a name belong to the resource that asks for it now."""
        others = [each for each in (*row.former, row.resource) if each != receipt.name]
        owned = replace(
            row,
            resource=receipt.name,
            former=others[-_MOST_FORMER:],
            taken_over_at=self._clock.now().isoformat(),
            attributes=order.attributes(),
        )
        done = self._step(owned, State.PLACED, f"taken over by {receipt.name}")
        version = new_version()
        self._table.write(done.item(), receipt.item(), version=version)
        return replace(done, version=version), replace(receipt, version=version)

    def handed_back(self, row: Row, resource: str) -> Row:
        """Let the order belong again to a resource that it belonged to before."""
        former = row.former[: row.former.index(resource)]
        owned = replace(row, resource=resource, former=former)
        return self._written(self._step(owned, row.state, f"handed back to {resource}"))

    def moved_for_good(self, row: Row) -> Row:
        """Forget the resources that had the order before: its stack went on without them."""
        return self._written(self._step(replace(row, former=[]), row.state, "moved for good"))

    def cancelling(self, row: Row) -> Row:
        """Note that cancelling was asked for."""
        return self._written(self._step(row, State.CANCELLING))

    def cancelled(self, row: Row) -> Row:
        """Note that the service confirms the order as CANCELLED."""
        return self._written(self._step(row, State.CANCELLED))

    def cancel_refused(self, row: Row, reason: str) -> Row:
        """Note that the order stands, for the service would not cancel it."""
        return self._written(self._step(row, State.CANCEL_REFUSED, reason))

    def answered(
        self, receipt: Receipt, request_id: str, answer: Mapping[str, Any], *, deleted: bool
    ) -> Receipt:
        """Note what CloudFormation is told, before it is told."""
        withdrawn = deleted and not receipt.is_open
        done = replace(
            receipt,
            answers=[*receipt.answers, {**answer, "Request": request_id}][-_MOST_ANSWERS:],
            is_open=not deleted,
            withdrawn_at=self._clock.now().isoformat() if withdrawn else receipt.withdrawn_at,
        )
        [written] = self._table.write(done.item())
        return replace(done, version=written.version)

    def _written(self, row: Row, *others: Item) -> Row:
        written = self._table.write(row.item(), *others)
        return replace(row, version=written[0].version)

    def _step(self, row: Row, state: State, why: str = "", who: str = "") -> Row:
        entry = {"At": self._clock.now().isoformat(), "State": str(state)}
        entry |= {name: value for name, value in (("Who", who), ("Why", why)) if value}
        return replace(row, state=state, history=[*row.history, entry][-_LONGEST_HISTORY:])

    def _claim(self, row: Row, order: Order) -> Item:
        # Expected to be free: where another name has the order, the write is lost.
        now = self._clock.now().isoformat()
        return Claim(name=order.order_id, order_name=row.name, claimed_at=now).item()


def _with_order(row: Row, order: Order, witness: Witness) -> Row:
    return replace(
        row,
        order_id=order.order_id,
        attributes=order.attributes(),
        witness=witness,
    )


def _ended_requests(row: Row) -> list[str]:
    return [*row.ended, row.request][-_MOST_ENDED:] if row.request else row.ended


def _released(row: Row) -> Item:
    # Only this attempt's resolution changes the lock, so its version is known.
    return Lock(name=row.outpost_id, version=row.attempt).item()
