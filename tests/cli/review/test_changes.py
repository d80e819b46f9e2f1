"""The meaning of a change of an app for each order name."""

import json
from pathlib import Path
from typing import Any

import pytest

from outpost_order_cli.review.assembly import read
from outpost_order_cli.review.changes import Change, Kind, compare, stack_failures
from tests.cli.review.apps import (
    OPTION_ID,
    OTHER_OUTPOST_ID,
    Stacks,
    order,
    quote_order,
    write_app,
)

OLD: Stacks = {"Berlin": {"Rack": order("PO-1")}}
SECOND = order("PO-2", 5)


@pytest.fixture
def changes(tmp_path: Path) -> Any:  # noqa: ANN401
    """Give a way to compare two apps."""

    def changes(new: Stacks, old: Stacks | None = OLD) -> dict[str, Change]:
        base = read(write_app(tmp_path / "old", old)) if old is not None else None
        found = compare(read(write_app(tmp_path / "new", new)), base)
        return {each.order.name: each for each in found}

    return changes


def _failure_names(change: Change) -> list[str]:
    return [each.name for each in change.failures]


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        (OLD, Kind.UNCHANGED),
        ({"Berlin": {"MainRack": order("PO-1")}}, Kind.MOVED),
        ({"Lisbon": {"Rack": order("PO-1")}}, Kind.MOVED),
        ({"Berlin": {"Rack": order("PO-1", 3)}}, Kind.CHANGED),
        ({"Berlin": {"Rack": order("PO-7")}}, Kind.CHANGED),
        ({"Berlin": {}}, Kind.REMOVED),
    ],
)
def test_the_fate_of_an_order_name(changes: Any, new: Stacks, kind: Kind) -> None:  # noqa: ANN401
    """It is that of the name, whatever resource declares it, and none of these buys."""
    [change] = changes(new).values()
    assert change.kind is kind
    assert not change.buys


def test_a_new_name_is_bought(changes: Any) -> None:  # noqa: ANN401
    """The other one is unchanged."""
    found = changes({"Berlin": {"Rack": order("PO-1"), "Second": SECOND}})
    assert (found["PO-2"].kind, found["PO-2"].buys) == (Kind.BOUGHT, True)
    assert found["PO-1"].kind is Kind.UNCHANGED


def test_without_a_base_all_orders_are_new(changes: Any) -> None:  # noqa: ANN401
    """It is the worst that a deployment can do."""
    assert changes(OLD, None)["PO-1"].buys


def test_an_adopted_order_is_not_bought(changes: Any) -> None:  # noqa: ANN401
    """Its order exists."""
    adopted = order("PO-2", 5, AdoptOrderId="oo-0123456789abcdef0")
    found = changes({"Berlin": {"Rack": order("PO-1"), "Second": adopted}})["PO-2"]
    assert (found.kind, found.buys, found.will_fail) == (Kind.ADOPTED, False, False)


@pytest.mark.parametrize(
    ("changed", "differences"),
    [
        ({"quantity": 3}, ("LineItems",)),
        ({"OutpostIdentifier": OTHER_OUTPOST_ID}, ("OutpostIdentifier",)),
        ({"PaymentOption": "ALL_UPFRONT"}, ("PaymentOption",)),
        ({"PaymentTerm": "ONE_YEAR"}, ("PaymentTerm",)),
    ],
)
def test_changed_content_fails(changes: Any, changed: Any, differences: Any) -> None:  # noqa: ANN401
    """An update of the resource, and a move of the name to another one."""
    updated = changes({"Berlin": {"Rack": order("PO-1", **changed)}})["PO-1"]
    moved = changes({"Lisbon": {"Rack": order("PO-1", **changed)}})["PO-1"]
    assert updated.differences == moved.differences == differences
    assert (_failure_names(updated), _failure_names(moved)) == (
        ["NotUpdatable"],
        ["OrderNameTaken"],
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity": "2"},
        {"PaymentTerm": None},
        {"InAdditionTo": ["PO-9"]},
        {"Preflight": "SKIP"},
        {"OutpostIdentifier": "arn:aws:outposts:us-west-2:1:outpost/op-0123456789abcdef0"},
        {"LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": 1}] * 2},
    ],
)
def test_the_same_purchase_is_no_change(changes: Any, changed: Any) -> None:  # noqa: ANN401
    """The function compares what is bought, not how it is written."""
    assert changes({"Berlin": {"Rack": order("PO-1", **changed)}})["PO-1"].kind is Kind.UNCHANGED


def test_another_order_name_on_a_resource_fails(changes: Any) -> None:  # noqa: ANN401
    """The order of the old name isn't reported as removed: the update is rolled back."""
    found = changes({"Berlin": {"Rack": order("PO-7")}})
    assert list(found) == ["PO-7"]
    assert (found["PO-7"].differences, found["PO-7"].will_fail) == (("OrderName",), True)


def test_an_identical_order_is_refused(changes: Any) -> None:  # noqa: ANN401
    """Beside one that is deployed, in another stack too, and beside a removed one."""
    twin = order("PO-2")
    beside = changes({**OLD, "Lisbon": {"Rack": twin}})["PO-2"]
    instead = changes({"Lisbon": {"Rack": twin}})["PO-2"]
    assert _failure_names(beside) == _failure_names(instead) == ["IdenticalOrderExists"]
    assert "remains in force" in instead.failures[0].text
    assert not beside.buys


