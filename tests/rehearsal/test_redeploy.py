"""Deployed, failed, deployed again: no path of these leads to two live orders."""

import json

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.assembly import Template
from tests.rehearsal.stacks import Stacks
from tests.rehearsal.variants import (
    ADOPTED,
    ADOPTED_IN_BOOKS,
    APP,
    IN_BOOKS,
    KEPT,
    PAIR,
    POLICIES,
    Variants,
    moved,
    with_failing_sibling,
    with_policy,
    with_term,
)

STACK = "Racks"


@pytest.fixture(scope="session")
def variants(aws_server: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Variants:
    """Synthesize them."""
    app = tmp_path_factory.mktemp("app")
    (app / "app.py").write_text(APP)
    (app / "cdk.json").write_text('{"app": "python app.py"}')
    return Variants.synthesize(app, aws_server.folder / "variants", aws_server.client_env)


@pytest.fixture
def stacks(aws: EmbeddedAws, variants: Variants) -> Stacks:
    """Return an AWS that knows the assets of the variants and no stack."""
    return Stacks(aws, variants)


def _rolled_back(stacks: Stacks, template: Template) -> None:
    """Deploy with a sibling that fails, and delete the stack as the next `cdk deploy` does."""
    assert stacks.create(STACK, with_failing_sibling(template)).status == "ROLLBACK_COMPLETE"
    assert stacks.delete(STACK).status == "DELETE_COMPLETE"


def _operations(fake: FakeOutposts) -> set[str]:
    return {request.operation for request in fake.requests}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_kept_order_is_found_by_the_next_deployment(
    policy: str, fake: FakeOutposts, stacks: Stacks, variants: Variants
) -> None:
    """The ledger belongs to the account: the re-created stack has the order of the name."""
    _rolled_back(stacks, with_policy(variants.stack(KEPT), policy))
    again = stacks.create(STACK, variants.stack(KEPT))
    [order] = fake.live_orders
    assert again.outputs == {"RackOrderId": order["OrderId"], "RackStatus": "PREPARING"}
    assert len(fake.posts) == 1
    assert "CancelOrder" not in _operations(fake)


def test_a_kept_order_is_named_if_the_next_deployment_has_another_ledger(
    fake: FakeOutposts, stacks: Stacks, variants: Variants
) -> None:
    """The other ledger has no record, and the Outpost still shows the order: nothing is bought."""
    stacks.create("Books", variants.stack("Books"))
    _rolled_back(stacks, variants.stack(KEPT))
    again = stacks.create(STACK, variants.stack(IN_BOOKS))
    [order] = fake.orders
    [reason] = again.reasons("CREATE_FAILED")
    assert again.status == "ROLLBACK_COMPLETE"
    assert "IdenticalOrder" in reason
    assert order["OrderId"] in reason
    assert len(fake.live_orders) == len(fake.posts) == 1


def test_a_kept_order_is_adopted_in_another_ledger(
    fake: FakeOutposts, stacks: Stacks, variants: Variants
) -> None:
    """The corrected template names the order to adopt."""
    stacks.create("Books", variants.stack("Books"))
    _rolled_back(stacks, variants.stack(KEPT))
    [order] = fake.orders
    text = json.dumps(variants.stack(ADOPTED_IN_BOOKS)).replace(ADOPTED, order["OrderId"])
    again = stacks.create(STACK, json.loads(text))
    assert again.outputs == {"RackOrderId": order["OrderId"], "RackStatus": "PREPARING"}
    assert len(fake.live_orders) == len(fake.posts) == 1


def test_a_cancelled_order_does_not_give_its_name_back(
    fake: FakeOutposts, stacks: Stacks, variants: Variants
) -> None:
    """A person cancelled it: the next deployment asks for another name, and buys nothing."""
    _rolled_back(stacks, variants.stack(KEPT))
    [order] = fake.orders
    fake.set_status(order["OrderId"], "CANCELLED")
    again = stacks.create(STACK, variants.stack(KEPT))
    [reason] = again.reasons("CREATE_FAILED")
    assert again.status == "ROLLBACK_COMPLETE"
    assert order["OrderId"] in reason
    assert len(fake.posts) == 1


def test_a_refused_order_that_is_corrected_is_bought_once(
    fake: FakeOutposts, stacks: Stacks, variants: Variants
) -> None:
    """The same name, another template: one order, and it is the corrected one."""
    template = variants.stack(KEPT)
    fake.fail("CreateOrder", Fault.refusal("ValidationException"))
    refused = stacks.create(STACK, template)
    stacks.delete(STACK)
    placed = stacks.create(STACK, with_term(template, "ONE_YEAR"))
    [order] = fake.orders
    assert (refused.status, placed.status) == ("ROLLBACK_COMPLETE", "CREATE_COMPLETE")
    assert (order["PaymentTerm"], order["OrderId"]) == ("ONE_YEAR", placed.outputs["RackOrderId"])


def test_two_equal_orders_of_one_stack_are_both_placed(
    fake: FakeOutposts, stacks: Stacks, variants: Variants
) -> None:
    """The second says that it is in addition to the first: there are two orders."""
    template = variants.stack(PAIR)
    result = stacks.create(STACK, template)
    order_ids = {result.outputs["RackOrderId"], result.outputs["SpareOrderId"]}
    assert {order["OrderId"] for order in fake.live_orders} == order_ids
    assert len(order_ids) == len(fake.posts) == 2


@pytest.mark.parametrize("policy", POLICIES)
def test_an_order_that_moves_within_the_app_stays(
    policy: str, fake: FakeOutposts, stacks: Stacks, variants: Variants
) -> None:
    """CloudFormation makes a new resource and deletes the old one; the order's name is the same."""
    template = with_policy(variants.stack(KEPT), policy)
    before = stacks.create(STACK, template)
    after = stacks.update(STACK, moved(template))
    assert (after.status, after.outputs) == ("UPDATE_COMPLETE", before.outputs)
    assert len(fake.live_orders) == len(fake.posts) == 1
    assert "CancelOrder" not in _operations(fake)


@pytest.mark.parametrize("policy", POLICIES)
def test_an_order_stays_where_its_move_is_rolled_back(
    policy: str, fake: FakeOutposts, stacks: Stacks, variants: Variants
) -> None:
    """The old resource has it again, and the Delete of the new one cancels nothing."""
    template = with_policy(variants.stack(KEPT), policy)
    stacks.create(STACK, template)
    result = stacks.update(STACK, with_failing_sibling(moved(template)))
    assert result.status == "UPDATE_ROLLBACK_COMPLETE"
    assert [order["Status"] for order in fake.orders] == ["PREPARING"]
    assert "CancelOrder" not in _operations(fake)
