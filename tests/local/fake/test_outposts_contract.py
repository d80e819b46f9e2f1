"""The fake, held to the API's model in botocore: its answers and errors."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.model import ListShape, MapShape, Shape, StructureShape

from outpost_order_fake import DOCUMENTED, FakeOutposts, Fault
from outpost_order_fake.responses import OPERATIONS
from tests.local.fake.conftest import Call
from tests.local.fake.model import CALLS, ITEM, MODEL, OUTPOST

STAGES = ("BUILDING", "SHIPPED", "DELIVERED", "INSTALLING", "INSTALLED")

LACKED = [
    "CancelCapacityTask",
    "CreateOutpost",
    "CreatePrivateConnectivityConfig",
    "CreateQuote",
    "CreateRenewal",
    "CreateSite",
    "DeleteOutpost",
    "DeleteQuote",
    "DeleteSite",
    "GetCapacityTask",
    "GetConnection",
    "GetOutpostBillingInformation",
    "GetOutpostInstanceTypes",
    "GetOutpostSupportedInstanceTypes",
    "GetPrivateConnectivityConfig",
    "GetRenewalPricing",
    "GetSite",
    "GetSiteAddress",
    "ListAssetInstances",
    "ListAssets",
    "ListBlockingInstancesForCapacityTask",
    "ListCapacityTasks",
    "ListOrderableInstanceTypes",
    "ListOutposts",
    "ListQuotes",
    "ListSites",
    "ListTagsForResource",
    "StartCapacityTask",
    "StartConnection",
    "StartOutpostDecommission",
    "TagResource",
    "UntagResource",
    "UpdateOutpost",
    "UpdateQuote",
    "UpdateSite",
    "UpdateSiteAddress",
    "UpdateSiteRackPhysicalProperties",
]
TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "float": (int, float),
    "timestamp": (int, float),
}


# Answers


def faults_of(value: object, shape: Shape, at: str = "answer") -> Iterator[str]:
    """Yield how a value of JSON isn't of its shape."""
    if not isinstance(value, TYPES[shape.type_name]) or isinstance(value, bool):
        yield f"{at} is no {shape.type_name}: {value!r}"
        return
    yield from (f"{at} breaks {each}: {value!r}" for each in broken_rules(value, shape))
    if isinstance(shape, StructureShape):
        assert isinstance(value, dict)
        yield from (f"{at} has no {name}" for name in {*shape.required_members} - value.keys())
        yield from (f"{at} has {name}" for name in value.keys() - shape.members.keys())
        for name in value.keys() & shape.members.keys():
            yield from faults_of(value[name], shape.members[name], f"{at}.{name}")
    elif isinstance(shape, MapShape):
        assert isinstance(value, dict)
        for key, each in value.items():
            yield from faults_of(key, shape.key, f"{at}.{key}")
            yield from faults_of(each, shape.value, f"{at}.{key}")
    elif isinstance(shape, ListShape):
        assert isinstance(value, list)
        for number, each in enumerate(value):
            yield from faults_of(each, shape.member, f"{at}[{number}]")


def broken_rules(value: Any, shape: Shape) -> Iterator[str]:  # noqa: ANN401 - of any type
    """Yield the rules of a shape that a value of its type breaks."""
    rules = shape.metadata
    size = value if isinstance(value, int | float) else len(value)
    if not rules.get("min", size) <= size <= rules.get("max", size):
        yield "its size"
    if rules.get("enum") and value not in rules["enum"]:
        yield "its enum"
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        yield "its pattern"


def faults_of_answer(operation: str, body: dict[str, Any]) -> list[str]:
    return list(faults_of(body, MODEL.operation_model(operation).output_shape))


