"""The invariants of every schedule, by the numbers of the design.

Each invariant is a function of a history, and yields each violation. The judge
knows nothing of the handler but the form of its records, in `ledger_view`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from tests.safety.history import (
    REPLACEMENT,
    Answered,
    Asked,
    Became,
    CancelSent,
    Content,
    CutShort,
    Died,
    Fate,
    GivenUp,
    History,
    Order,
    Outcome,
    Raised,
    Request,
    Ruled,
    Sent,
    Turned,
    Wrote,
    purchase,
)

UNRESOLVED, NOT_PLACED = "SUBMITTING", "NOT_PLACED"
STATES = ("NONE", "SUBMITTING", "PLACED", "NOT_PLACED", "CANCELLED")
WITH_AN_ORDER = ("PLACED", "CANCELLED")
EVIDENCE_FROM, EVIDENCE_UNTIL = timedelta(minutes=-1), timedelta(minutes=5)
LOOK_AGE = timedelta(seconds=30)
QUOTED = "NO_UPFRONT"  # the payment option that the quotes of the world offer
GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")

Invariant = Callable[[History], Iterator[str]]
INVARIANTS: dict[int, Invariant] = {}


@dataclass(frozen=True)
class Attempt:
    """An attempt whose outcome a ledger doesn't know."""

    begun_at: datetime
    sender_end: datetime
    baseline: tuple[str, ...]
    content: Content

    def can_have_made(self, order: Order, view: "LedgerView") -> bool:
        """Whether an order is evidence of it; a quote serves one order, at whatever time."""
        earliest, latest = self.begun_at + EVIDENCE_FROM, self.sender_end + EVIDENCE_UNTIL
        is_in_time = order.is_dated and earliest <= order.submitted_at <= latest
        return (
            order.is_live
            and order.order_type != REPLACEMENT
            and (is_in_time or isinstance(self.content.goods, str))
            and order.order_id not in self.baseline
            and order.order_id not in view.names
            and order.content.is_identical_to(self.content)
        )


@dataclass(frozen=True)
class LedgerView:
    """A ledger's content, independent of the form of its records.

    Attributes:
        orders: The order of each name.
        names: The name of each order that has one.
        unresolved: Attempts without an outcome, by Outpost and name.
        listed: Outpost and name of each attempt that an Outpost lists.
        ruled: The names for which an operator recorded that no order was placed.
    """

    orders: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    unresolved: Mapping[tuple[str, str], Attempt] = field(default_factory=dict)
    listed: frozenset[tuple[str, str]] = frozenset()
    ruled: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def ledger_view(wrote: Wrote) -> LedgerView:
    """Read the records of the handler."""
    orders, names, unresolved = {}, {}, {}
    listed: set[tuple[str, str]] = set()
    ruled = set()
    for key, item in wrote.items.items():
        kind, _, name = key.partition("#")
        record = {attribute: value["S"] for attribute, value in item.items()}
        if kind == "outpost":
            names.update(record["Orders"])
            listed.update((name, each) for each in record["Attempts"])
        elif record["State"] == NOT_PLACED and "Who" in record["History"][-1]:
            ruled.add(name)
        elif record["State"] in WITH_AN_ORDER:
            orders[name] = record["OrderId"]
        elif record["State"] == UNRESOLVED:
            attempt = Attempt(
                datetime.fromisoformat(record["Attempt"]["StartedAt"]),
                datetime.fromisoformat(record["Attempt"]["SenderEnd"]),
                tuple(record["Attempt"]["Baseline"]),
                _content(record["Request"]["Content"]),
            )
            unresolved[attempt.content.outpost_id, name] = attempt
    return LedgerView(orders, names, unresolved, frozenset(listed), frozenset(ruled))


def _content(record: Mapping[str, Any]) -> Content:
    option = record["OptionId"]
    return Content(
        record["OutpostId"],
        option or frozenset((item, int(number)) for item, number in record["LineItems"]),
        "" if option else record["PaymentOption"],
        "" if option else record["PaymentTerm"],
    )


def _views(history: History) -> Iterator[LedgerView]:
    return map(ledger_view, history.of(Wrote))


@dataclass(frozen=True)
class Violation:
    """An invariant that did not hold."""

    invariant: int
    what: str

    def __str__(self) -> str:
        return f"invariant {self.invariant}: {self.what}"


