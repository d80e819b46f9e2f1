"""An Outpost as the Outposts API reports it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outpost:
    """What an order needs to know of its Outpost; unknown is empty."""

    life_cycle_status: str
    supported_hardware_type: str

    @property
    def is_inactive(self) -> bool:
        """Whether the service calls it anything but active, which it may spell in any way."""
        return self.life_cycle_status.upper() not in ("", "ACTIVE")


def outpost_in(response: Mapping[str, Any]) -> Outpost:
    """Return the Outpost that a response of GetOutpost holds.

    Raises:
        KeyError: It holds none.
    """
    members = response["Outpost"]
    return Outpost(
        life_cycle_status=str(members.get("LifeCycleStatus") or ""),
        supported_hardware_type=str(members.get("SupportedHardwareType") or ""),
    )
