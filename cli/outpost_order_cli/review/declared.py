"""The orders that templates declare, as a reviewer compares them."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from outpost_order_cli.review.assembly import Environment, StackTemplate
from outpost_order_handler import contract, rules
from outpost_order_handler.contract import Property, bare_id
from outpost_order_handler.order import Price

PATH_METADATA = "aws:cdk:path"
MONTHS = {"ONE_YEAR": 12, "THREE_YEARS": 36, "FIVE_YEARS": 60}
CONTENT = (
    Property.OUTPOST_IDENTIFIER,
    Property.LINE_ITEMS,
    Property.QUOTE_OPTION_IDENTIFIER,
    Property.PAYMENT_OPTION,
    Property.PAYMENT_TERM,
)
"""The properties in which identical orders agree."""


@dataclass(frozen=True)
class Commitment:
    """The cost of an order over its term."""

    currency: str
    total: Decimal
    months: int


@dataclass(frozen=True)
class Order:
    """An order of a template.

    Attributes:
        stack: The stack that declares it.
        logical_id: That of its resource.
        resource: The declaration of its resource.
    """

    stack: StackTemplate
    logical_id: str
    resource: Mapping[str, Any]

    @cached_property
    def properties(self) -> dict[str, Any]:
        """The properties, with the values that a parent gives to its nested stack."""
        given = self.resource.get("Properties")
        properties = given if isinstance(given, Mapping) else {}
        return dict(rules.with_numbers(self._with_parameters(properties)))

    @property
    def name(self) -> str:
        """The order name, as the template has it."""
        return text_of(self.properties.get(Property.ORDER_NAME))

    @property
    def environment(self) -> Environment:
        """Where it is placed."""
        return self.stack.environment

    @property
    def ledger(self) -> str:
        """The table of its ledger."""
        return self._scoped(self.properties.get(Property.LEDGER, contract.DEFAULT_LEDGER))

    @property
    def place(self) -> str:
        """The resource, as a reviewer finds it: its construct path, or the stack and logical ID."""
        metadata = self.resource.get("Metadata")
        path = metadata.get(PATH_METADATA) if isinstance(metadata, Mapping) else None
        if isinstance(path, str):
            return path.removesuffix("/Resource")
        return f"{self.stack.name}/{self.logical_id}"

    @property
    def outpost(self) -> str:
        """The Outpost, as the template has it."""
        return text_of(self.properties.get(Property.OUTPOST_IDENTIFIER))

    @property
    def adopts(self) -> str:
        """The order that gets the order name; empty if one is bought."""
        return text_of(self.properties.get(Property.ADOPT_ORDER_ID, ""))

    @property
    def in_addition_to(self) -> tuple[str, ...]:
        """The names and IDs of identical orders that it may stand beside."""
        given = self.properties.get(Property.IN_ADDITION_TO)
        return tuple(map(text_of, given)) if isinstance(given, list) else ()

    @property
    def option_id(self) -> str:
        """The option of the quote that is bought; empty without a quote."""
        return text_of(self.properties.get(Property.QUOTE_OPTION_IDENTIFIER, ""))

    @property
    def quote_id(self) -> str:
        """The quote, never as an ARN; empty without a quote."""
        return bare_id(text_of(self.properties.get(Property.QUOTE_IDENTIFIER, "")))

    @property
    def description(self) -> str:
        """The purchase in one line, without the order name."""
        try:
            return contract.purchase_line(self.properties, lambda _, value: text_of(value))
        except (KeyError, TypeError, AttributeError):
            return "an order whose properties aren't valid"

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The content, in values that can be compared."""
        return {name: self.comparable(name) for name in CONTENT if name in self.properties}

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """The rules that the properties break, so that the function refuses them."""
        return tuple(rules.problems(self.properties, is_hidden=is_unresolved))

    @property
    def price(self) -> Price | None:
        """The price of the quote; none if the template doesn't state it."""
        price = self.properties.get(Property.QUOTE_PRICE)
        if not isinstance(price, Mapping):
            return None
        if not all(rule.accepts(price.get(each)) for each, rule in rules.QUOTE_PRICE.items()):
            return None
        return Price.of(price)

    @property
    def commitment(self) -> Commitment | None:
        """The cost over its term; none if the template doesn't state it."""
        stated = self.price
        months = MONTHS.get(text_of(self.properties.get(Property.PAYMENT_TERM, "")))
        if stated is None or months is None:
            return None
        total = stated.upfront + stated.monthly_recurring * months
        return Commitment(stated.currency, total, months)

    def comparable(self, name: str) -> Any:  # noqa: ANN401
        """Return the value of a property in a form that is the same for the same purchase."""
        value = self.properties.get(name)
        if name == Property.LINE_ITEMS and isinstance(value, list):
            totals: Counter[str] = Counter()
            for item in value:
                given = item if isinstance(item, Mapping) else {}
                quantity = given.get(Property.QUANTITY)
                if not isinstance(quantity, int):
                    return self._scoped(value)
                totals[self._scoped(given.get(Property.CATALOG_ITEM_ID))] += quantity
            return tuple(sorted(totals.items()))
        if name == Property.OUTPOST_IDENTIFIER and isinstance(value, str):
            return bare_id(value)
        return self._scoped(value)

    def shown(self, name: str) -> str:
        """Return the value of a property as a reviewer reads it."""
        value = self.properties.get(name)
        if name == Property.LINE_ITEMS and isinstance(value, list):
            items = [each for each in value if isinstance(each, Mapping)]
            names = (Property.QUANTITY, Property.CATALOG_ITEM_ID)
            return ", ".join(
                " x ".join(text_of(each.get(name)) for name in names) for each in items
            )
        return "-" if value is None else text_of(value)

    def is_known(self, name: str) -> bool:
        """Return whether the template alone says what a property is."""
        return not contains_unresolved(self.properties.get(name))

    def _scoped(self, value: object) -> str:
        """Return a text that is the same for the same value, also if the deployment knows it."""
        if isinstance(value, str):
            return value
        text = json.dumps(value, sort_keys=True)
        is_local = is_unresolved(value) and "Fn::ImportValue" not in text
        return f"{self.stack.name} {text}" if is_local else text

    def _with_parameters(self, value: object) -> Any:  # noqa: ANN401
        if isinstance(value, Mapping):
            if value.keys() == {"Ref"} and value["Ref"] in self.stack.parameters:
                given = self.stack.parameters[value["Ref"]]
                return given if isinstance(given, str) else {"Parent": given}
            return {key: self._with_parameters(each) for key, each in value.items()}
        return [self._with_parameters(each) for each in value] if isinstance(value, list) else value