def judge(history: History) -> list[Violation]:
    """Return every violation of an invariant."""
    return [
        Violation(number, what)
        for number, invariant in INVARIANTS.items()
        for what in invariant(history)
    ]


def invariant(number: int) -> Callable[[Invariant], Invariant]:
    """Give an invariant its number in the design."""

    def register(function: Invariant) -> Invariant:
        INVARIANTS[number] = function
        return function

    return register


@invariant(1)
def a_name_has_one_order(history: History) -> Iterator[str]:
    """At most one order for each name, cancelled ones counted, across all stacks."""
    orders: dict[str, list[str]] = defaultdict(list)
    for order in history.orders().values():
        if order.order_name:
            orders[order.order_name].append(f"{order.order_id} ({order.status})")
    for name, placed in orders.items():
        if len(placed) > 1:
            yield f"{name} has {len(placed)} orders: {', '.join(placed)}"


@invariant(2)
def an_attempt_sends_once(history: History) -> Iterator[str]:
    """At most one POST for each attempt; none while an earlier one of its name is open."""
    earlier: dict[str, list[Sent]] = defaultdict(list)
    status: dict[str, Order] = {}
    for entry in history.entries:
        if isinstance(entry, Became):
            status[entry.order.order_id] = entry.order
        elif isinstance(entry, Wrote):
            for name in ledger_view(entry).ruled:
                earlier[name].clear()
        elif isinstance(entry, Sent):
            request = entry.request
            for sent in earlier[request.order_name]:
                if sent.request.request_id == request.request_id:
                    yield f"{request.request_id} is sent twice"
                elif _is_open(sent, status):
                    earlier_id = sent.request.request_id
                    yield f"{request.request_id} is sent, {earlier_id}'s is {sent.fate}"
            earlier[request.order_name].append(entry)


def _is_open(sent: Sent, orders: Mapping[str, Order]) -> bool:
    made = [each for each in orders.values() if each.made_by == sent.request.request_id]
    return sent.fate is not Fate.REFUSED and (not made or any(each.is_live for each in made))


@invariant(3)
def every_request_has_one_answer(history: History) -> Iterator[str]:
    """Every request is answered placed, not placed or unknown, without contradiction."""
    answers: dict[str, list[Answered]] = defaultdict(list)
    for answered in history.of(Answered):
        answers[answered.request.request_id].append(answered)
    if not history.faults:
        for asked in history.of(Asked):
            if asked.request.request_id not in answers:
                yield f"{asked.request.request_id} isn't answered"
    for raised in history.of(Raised):
        yield f"{raised.request.request_id} isn't answered, because of {raised.error}"
    for request_id, given in answers.items():
        if given[0].request.kind != "Create":
            continue
        outcomes = {each.answer.outcome for each in given}
        ids = {each.answer.order_id for each in given} - {""}
        if Outcome.NOTHING in outcomes:
            reason = next(a.answer.reason for a in given if a.answer.outcome is Outcome.NOTHING)
            yield f"{request_id} is answered {reason!r}, which says nothing of its order"
        if {Outcome.PLACED, Outcome.NOT_PLACED} <= outcomes or len(ids) > 1:
            said = [each.answer.reason or each.answer.physical_id for each in given]
            yield f"{request_id} is answered {said}"


@invariant(4)
def every_answer_is_true(history: History) -> Iterator[str]:
    """SUCCESS: the order exists, is ours, and is live. Not placed: this request placed none."""
    made_by = {order.made_by: order for order in history.orders().values()}
    for answered in history.of(Answered):
        request, answer = answered.request, answered.answer
        if request.kind == "Delete":
            continue
        if answer.outcome is Outcome.PLACED:
            yield from _what_is_untrue(answered, history)
        elif answer.outcome is Outcome.NOT_PLACED and request.kind == "Create":
            order = made_by.get(request.request_id)
            if order is not None and not _is_cancelled(order, answered, history):
                yield f"{request.request_id} is answered not placed, and made {order.order_id}"
    yield from _cancelled_for_others(history)


def _is_cancelled(made: Order, answered: Answered, history: History) -> bool:
    """Whether an answer names an order as cancelled, and it was: a copy can learn that.

    It can be an order that was placed elsewhere, and that evidence gave the name.
    """
    request = answered.request
    return any(
        f"{order.order_id} of {request.order_name} was cancelled" in answered.answer.reason
        and not order.is_live
        and (order.order_id == made.order_id or _was_given(order, request, history))
        for order in history.orders(before=answered).values()
    )


