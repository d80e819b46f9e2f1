"""What CloudFormation, people and the console do; the schedules say how it goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OUTPOST = "op-0123456789abcdef0"
PROPERTIES: Mapping[str, Any] = {
    "OutpostIdentifier": OUTPOST,
    "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": "2"}],
    "PaymentOption": "NO_UPFRONT",
    "OrderName": "PO-1",
    "Preflight": "SKIP",  # more reads in each schedule would hide what matters
}
CHECKED = {name: value for name, value in PROPERTIES.items() if name != "Preflight"}
QUOTED = {
    "QuoteIdentifier": "oq-0123456789abcdef0",
    "QuoteOptionIdentifier": "oqo-0123456789abcdef0",
    **{name: value for name, value in PROPERTIES.items() if name != "LineItems"},
}
CANCELLING = {**PROPERTIES, "OnDelete": "CANCEL"}
A_MINUTE, AN_HOUR = 60.0, 3600.0


@dataclass(frozen=True)
class Delivery:
    """One event as it is delivered; equal ones are copies of one request.

    Attributes:
        kind: Create, Update, Delete; or `console` and `person`, who act on their own.
        request: Its RequestId.
        stack: The stack.
        resource: The logical id of the resource.
        properties: The ResourceProperties.
        overtakes: Whether a Delete has an id that CloudFormation made up.
    """

    kind: str
    request: str
    stack: str = "City"
    resource: str = "Rack"
    properties: Mapping[str, Any] = field(default_factory=lambda: PROPERTIES, hash=False)
    overtakes: bool = False

    @property
    def where(self) -> tuple[str, str]:
        """The resource that it is for."""
        return self.stack, self.resource

    @property
    def order_name(self) -> str:
        """The name of the order."""
        return str(self.properties["OrderName"])


@dataclass(frozen=True)
class Stage:
    """Deliveries that run side by side, some time after the stage before."""

    deliveries: tuple[Delivery, ...]
    after: float = A_MINUTE
    is_dirty: bool = True


@dataclass(frozen=True)
class Scenario:
    """Stages one after the other.

    Attributes:
        name: How it is called in figures.
        stages: What happens.
        made_by_hand: Whether an equal order stands on the Outpost from the start.
        succeeds: The requests that end in SUCCESS where nothing goes wrong.
        stands: The requests whose order is still live at the end, if they got one.
    """

    name: str
    stages: tuple[Stage, ...]
    made_by_hand: bool = False
    succeeds: tuple[str, ...] = ()
    stands: tuple[str, ...] = ()


def _clean(*deliveries: Delivery, after: float = A_MINUTE) -> Stage:
    return Stage(deliveries, after, is_dirty=False)


def _dirty(*deliveries: Delivery, after: float = A_MINUTE) -> Stage:
    return Stage(deliveries, after)


_C1 = Delivery("Create", "C1")
_C1_CANCELLING = Delivery("Create", "C1", properties=CANCELLING)
_D1 = Delivery("Delete", "D1")
_D1_CANCELLING = Delivery("Delete", "D1", properties=CANCELLING)
_OVERTAKING = Delivery("Delete", "D1", properties=CANCELLING, overtakes=True)
_AGAIN = Delivery("Create", "C2", stack="City made again")
_AGAIN_CANCELLING = Delivery("Create", "C2", stack="City made again", properties=CANCELLING)
_MENDED = Delivery("Create", "C2")
_AT_ONCE = Delivery("Create", "C2", stack="Town")
_OTHER = Delivery(
    "Create", "C2", stack="Town", properties={**PROPERTIES, "PaymentOption": "ALL_UPFRONT"}
)
_NEIGHBOUR = Delivery("Create", "N1", stack="Town", properties={**PROPERTIES, "OrderName": "PO-2"})
_ALLOWING = Delivery("Create", "C1", properties={**PROPERTIES, "ExistingOrder": "ALLOW"})
_ADOPTING = Delivery("Create", "C1", properties={**CANCELLING, "ExistingOrder": "ADOPT"})
_CHECKED = Delivery("Create", "C1", properties=CHECKED)
_QUOTED = Delivery("Create", "C1", properties=QUOTED)
_MOVED = Delivery("Create", "C2", resource="MovedRack", properties=CANCELLING)
_MOVE_UNDONE = Delivery("Delete", "D2", resource="MovedRack", properties=CANCELLING)
_UPDATE_OF_MOVED = Delivery("Update", "U2", resource="MovedRack", properties=CANCELLING)
_PERSON = Delivery("person", "person")
_CONSOLE = Delivery("console", "console")
_UPDATE = Delivery("Update", "U1")

SCENARIOS = (
    Scenario("create, redelivered", (_dirty(_C1), _dirty(_C1), _clean(_C1)), succeeds=("C1",)),
    Scenario("two copies", (_dirty(_C1, _C1), _clean(_C1)), succeeds=("C1",)),
    Scenario("three copies", (_dirty(_C1, _C1, _C1), _clean(_C1)), succeeds=("C1",)),
    Scenario(
        "rolled back and kept, stack made again",
        (_dirty(_C1), _dirty(_D1), _clean(_C1), _clean(_D1), _dirty(_AGAIN), _clean(_AGAIN)),
        succeeds=("C1", "D1", "C2"),
    ),
    Scenario(
        "rolled back and cancelled, stack made again",
        (
            _dirty(_C1_CANCELLING),
            _dirty(_D1_CANCELLING),
            _clean(_C1_CANCELLING),
            _clean(_D1_CANCELLING),
            _dirty(_AGAIN_CANCELLING),
            _clean(_AGAIN_CANCELLING),
        ),
        succeeds=("C1", "D1", "C2"),
    ),
    Scenario(
        "mended in the same stack",
        (
            _dirty(_C1),
            _dirty(_D1),
            _clean(_C1),
            _clean(_D1),
            _dirty(_MENDED, after=AN_HOUR),
            _clean(_MENDED),
        ),
        succeeds=("C1", "D1", "C2"),
    ),
    Scenario(
        "two copies, cancelled by two copies",
        (
            _dirty(_C1_CANCELLING, _C1_CANCELLING),
            _dirty(_D1_CANCELLING, _D1_CANCELLING),
            _clean(_C1_CANCELLING),
            _clean(_D1_CANCELLING),
        ),
        succeeds=("C1", "D1"),
    ),
    Scenario(
        "delete overtakes create",
        (
            _dirty(_C1_CANCELLING, _OVERTAKING),
            _dirty(_C1_CANCELLING),
            _clean(_OVERTAKING),
            _clean(_C1_CANCELLING),
        ),
    ),
    Scenario(
        "old stack's delete after the stack was made again",
        (
            _dirty(_C1_CANCELLING),
            _dirty(_AGAIN_CANCELLING, _OVERTAKING),
            _clean(_AGAIN_CANCELLING),
            _clean(_OVERTAKING),
            _clean(_C1_CANCELLING),
        ),
    ),
    Scenario(
        "neighbours on one Outpost",
        (_dirty(_C1, _NEIGHBOUR), _clean(_C1), _clean(_NEIGHBOUR)),
        succeeds=("C1", "N1"),
    ),
    Scenario(
        "same name, equal content, from two stacks at once",
        (_dirty(_C1, _AT_ONCE), _dirty(_AT_ONCE), _clean(_C1), _clean(_AT_ONCE)),
        succeeds=("C1", "C2"),
    ),
    Scenario(
        "same name, other content",
        (_dirty(_C1, _OTHER), _clean(_C1), _clean(_OTHER)),
    ),
    Scenario(
        "equal order made by hand, refused",
        (_dirty(_C1), _clean(_C1), _dirty(_AGAIN), _clean(_AGAIN)),
        made_by_hand=True,
    ),
    Scenario(
        "equal order made by hand, another allowed",
        (_dirty(_ALLOWING), _dirty(_ALLOWING), _clean(_ALLOWING)),
        made_by_hand=True,
        succeeds=("C1",),
    ),
    Scenario(
        "equal order made by hand, adopted",
        (
            _dirty(_ADOPTING, _ADOPTING),
            _clean(_ADOPTING),
            _dirty(_D1_CANCELLING),
            _clean(_D1_CANCELLING),
        ),
        made_by_hand=True,
        succeeds=("C1", "D1"),
    ),
    Scenario(
        "moved within the stack, and rolled back",
        (
            _dirty(_C1_CANCELLING),
            _clean(_C1_CANCELLING),
            _dirty(_MOVED),
            _clean(_MOVED),
            _dirty(_MOVE_UNDONE),
            _clean(_MOVE_UNDONE),
        ),
        succeeds=("C1", "C2", "D2"),
        stands=("C1",),
    ),
    Scenario(
        "moved within the stack, updated, and deleted",
        (
            _dirty(_C1),
            _clean(_C1),
            _clean(_MOVED),
            _dirty(_UPDATE_OF_MOVED),
            _clean(_UPDATE_OF_MOVED),
            _dirty(_MOVE_UNDONE),
            _clean(_MOVE_UNDONE),
        ),
        succeeds=("C1", "C2", "U2", "D2"),
    ),
    Scenario(
        "a person resolves",
        (
            _dirty(_C1),
            _clean(_C1),
            _clean(_PERSON, after=AN_HOUR),
            _dirty(_AGAIN),
            _clean(_AGAIN),
            _clean(_C1),
        ),
        succeeds=("C1", "C2"),
    ),
    Scenario(
        "looked at before, two copies",
        (_dirty(_CHECKED, _CHECKED), _clean(_CHECKED)),
        succeeds=("C1",),
    ),
    Scenario(
        "from a quote, two copies, redelivered",
        (_dirty(_QUOTED, _QUOTED), _dirty(_QUOTED), _clean(_QUOTED)),
        succeeds=("C1",),
    ),
    Scenario(
        "update never buys",
        (_dirty(_C1), _clean(_C1), _dirty(_UPDATE, _C1), _clean(_UPDATE)),
        succeeds=("C1", "U1"),
    ),
)
# An equal order that somebody makes in the console while ours is on its way cannot be
# told from ours where our own answer is lost: counted apart.
TWIN = Scenario(
    "equal order made in the console meanwhile",
    (_dirty(_C1_CANCELLING, _CONSOLE), _dirty(_C1_CANCELLING), _clean(_C1_CANCELLING)),
    succeeds=("C1",),
)