def orders_of(stack: StackTemplate) -> Iterator[Order]:
    """Yield the orders of a stack."""
    for logical_id, resource in stack.resources:
        if resource.get("Type") == contract.RESOURCE_TYPE:
            yield Order(stack, logical_id, resource)


def is_unresolved(value: object) -> bool:
    """Return whether only the deployment knows a value."""
    return (
        isinstance(value, Mapping)
        and len(value) == 1
        and any(
            str(key) in ("Ref", "Condition", "Parent") or str(key).startswith("Fn::")
            for key in value
        )
    )


def contains_unresolved(value: object) -> bool:
    """Return whether only the deployment knows a part of a value."""
    if is_unresolved(value):
        return True
    if isinstance(value, Mapping):
        return any(map(contains_unresolved, value.values()))
    return isinstance(value, list) and any(map(contains_unresolved, value))


def text_of(value: object) -> str:
    """Return a value as a reviewer reads it; one that the deployment knows, as it is written."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        [(function, argument)] = value.items()
        shown = _TEXTS.get(str(function), lambda _: "")(argument)
        if shown:
            return shown
    return str(value) if isinstance(value, int | float) else json.dumps(value, sort_keys=True)


def _joined(argument: object) -> str:
    if isinstance(argument, list) and len(argument) == 2:  # noqa: PLR2004 (separator and parts)
        separator, parts = argument
        if isinstance(separator, str) and isinstance(parts, list):
            return separator.join(map(text_of, parts))
    return ""


_TEXTS: Mapping[str, Callable[[Any], str]] = {
    "Parent": text_of,
    "Ref": lambda argument: f"${{{argument}}}",
    "Fn::GetAtt": lambda argument: (
        f"${{{'.'.join(map(str, argument))}}}" if isinstance(argument, list) else ""
    ),
    "Fn::Sub": lambda argument: argument if isinstance(argument, str) else "",
    "Fn::ImportValue": lambda argument: f"${{import {text_of(argument)}}}",
    "Fn::Join": _joined,
}