def _what_is_untrue(answered: Answered, history: History) -> Iterator[str]:
    request, order_id = answered.request, answered.answer.order_id
    order = history.orders(before=answered).get(order_id)
    if order is None:
        yield f"{request.request_id} is answered {order_id}, which doesn't exist"
    elif order.order_name != request.order_name and not _was_given(order, request, history):
        whose = order.order_name or "a person's"
        yield f"{request.request_id} of {request.order_name} is answered {order_id}, {whose}"


def _was_given(order: Order, request: Request, history: History) -> bool:
    """Whether a name has an order that it did not place: adopted, by a verdict, or by evidence."""
    if request.properties.get("AdoptOrderId") == order.order_id:
        return order.order_type != REPLACEMENT
    name = request.order_name
    creates = [each.request for each in history.of(Asked) if each.request.order_name == name]
    if any(each.properties.get("AdoptOrderId") == order.order_id for each in creates):
        return order.order_type != REPLACEMENT
    if any(
        (each.order_name, each.order_id) == (name, order.order_id) for each in history.of(Ruled)
    ):
        return True
    if request.kind == "Update" and any(
        each.kind == "Create" and _was_given(order, each, history) for each in creates
    ):
        return True
    return _looks_like_its_order(order, name, history)


def _looks_like_its_order(order: Order, name: str, history: History) -> bool:
    """Whether nothing that the API shows distinguishes an order from that of a name.

    The name has no response, and the order is evidence. It was placed elsewhere. Or it is the
    order of another name without a response, and that name has one that was placed elsewhere.
    """
    if not (_response_was_lost(name, history) and _was_evidence(order, name, history)):
        return False
    owner, orders = order.order_name, history.orders()
    if not owner:
        return True
    others = [orders[each] for each in _orders_in_ledgers(owner, history) if each in orders]
    return _response_was_lost(owner, history) and any(
        not other.order_name and _was_evidence(other, owner, history) for other in others
    )


def _was_evidence(order: Order, name: str, history: History) -> bool:
    """Whether an order was, at any time, evidence of an attempt of a name."""
    states = [each.order for each in history.of(Became) if each.order.order_id == order.order_id]
    return any(
        attempt.can_have_made(state, view)
        for view in _views(history)
        for (_, each), attempt in view.unresolved.items()
        if each == name
        for state in states
    )


def _orders_in_ledgers(name: str, history: History) -> set[str]:
    return {view.orders[name] for view in _views(history) if name in view.orders}


def _response_was_lost(name: str, history: History) -> bool:
    died = any(each.request.order_name == name for each in history.of(Died))
    return died or any(
        each.request.order_name == name and not each.response_arrived for each in history.of(Sent)
    )


def _cancelled_for_others(history: History) -> Iterator[str]:
    """An event cancels an order that another resource got in an answer."""
    has: dict[tuple[str, str], str] = {}
    current: dict[tuple[str, str], Request] = {}
    where_of: dict[str, tuple[str, str]] = {}
    for entry in history.entries:
        if isinstance(entry, Asked):
            where_of[entry.request.request_id] = entry.request.where
            current[entry.request.where] = entry.request
        elif isinstance(entry, Answered) and current.get(entry.request.where) == entry.request:
            if entry.answer.is_success:
                has[entry.request.where] = entry.answer.physical_id
        elif isinstance(entry, Turned) and entry.status in GONE:
            has.pop(entry.where, None)
            current.pop(entry.where, None)
        elif isinstance(entry, Became) and not entry.order.is_live and entry.by in where_of:
            for where, order_id in has.items():
                if order_id == entry.order.order_id and where != where_of[entry.by]:
                    yield f"{entry.by} cancels {order_id}, which {' '.join(where)} has"


@invariant(5)
def an_order_has_one_name(history: History) -> Iterator[str]:
    """No order belongs to two names."""
    orders = history.orders()
    for view in _views(history):
        for name, order_id in view.orders.items():
            if view.names.get(order_id, name) != name:
                yield f"{order_id} belongs to {name} and to {view.names[order_id]}"
        ids = [*view.orders.values()]
        for order_id in {each for each in ids if ids.count(each) > 1}:
            yield f"{order_id} belongs to two names"
        for order_id, name in view.names.items():
            order = orders.get(order_id)
            if order is None or order.order_name in ("", name):
                continue
            if not _looks_like_its_order(order, name, history):
                yield f"{order_id} of {order.order_name} is given to {name}"


