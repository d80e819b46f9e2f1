"""The problems of orders that only synthesis can find.

Everything else is in `rules.py` of the function. A token hides its value until the stack is
deployed: the function then checks the value by those rules, before anything is sent.
"""

import re
from collections.abc import Iterator
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.region_info import RegionInfo
from constructs import Construct

from cdk_outpost_order.content import (
    LineItem,
    OrderRequest,
    PaymentOption,
    PaymentTerm,
    QuotePrice,
    is_hidden,
    is_list,
    struct_of,
)
from cdk_outpost_order.function import (
    LONGEST_SERVICE_TIMEOUT,
    duration_problems,
    latest_answer,
)
from cdk_outpost_order.names import Child, holds_token, place_of, stack_of, suggested_order_name
from cdk_outpost_order.permissions import MAX_OUTPOSTS
from cdk_outpost_order.provider import (
    OutpostOrderProvider,
    serving,
)
from outpost_order_handler import contract
from outpost_order_handler.contract import Property
from outpost_order_handler.rules import bounded_repr, one_of

_SECURE_REFERENCE = re.compile(r"\{\{resolve:(secretsmanager|ssm-secure):")
_ARN = re.compile(r"arn:([^:]+):outposts:([^:]+):([^:]+):[^:]+")


def request_problems(child: Child, stack: Stack, request: OrderRequest) -> Iterator[str]:
    """Yield the problems of the props by themselves: types, tokens, accounts and Regions."""
    yield from _order_name_problems(child, request.order_name)
    yield from _outpost_problems(request)
    yield from _line_items_problems(request.line_items)
    yield from _quote_price_problems(request.quote_price)
    yield from _choice_problems("payment_option", PaymentOption, request.payment_option)
    yield from _choice_problems("payment_term", PaymentTerm, request.payment_term)
    yield from _in_addition_to_problems(request.in_addition_to)
    yield from _literal_problems(
        "'adopt_order_id'", request.adopt_order_id, "oo- and 17 of 0-9, a-f"
    )
    yield from flag_problems("preflight", request.preflight)
    yield from _reference_problems(stack, request)
    outpost = request.prop(Property.OUTPOST_IDENTIFIER)
    yield from _environment_problems(f"'{outpost}'", request.outpost_reference, stack)
    yield from _environment_problems("'quote_identifier'", request.quote_identifier, stack)


def flag_problems(name: str, value: object) -> Iterator[str]:
    """Yield why a value is no flag."""
    if not isinstance(value, bool):
        yield f"'{name}' must be True or False, got {bounded_repr(value)}"


def _order_name_problems(child: Child, order_name: object) -> Iterator[str]:
    if order_name is None:
        name = f'order_name="{suggested_order_name(child)}",'
        yield (
            "'order_name' must be given, because an order is placed once for each name; add this "
            f'line:\n        {name}  # the purchase order\'s number, such as "PO-4710"'
        )
    yield from _literal_problems("'order_name'", order_name, 'such as "PO-4710"')


