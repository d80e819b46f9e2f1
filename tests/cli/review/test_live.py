"""`outpost-order review --live`: the function's own checks, which write nothing."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler.ledger.records import State
from tests.cli.conftest import LEDGER, NAME, Orders, Run
from tests.cli.review.apps import LIVE, order, quote_order, write_app

Review = Callable[..., dict[str, Any]]


@pytest.fixture
def review(run: Run, tmp_path: Path, outposts: FakeOutposts) -> Review:
    """Give a way to review one order; nothing is sent or written by it."""

    def review(
        declared: dict[str, Any], *options: str, environment: str = LIVE, ledger: str = LEDGER
    ) -> dict[str, Any]:
        declared["Properties"]["Ledger"] = ledger
        app = write_app(tmp_path / "app", {"Racks": {"Rack": declared}}, environment=environment)
        before = _items()
        done = run("review", "--app", app, "--live", "--format", "json", *options)
        assert done.exit_code == 0, done.stderr
        assert outposts.posts == []
        assert _items() == before
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    return review


def _items() -> list[str]:
    client = boto3.Session().client("dynamodb")
    tables = client.list_tables()["TableNames"]
    return [json.dumps(client.scan(TableName=each)["Items"], default=str) for each in tables]


def _failures(document: dict[str, Any]) -> list[str]:
    [change] = document["changes"]
    return [failure["name"] for failure in change["failures"]]


def test_a_new_name_is_bought(review: Review, orders: Orders) -> None:  # noqa: ARG001 (a ledger)
    """The ledger has no record of it, and AWS no identical order."""
    document = review(order(NAME))
    assert (document["buys"], _failures(document), document["not_checked"]) == (
        1,
        [],
        ["The deployed orders: without --against, every order counts as new."],
    )


def test_a_name_that_has_this_order_buys_nothing(review: Review, orders: Orders) -> None:
    """The resource gets the order."""
    record = orders.placed()
    document = review(order(NAME))
    [change] = document["changes"]
    assert (change["kind"], change["buys"], change["will_fail"]) == ("moved", False, False)
    assert record.order_id in change["notes"][0]


def test_an_order_of_a_version_that_was_not_deployed_is_bought(
    run: Run, tmp_path: Path, orders: Orders
) -> None:
    """Another version of the app has it, and the ledger doesn't."""
    orders.placed("PO-1", LineItems=[{"CatalogItemId": "OR-ABCDEFG", "Quantity": "9"}])
    declared = {"A": order("PO-1", 9, Ledger=LEDGER), "B": order("PO-2", 5, Ledger=LEDGER)}
    app = write_app(tmp_path / "new", {"Racks": declared}, environment=LIVE)
    old = write_app(tmp_path / "old", {"Racks": declared}, environment=LIVE)
    done = run("review", "--app", app, "--against", old, "--live", "--format", "json")
    kinds = {each["order_name"]: each["kind"] for each in json.loads(done.stdout)["changes"]}
    assert kinds == {"PO-1": "unchanged", "PO-2": "bought"}


def test_a_name_that_has_another_order_is_refused(review: Review, orders: Orders) -> None:
    """One order name is one order."""
    orders.placed()
    assert _failures(review(order(NAME, 7))) == ["OrderNameTaken"]


def test_a_name_that_is_spent_is_refused(review: Review, orders: Orders) -> None:
    """Its order was cancelled."""
    orders.ended(orders.placed(), State.CANCELLED)
    assert _failures(review(order(NAME))) == ["OrderCancelled"]


def test_an_order_that_was_cancelled_in_the_console_is_spent(
    review: Review, orders: Orders, outposts: FakeOutposts
) -> None:
    """AWS shows it, and the ledger doesn't yet."""
    outposts.set_status(orders.placed().order_id, "CANCELLED")
    assert _failures(review(order(NAME))) == ["OrderCancelled"]


def test_an_unknown_outcome_is_named(review: Review, orders: Orders) -> None:
    """With the command to run."""
    orders.in_doubt()
    document = review(order(NAME))
    assert _failures(document) == ["OutcomeUnknown"]
    assert f"outpost-order reconcile {NAME}" in document["changes"][0]["failures"][0]["text"]


def test_an_identical_order_of_the_outpost_is_found(review: Review, orders: Orders) -> None:
    """An order that was placed in the console counts, too; the template can name it."""
    found = orders.identical()
    assert _failures(review(order(NAME))) == ["IdenticalOrderExists"]
    assert review(order(NAME, InAdditionTo=[found]))["buys"] == 1


