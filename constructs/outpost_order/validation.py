"""The problems of an order that only synthesis can find.

Everything else is in `rules.py` of the function. A token hides its value until the stack is
deployed: the function then checks the value by those rules, before anything is sent.
"""

import re
from collections.abc import Iterator, Sequence

from aws_cdk import Duration, Stack, Token
from constructs import Construct

from outpost_order.ledger import OrderLedger
from outpost_order.line_item import LineItem
from outpost_order.names import ledger_key, suggested_order_name
from outpost_order.payment import PaymentTerm
from outpost_order.permissions import MAX_OUTPOSTS
from outpost_order.provider import OutpostOrderProvider
from outpost_order.quote import QuotePrice
from outpost_order.request import OrderRequest, is_hidden
from outpost_order.timing import LONGEST_SERVICE_TIMEOUT, latest_answer
from outpost_order_handler import contract
from outpost_order_handler.contract import Property
from outpost_order_handler.rules import TextRule, bounded_repr, one_of

_KNOWN_TERM = one_of(*contract.PAYMENT_TERMS)


def text_problems(rule: TextRule, subject: str, value: object) -> Iterator[str]:
    """Yield the problem of a text, unless it is a token."""
    if not is_hidden(value):
        yield from rule.problems(subject, value)


def request_problems(order: Construct, request: OrderRequest) -> Iterator[str]:
    """Yield the problems of the props by themselves: types, tokens and Regions."""
    yield from _order_name_problems(order, request.order_name)
    yield from _outpost_problems(request)
    yield from _line_items_problems(request.line_items)
    yield from _quote_price_problems(request.quote_price)
    yield from _payment_term_problems(request.payment_term)
    yield from _in_addition_to_problems(request.in_addition_to)
    if not isinstance(request.preflight, bool):
        yield f"'preflight' must be True or False, got {bounded_repr(request.preflight)}"
    region = Stack.of(order).region
    outpost = request.prop(Property.OUTPOST_IDENTIFIER)
    yield from _region_problems(f"'{outpost}'", request.outpost_told, region)
    yield from _region_problems("'quote_identifier'", request.quote_identifier, region)


def _order_name_problems(order: Construct, order_name: object) -> Iterator[str]:
    if order_name is None:
        name = f'order_name="{suggested_order_name(order)}",'
        yield (
            "'order_name' must be given, because an order is placed once for each name; add this "
            f'line:\n        {name}  # the purchase order\'s number, such as "PO-4710"'
        )
    elif is_hidden(order_name):
        yield (
            "'order_name' must be a literal, got a token: the name must not depend on the "
            'deployment; write the text itself, such as "PO-4710"'
        )


def _outpost_problems(request: OrderRequest) -> Iterator[str]:
    given = [request.outpost is not None, request.outpost_identifier is not None]
    if given == [True, True]:
        yield "'outpost_identifier' must not be given with 'outpost': remove one of them"
    elif given == [False, False]:
        yield "'outpost_identifier' or 'outpost' must be given"
    elif request.outpost is not None and request.outpost_arn is None:
        yield (
            "'outpost' must be an aws_outposts.CfnOutpost, or have an 'outpost_ref' like one, got "
            f"{bounded_repr(request.outpost)}; for an id or an ARN, use 'outpost_identifier'"
        )


def _line_items_problems(line_items: object) -> Iterator[str]:
    if line_items is None:
        return
    if not isinstance(line_items, Sequence) or isinstance(line_items, str):
        yield f"'line_items' must be a list of LineItem, got {bounded_repr(line_items)}"
        return
    for number, item in enumerate(line_items, start=1):
        if not isinstance(item, LineItem):
            yield f"line item {number} must be a LineItem, got {bounded_repr(item)}"


def _quote_price_problems(price: object) -> Iterator[str]:
    if not isinstance(price, QuotePrice):
        if price is not None:
            yield f"'quote_price' must be a QuotePrice, got {bounded_repr(price)}"
        return
    for name in ("upfront", "monthly_recurring"):
        if is_hidden(getattr(price, name)):
            yield f"'{name}' of 'quote_price' must be known at synth, got a token"


def _payment_term_problems(term: object) -> Iterator[str]:
    """A text must be a known term; `PaymentTerm.of` can be a newer one."""
    if term is not None and not isinstance(term, PaymentTerm):
        for problem in text_problems(_KNOWN_TERM, "'payment_term'", term):
            yield f"{problem}; for a term that the API has added since, use PaymentTerm.of(...)"


def _in_addition_to_problems(names: object) -> Iterator[str]:
    if names is not None and (not isinstance(names, Sequence) or isinstance(names, str)):
        yield (
            "'in_addition_to' must be a list of order names or order IDs, got "
            f"{bounded_repr(names)}"
        )


def _region_problems(subject: str, identifier: object, region: str) -> Iterator[str]:
    """Yield why an ARN can't be used in the stack's Region."""
    if Token.is_unresolved(region) or is_hidden(identifier):
        return
    found = re.fullmatch(r"arn:[^:]+:outposts:([^:]+):[^:]+:[^:]+", str(identifier))
    if found and found[1] != region:
        yield (
            f"{subject} must be in {region}, the stack's Region, whose API the function calls, "
            f"got '{identifier}': order it in a stack of {found[1]}"
        )


def provider_problems(
    order: Construct, provider: OutpostOrderProvider, ledger: OrderLedger | None
) -> Iterator[str]:
    """Yield why the order can't have this provider, or not with this ledger."""
    stack = Stack.of(order)
    if Stack.of(provider) != stack:
        yield (
            f"'provider' must be in the order's own stack, {stack.node.path}, got "
            f"{provider.node.path}: make one in each stack"
        )
    elif ledger is not None and not _serves(provider.ledger, ledger, stack):
        yield (
            f"'ledger' must be the same for all orders of a provider, got {ledger.node.path}, but "
            f"{provider.node.path} uses {provider.ledger.node.path}: give the same ledger to each"
        )


def _serves(used: OrderLedger, ledger: OrderLedger, stack: Stack) -> bool:
    """Return whether the ledger that a provider uses is the one that an order asks for."""
    if used is ledger:
        return True
    names = [ledger_key(stack, each.table_name) for each in (used, ledger)]
    keys = [each.encryption_key and each.encryption_key.key_arn for each in (used, ledger)]
    return names[0] == names[1] and keys[1] in (None, keys[0])


def room_problems(provider: OutpostOrderProvider, request: OrderRequest) -> Iterator[str]:
    """Yield why the provider can't order for one more Outpost."""
    if not provider.has_room_for(request):
        yield (
            f"'outpost_identifier' must be one of the {MAX_OUTPOSTS} Outposts that "
            f"{provider.node.path} orders for already, for the policy of a role holds no more: "
            "order it in another stack, or with another 'provider'"
        )


def service_timeout_problems(service_timeout: Duration, timeout: Duration) -> Iterator[str]:
    """Yield why CloudFormation can't wait that long for a function, or must wait longer."""
    if service_timeout.is_unresolved():
        yield "'service_timeout' must be known at synth, got a token"
        return
    seconds, latest = service_timeout.to_seconds(), latest_answer(timeout)
    if not latest.to_seconds() < seconds <= LONGEST_SERVICE_TIMEOUT.to_seconds():
        yield (
            f"'service_timeout' must be more than {_minutes(latest)} and at most "
            f"{_minutes(LONGEST_SERVICE_TIMEOUT)} minutes, got {seconds:g} seconds: a queued "
            "event could otherwise buy after CloudFormation gave up"
        )


def _minutes(duration: Duration) -> str:
    return f"{duration.to_seconds() / 60:g}"
