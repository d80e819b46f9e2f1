"""The checks of the ledger and AWS: the function's own decisions, which write nothing here.

Only the ledger shows whether an order name will buy.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from outpost_order_cli.review.assembly import DEPLOYED, Environment
from outpost_order_cli.review.changes import Change, Failure, Kind
from outpost_order_cli.review.declared import contains_unresolved
from outpost_order_cli.review.deployed import is_here
from outpost_order_cli.review.report import NOT_LIVE, Report, place_of
from outpost_order_handler.clock import Clock, StartOver
from outpost_order_handler.contract import Property
from outpost_order_handler.failures import LedgerNotFound, NotReadable, OrderError
from outpost_order_handler.ledger.records import MAY_BUY, State
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.order import OrderRequest
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import RequestContext, Services
from outpost_order_handler.placement.identical import (
    require_no_identical_attempt,
    require_no_identical_order,
)
from outpost_order_handler.placement.place import adopt, join
from outpost_order_handler.placement.preflight import require_orderable
from outpost_order_handler.stacks import Stacks

_MILLIS = 3_600_000  # only the reviewer ends a review
_CREATES = (Kind.BOUGHT, Kind.ADOPTED, Kind.MOVED)
_NEEDED = (Property.ORDER_NAME, *(each for each in Property if each != Property.LEDGER))


@dataclass(frozen=True)
class _NotKnown(Exception):
    """Something couldn't be read, so nothing is said about it."""

    why: str


def checked(report: Report, here: Environment) -> Report:
    """Return the report with what the ledger and AWS say of it; nothing is written."""
    changes, not_checked = [], [each for each in report.not_checked if each != NOT_LIVE]
    services_of, is_deployed = _make_services(), report.against == DEPLOYED
    for change in report.changes:
        try:
            changes.append(_checked(change, here, services_of, is_deployed=is_deployed))
        except _NotKnown as problem:
            changes.append(change)
            not_checked.append(f"{change.order.name}: {problem.why}")
    return replace(report, changes=tuple(changes), not_checked=tuple(not_checked))


def _make_services() -> Callable[[str], Services]:
    """Return the function that gives the services with a ledger; all orders share the clients."""
    outposts, stacks, clock = Outposts(), Stacks(), Clock(lambda: _MILLIS)
    return cache(lambda table: Services(Ledger(table), outposts, stacks, clock))


def _checked(
    change: Change,
    here: Environment,
    services_of: Callable[[str], Services],
    *,
    is_deployed: bool,
) -> Change:
    # An order that is only in another version of the app isn't deployed by that.
    creates = _CREATES if is_deployed else (*_CREATES, Kind.UNCHANGED)
    order = change.order
    if change.kind not in creates or change.will_fail or order.problems:
        return change
    if not is_here(order.environment, here):
        where = place_of(order.environment)
        raise _NotKnown(f"the ledger and AWS of {where}, which your credentials don't read.")
    if contains_unresolved([order.properties.get(each) for each in _NEEDED]):
        raise _NotKnown("only the deployment knows a part of it.")
    request = OrderRequest.of(order.properties)
    context = RequestContext(request, services_of(order.ledger), uuid.uuid4().hex)
    try:
        context.load()
        return _as_the_function_does(change, context)
    except LedgerNotFound:
        fact = f"the ledger {order.ledger} doesn't exist: run outpost-order init"
        return _failing(change, "LedgerNotFound", fact)
    except NotReadable as error:
        raise _NotKnown(f"{error.fact or error.name}.") from error
    except OrderError as error:
        return _failing(change, error.name, ", ".join(filter(None, _facts(error))))
    except StartOver as wait:
        raise _NotKnown(f"{' '.join(wait.why)}.") from wait
    except (BotoCoreError, ClientError) as error:
        raise _NotKnown(f"{error}.") from error


def _as_the_function_does(change: Change, context: RequestContext) -> Change:
    """Decide as a Create does, as far as that only reads."""
    if context.order.state not in MAY_BUY:
        return change if change.kind is Kind.UNCHANGED else _of_used_name(change, context)
    require_no_identical_attempt(context)
    if context.request.adopt_order_id:
        adopt(context)
        return change
    require_orderable(context)
    require_no_identical_order(context)
    if change.kind in (Kind.MOVED, Kind.UNCHANGED):
        note = "the ledger has no order for it: it is bought"
        return replace(change, kind=Kind.BOUGHT, notes=(*change.notes, note))
    return change


def _of_used_name(change: Change, context: RequestContext) -> Change:
    """Decide about an order name that the ledger has a record of."""
    name, state = context.order.name, context.order.state
    if state == State.PLACED:
        join(context)
    if context.order.state == State.CANCELLED:
        fact = f"{context.order.order_id} of {name} was cancelled"
        return _failing(change, "OrderCancelled", fact)
    if state == State.PLACED:
        note = f"the ledger has {context.order.order_id} for it: nothing is bought"
        return replace(change, kind=Kind.MOVED, notes=(*change.notes, note))
    if state == State.SUBMITTING:
        fact = f"the outcome is unknown: run outpost-order reconcile {name}"
        return _failing(change, "OutcomeUnknown", fact)
    return _failing(change, "FunctionTooOld", f"{name} is {state}")


def _failing(change: Change, name: str, fact: str) -> Change:
    return replace(change, failures=(*change.failures, Failure(name, fact, change.order)))


def _facts(error: OrderError) -> Iterator[str]:
    yield error.fact
    yield from error.details