def _literal_problems(subject: str, value: object, what: str) -> Iterator[str]:
    """Yield why a value can't say which order is meant: it must be the same in each deployment."""
    if is_hidden(value):
        got = f"got {bounded_repr(value)}, which CDK looks up"
        if not isinstance(value, str) or holds_token(value):
            got = "got a token"
        yield (
            f"{subject} must be a literal, {got}: which order is meant must not depend on the "
            f"deployment; write the text itself, {what}"
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


def _line_items_problems(line_items: Any) -> Iterator[str]:  # noqa: ANN401
    if line_items is None:
        return
    if not is_list(line_items):
        yield f"'line_items' must be a list of LineItem, got {bounded_repr(line_items)}"
        return
    for number, item in enumerate(line_items, start=1):
        if not isinstance(struct_of(LineItem, item), LineItem):
            yield (
                f"line item {number} must be a LineItem, or a dict of catalog_item_id and "
                f"quantity, got {bounded_repr(item)}"
            )


def _quote_price_problems(given: object) -> Iterator[str]:
    price = struct_of(QuotePrice, given)
    if not isinstance(price, QuotePrice):
        if price is not None:
            yield (
                "'quote_price' must be a QuotePrice, or a dict of upfront, monthly_recurring and "
                f"currency, got {bounded_repr(price)}"
            )
        return
    for name in ("upfront", "monthly_recurring"):
        if is_hidden(getattr(price, name)):
            yield f"'{name}' of 'quote_price' must be known at synth, got a token"


def _choice_problems(
    name: str, kind: type[PaymentOption] | type[PaymentTerm], value: object
) -> Iterator[str]:
    """A text must be known already; what `of` takes can be newer."""
    known = contract.PAYMENT_OPTIONS if kind is PaymentOption else contract.PAYMENT_TERMS
    if value is None or isinstance(value, kind) or is_hidden(value):
        return
    for problem in one_of(*known).problems(f"'{name}'", value):
        newer = f"for one that the API has added since, use {kind.__name__}.of(...)"
        yield f"{problem}; {newer}"


def _in_addition_to_problems(names: Any) -> Iterator[str]:  # noqa: ANN401
    if names is None:
        return
    if not is_list(names):
        yield (
            "'in_addition_to' must be a list of order names or order IDs, got "
            f"{bounded_repr(names)}"
        )
        return
    for name in names:
        yield from _literal_problems("an order in 'in_addition_to'", name, "its order name")


def _reference_problems(stack: Stack, request: OrderRequest) -> Iterator[str]:
    """Yield which values CloudFormation will not resolve in a custom resource."""
    values = {
        Property.OUTPOST_IDENTIFIER: request.outpost_identifier,
        Property.QUOTE_IDENTIFIER: request.quote_identifier,
        Property.QUOTE_OPTION_IDENTIFIER: request.quote_option_identifier,
    }
    for name, value in values.items():
        if isinstance(value, str) and is_hidden(value):
            resolved = str(stack.resolve(value)) if holds_token(value) else value
            if _SECURE_REFERENCE.search(resolved):
                yield (
                    f"'{request.prop(name)}' must not be a secure reference, got "
                    f"{bounded_repr(resolved)}: CloudFormation resolves none in a custom resource; "
                    "use an SSM parameter of type String"
                )


def _environment_problems(subject: str, identifier: object, stack: Stack) -> Iterator[str]:
    """Yield why an ARN can't be used in the stack's account and Region."""
    found = None if is_hidden(identifier) else _ARN.fullmatch(str(identifier))
    if found is None:
        return
    place, (partition, region, account) = place_of(stack), found.groups()
    of_region = RegionInfo.get(region).partition
    if of_region is not None and partition != of_region:
        yield f"{subject} must be of the partition {of_region}, as {region} is, got '{identifier}'"
    if place.region is not None and region != place.region:
        yield (
            f"{subject} must be in {place.region}, the stack's Region, whose API the function "
            f"calls, got '{identifier}': order it in a stack of {region}"
        )
    if place.account is not None and account != place.account:
        yield (
            f"{subject} must be of {place.account}, the stack's account, got '{identifier}': order "
            f"it in a stack of {account}"
        )


def provider_problems(stack: Stack, provider: object) -> Iterator[str]:
    """Yield why an order can't have this provider."""
    if provider is None:
        return
    if not isinstance(provider, OutpostOrderProvider):
        yield f"'provider' must be an OutpostOrderProvider, got {bounded_repr(provider)}"
        return
    its_stack = serving(provider).stack
    if its_stack is not stack and not _is_nested_in(stack, its_stack):
        yield (
            f"'provider' must be in the order's own stack, {stack.node.path}, or in one that this "
            f"stack is nested in, got {provider.node.path}: make one in each stack"
        )


def outpost_problems(provider: OutpostOrderProvider, outpost: object) -> Iterator[str]:
    """Yield why the role of a provider can't name an Outpost that a nested stack makes."""
    if not isinstance(outpost, Construct):
        return
    its_stack, where = serving(provider).stack, stack_of(outpost)
    if where is its_stack:
        return
    if _is_nested_in(where, its_stack):
        yield (
            f"'outpost' must not be in a stack that is nested in the provider's, got "
            f"{outpost.node.path}: CloudFormation would need the nested stack for the role, and "
            f"the role for the nested stack; make an OutpostOrderProvider in {where.node.path}"
        )
    for here, there in place_of(its_stack).contradictions(place_of(where)):
        yield (
            f"'outpost' must be in {here}, as its order is, got {outpost.node.path}, which is "
            f"in {there}"
        )


def _is_nested_in(stack: Stack, other: Stack) -> bool:
    parent = stack.nested_stack_parent
    return parent is not None and (parent is other or _is_nested_in(parent, other))


def room_problems(provider: OutpostOrderProvider, request: OrderRequest) -> Iterator[str]:
    """Yield why the provider can't order for one more Outpost."""
    if not serving(provider).permissions.has_room_for(request):
        yield (
            f"'outpost_identifier' must be one of the {MAX_OUTPOSTS} Outposts that "
            f"{provider.node.path} already orders for: the policy of its role has no more room; "
            "order it in another stack, or with another 'provider'"
        )


def service_timeout_problems(
    service_timeout: Duration | None, provider: OutpostOrderProvider
) -> Iterator[str]:
    """Yield why CloudFormation can't wait that long for a function, or must wait longer."""
    if service_timeout is None:
        return
    latest, longest = latest_answer(serving(provider).timeout), LONGEST_SERVICE_TIMEOUT

    def problems(seconds: float) -> Iterator[str]:
        if not latest < seconds <= longest:
            yield (
                f"'service_timeout' must be more than {latest / 60:g} and at most "
                f"{longest / 60:g} minutes, got {seconds:g} seconds: a queued event could "
                "otherwise buy after CloudFormation gave up"
            )

    yield from duration_problems("service_timeout", service_timeout, problems)
