"""The fake, held to the API's model in botocore: answers, errors, and what it refuses."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, Shape, StructureShape

from outpost_order_fake import DOCUMENTED, FakeOutposts, Fault
from outpost_order_fake.responses import OPERATIONS

OUTPOST, ITEM = "op-0123456789abcdef0", "OR-ABCDEFG"
ABSENT_ORDER, ABSENT_QUOTE = "oo-00000000000000000", "oq-00000000000000000"
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
MODEL = botocore.session.get_session().get_service_model("outposts")
TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "float": (int, float),
    "timestamp": (int, float),
}
CALLS: dict[str, dict[str, Any]] = {
    "CreateOrder": {
        "OutpostIdentifier": OUTPOST,
        "LineItems": [{"CatalogItemId": ITEM, "Quantity": 1}],
        "PaymentOption": "ALL_UPFRONT",
        "PaymentTerm": "THREE_YEARS",
    },
    "GetOrder": {"OrderId": ABSENT_ORDER},
    "ListOrders": {},
    "CancelOrder": {"OrderId": ABSENT_ORDER},
    "GetQuote": {"QuoteIdentifier": ABSENT_QUOTE},
    "GetCatalogItem": {"CatalogItemId": ITEM},
    "ListCatalogItems": {},
    "GetOutpost": {"OutpostId": OUTPOST},
}
STAGES = ("BUILDING", "SHIPPED", "DELIVERED", "INSTALLING", "INSTALLED")

Path = tuple[str | int, ...]
Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def call(client: BaseClient) -> Call:
    """Call an operation by a real client, and return the status and the JSON that came."""
    answers: list[Any] = []

    def keep(http_response: Any, **_: object) -> None:  # noqa: ANN401 - botocore has no types
        answers.append(http_response)

    client.meta.events.register("after-call.outposts", keep)

    def call(operation: str, **params: object) -> tuple[int, dict[str, Any]]:
        with suppress(ClientError):
            getattr(client, xform_name(operation))(**params)
        return answers[-1].status_code, json.loads(answers[-1].content)

    return call


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


# Bad parameters

# How values of a type are measured, and how to make one of a size.
SIZED: dict[str, tuple[str, Callable[[int], object]]] = {
    "string": ("length", lambda size: "x" * size),
    "integer": ("value", int),
    "list": ("length", lambda size: CALLS["CreateOrder"]["LineItems"] * size),
}


def broken_values(shape: Shape) -> Iterator[tuple[str, object]]:
    """Yield values of a shape, each with the constraint that it breaks."""
    for rule, words, over in (("min", "greater", -1), ("max", "less", 1)):
        if rule in shape.metadata:
            noun, of_size = SIZED[shape.type_name]
            limit = shape.metadata[rule]
            yield f"{noun} {words} than or equal to {limit}", of_size(limit + over)
    if "pattern" in shape.metadata:
        yield "regular expression pattern", "!"
    if shape.metadata.get("enum"):
        yield "enum value set", "FOREIGN"


def places(shape: Shape, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
    """Yield every place in an operation's parameters, through structures and lists."""
    if path:
        yield path, shape
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield from places(member, (*path, name))
    elif isinstance(shape, ListShape):
        yield from places(shape.member, (*path, 0))


def written(path: Path) -> str:
    """Write a place as the service does."""
    return ".".join(f"{part + 1}.member" if isinstance(part, int) else part for part in path)


def changed(params: Any, path: Path, value: object) -> Any:  # noqa: ANN401 - of any type
    """Return a copy with another value in a place."""
    if not path:
        return value
    key, *rest = path
    if isinstance(key, int):
        return [changed(params[0] if params else None, tuple(rest), value)]
    return {**(params or {}), key: changed((params or {}).get(key), tuple(rest), value)}


# An empty string in the path makes another address.
IN_PATH = ("GetOrder", "CancelOrder", "GetQuote", "GetCatalogItem", "GetOutpost")
BROKEN = [
    (operation, path, constraint, value)
    for operation in OPERATIONS
    for path, shape in places(MODEL.operation_model(operation).input_shape)
    for constraint, value in broken_values(shape)
    if not (operation in IN_PATH and value == "")
]
REQUIRED = [
    (operation, name)
    for operation in OPERATIONS
    if operation not in IN_PATH
    for name in MODEL.operation_model(operation).input_shape.required_members
]


@pytest.mark.parametrize(
    ("operation", "path", "constraint", "value"),
    BROKEN,
    ids=[f"{operation}-{written(path)}-{constraint}" for operation, path, constraint, _ in BROKEN],
)
def test_a_broken_rule_is_refused(
    call: Call, operation: str, path: Path, constraint: str, value: object
) -> None:
    """The message names the place and the constraint."""
    status, body = call(operation, **changed(CALLS[operation], path, value))
    assert status == 400
    assert re.search(f"'{re.escape(written(path))}'[^;]*{re.escape(constraint)}", body["Message"])


@pytest.mark.parametrize(("operation", "name"), REQUIRED)
def test_a_missing_member_is_refused(call: Call, operation: str, name: str) -> None:
    """The message names each member that the model requires."""
    params = {key: value for key, value in CALLS[operation].items() if key != name}
    status, body = call(operation, **params)
    assert status == 400
    assert f"'{name}' failed to satisfy constraint: Member must not be null" in body["Message"]


def test_every_kind_of_rule_is_broken() -> None:
    """The model has rules of each kind, so none is passed over."""
    kinds = {constraint.partition(" than ")[0] for _, _, constraint, _ in BROKEN}
    assert kinds == {
        "enum value set",
        "length greater",
        "length less",
        "regular expression pattern",
        "value greater",
        "value less",
    }
    assert REQUIRED == [("CreateOrder", "OutpostIdentifier"), ("CreateOrder", "PaymentOption")]
