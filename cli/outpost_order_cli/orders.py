"""Orders and records as an operator sees them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from outpost_order_cli.location import Location
from outpost_order_cli.output import columns, one_line, say, styled, wrapped
from outpost_order_cli.problem import Problem
from outpost_order_handler.contract import Attribute, Preflight
from outpost_order_handler.ledger.records import OrderRecord, State
from outpost_order_handler.order import OrderContent, OrderRequest
from outpost_order_handler.outposts.responses import Order
from outpost_order_handler.placement.context import Services

NOTHING = "-"
RECONCILE = "reconcile"
IN_DOUBT = "IN_DOUBT"
"""The state that is shown of a SUBMITTING order whose sender has ended; no record has it."""
UPGRADE = "upgrade"
NO_STACK = "no stack"
NEEDS = {
    State.SUBMITTING: RECONCILE,
    IN_DOUBT: RECONCILE,
    State.NONE: "",
    State.PLACED: "",
    State.NOT_PLACED: "",
    State.CANCELLED: "",
}
"""The command that each state needs; a state that isn't here is of a newer version."""
_STYLES: dict[str, dict[str, object]] = {
    State.PLACED: {"fg": "green"},
    State.NOT_PLACED: {},
    State.NONE: {},
    State.CANCELLED: {"dim": True},
}
"""How each state that needs no operator is shown on a terminal."""
_NEEDS_ATTENTION = {"fg": "yellow", "bold": True}


@dataclass(frozen=True)
class KnownOrder:
    """An order as it is known at one moment.

    Attributes:
        record: Its record.
        now: The moment.
        is_live: Whether the status in the record was read from AWS at this moment.
        stack: The ARN of the stack that has the order; empty if no stack has it; none if that
            isn't known.
    """

    record: OrderRecord
    now: datetime
    is_live: bool = False
    stack: str | None = None

    @property
    def state(self) -> str:
        """The state as an operator sees it."""
        record, attempt = self.record, self.record.attempt
        has_ended = attempt is not None and attempt.sender_has_ended(self.now)
        return IN_DOUBT if record.state == State.SUBMITTING and has_ended else str(record.state)

    @property
    def needs(self) -> str:
        """The command that the order needs; empty if it needs none."""
        return needs(self.state)

    @property
    def outpost_id(self) -> str:
        """The Outpost of the order; unknown is empty."""
        return self.record.outpost_id or self.attribute(Attribute.OUTPOST_ID)

    @property
    def sent_at(self) -> datetime | None:
        """When the last request was sent."""
        return self.record.attempt.started_at if self.record.attempt else None

    @property
    def shown_state(self) -> str:
        """The state in color, and whether no stack has the order."""
        shown = styled(one_line(self.state), **_STYLES.get(self.state, _NEEDS_ATTENTION))
        return f"{shown}, {styled(NO_STACK, fg='yellow')}" if self.stack == "" else shown

    def attribute(self, name: Attribute) -> str:
        """Return what the service said of the order; unknown is empty."""
        return self.record.order_attributes.get(name, "")


def record_of(name: str, services: Services, location: Location) -> OrderRecord:
    """Return the record of an order name.

    Raises:
        Problem: There is none.
    """
    record = services.ledger.record(name)
    if not record.version:
        raise Problem(no_record(f"order {name}", location))
    return record


def no_record(what: str, location: Location) -> str:
    """Return that the ledger doesn't have something, and how to find what it has."""
    return (
        f"The ledger {location.table} has no {one_line(what)}. "
        f"To list its orders, run: {location.command('list')}"
    )


def has_order_in_force(record: OrderRecord) -> bool:
    """Return whether an order is in force, as far as the record knows."""
    return record.state == State.PLACED and bool(record.order_id)


def described_state(record: OrderRecord) -> str:
    """Return the state of a record, with its order if it has one."""
    return f"{record.state} ({record.order_id})" if record.order_id else str(record.state)


def needs(state: str) -> str:
    """Return the command that a state needs; empty if it needs none."""
    return NEEDS.get(state, UPGRADE)


def print_orders(orders: Iterable[Order], *, err: bool = False) -> None:
    """Print real orders, each with its content."""
    orders = list(orders)
    heads = columns([(each.order_id, each.status, moment(each.submitted_at)) for each in orders])
    for head, order in zip(heads, orders, strict=True):
        say(head, err=err)
        say(f"  {one_line(described(order.content))}", err=err)


def described(content: OrderContent) -> str:
    """Return in one line what is ordered."""
    shown_elsewhere = ("OutpostIdentifier",)
    return ", ".join(
        value
        for name, value in facts_of(content).items()
        if name not in shown_elsewhere and value != NOTHING
    )


def facts_of(content: OrderContent) -> dict[str, str]:
    """Return what is ordered, by the names of the API."""
    items = ", ".join(f"{quantity} x {item}" for item, quantity in content.line_items)
    return {
        "OutpostIdentifier": content.outpost_id,
        "LineItems": items or NOTHING,
        "QuoteIdentifier": content.quote_id or NOTHING,
        "QuoteOptionIdentifier": content.option_id or NOTHING,
        "PaymentOption": content.payment_option or NOTHING,
        "PaymentTerm": content.payment_term or NOTHING,
    }


def facts_of_request(request: OrderRequest, content: OrderContent) -> dict[str, str]:
    """Return what the template asked for, each fact by its label."""
    items = ", ".join(f"{quantity} x {item}" for item, quantity in content.line_items)
    options = [
        f"in addition to {' and '.join(request.in_addition_to)}" if request.in_addition_to else "",
        f"adopts {request.adopt_order_id}" if request.adopt_order_id else "",
        "without preflight" if request.preflight == Preflight.SKIP else "",
    ]
    facts = {
        "Items": items,
        "Quote": f"{content.option_id} of {content.quote_id}" if content.option_id else "",
        "Price": str(request.quote_price or ""),
        "Payment": ", ".join(filter(None, [content.payment_option, content.payment_term])),
        "Options": ", ".join(filter(None, options)),
    }
    return {label: one_line(fact) for label, fact in facts.items() if fact}


def print_facts(facts: Mapping[str, str], width: int, *, err: bool = False) -> None:
    """Print each fact after its label, the facts aligned."""
    for label, fact in facts.items():
        say(wrapped(f"{label:<{width}}{fact}", width, err=err), err=err)


def moment(at: datetime | str | None) -> str:
    """Return a time to the second, in UTC."""
    at = datetime.fromisoformat(at) if isinstance(at, str) and at else at
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if isinstance(at, datetime) else NOTHING
