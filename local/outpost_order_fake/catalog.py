"""The catalog items that can be ordered, and the Outposts that they are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CatalogItem:
    """Hold an item of the catalog."""

    catalog_item_id: str
    status: str = "AVAILABLE"
    item_class: str = "RACK"
    """Which the API never shows; it only filters by it."""

    def is_in(self, filters: Mapping[str, Any]) -> bool:
        """Return whether each filter of ListCatalogItems has one of the item's values."""
        shown = self.described()
        values = {
            "ItemClassFilter": {self.item_class},
            "SupportedStorageFilter": set(shown["SupportedStorage"]),
            "EC2FamilyFilter": {capacity["Family"] for capacity in shown["EC2Capacities"]},
        }
        return all(not filters.get(name) or its & {*filters[name]} for name, its in values.items())

    def described(self) -> dict[str, Any]:
        """Answer the item as GetCatalogItem and ListCatalogItems show it."""
        return {
            "CatalogItemId": self.catalog_item_id,
            "ItemStatus": self.status,
            "EC2Capacities": [{"Family": "m5", "MaxSize": "24xlarge", "Quantity": "1"}],
            "PowerKva": 5.0,
            "WeightLbs": 900,
            "SupportedUplinkGbps": [1, 10, 40, 100],
            "SupportedStorage": ["EBS"],
        }


@dataclass(frozen=True)
class Outpost:
    """Hold what of an Outpost does not follow from its id."""

    life_cycle_status: str = "ACTIVE"
    supported_hardware_type: str = "RACK"

    def described(self) -> dict[str, Any]:
        """Answer these members as GetOutpost shows them."""
        return {
            "LifeCycleStatus": self.life_cycle_status,
            "SupportedHardwareType": self.supported_hardware_type,
            "Generation": "GENERATION_1",
        }