def ordering(quote: dict[str, Any]) -> dict[str, Any]:
    """Name a quote as CreateOrder does, instead of line items."""
    option = quote["QuoteOptions"][0]["QuoteOptionIdentifier"]
    named = {"QuoteIdentifier": quote["QuoteId"], "QuoteOptionIdentifier": option}
    return {name: CALLS["CreateOrder"][name] for name in ("OutpostIdentifier", "PaymentOption")} | (
        named
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_answer_has_the_models_shape(fake: FakeOutposts, call: Call, operation: str) -> None:
    """It has no unknown member, and every value is as the model says."""
    failed = {"OrderingRequirementType": "ENTERPRISE_SUPPORT_ERROR", "Status": "FAIL"}
    quote = fake.make_quote(requirements=[failed])
    order_id = fake.make_order()["OrderId"]
    fake.set_catalog_item(ITEM)
    fake.page_size = 1
    fake.make_order()
    fake.set_catalog_item("OR-0000002")
    ids = {"OrderId": order_id, "QuoteIdentifier": quote["QuoteId"]}
    params = CALLS[operation] | {
        name: value for name, value in ids.items() if name in CALLS[operation]
    }
    status, body = call(operation, **params)
    assert (status, faults_of_answer(operation, body)) == (200, [])
    assert body or operation == "CancelOrder"


@pytest.mark.parametrize("stage", STAGES)
def test_an_order_has_the_models_shape_at_each_stage(
    fake: FakeOutposts, call: Call, stage: str
) -> None:
    """Shipment information and dates are of the model, too."""
    order_id = fake.make_order()["OrderId"]
    fake.advance(order_id, to=stage)
    _, order = call("GetOrder", OrderId=order_id)
    _, listed = call("ListOrders")
    assert order["Order"]["LineItems"][0]["Status"] == stage
    assert faults_of_answer("GetOrder", order) == faults_of_answer("ListOrders", listed) == []


def test_an_order_of_a_quote_has_the_models_shape(fake: FakeOutposts, call: Call) -> None:
    """The quote shows its order, and the order its quote."""
    quote = fake.make_quote()
    status, order = call("CreateOrder", **ordering(quote))
    _, shown = call("GetQuote", QuoteIdentifier=quote["QuoteId"])
    assert status == 200
    assert shown["Quote"]["SubmittedOrderId"] == order["Order"]["OrderId"]
    assert faults_of_answer("CreateOrder", order) == faults_of_answer("GetQuote", shown) == []


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"Colour": "red"}, "answer.Order has Colour"),
        ({"OrderId": 7}, "answer.Order.OrderId is no string: 7"),
        ({"OrderId": "oo-1"}, "answer.Order.OrderId breaks its pattern: 'oo-1'"),
        ({"Status": "LOST"}, "answer.Order.Status breaks its enum: 'LOST'"),
        (
            {"LineItems": [{"Quantity": 0}]},
            "answer.Order.LineItems[0].Quantity breaks its size: 0",
        ),
    ],
)
def test_another_shape_is_found(
    fake: FakeOutposts, call: Call, members: dict[str, object], fault: str
) -> None:
    """The check of answers can fail."""
    order_id = fake.make_order()["OrderId"]
    fake.set_order(order_id, **members)
    assert faults_of_answer("GetOrder", call("GetOrder", OrderId=order_id)[1]) == [fault]


# Errors


def test_the_errors_are_the_models() -> None:
    """The fake documents every exception of the model, with its HTTP status."""
    assert {
        shape.name: shape.metadata["error"]["httpStatusCode"] for shape in MODEL.error_shapes
    } == DOCUMENTED


ERRORS = [
    (operation, shape.name)
    for operation in OPERATIONS
    for shape in MODEL.operation_model(operation).error_shapes
]


@pytest.mark.parametrize(("operation", "name"), ERRORS)
def test_an_operation_can_answer_each_of_its_errors(
    fake: FakeOutposts, client: BaseClient, operation: str, name: str
) -> None:
    """A client raises the exception that the model has for it."""
    fake.fail(operation, Fault.refusal(name))
    with pytest.raises(getattr(client.exceptions, name)):
        getattr(client, xform_name(operation))(**CALLS[operation])


def of_absent(fake: FakeOutposts) -> None:
    fake.missing_outposts.add(OUTPOST)
    fake.missing_catalog_items.add(ITEM)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("CreateOrder", {}),
        ("GetOrder", {}),
        ("ListOrders", {"OutpostIdentifierFilter": OUTPOST}),
        ("CancelOrder", {}),
        ("GetQuote", {}),
        ("GetCatalogItem", {}),
        ("GetOutpost", {}),
    ],
)
def test_an_absent_resource_is_the_models_error(
    fake: FakeOutposts, call: Call, operation: str, params: dict[str, str]
) -> None:
    """The operation documents it, and the body has the members of the model."""
    of_absent(fake)
    status, body = call(operation, **CALLS[operation] | params)
    errors = {shape.name: shape for shape in MODEL.operation_model(operation).error_shapes}
    assert status == 404
    assert list(faults_of(body, errors["NotFoundException"])) == []


def test_a_late_cancellation_is_the_models_error(fake: FakeOutposts, call: Call) -> None:
    """A conflict names the resource, and its type is one of the model."""
    order_id = fake.make_order()["OrderId"]
    fake.advance(order_id)
    status, body = call("CancelOrder", OrderId=order_id)
    assert status == 409
    assert list(faults_of(body, MODEL.shape_for("ConflictException"))) == []


def test_a_used_quote_is_the_models_error(fake: FakeOutposts, call: Call) -> None:
    """A conflict has the members of the model."""
    quote = fake.make_quote()
    call("CreateOrder", **ordering(quote))
    status, body = call("CreateOrder", **ordering(quote))
    assert status == 409
    assert list(faults_of(body, MODEL.shape_for("ConflictException"))) == []


def test_each_other_operation_is_listed(call: Call) -> None:
    """The model's operations that the fake lacks are known, and answer so."""
    assert sorted({*MODEL.operation_names} - {*OPERATIONS}) == LACKED
    status, body = call("ListSites")
    assert (status, body) == (404, {"Message": "The fake does not have ListSites"})
