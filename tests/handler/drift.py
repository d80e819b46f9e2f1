"""The rules of the service's own model, to compare with ours."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ServiceModel, Shape

from outpost_order_handler import contract, rules
from outpost_order_handler.contract import Property
from outpost_order_handler.outposts import responses
from outpost_order_handler.outposts.errors import REFUSALS

_PATTERNS = {
    "OutpostIdentifier": rules.OUTPOST_IDENTIFIER,
    "SkuCode": rules.CATALOG_ITEM_ID,
    "QuoteIdentifier": rules.QUOTE_IDENTIFIER,
    "QuoteOptionIdentifier": rules.QUOTE_OPTION_IDENTIFIER,
    "OrderId": rules.ORDER_ID,
}
# Think about a status that is new here: was such an order bought, or does it need a new name?
_BOUGHT = {"PREPARING", "IN_PROGRESS", "DELIVERED", "COMPLETED", "ERROR"}
_BOUGHT_AND_DEPRECATED = {"RECEIVED", "PENDING", "PROCESSING", "INSTALLING", "FULFILLED"}
_ENUMS: Mapping[str, set[str]] = {
    "PaymentOption": set(contract.PAYMENT_OPTIONS),
    "PaymentTerm": set(contract.PAYMENT_TERMS),
    "OrderStatus": _BOUGHT | _BOUGHT_AND_DEPRECATED | {responses.CANCELLED},
    "OrderType": {"OUTPOST", "REPLACEMENT"},
    "QuoteStatus": {"CREATED", "ORDER_SUBMITTED", "EXPIRED"},
    "QuotePricingType": {"SUBSCRIPTION"},
    "OrderingRequirementStatus": {"PASS", "FAIL", "EXEMPT"},
    "CatalogItemStatus": {"AVAILABLE", "DISCONTINUED"},
    "CatalogItemClass": {"RACK", "SERVER"},
    "SupportedHardwareType": {"RACK", "SERVER"},
}
_LIMITS: Mapping[str, Mapping[str, int]] = {
    "LineItemRequestListDefinition": {"min": 1, "max": contract.MAX_LINE_ITEMS},
    "LineItemQuantity": {"min": 1},
}
_MEMBERS = {
    Property.OUTPOST_IDENTIFIER,
    Property.LINE_ITEMS,
    Property.PAYMENT_OPTION,
    Property.PAYMENT_TERM,
    Property.QUOTE_IDENTIFIER,
    Property.QUOTE_OPTION_IDENTIFIER,
}
_REQUIRED = {Property.OUTPOST_IDENTIFIER, Property.PAYMENT_OPTION}
_IN_DOUBT = {"InternalServerException"}


def drift(model: ServiceModel) -> Iterator[str]:
    """Yield each difference between the model and our rules, by the API's names."""
    create_order = model.operation_model("CreateOrder")
    members = create_order.input_shape
    yield from _compared("CreateOrder's members", set(members.members), set(_MEMBERS))
    yield from _compared("CreateOrder's required", set(members.required_members), set(_REQUIRED))
    exceptions = {shape.name for shape in create_order.error_shapes}
    known = {name for name in REFUSALS if name.endswith("Exception")} | _IN_DOUBT
    yield from _compared("CreateOrder's exceptions", exceptions, exceptions & known)
    for name, rule in _PATTERNS.items():
        pattern = _plain(str(_shape(model, name).metadata.get("pattern")))
        if pattern != rule.pattern:
            yield f"the pattern of {name} is {pattern}, ours is {rule.pattern}"
    for name, values in _ENUMS.items():
        yield from _compared(name, set(getattr(_shape(model, name), "enum", ())), values)
    for name, limits in _LIMITS.items():
        metadata = _shape(model, name).metadata
        if metadata != limits:
            yield f"the limits of {name} are {dict(metadata)}, ours are {dict(limits)}"


def _compared(what: str, theirs: set[str], ours: set[str]) -> Iterator[str]:
    for value in sorted(theirs - ours):
        yield f"{what}: the API has {value}, we have not"
    for value in sorted(ours - theirs):
        yield f"{what}: we have {value}, the API has not"


def _plain(pattern: str) -> str:
    """Return a pattern as ours are written: matched as a whole, and with digits of ASCII only."""
    bare = pattern.removeprefix("^").removesuffix("$")
    return bare.replace(r"[a-z\d-]", "[a-z0-9-]").replace(r"\d", "[0-9]")


def _shape(model: ServiceModel, name: str) -> Shape | Any:  # noqa: ANN401 - botocore has no types
    return model.shape_for(name)
