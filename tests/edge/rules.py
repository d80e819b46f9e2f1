"""The documented rules of an order, written a second time and in another way.

Nothing of the handler is imported here, so a missing or wrong rule shows. The
sources are the API reference of CreateOrder, and what the construct promises of OrderName,
Preflight, InAdditionTo, AdoptOrderId, Ledger and QuotePrice.
"""

import string
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any

UPPER, LOWER, DIGITS = map(
    frozenset, (string.ascii_uppercase, string.ascii_lowercase, "0123456789")
)
HEX = DIGITS | frozenset("abcdef")
NAME = UPPER | LOWER | DIGITS | frozenset("._-")
REQUIRED = {"OutpostIdentifier", "PaymentOption", "OrderName"}
GOODS, QUOTE = {"LineItems"}, {"QuoteIdentifier", "QuoteOptionIdentifier"}
OPTIONAL = {"PaymentTerm", "Preflight", "InAdditionTo", "AdoptOrderId", "Ledger"}
PRICE = {"UpfrontPrice", "MonthlyRecurringPrice", "Currency"}
USD = {"Currency": "USD"}
CLOUDFORMATIONS = {"ServiceToken", "ServiceTimeout"}
OPTIONS = ("ALL_UPFRONT", "NO_UPFRONT", "PARTIAL_UPFRONT")
TERMS = ("ONE_YEAR", "THREE_YEARS", "FIVE_YEARS")


class Verdict(IntEnum):
    """The expected outcome of a request."""

    PLACE = 0
    EITHER = 1
    """The rules do not say; whatever is done, the answer is true."""
    REFUSE = 2


def verdict(properties: object) -> Verdict:
    """Judge the properties of an order."""
    if not isinstance(properties, Mapping):
        return Verdict.REFUSE
    names = set(properties)
    needed = REQUIRED | (QUOTE if names & QUOTE else GOODS)
    possible = needed | OPTIONAL | CLOUDFORMATIONS
    if names & QUOTE and "PaymentTerm" in names:
        possible |= {"QuotePrice"}
    if not needed <= names <= possible:
        return Verdict.REFUSE
    return max([*_verdicts(properties), *_goods(properties)])


def is_same(properties: Mapping[str, Any], order: Mapping[str, Any]) -> bool:
    """Return whether a valid request asks for an order like this one."""
    return (
        properties["OutpostIdentifier"].endswith(order["OutpostId"])
        and properties["PaymentOption"] == order["PaymentOption"]
        and properties.get("PaymentTerm") in (None, order.get("PaymentTerm"))
        and _totals(properties["LineItems"]) == _totals(order["LineItems"])
    )


def _verdicts(properties: Mapping[str, Any]) -> Iterator[Verdict]:
    adopted = properties.get("AdoptOrderId", "oo-00000000000000000")
    yield _sure(_is_identifier(properties["OutpostIdentifier"], "op-", "outpost"))
    yield _sure(_is_order_name(properties["OrderName"]))
    yield _choice(properties["PaymentOption"], OPTIONS)
    yield _sure(_is_list_of_orders(properties.get("InAdditionTo", ["PO-1"])))
    yield _sure(not {"InAdditionTo", "AdoptOrderId"} <= set(properties))
    yield _sure(_is_ledger_name(properties.get("Ledger", "outpost-orders")))
    yield _sure(_is_id(adopted, "oo-", HEX, 17))
    yield _sure(properties.get("Preflight", "CHECK") in ("CHECK", "SKIP"))
    yield _choice(properties.get("PaymentTerm", TERMS[0]), TERMS)


def _goods(properties: Mapping[str, Any]) -> Iterator[Verdict]:
    """Judge the content of an order; the service decides whether the quote exists."""
    if "LineItems" in properties:
        yield from _line_items(properties["LineItems"])
        return
    yield Verdict.EITHER
    yield _sure(_is_identifier(properties["QuoteIdentifier"], "oq-", "quote"))
    yield _sure(_is_id(properties["QuoteOptionIdentifier"], "oqo-", HEX, 17))
    yield _sure("InAdditionTo" not in properties)
    yield _sure(_is_price(properties.get("QuotePrice", dict.fromkeys(PRICE, "0") | USD)))


