"""The valid values of the API, as tables: one of parameters for each operation."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from outpost_order_fake.exceptions import ValidationError
from outpost_order_fake.orders import PAYMENT_OPTIONS, PAYMENT_TERMS


@dataclass(frozen=True)
class Rule:
    """Say what a value must be, in the service's words."""

    text: str
    holds: Callable[[Any], bool]
    required: bool = False
    each: "Mapping[str, Rule] | None" = None
    """Rules for the members of every element, when the value is a list."""


def matching(pattern: str, *, required: bool = False) -> Rule:
    """Accept a string that the pattern covers from end to end."""
    return Rule(
        f"Member must satisfy regular expression pattern: {pattern}",
        lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None,
        required,
    )


def one_of(*values: str, required: bool = False) -> Rule:
    """Accept one of the values of an enum."""
    return Rule(
        f"Member must satisfy enum value set: [{', '.join(values)}]",
        lambda value: value in values,
        required,
    )


def whole_number(*, least: int, most: int | None = None, required: bool = False) -> Rule:
    """Accept an integer of JSON, neither a string of digits nor a boolean."""
    return Rule(
        f"Member must be an integer from {least}" + (f" to {most}" if most else ""),
        lambda value: type(value) is int and value >= least and (most is None or value <= most),
        required,
    )


def digits(*, least: int, most: int) -> Rule:
    """Accept an integer written in a query string."""
    number = whole_number(least=least, most=most)
    return Rule(
        number.text,
        lambda value: re.fullmatch(r"\d+", value) is not None and number.holds(int(value)),
    )


def list_of(members: Mapping[str, Rule], *, most: int) -> Rule:
    """Accept a list of 1 to `most` structures."""
    return Rule(
        f"Member must have length from 1 to {most}",
        lambda value: isinstance(value, list) and 1 <= len(value) <= most,
        each=members,
    )


def any_of(*values: str) -> Rule:
    """Accept a list of values of an enum."""
    value = one_of(*values)
    return Rule(value.text, lambda listed: all(map(value.holds, listed)))


_HEX = "[a-f0-9]{17}"
_OUTPOST = rf"(arn:aws([a-z-]+)?:outposts:[a-z\d-]+:\d{{12}}:outpost/)?op-{_HEX}"
_CATALOG_ITEM = r"OR-[A-Z0-9]{7}"
_QUOTE = rf"(arn:aws([a-z-]+)?:outposts:[a-z\d-]+:\d{{12}}:quote/)?oq-{_HEX}"

LINE_ITEM = {
    "CatalogItemId": matching(_CATALOG_ITEM, required=True),
    "Quantity": whole_number(least=1, required=True),
}
CREATE_ORDER = {
    "OutpostIdentifier": matching(_OUTPOST, required=True),
    "LineItems": list_of(LINE_ITEM, most=20),
    "PaymentOption": one_of(*PAYMENT_OPTIONS, required=True),
    "PaymentTerm": one_of(*PAYMENT_TERMS),
    "QuoteIdentifier": matching(_QUOTE),
    "QuoteOptionIdentifier": matching(f"oqo-{_HEX}"),
}
ORDERABLE = ({"LineItems"}, {"QuoteIdentifier", "QuoteOptionIdentifier"})
"""Members of CreateOrder of which exactly one group says what is ordered."""
PAGE = {
    "MaxResults": digits(least=1, most=1000),
    "NextToken": matching(r"\d+##\S+"),
}
LIST_ORDERS = {"OutpostIdentifierFilter": matching(_OUTPOST)} | PAGE
LIST_CATALOG_ITEMS = {"ItemClassFilter": any_of("RACK", "SERVER")} | PAGE
ONE_ORDER = {"OrderId": matching(f"oo-{_HEX}", required=True)}
ONE_CATALOG_ITEM = {"CatalogItemId": matching(_CATALOG_ITEM, required=True)}
ONE_QUOTE = {"QuoteIdentifier": matching(_QUOTE, required=True)}
ONE_OUTPOST = {"OutpostId": matching(_OUTPOST, required=True)}


def validate(rules: Mapping[str, Rule], params: Mapping[str, Any]) -> None:
    """Check parameters, and name every problem at once, as the service does."""
    found = list(_problems(rules, params))
    if found:
        noun = "validation error" if len(found) == 1 else "validation errors"
        raise ValidationError(f"{len(found)} {noun} detected: {'; '.join(found)}")


def validate_order(params: Mapping[str, Any]) -> None:
    """Check the parameters of CreateOrder, and that they name one thing to order."""
    validate(CREATE_ORDER, params)
    given = {name for name in set().union(*ORDERABLE) if params.get(name) is not None}
    if given not in ORDERABLE:
        raise ValidationError(
            "Either LineItems, or QuoteIdentifier and QuoteOptionIdentifier, must be given"
        )


def _problems(rules: Mapping[str, Rule], params: object, at: str = "") -> Iterator[str]:
    if not isinstance(params, Mapping):
        yield _broken(at.rstrip("."), "Member must be a structure")
        return
    for name, rule in rules.items():
        yield from _problems_of(rule, params.get(name), f"{at}{name}")


def _problems_of(rule: Rule, value: object, at: str) -> Iterator[str]:
    if value is None:
        if rule.required:
            yield _broken(at, "Member must not be null")
    elif not rule.holds(value):
        yield _broken(at, rule.text)
    elif rule.each is not None and isinstance(value, list):
        for position, element in enumerate(value, start=1):
            yield from _problems(rule.each, element, f"{at}.{position}.member.")


def _broken(at: str, constraint: str) -> str:
    return f"Value at '{at}' failed to satisfy constraint: {constraint}"
