"""The rules of an order's properties, the same at synthesis and at deployment.

Standard library only: the construct calls `problems` while the app synthesizes, and the
function calls it before anything is sent. So a rule can't differ between the two.

Source:
    https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from outpost_order_handler import contract
from outpost_order_handler.contract import Preflight, Property


@dataclass(frozen=True)
class TextRule:
    """A text that must match a pattern from its first to its last character."""

    pattern: str
    allowed: str

    def accepts(self, value: object) -> bool:
        """Return whether the value is a text that matches."""
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None

    def problems(self, subject: str, value: object) -> Iterator[str]:
        """Yield the problem of the value; `subject` is its name in the message."""
        if not self.accepts(value):
            yield f"{subject} must be {self.allowed}, got {bounded_repr(value)}"


def one_of(*values: str) -> TextRule:
    """Return the rule that accepts only these values."""
    return TextRule("|".join(map(re.escape, values)), "one of " + ", ".join(values))


def or_newer(*values: str, what: str) -> TextRule:
    """Return the rule of a set that the API extends; it accepts names of the same form."""
    allowed = f"one of {', '.join(values)} or a newer {what} of the API"
    return TextRule(r"[A-Z][A-Z0-9_]{0,63}", allowed)


OUTPOST_IDENTIFIER = TextRule(
    r"(arn:aws([a-z-]+)?:outposts:[a-z0-9-]+:[0-9]{12}:outpost/)?op-[a-f0-9]{17}",
    "an Outpost id (op- and 17 of 0-9, a-f) or the ARN of an Outpost",
)
CATALOG_ITEM_ID = TextRule(r"OR-[A-Z0-9]{7}", "OR- and 7 of A-Z, 0-9")
ORDER_ID = TextRule(r"oo-[a-f0-9]{17}", "oo- and 17 of 0-9, a-f")
QUOTE_IDENTIFIER = TextRule(
    r"(arn:aws([a-z-]+)?:outposts:[a-z0-9-]+:[0-9]{12}:quote/)?oq-[a-f0-9]{17}",
    "a quote id (oq- and 17 of 0-9, a-f) or the ARN of a quote",
)
QUOTE_OPTION_IDENTIFIER = TextRule(r"oqo-[a-f0-9]{17}", "oqo- and 17 of 0-9, a-f")
PRICE = TextRule(r"[0-9]{1,12}(\.[0-9]{1,6})?", "an amount of 0 or more, like 1200 or 1200.50")
CURRENCY = TextRule(r"[A-Z]{3}", "three of A-Z, like USD")
# An order name is the physical ID until there is an order ID, so it can't look like one. And it
# is an argument of commands, where a leading `-` would make it an option.
ORDER_NAME = TextRule(
    r"(?!oo-)[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    "1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', begin with a letter or a digit, "
    "and not begin with oo-",
)
# Shorter than DynamoDB allows, so that a failure reason has room for the command to run.
LEDGER_NAME = TextRule(
    r"[A-Za-z0-9_][A-Za-z0-9._-]{2,59}",
    "the name of a DynamoDB table of 3 to 60 of A-Z, a-z, 0-9, '.', '_', '-', "
    "and begin with a letter, a digit or '_'",
)
PAYMENT_OPTION = or_newer(*contract.PAYMENT_OPTIONS, what="option")
PAYMENT_TERM = or_newer(*contract.PAYMENT_TERMS, what="term")

_Rules = Mapping[Property, TextRule]
_REQUIRED = {
    Property.ORDER_NAME: ORDER_NAME,
    Property.OUTPOST_IDENTIFIER: OUTPOST_IDENTIFIER,
    Property.PAYMENT_OPTION: PAYMENT_OPTION,
}
_OPTIONAL = {
    Property.PAYMENT_TERM: PAYMENT_TERM,
    Property.ADOPT_ORDER_ID: ORDER_ID,
    Property.PREFLIGHT: one_of(*Preflight),
    Property.LEDGER: LEDGER_NAME,
}
_QUOTE = {  # both or none
    Property.QUOTE_IDENTIFIER: QUOTE_IDENTIFIER,
    Property.QUOTE_OPTION_IDENTIFIER: QUOTE_OPTION_IDENTIFIER,
}
QUOTE_PRICE = {
    Property.UPFRONT_PRICE: PRICE,
    Property.MONTHLY_RECURRING_PRICE: PRICE,
    Property.CURRENCY: CURRENCY,
}
_LINE_ITEM = frozenset({Property.CATALOG_ITEM_ID, Property.QUANTITY})
# CloudFormation adds the last two.
_ORDER = frozenset(Property) - _LINE_ITEM - QUOTE_PRICE.keys() | {"ServiceToken", "ServiceTimeout"}


def problems(
    properties: Mapping[str, Any],
    *,
    is_hidden: Callable[[object], bool] = lambda _: False,
    name: Callable[[str], str] = str,
) -> Iterator[str]:
    """Yield every problem of an order's properties, whose quantities are numbers.

    `is_hidden` returns whether a value can't be checked yet, such as a token at synthesis.
    `name` returns the name that a message uses for a property.
    """
    return _Check(properties, is_hidden, lambda each: f"'{name(each)}'").problems()


def with_numbers(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties with a number for each quantity that is the text of one."""
    items = properties.get(Property.LINE_ITEMS)
    if not isinstance(items, list):
        return properties
    return {**properties, Property.LINE_ITEMS: list(map(_with_number, items))}


def _with_number(item: object) -> object:
    quantity = item.get(Property.QUANTITY) if isinstance(item, Mapping) else None
    if not isinstance(quantity, str) or not re.fullmatch(r"[0-9]{1,10}", quantity):
        return item
    return {**item, Property.QUANTITY: int(quantity)}  # type: ignore[dict-item]