@invariant(6)
def an_outpost_knows_its_attempts(history: History) -> Iterator[str]:
    """An Outpost lists an unresolved attempt exactly while it is unresolved."""
    for view in _views(history):
        if view.unresolved.keys() != view.listed:
            yield f"unresolved are {sorted(view.unresolved)}, listed are {sorted(view.listed)}"


@invariant(7)
def accepted_requests_succeed(history: History) -> Iterator[str]:
    """Without faults, a request without a reason for a refusal ends in SUCCESS."""
    if history.faults:
        return
    given_up = {each.request.request_id for each in history.of(GivenUp)}
    first: dict[str, Answered] = {}
    for answered in history.of(Answered):
        first.setdefault(answered.request.request_id, answered)
    for request_id, answered in first.items():
        if request_id in given_up or answered.request.kind != "Create":
            continue
        if not answered.answer.is_success and not _can_be_refused(answered, history):
            yield f"{request_id} is answered {answered.answer.reason}"


def _can_be_refused(answered: Answered, history: History) -> bool:
    request = answered.request
    name, content = request.order_name, request.content
    others = [each.request for each in history.of(Asked) if each.request.order_name == name]
    orders = history.orders(before=answered).values()
    adopts = request.properties.get("AdoptOrderId")
    identical = [
        each
        for each in orders
        if each.order_name != name
        and not adopts
        and _is_in_the_way(each, content)
        and not _is_named_in_a_record(each, request, history)
    ]
    cancelling = {each.order_id for each in history.of(CancelSent)}
    return (
        any(not each.content.is_identical_to(content) for each in others)
        or any(each.order_name == name and each.order_id in cancelling for each in orders)
        or any(each.order_name == name and not each.is_live for each in orders)
        or bool(identical)
        or _is_no_quote_to_order(request, orders)
        or bool(adopts and not _can_adopt(request, orders, history))
        or any(_foreign_states(history, name))
        or any(
            each.request.order_name == name and each.fate is not Fate.MADE
            for each in history.of(Sent)
        )
        or any(each.request.request_id == request.request_id for each in history.of(CutShort))
    )


def _is_no_quote_to_order(request: Request, orders: Collection[Order]) -> bool:
    """Whether a quote has an order already, or doesn't offer what is asked for beside it."""
    goods, given = request.content.goods, request.properties
    return isinstance(goods, str) and (
        any(each.content.goods == goods for each in orders)
        or bool(given.get("LineItems"))
        or given.get("PaymentOption", QUOTED) != QUOTED
    )


def _is_named_in_a_record(order: Order, request: Request, history: History) -> bool:
    """Whether a request names an order, or every request that got this order names the request."""
    named = request.properties.get("InAdditionTo", ())
    lists = [
        each.request.properties.get("InAdditionTo", ())
        for each in history.of(Answered)
        if each.answer.is_success and each.answer.order_id == order.order_id
    ]
    by_all = bool(lists) and all(request.order_name in each for each in lists)
    return order.order_id in named or order.order_name in named or by_all


def _can_adopt(request: Request, orders: Collection[Order], history: History) -> bool:
    """Whether the order that a request asks for by its ID exists, and is for no other name."""
    adopts, name = request.properties["AdoptOrderId"], request.order_name
    has_another = any(each.order_name == name and each.order_id != adopts for each in orders)
    is_wanted = any(
        each.request.properties.get("AdoptOrderId") == adopts and each.request.order_name != name
        for each in history.of(Asked)
    )
    return not (has_another or is_wanted) and any(
        order.order_id == adopts
        and order.submitted_at < (request.asked_at or order.submitted_at)
        and order.order_name in ("", name)
        and order.order_type != REPLACEMENT
        and order.is_live
        and order.content.is_identical_to(request.content)
        for order in orders
    )


def _foreign_states(history: History, name: str) -> Iterator[bool]:
    """Yield for each record of a name whether a newer version wrote its state."""
    for wrote in history.of(Wrote):
        item = wrote.items.get(f"order#{name}", {"State": {"S": UNRESOLVED}})
        yield item["State"]["S"] not in STATES


@invariant(8)
def an_order_that_can_be_found_is_found(history: History) -> Iterator[str]:
    """In the end, an attempt is resolved if the service shows its live order and no other."""
    orders = history.orders().values()
    for wrote in {each.ledger: each for each in history.of(Wrote)}.values():
        view = ledger_view(wrote)
        for (_, name), attempt in view.unresolved.items():
            found = [order for order in orders if attempt.can_have_made(order, view)]
            if len(found) == 1 and found[0].order_name == name:
                yield f"{name} is unresolved, and {found[0].order_id} is its order"


