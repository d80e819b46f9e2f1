"""The rules of an order, checked while the app synthesizes.

A token hides its value until the stack is deployed: it is passed over here,
and the handler checks the value by the same rules before anything is sent.
"""

from collections.abc import Iterator, Sequence

from aws_cdk import Duration, RemovalPolicy, Token

from outpost_order.ledger import OrderLedger
from outpost_order.line_item import LineItem
from outpost_order.payment import PaymentTerm
from outpost_order.provider import LATEST_ANSWER, LONGEST_SERVICE_TIMEOUT
from outpost_order_handler import contract
from outpost_order_handler.contract import ExistingOrder, TextRule

_KNOWN_TERM = contract.one_of(*contract.PAYMENT_TERMS)


class InvalidOrderError(ValueError):
    """What a construct was given cannot be ordered; the text lists every problem."""

    def __init__(self, path: str, problems: Sequence[str]) -> None:
        """Take the path of the construct and all that is wrong with its props."""
        self.problems = tuple(problems)
        super().__init__("\n  - ".join([f"{path} cannot be ordered:", *problems]))


def text_problems(rule: TextRule, subject: str, value: object) -> Iterator[str]:
    """Yield what is wrong with a text."""
    if not Token.is_unresolved(value):
        yield from rule.problems(subject, value)


def line_items_problems(line_items: object) -> Iterator[str]:
    """Yield what is wrong with the line items, each named by its number and item."""
    if not isinstance(line_items, Sequence) or isinstance(line_items, str):
        yield f"'line_items' must be a list of LineItem, got {contract.shown(line_items)}"
        return
    yield from contract.line_item_count_problems("'line_items'", len(line_items))
    for number, item in enumerate(line_items, start=1):
        yield from _line_item_problems(f"line item {number}", item)


def _line_item_problems(place: str, item: object) -> Iterator[str]:
    if not isinstance(item, LineItem):
        yield f"{place} must be a LineItem, got {contract.shown(item)}"
        return
    yield from text_problems(
        contract.CATALOG_ITEM_ID, f"'catalog_item_id' of {place}", item.catalog_item_id
    )
    if not Token.is_unresolved(item.quantity):
        named = contract.CATALOG_ITEM_ID.accepts(item.catalog_item_id)
        subject = f"'quantity' of {place}" + (f" ({item.catalog_item_id})" if named else "")
        yield from contract.quantity_problems(subject, item.quantity)


def payment_term_problems(payment_term: object) -> Iterator[str]:
    """Yield what is wrong with the term: a text must be known, `of` may be newer."""
    if isinstance(payment_term, PaymentTerm):
        yield from text_problems(contract.PAYMENT_TERM, "'payment_term'", payment_term.value)
    elif payment_term is not None:
        for problem in text_problems(_KNOWN_TERM, "'payment_term'", payment_term):
            yield f"{problem}; for a term that the API has added since, use PaymentTerm.of(...)"


def order_name_problems(order_name: str, owner: str | None) -> Iterator[str]:
    """Yield what is wrong with the name; `owner` is the path of the order that has it."""
    yield from text_problems(contract.ORDER_NAME, "'order_name'", order_name)
    if owner is not None:
        yield f"'order_name' must be unique, got '{order_name}', which {owner} has"


def existing_order_problems(existing_order: object, adopt_order_id: object) -> Iterator[str]:
    """Yield what is wrong with how an order that stands already is met."""
    yield from text_problems(contract.EXISTING_ORDER, "'existing_order'", existing_order)
    if adopt_order_id is not None:
        yield from text_problems(contract.ORDER_ID, "'adopt_order_id'", adopt_order_id)
        if existing_order == ExistingOrder.ALLOW:
            yield (
                "'existing_order' must not be ALLOW where 'adopt_order_id' is given: "
                "the one buys, the other takes over"
            )


def ledger_problems(ledger: OrderLedger | None, shared: OrderLedger) -> Iterator[str]:
    """Yield why the order cannot have a ledger other than its stack's."""
    if ledger is not None and ledger is not shared:
        yield (
            f"'ledger' must be the same for all orders of a stack, got {ledger.node.path}, "
            f"where {shared.node.path} is in use: give it to each of them"
        )


def removal_policy_problems(removal_policy: RemovalPolicy) -> Iterator[str]:
    """Yield why the order cannot be removed in that way."""
    if removal_policy == RemovalPolicy.SNAPSHOT:
        yield (
            "'removal_policy' must be RETAIN, DESTROY or RETAIN_ON_UPDATE_OR_DELETE, "
            "got SNAPSHOT: nobody can make a snapshot of an order"
        )


def service_timeout_problems(service_timeout: Duration) -> Iterator[str]:
    """Yield why CloudFormation cannot wait that long, or must wait longer."""
    if service_timeout.is_unresolved():
        yield "'service_timeout' must be known at synth, got a token"
        return
    seconds = service_timeout.to_seconds()
    if not LATEST_ANSWER.to_seconds() < seconds <= LONGEST_SERVICE_TIMEOUT.to_seconds():
        yield (
            f"'service_timeout' must be more than {_minutes(LATEST_ANSWER)} and at most "
            f"{_minutes(LONGEST_SERVICE_TIMEOUT)} minutes, got {seconds:g} seconds: a queued "
            "event could otherwise buy after CloudFormation gave up"
        )


def _minutes(duration: Duration) -> str:
    return f"{duration.to_minutes():g}"