@dataclass(frozen=True)
class _Check:
    given: Mapping[str, Any]
    is_hidden: Callable[[object], bool]
    name: Callable[[str], str]

    def problems(self) -> Iterator[str]:
        yield from _unknown("the order", self.given, _ORDER)
        rules = _REQUIRED | {each: rule for each, rule in _OPTIONAL.items() if each in self.given}
        yield from self._texts(rules | (_QUOTE if self._has_quote else {}), self.given)
        parts = {
            Property.LINE_ITEMS: self._line_items,
            Property.IN_ADDITION_TO: self._in_addition_to,
            Property.QUOTE_PRICE: self._quote_price,
        }
        for each, problems in parts.items():
            if each in self.given and not self.is_hidden(self.given[each]):
                yield from problems(self.name(each), self.given[each])
        yield from self._contradictions()

    @property
    def _has_quote(self) -> bool:
        return bool(_QUOTE.keys() & self.given.keys())

    def _texts(self, rules: _Rules, given: Mapping[str, Any], of: str = "") -> Iterator[str]:
        for each, rule in rules.items():
            if not self.is_hidden(given.get(each)):
                yield from rule.problems(f"{self.name(each)}{of}", given.get(each))

    def _map(self, name: str, given: object, rules: _Rules, known: frozenset[str]) -> Iterator[str]:
        if isinstance(given, Mapping):
            yield from _unknown(name, given, known)
            yield from self._texts(rules, given, f" of {name}")
        else:
            yield f"{name} must be a map, got {bounded_repr(given)}"

    def _line_items(self, name: str, line_items: object) -> Iterator[str]:
        most = contract.MAX_LINE_ITEMS
        if not isinstance(line_items, list):
            yield f"{name} must be a list, got {bounded_repr(line_items)}"
            return
        if not 1 <= len(line_items) <= most:
            yield f"{name} must hold 1 to {most} line items, got {len(line_items)}"
        for number, item in enumerate(line_items[:most], start=1):
            if not self.is_hidden(item):
                yield from self._line_item(f"line item {number}", item)

    def _line_item(self, place: str, item: object) -> Iterator[str]:
        yield from self._map(place, item, {Property.CATALOG_ITEM_ID: CATALOG_ITEM_ID}, _LINE_ITEM)
        if not isinstance(item, Mapping):
            return
        item_id, quantity = item.get(Property.CATALOG_ITEM_ID), item.get(Property.QUANTITY)
        named = f" ({item_id})" if CATALOG_ITEM_ID.accepts(item_id) else ""
        if not self.is_hidden(quantity) and (allowed := _wrong_quantity(quantity)):
            subject = f"{self.name(Property.QUANTITY)} of {place}{named}"
            yield f"{subject} must be {allowed}, got {bounded_repr(quantity)}"

    def _quote_price(self, name: str, price: object) -> Iterator[str]:
        return self._map(name, price, QUOTE_PRICE, frozenset(QUOTE_PRICE))

    def _in_addition_to(self, name: str, names: object) -> Iterator[str]:
        most = contract.MAX_IN_ADDITION_TO
        if not isinstance(names, list) or not 1 <= len(names) <= most:
            allowed = f"a list of 1 to {most} order names or order IDs"
            yield f"{name} must be {allowed}, got {bounded_repr(names)}"
            return
        for each in names:
            if not self.is_hidden(each) and not ORDER_ID.accepts(each):
                yield from ORDER_NAME.problems(f"an order name in {name}", each)

    def _contradictions(self) -> Iterator[str]:
        given, has_quote, quote = self.given, self._has_quote, " and ".join(map(self.name, _QUOTE))
        items, price = self.name(Property.LINE_ITEMS), self.name(Property.QUOTE_PRICE)
        more, adopted = self.name(Property.IN_ADDITION_TO), self.name(Property.ADOPT_ORDER_ID)
        if Property.QUOTE_PRICE in given and not has_quote:
            yield f"{price} must not be given without {quote}: only a quote has a price"
        if Property.QUOTE_PRICE in given and Property.PAYMENT_TERM not in given:
            term = self.name(Property.PAYMENT_TERM)
            yield f"{term} must be given with {price}: a quote has one price for each term"
        if Property.LINE_ITEMS not in given and not has_quote:
            yield f"{items}, or {quote}, must be given: they are what the order is for"
        if Property.LINE_ITEMS in given and has_quote:
            yield f"{items} must not be given with a quote, which has its own: remove one of them"
        if Property.IN_ADDITION_TO in given and has_quote:
            one = "which serves one order: get another quote"
            yield f"{more} must not be given with a quote, {one}"
        if {Property.IN_ADDITION_TO, Property.ADOPT_ORDER_ID} <= given.keys():
            yield f"{more} must not be given with {adopted}, which buys nothing: remove one of them"


def _wrong_quantity(quantity: object) -> str:
    # In Python, a boolean is a number.
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        return "a whole number"
    if quantity < 1:
        return "at least 1"
    return f"at most {contract.MAX_QUANTITY}" if quantity > contract.MAX_QUANTITY else ""


def _unknown(place: str, given: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    # A property that the function doesn't know could change what is bought.
    for each in sorted(str(each) for each in given if each not in known):
        yield f"{place} has an unknown property {bounded_repr(each)}"


def bounded_repr(value: object, limit: int = 60) -> str:
    """Return the value for a message: in ASCII, so that foreign characters show.

    It is on one line, and of bounded length.
    """
    try:
        text = ascii(value)
    except ValueError:  # Python prints no integer of more than 4,300 digits
        text = "a number far too large"
    return text if len(text) <= limit else text[: limit - 3] + "..."