def _is_price(value: object) -> bool:
    if not isinstance(value, Mapping) or set(value) != PRICE:
        return False
    amounts = [value["UpfrontPrice"], value["MonthlyRecurringPrice"]]
    return _is_id(value["Currency"], "", UPPER, 3) and all(map(_is_amount, amounts))


def _is_amount(value: object) -> bool:
    whole, point, parts = value.partition(".") if isinstance(value, str) else ("", "", "")
    digits = set(whole) | set(parts) <= DIGITS
    return digits and 1 <= len(whole) <= 12 and bool(point) == (1 <= len(parts) <= 6)


def _sure(holds: bool) -> Verdict:  # noqa: FBT001 - the condition itself
    return Verdict.PLACE if holds else Verdict.REFUSE


def _is_id(value: object, prefix: str, letters: frozenset[str], length: int) -> bool:
    if not isinstance(value, str) or not value.startswith(prefix):
        return False
    rest = value[len(prefix) :]
    return len(rest) == length and set(rest) <= letters


def _is_identifier(value: object, prefix: str, resource: str) -> bool:
    """Return whether it is an id, or the ARN around one."""
    if not isinstance(value, str) or not value.startswith("arn:"):
        return _is_id(value, prefix, HEX, 17)
    head, _, bare = value.partition("/")
    _, partition, service, region, account, kind = [*head.split(":"), *[""] * 5][:6]
    return (
        head.count(":") == len(("partition", "service", "region", "account", "kind"))
        and partition.startswith("aws")
        and set(partition) <= LOWER | {"-"}
        and (service, kind) == ("outposts", resource)
        and region != ""
        and set(region) <= LOWER | DIGITS | {"-"}
        and _is_id(account, "", DIGITS, 12)
        and _is_id(bare, prefix, HEX, 17)
    )


def _is_order_name(value: object) -> bool:
    is_text = isinstance(value, str) and 1 <= len(value) <= 64 and set(value) <= NAME
    return is_text and str(value)[0] not in "._-" and not str(value).startswith("oo-")


def _is_list_of_orders(value: object) -> bool:
    if not isinstance(value, list) or not 1 <= len(value) <= 20:
        return False
    return all(_is_order_name(each) or _is_id(each, "oo-", HEX, 17) for each in value)


def _is_ledger_name(value: object) -> bool:
    is_text = isinstance(value, str) and 3 <= len(value) <= 60 and set(value) <= NAME | {"_"}
    return is_text and str(value)[0] not in ".-"


def _choice(value: object, known: tuple[str, ...]) -> Verdict:
    """Judge a choice; the service decides about one that is new in the API."""
    if value in known:
        return Verdict.PLACE
    is_word = isinstance(value, str) and value != "" and set(value) <= UPPER | DIGITS | {"_"}
    return Verdict.EITHER if is_word else Verdict.REFUSE


def _line_items(value: object) -> Iterator[Verdict]:
    yield _sure(isinstance(value, list) and 1 <= len(value) <= 20)
    for item in value if isinstance(value, list) else ():
        if not isinstance(item, Mapping) or set(item) != {"CatalogItemId", "Quantity"}:
            yield Verdict.REFUSE
            continue
        yield _sure(_is_id(item["CatalogItemId"], "OR-", UPPER | DIGITS, 7))
        yield _quantity(item["Quantity"])


def _quantity(value: object) -> Verdict:
    """Judge a 32-bit integer from 1 on; CloudFormation sends it as a text."""
    if isinstance(value, str) and value != "" and set(value) <= DIGITS and len(value) < 100:
        judged = _quantity(int(value))
        return max(judged, Verdict.EITHER) if value.startswith("0") else judged
    return _sure(type(value) is int and 1 <= value < 2**31)


def _totals(line_items: list[Mapping[str, Any]]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for item in line_items:
        totals[item["CatalogItemId"]] += int(item["Quantity"])
    return totals
