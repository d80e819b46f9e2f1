from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from outpost_order_fake import FakeOutposts

Buy = Callable[..., dict[str, Any]]

OUTPOST = "op-0123456789abcdef0"
OTHER_OUTPOST = "op-0fedcba9876543210"
ITEM = "OR-ABCDEFG"


def listed(client: BaseClient, **params: object) -> list[str]:
    return [item["CatalogItemId"] for item in client.list_catalog_items(**params)["CatalogItems"]]


def test_describes_any_item(client: BaseClient) -> None:
    """Every well-formed item is in the catalog, and available."""
    item = client.get_catalog_item(CatalogItemId=ITEM)["CatalogItem"]
    assert (item["CatalogItemId"], item["ItemStatus"]) == (ITEM, "AVAILABLE")


def test_can_lack_an_item(fake: FakeOutposts, client: BaseClient) -> None:
    """An id declared missing is not found, nor listed."""
    fake.set_catalog_item(ITEM)
    fake.missing_catalog_items.add(ITEM)
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_catalog_item(CatalogItemId=ITEM)
    assert listed(client) == []


@pytest.mark.parametrize("item_id", ["OR-ABCDEF", "OR-abcdefg", "XOR-ABCDEFG"])
def test_refuses_a_malformed_item(client: BaseClient, item_id: str) -> None:
    """An item's id follows the API's rule."""
    with pytest.raises(ClientError) as refused:
        client.get_catalog_item(CatalogItemId=item_id)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_discontinues_an_item(fake: FakeOutposts, client: BaseClient) -> None:
    """An item shows the status that was set, and its list shows the same item."""
    fake.set_catalog_item(ITEM, status="DISCONTINUED")
    item = client.get_catalog_item(CatalogItemId=ITEM)["CatalogItem"]
    assert item["ItemStatus"] == "DISCONTINUED"
    assert client.list_catalog_items()["CatalogItems"] == [item]


def test_lists_only_items_that_were_set(client: BaseClient) -> None:
    """An item that the catalog generates isn't listed."""
    client.get_catalog_item(CatalogItemId=ITEM)
    assert listed(client) == []


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["RACK"], ["OR-0000001"]),
        (["SERVER"], ["OR-0000002"]),
        (["SERVER", "RACK"], ["OR-0000001", "OR-0000002"]),
    ],
)
def test_filters_by_class(
    fake: FakeOutposts, client: BaseClient, classes: list[str], expected: list[str]
) -> None:
    """Items of any of the given classes are listed, though no item shows its class."""
    fake.set_catalog_item("OR-0000001")
    fake.set_catalog_item("OR-0000002", item_class="SERVER")
    assert listed(client, ItemClassFilter=classes) == expected
    assert fake.requests[-1].params == {"ItemClassFilter": classes}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"SupportedStorageFilter": ["S3", "EBS"], "EC2FamilyFilter": ["m5"]}, [ITEM]),
        ({"SupportedStorageFilter": ["S3"]}, []),
        ({"EC2FamilyFilter": ["c5"]}, []),
    ],
)
def test_filters_by_storage_and_family(
    fake: FakeOutposts, client: BaseClient, filters: dict[str, list[str]], expected: list[str]
) -> None:
    """An item is listed if every filter has one of its values."""
    fake.set_catalog_item(ITEM)
    assert listed(client, **filters) == expected


def test_pages_through_the_catalog(fake: FakeOutposts, client: BaseClient) -> None:
    """A small page size makes the paginator ask more than once."""
    fake.page_size = 2
    ids = [f"OR-000000{number}" for number in range(5)]
    for item_id in ids:
        fake.set_catalog_item(item_id)
    pages = list(client.get_paginator("list_catalog_items").paginate(ItemClassFilter=["RACK"]))
    assert [len(page["CatalogItems"]) for page in pages] == [2, 2, 1]
    assert [item["CatalogItemId"] for page in pages for item in page["CatalogItems"]] == ids


@pytest.mark.parametrize(
    "params", [{"ItemClassFilter": ["RACK", "SHELF"]}, {"MaxResults": 0}, {"NextToken": "2"}]
)
def test_refuses_a_bad_listing(client: BaseClient, params: dict[str, object]) -> None:
    """Filter, page size and token follow the API's rules."""
    with pytest.raises(client.exceptions.ValidationException):
        client.list_catalog_items(**params)


def test_describes_an_active_rack(client: BaseClient) -> None:
    """An Outpost is an active rack unless it was set."""
    outpost = client.get_outpost(OutpostId=OUTPOST)["Outpost"]
    assert outpost["LifeCycleStatus"] == "ACTIVE"
    assert outpost["SupportedHardwareType"] == "RACK"
    assert outpost["Generation"] == "GENERATION_1"


def test_sets_one_outpost(fake: FakeOutposts, client: BaseClient) -> None:
    """A setting of an Outpost shows only there."""
    before = client.get_outpost(OutpostId=OUTPOST)["Outpost"]
    other = client.get_outpost(OutpostId=OTHER_OUTPOST)["Outpost"]
    fake.set_outpost(OUTPOST, life_cycle_status="PENDING", supported_hardware_type="SERVER")
    changes = {"LifeCycleStatus": "PENDING", "SupportedHardwareType": "SERVER"}
    assert client.get_outpost(OutpostId=OUTPOST)["Outpost"] == before | changes
    assert client.get_outpost(OutpostId=OTHER_OUTPOST)["Outpost"] == other


def test_leaves_checks_to_the_customer(fake: FakeOutposts, buy: Buy) -> None:
    """CreateOrder asks neither the catalog nor how the Outpost is."""
    fake.missing_catalog_items.add(ITEM)
    fake.set_outpost(OUTPOST, life_cycle_status="PENDING")
    assert buy()["Order"]["LineItems"][0]["CatalogItemId"] == ITEM


def test_forgets_what_was_set(fake: FakeOutposts, client: BaseClient) -> None:
    """A reset leaves the catalog and every Outpost as they were."""
    fake.set_catalog_item(ITEM)
    fake.missing_catalog_items.add(ITEM)
    fake.set_outpost(OUTPOST, life_cycle_status="PENDING")
    fake.reset()
    assert listed(client) == []
    assert client.get_catalog_item(CatalogItemId=ITEM)["CatalogItem"]
    assert client.get_outpost(OutpostId=OUTPOST)["Outpost"]["LifeCycleStatus"] == "ACTIVE"