def test_the_price_of_a_quote_is_compared(
    review: Review,
    orders: Orders,  # noqa: ARG001
    outposts: FakeOutposts,
) -> None:
    """With the one that the template states."""
    quote = outposts.make_quote(upfront_price=0.0, monthly_recurring_price=4700.5)
    [option] = quote["QuoteOptions"]
    given = {
        "QuoteIdentifier": quote["QuoteId"],
        "QuoteOptionIdentifier": option["QuoteOptionIdentifier"],
    }
    right = review(quote_order(NAME, **given))
    assert (right["buys"], right["verdict"]) == (
        1,
        "Buys 1 order: commits USD 169,218.00 over 36 months.",
    )
    price = {"UpfrontPrice": "0", "MonthlyRecurringPrice": "1", "Currency": "USD"}
    assert _failures(review(quote_order(NAME, **given, QuotePrice=price))) == ["QuotePriceChanged"]
    outposts.set_quote(quote["QuoteId"], ExpirationDate=datetime.now(UTC) - timedelta(days=1))
    assert _failures(review(quote_order(NAME, **given))) == ["QuoteExpired"]


def test_an_outpost_that_is_not_active_is_found(
    review: Review,
    orders: Orders,  # noqa: ARG001
    outposts: FakeOutposts,
) -> None:
    """By the check that `preflight=False` skips."""
    outposts.set_outpost("op-0123456789abcdef0", life_cycle_status="INACTIVE")
    assert _failures(review(order(NAME))) == ["OutpostNotActive"]
    assert review(order(NAME, Preflight="SKIP"))["buys"] == 1


def test_a_missing_ledger_is_named(review: Review) -> None:
    """Nothing can be bought without it."""
    document = review(order(NAME), ledger="missing")
    assert _failures(document) == ["LedgerNotFound"]
    assert "outpost-order init" in document["changes"][0]["failures"][0]["text"]


@pytest.mark.parametrize("place", ["aws://210987654321/us-west-2", "aws://123456789012/eu-west-1"])
def test_another_account_or_region_is_not_checked(
    review: Review,
    orders: Orders,  # noqa: ARG001
    place: str,
) -> None:
    """The report says so, and the gate can require it."""
    document = review(order(NAME), environment=place)
    assert document["buys"] == 1
    assert "which your credentials don't read" in document["not_checked"][-1]


def test_a_value_of_the_deployment_is_not_checked(
    review: Review,
    orders: Orders,  # noqa: ARG001
) -> None:
    """Only the deployment knows the Outpost."""
    document = review(order(NAME, OutpostIdentifier={"Ref": "Outpost"}))
    assert "only the deployment knows" in document["not_checked"][-1]


@pytest.mark.parametrize("operation", ["GetOutpost", "ListOrders"])
def test_a_service_that_fails_is_not_checked(
    review: Review,
    orders: Orders,  # noqa: ARG001
    outposts: FakeOutposts,
    operation: str,
) -> None:
    """Nothing is claimed about what couldn't be read."""
    outposts.fail(operation, Fault.status(500), times=None)
    document = review(order(NAME), "--region", "us-west-2")
    if operation == "ListOrders":
        assert NAME in document["not_checked"][-1]
    assert _failures(document) == []


def test_deployed_templates_are_the_base(
    run: Run, tmp_path: Path, orders: Orders, outposts: FakeOutposts
) -> None:
    """CloudFormation has them; a stack that isn't deployed is new."""
    placed = orders.placed()
    token = {"ServiceToken": "arn:aws:lambda:us-west-2:123456789012:function:orders"}
    stack = {"Rack": order(NAME, Ledger=LEDGER, **token)}
    app = write_app(tmp_path, {"Racks": stack, "More": {"Rack": order("PO-2", 9)}})
    client = boto3.Session().client("cloudformation")
    # The fake of CloudFormation would invoke the function.
    never = {"Rack": {**stack["Rack"], "Condition": "Never"}, "Topic": {"Type": "AWS::SNS::Topic"}}
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}}
    body = json.dumps({"Conditions": conditions, "Resources": never})
    client.create_stack(StackName="Racks", TemplateBody=body)
    done = run("review", "--app", app, "--against", "deployed", "--format", "json")
    assert done.exit_code == 0, done.stderr
    kinds = {each["order_name"]: each["kind"] for each in json.loads(done.stdout)["changes"]}
    assert kinds == {NAME: "unchanged", "PO-2": "bought"}
    assert placed.order_id in [each["OrderId"] for each in outposts.orders]
