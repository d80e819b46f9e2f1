import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.model import ServiceModel

from tests.handler.drift import drift

Model = dict[str, Any]
MANY = "the limits of LineItemRequestListDefinition"


@pytest.fixture(scope="module")
def model() -> Model:
    """Give the service's model as boto3 has it."""
    [stored] = Path(botocore.__file__).parent.glob("data/outposts/*/service-2.json.gz")
    found: Model = json.loads(gzip.decompress(stored.read_bytes()))
    return found


def test_our_rules_are_the_services(model: Model) -> None:
    """The failure names each difference: decide about it, then change the contract."""
    assert list(drift(ServiceModel(model, "outposts"))) == []


def _sku(model: Model) -> None:
    model["shapes"]["SkuCode"]["pattern"] = "OR-[A-Z0-9]{8}"


def _term(model: Model) -> None:
    model["shapes"]["PaymentTerm"]["enum"].append("TEN_YEARS")


def _status(model: Model) -> None:
    model["shapes"]["OrderStatus"]["enum"].remove("COMPLETED")


def _many(model: Model) -> None:
    model["shapes"]["LineItemRequestListDefinition"]["max"] = 40


def _token(model: Model) -> None:
    members = model["shapes"]["CreateOrderInput"]["members"]
    members["ClientToken"] = {"shape": "String"}


def _required(model: Model) -> None:
    model["shapes"]["CreateOrderInput"]["required"].append("PaymentTerm")


def _exception(model: Model) -> None:
    error = {"type": "structure", "members": {}, "exception": True}
    model["shapes"]["TeapotException"] = error
    model["operations"]["CreateOrder"]["errors"].append({"shape": "TeapotException"})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_sku, "the pattern of SkuCode is OR-[A-Z0-9]{8}, ours is OR-[A-Z0-9]{7}"),
        (_term, "PaymentTerm: the API has TEN_YEARS, we have not"),
        (_status, "OrderStatus: we have COMPLETED, the API has not"),
        (_many, f"{MANY} are {{'min': 1, 'max': 40}}, ours are {{'min': 1, 'max': 20}}"),
        (_token, "CreateOrder's members: the API has ClientToken, we have not"),
        (_required, "CreateOrder's required: the API has PaymentTerm, we have not"),
        (_exception, "CreateOrder's exceptions: the API has TeapotException, we have not"),
    ],
    ids=lambda value: "" if isinstance(value, str) else value.__name__,
)
def test_a_change_of_the_service_is_named(
    change: Callable[[Model], None], named: str, model: Model
) -> None:
    """A pattern, an enum, a limit, a member or an exception that is new, gone or other."""
    changed = copy.deepcopy(model)
    change(changed)
    assert list(drift(ServiceModel(changed, "outposts"))) == [named]
