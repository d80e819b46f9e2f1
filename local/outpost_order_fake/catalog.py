"""The catalog items that can be ordered, and the Outposts that they are for."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CatalogItem:
    """Hold an item of the catalog."""

    catalog_item_id: str
    status: str = "AVAILABLE"
    item_class: str = "RACK"
    """Which the API never shows; it only filters by it."""

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