@invariant(9)
def no_event_cancels(history: History) -> Iterator[str]:
    """No event leads to a CancelOrder request."""
    requests = {each.request.request_id for each in history.of(Asked)}
    for sent in history.of(CancelSent):
        if sent.by in requests:
            yield f"{sent.by} cancels {sent.order_id}"


@invariant(10)
def an_update_without_changes_succeeds(history: History) -> Iterator[str]:
    """No Delete and no Update without changed content fails, even in a rollback."""
    created: dict[tuple[str, str], Request] = {}
    bought: dict[tuple[str, str], Request] = {}
    cut_short = [each.request for each in history.of(CutShort)] if history.faults else []
    for entry in history.entries:
        if isinstance(entry, Asked) and entry.request.kind == "Create":
            created[entry.request.where] = entry.request
            bought.pop(entry.request.where, None)
        if not isinstance(entry, Answered):
            continue
        request = entry.request
        if entry.answer.is_success:
            if request.kind != "Create" or created.get(request.where) == request:
                bought.setdefault(request.where, request)
        elif request.kind == "Delete" or (
            request.kind == "Update"
            and request not in cut_short
            and (request.changes_nothing or _returns(request, bought.get(request.where)))
        ):
            yield f"{request.request_id} is answered {entry.answer.reason}"


def _returns(request: Request, first: Request | None) -> bool:
    """Whether an Update asks for what its resource has got."""
    if first is None or purchase(first.properties) != purchase(request.properties):
        return False
    adopts = request.properties.get("AdoptOrderId")
    return adopts in (None, first.properties.get("AdoptOrderId"))


@invariant(11)
def nothing_is_bought_beside_an_identical_order(history: History) -> Iterator[str]:
    """No order is bought if an identical live one is shown and isn't named."""
    orders: dict[str, Order] = {}
    views: dict[str, LedgerView] = defaultdict(LedgerView)
    found: list[tuple[Request, Order]] = []
    for entry in history.entries:
        if isinstance(entry, Became):
            orders[entry.order.order_id] = entry.order
        elif isinstance(entry, Wrote):
            views[entry.ledger] = ledger_view(entry)
        elif isinstance(entry, Sent) and entry.fate is not Fate.UNKNOWN:
            shown = {*entry.listed, *views[entry.ledger].names} - {entry.order_id}
            found += [
                (entry.request, order)
                for order in orders.values()
                if order.order_id in shown and _is_in_the_way(order, entry.request.content)
            ]
    for request, order in found:
        if not _is_named(order, request, history):
            yield f"{request.order_name} is bought beside {order.order_id}"


def _is_in_the_way(order: Order, content: Content) -> bool:
    counts = order.is_live and order.order_type != REPLACEMENT
    return counts and order.content.is_identical_to(content)


def _is_named(order: Order, request: Request, history: History) -> bool:
    named = request.properties.get("InAdditionTo", ())
    # By evidence, another name can have an order that was placed elsewhere.
    names = {
        each.request.order_name
        for each in history.of(Answered)
        if each.answer.is_success and each.answer.order_id == order.order_id
    }
    names |= {order.order_name} - {""}
    others = (
        each.request.properties.get("InAdditionTo", ())
        for each in history.of(Asked)
        if each.request.order_name in names
    )
    return (
        order.order_id in named
        or order.order_name in named
        or any(request.order_name in each for each in others)
    )


@invariant(12)
def cloudformation_confirms(history: History) -> Iterator[str]:
    """Right before a POST, CloudFormation was creating this resource for this order."""
    for sent in history.of(Sent):
        look, request = sent.look, sent.request
        if sent.fate is Fate.UNKNOWN:
            continue
        if look is None:
            yield f"{request.request_id} is sent, and CloudFormation wasn't asked"
        elif sent.at - look.asked_at > LOOK_AGE:
            yield f"{request.request_id} is sent {sent.at - look.asked_at} after the question"
        elif look.status != "CREATE_IN_PROGRESS":
            yield f"{request.request_id} is sent, and CloudFormation said {look.status}"
        elif (look.order_name, look.content) != (request.order_name, request.content):
            yield f"{request.request_id} is sent, and CloudFormation was creating another order"