def test_an_identical_order_that_names_the_other_is_bought(changes: Any) -> None:  # noqa: ANN401
    """Either of the two can name the other."""
    named = changes({**OLD, "Lisbon": {"Rack": order("PO-2", InAdditionTo=["PO-1"])}})["PO-2"]
    assert (named.buys, named.is_identical) == (True, True)


def test_of_two_new_identical_orders_one_is_refused(changes: Any) -> None:  # noqa: ANN401
    """The one that is deployed later."""
    found = changes({"Lisbon": {"A": order("PO-2", 9), "B": order("PO-3", 9)}})
    assert (found["PO-2"].buys, found["PO-3"].buys) == (True, False)


def test_one_quote_serves_one_order(changes: Any) -> None:  # noqa: ANN401
    """The second order from it is refused, with another option too."""
    other = quote_order("PO-3", QuoteOptionIdentifier=OPTION_ID.replace("0", "1"))
    found = changes({"Lisbon": {"A": quote_order("PO-2"), "B": other}})
    assert _failure_names(found["PO-3"]) == ["QuoteUsed"]
    assert found["PO-2"].buys


def test_one_name_with_two_contents_fails(changes: Any) -> None:  # noqa: ANN401
    """Two stacks share a ledger."""
    found = changes({"Lisbon": {"A": order("PO-2", 3)}, "Madrid": {"A": order("PO-2", 4)}})
    assert _failure_names(found["PO-2"]) == ["OrderNameTaken"]


def test_invalid_properties_fail(changes: Any) -> None:  # noqa: ANN401
    """The function refuses what breaks a rule."""
    found = changes({"Berlin": {"Rack": order("PO-1"), "Second": order("PO-2", 0)}})["PO-2"]
    assert _failure_names(found) == ["InvalidRequest"]


def test_a_quantity_of_many_digits_fails(changes: Any) -> None:  # noqa: ANN401
    """Python reads no integer of more than 4,300 digits."""
    found = changes({"Lisbon": {"Rack": order("PO-2", "9" * 5000)}}, None)["PO-2"]
    assert _failure_names(found) == ["InvalidRequest"]


def test_another_provider_fails(changes: Any) -> None:  # noqa: ANN401
    """CloudFormation refuses it."""
    token = {"Fn::GetAtt": ["OtherFunction", "Arn"]}
    found = changes({"Berlin": {"Rack": order("PO-1", ServiceToken=token)}})["PO-1"]
    assert (found.kind, _failure_names(found)) == (Kind.CHANGED, ["ServiceToken"])


def test_a_value_of_the_deployment_is_noted(changes: Any) -> None:  # noqa: ANN401
    """It can't be compared with a literal, nor with that of another stack."""
    token = {"Ref": "Outpost"}
    literal = changes({"Berlin": {"Rack": order("PO-1", OutpostIdentifier=token)}})["PO-1"]
    assert (literal.will_fail, len(literal.notes)) == (False, 1)
    old = {"Berlin": {"Rack": order("PO-1", OutpostIdentifier=token)}}
    same = changes(old, old)["PO-1"]
    assert (same.kind, same.notes) == (Kind.UNCHANGED, ())
    moved = changes({"Lisbon": {"Rack": order("PO-1", OutpostIdentifier=token)}}, old)["PO-1"]
    assert (moved.kind, len(moved.notes)) == (Kind.MOVED, 1)


def test_a_condition_is_noted(changes: Any) -> None:  # noqa: ANN401
    """Only the deployment knows whether the resource exists."""
    conditional = {**order("PO-2", 9), "Condition": "IsProd"}
    assert "IsProd" in changes({"Berlin": {"Rack": conditional}}, None)["PO-2"].notes[0]


def test_a_stack_that_is_too_large_fails(tmp_path: Path) -> None:
    """CloudFormation allows 200 outputs, and a policy has no room for 101 Outposts."""
    outposts = {f"R{n}": order(f"PO-{n}", OutpostIdentifier=f"op-{n:017x}") for n in range(101)}
    app = Path(write_app(tmp_path, {"Outposts": outposts, "Outputs": {"R": order("PO-X")}}))
    path = app / "Outputs.template.json"
    template = json.loads(path.read_text())
    template["Outputs"] = {f"O{n}": {"Value": "x"} for n in range(201)}
    path.write_text(json.dumps(template))
    found = dict(stack_failures(read(str(app))))
    assert found.keys() == {"Outposts", "Outputs"}
    assert "201 outputs" in found["Outputs"]
    assert "101 Outposts" in found["Outposts"]


def test_an_order_name_of_the_deployment_is_noted(changes: Any) -> None:  # noqa: ANN401
    """It is shown as it is written."""
    [change] = changes({"Berlin": {"Rack": order({"Ref": "Name"})}}, None).values()  # type: ignore[arg-type]
    assert change.order.name == "${Name}"
    assert "only the deployment knows" in change.notes[0]
