"""Can this be ordered? The Outpost and the catalog are read before the order is sent."""

import pytest

from outpost_order_fake import FakeOutposts, Fault
from tests.handler.conftest import (
    NOTHING,
    OUTPOST_ID,
    PROPERTIES,
    Invoke,
    Time,
    make_identical_order,
)

SKIP = PROPERTIES | {"Preflight": "SKIP"}
READS = ["GetOutpost", "GetCatalogItem", "ListCatalogItems"]


def asked(outposts: FakeOutposts) -> set[str]:
    return {request.operation for request in outposts.requests}


def test_outpost_and_catalog_are_read_before(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The checks are reads, and come before the order."""
    assert invoke("Create").status == "SUCCESS"
    operations = [request.operation for request in outposts.requests]
    assert operations[: operations.index("CreateOrder")] == [*READS, "ListOrders"]


@pytest.mark.parametrize("status", ["PENDING", "RETIRED"])
def test_an_outpost_that_is_not_active_gets_no_order(
    status: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The reason has its status, and how to order all the same."""
    outposts.set_outpost(OUTPOST_ID, life_cycle_status=status)
    assert invoke("Create").reason == (
        f"ResourceConflict (OutpostNotActive): {NOTHING}: its status is {status}. "
        "Wait until it is ACTIVE, or set preflight=False, then deploy again."
    )
    assert outposts.posts == []


@pytest.mark.parametrize("status", ["Active", ""])
def test_how_the_service_spells_active_does_not_matter(
    status: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The documentation defines neither the spelling nor that there is always a status."""
    outposts.set_outpost(OUTPOST_ID, life_cycle_status=status)
    assert invoke("Create").status == "SUCCESS"


def test_an_outpost_that_does_not_exist_gets_no_order(
    outposts: FakeOutposts, invoke: Invoke
) -> None:
    """The reason has the service's own word for it."""
    outposts.missing_outposts.add(OUTPOST_ID)
    assert invoke("Create").reason.startswith(
        f"NotFound (NotFoundException): {OUTPOST_ID} could not be read, and nothing was bought"
    )
    assert outposts.posts == []


def test_a_discontinued_item_is_named(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The reason names the item before anything is bought."""
    outposts.set_catalog_item("OR-ABCDEFG", status="DISCONTINUED")
    assert invoke("Create").reason == (
        f"InvalidRequest (CatalogItemNotAvailable): {NOTHING}: OR-ABCDEFG is DISCONTINUED. "
        "Order another catalog item, then deploy again."
    )
    assert outposts.posts == []


def test_an_item_that_does_not_exist_is_named(outposts: FakeOutposts, invoke: Invoke) -> None:
    """A typing error does not buy."""
    outposts.missing_catalog_items.add("OR-ABCDEFG")
    assert invoke("Create").reason.startswith("NotFound (NotFoundException): OR-ABCDEFG could not")
    assert outposts.posts == []


@pytest.mark.parametrize(("hardware", "item"), [("RACK", "SERVER"), ("SERVER", "RACK")])
def test_an_item_of_the_other_hardware_is_named(
    hardware: str, item: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """A server does not fit a rack's Outpost, nor the other way round."""
    outposts.set_outpost(OUTPOST_ID, supported_hardware_type=hardware)
    outposts.set_catalog_item("OR-ABCDEFG", item_class=item)
    assert invoke("Create").reason == (
        f"InvalidRequest (CatalogItemDoesNotFit): {NOTHING}: a {hardware} Outpost doesn't "
        f"accept {item} items: OR-ABCDEFG. "
        "Order items of the Outpost's hardware type, then deploy again."
    )
    assert outposts.posts == []


def test_each_item_is_read_once(outposts: FakeOutposts, invoke: Invoke) -> None:
    """An item of several lines is read once."""
    line_items = [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "1"}] * 5
    invoke("Create", PROPERTIES | {"LineItems": line_items})
    operations = [request.operation for request in outposts.requests]
    assert operations.count("GetCatalogItem") == 1


@pytest.mark.parametrize("operation", READS)
def test_without_a_permission_to_read_nothing_is_ordered(
    operation: str, outposts: FakeOutposts, invoke: Invoke, time: Time
) -> None:
    """A new role has a minute to be allowed; then the reason names the action to allow."""
    outposts.fail(operation, Fault.refusal("AccessDeniedException"), times=None)
    reason = invoke("Create").reason
    assert 50 <= time.passed <= 65
    assert "could not be read, and nothing was bought or changed" in reason
    assert f"Allow outposts:{operation} in the function's role" in reason
    assert outposts.posts == []


@pytest.mark.parametrize("operation", [*READS, "ListOrders", "GetOrder"])
def test_a_new_role_gets_its_permissions_in_time(
    operation: str, outposts: FakeOutposts, invoke: Invoke
) -> None:
    """CloudFormation invokes the function some seconds after the role is complete."""
    make_identical_order(outposts, payment_option="ALL_UPFRONT")
    outposts.fail(operation, Fault.refusal("AccessDeniedException"), times=5)
    assert invoke("Create").status == "SUCCESS"
    assert len(outposts.posts) == 1


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize(
    "fault",
    [Fault.status(503), Fault.throttled(), Fault.status(404), Fault.reply("{}")],
    ids=["unavailable", "throttled", "no such operation", "a foreign answer"],
)
def test_a_check_that_cannot_be_completed_is_no_obstacle(
    operation: str,
    fault: Fault,
    outposts: FakeOutposts,
    invoke: Invoke,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The service judges every order itself: the preflight is only sooner."""
    outposts.fail(operation, fault, times=None)
    assert invoke("Create").status == "SUCCESS"
    assert "the service alone will judge the order" in caplog.text
    assert len(outposts.posts) == len(outposts.orders) == 1


def test_the_first_failed_read_ends_the_preflight(outposts: FakeOutposts, invoke: Invoke) -> None:
    """If the API does not answer, the time is better spent on the order."""
    outposts.fail("GetOutpost", Fault.status(404))
    invoke("Create")
    assert asked(outposts) & set(READS) == {"GetOutpost"}


def test_nothing_is_checked_if_preflight_is_off(outposts: FakeOutposts, invoke: Invoke) -> None:
    """Without preflight, only the service checks the order."""
    outposts.set_outpost(OUTPOST_ID, life_cycle_status="PENDING")
    assert invoke("Create", SKIP).status == "SUCCESS"
    assert asked(outposts).isdisjoint(READS)


def test_nothing_is_checked_if_an_order_is_adopted(outposts: FakeOutposts, invoke: Invoke) -> None:
    """The item of an old order can be discontinued by now."""
    order_id = make_identical_order(outposts)
    assert invoke("Create", PROPERTIES | {"AdoptOrderId": order_id}).status == "SUCCESS"
    assert asked(outposts).isdisjoint(READS)
