"""The rules of an order, checked while the app synthesizes.

A token hides its value until the stack is deployed: it is passed over here,
and the handler checks the value by the same rules before anything is sent.
"""

import re
from collections.abc import Iterator

from aws_cdk import Duration, RemovalPolicy, Stack, Token
from constructs import Construct

from outpost_order.ledger import OrderLedger
from outpost_order.payment import PaymentTerm
from outpost_order.permissions import MAX_OUTPOSTS
from outpost_order.provider import OutpostOrderProvider
from outpost_order.request import OrderRequest
from outpost_order.timing import LONGEST_SERVICE_TIMEOUT, latest_answer
from outpost_order_handler import contract
from outpost_order_handler.contract import ExistingOrder, TextRule

_KNOWN_TERM = contract.one_of(*contract.PAYMENT_TERMS)


def text_problems(rule: TextRule, subject: str, value: object) -> Iterator[str]:
    """Yield what is wrong with a text."""
    if not Token.is_unresolved(value):
        yield from rule.problems(subject, value)


def request_problems(request: OrderRequest, region: str) -> Iterator[str]:
    """Yield what is wrong with where, how and whether an order is placed from a Region."""
    yield from _outpost_problems(request, region)
    if request.quote_identifier is not None:
        yield from _region_problems("'quote_identifier'", request.quote_identifier, region)
    yield from text_problems(contract.PAYMENT_OPTION, "'payment_option'", request.payment_option)
    yield from _payment_term_problems(request.payment_term)
    yield from _existing_order_problems(request.existing_order, request.adopt_order_id)
    if not isinstance(request.preflight, bool):
        yield f"'preflight' must be True or False, got {contract.shown(request.preflight)}"
    yield from _removal_policy_problems(request.removal_policy)


def _outpost_problems(request: OrderRequest, region: str) -> Iterator[str]:
    given = [request.outpost is not None, request.outpost_identifier is not None]
    if given == [True, True]:
        yield (
            "'outpost_identifier' must not be given beside 'outpost': both say which Outpost it "
            "is; leave out the one or the other"
        )
    elif given == [False, False]:
        yield "'outpost_identifier' or 'outpost' must be given: one says which Outpost it is"
    elif request.outpost is not None and request.outpost_arn is None:
        yield (
            "'outpost' must be an aws_outposts.CfnOutpost, or have an 'outpost_ref' like one, got "
            f"{contract.shown(request.outpost)}; for an id or an ARN, use 'outpost_identifier'"
        )
    else:
        subject = "'outpost'" if request.outpost is not None else "'outpost_identifier'"
        yield from text_problems(contract.OUTPOST_IDENTIFIER, subject, request.outpost_told)
        yield from _region_problems(subject, request.outpost_told, region)


def _region_problems(subject: str, identifier: object, region: str) -> Iterator[str]:
    """Yield why what an ARN names cannot be ordered from a Region."""
    if Token.is_unresolved(identifier) or Token.is_unresolved(region):
        return
    found = re.fullmatch(r"arn:[^:]+:outposts:([^:]+):[^:]+:[^:]+", str(identifier))
    if found and found[1] != region:
        yield (
            f"{subject} must be in {region}, the stack's Region, whose API the function calls, "
            f"got '{identifier}': order it in a stack of {found[1]}"
        )


def _payment_term_problems(payment_term: object) -> Iterator[str]:
    """Yield what is wrong with the term: a text must be known, `of` may be newer."""
    if isinstance(payment_term, PaymentTerm):
        yield from text_problems(contract.PAYMENT_TERM, "'payment_term'", payment_term.value)
    elif payment_term is not None:
        for problem in text_problems(_KNOWN_TERM, "'payment_term'", payment_term):
            yield f"{problem}; for a term that the API has added since, use PaymentTerm.of(...)"


def _existing_order_problems(existing_order: object, adopt_order_id: object) -> Iterator[str]:
    """Yield what is wrong with how an order that stands already is met."""
    yield from text_problems(contract.EXISTING_ORDER, "'existing_order'", existing_order)
    if adopt_order_id is not None:
        yield from text_problems(contract.ORDER_ID, "'adopt_order_id'", adopt_order_id)
        if existing_order == ExistingOrder.ALLOW:
            yield (
                "'existing_order' must not be ALLOW where 'adopt_order_id' is given: "
                "the one buys, the other takes over"
            )


def _removal_policy_problems(removal_policy: RemovalPolicy) -> Iterator[str]:
    """Yield why the order cannot be removed in that way."""
    if removal_policy == RemovalPolicy.SNAPSHOT:
        yield (
            "'removal_policy' must be RETAIN, DESTROY or RETAIN_ON_UPDATE_OR_DELETE, "
            "got SNAPSHOT: nobody can make a snapshot of an order"
        )


def order_name_problems(order_name: str, owner: str | None) -> Iterator[str]:
    """Yield what is wrong with the name; `owner` is the path of the order that has it."""
    yield from text_problems(contract.ORDER_NAME, "'order_name'", order_name)
    if owner is not None:
        yield f"'order_name' must be unique, got '{order_name}', which {owner} has"


def provider_problems(
    order: Construct, provider: OutpostOrderProvider, ledger: OrderLedger | None
) -> Iterator[str]:
    """Yield why the order cannot have this provider, or not with this ledger."""
    if Stack.of(provider) != Stack.of(order):
        yield (
            f"'provider' must be in the order's own stack, {Stack.of(order).node.path}, got "
            f"{provider.node.path}: make one in each stack"
        )
    if ledger is not None and ledger is not provider.ledger:
        yield (
            f"'ledger' must be the same for all orders of a stack, got {ledger.node.path}, "
            f"where {provider.ledger.node.path} is in use: give it to each of them"
        )


def room_problems(provider: OutpostOrderProvider, request: OrderRequest) -> Iterator[str]:
    """Yield why the provider cannot order for one more Outpost."""
    if not provider.has_room_for(request):
        yield (
            f"'outpost_identifier' must be one of the {MAX_OUTPOSTS} Outposts that "
            f"{provider.node.path} orders for already, for the policy of a role holds no more: "
            "order it in another stack, or with another 'provider'"
        )


def service_timeout_problems(service_timeout: Duration, timeout: Duration) -> Iterator[str]:
    """Yield why CloudFormation cannot wait that long for a function, or must wait longer."""
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
