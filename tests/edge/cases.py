"""Invalid events, around invalid properties."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.edge.malformed import ORDER_ID, Json, any_text, junk, properties, sent

REQUEST_TYPES = ("Create", "Update", "Delete")
ENVELOPE = ("RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId")
# With these in an event, crhelper believes that it polls.
CRHELPERS = ("CrHelperPoll", "CrHelperData", "CrHelperRule", "CrHelperPermission")
ABSENT = ["(absent)"]
# Addresses to which no answer can be sent.
UNUSABLE = ("", "http://localhost/answer", "https://", "https:///answer", "localhost", "https://[")
ITS_ORDER = "(its order)"


@dataclass(frozen=True)
class Case:
    """An event to be sent.

    Attributes:
        request_type: Its RequestType.
        properties: Its ResourceProperties.
        held: The physical id it carries; ITS_ORDER is the ID of the previous order.
        has_order: Whether the usual order was placed before.
        changes: The parts of the event that differ from the usual ones; ABSENT removes one.
    """

    request_type: str
    properties: Json
    held: Json
    has_order: bool
    changes: dict[str, Json]

    @property
    def is_event(self) -> bool:
        """Whether it has everything that an answer needs."""
        envelope = [self.changes.get(name, "usual") for name in ENVELOPE]
        request_type = self.changes.get("RequestType", self.request_type)
        is_usable = self.changes.get("ResponseURL") not in UNUSABLE
        is_whole = request_type in REQUEST_TYPES and all(isinstance(part, str) for part in envelope)
        return is_whole and is_usable


# CloudFormation has the ID of the last answer, or one of its own.
physical_ids = st.one_of(
    *[st.just(ITS_ORDER)] * 3,
    st.sampled_from([ORDER_ID, "PO-4711", "City_Rack05B0A054_X1Y2Z3W4", f"{ORDER_ID}x", "2", None]),
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=100),
    st.integers(),
)
changes = st.one_of(
    *[st.just({})] * 4,
    st.fixed_dictionaries({"OldResourceProperties": junk}),
    st.fixed_dictionaries({"ResourceProperties": st.just(ABSENT)}),
    st.dictionaries(any_text, junk, max_size=2),
    st.dictionaries(st.sampled_from(CRHELPERS), junk),
    st.dictionaries(st.sampled_from(ENVELOPE), st.sampled_from([ABSENT, None, 7, [], {}])),
    st.fixed_dictionaries({"RequestType": junk}),
    st.fixed_dictionaries({"ResponseURL": st.sampled_from(UNUSABLE)}),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw an event."""
    return Case(
        request_type=draw(st.sampled_from(["Create"] * 5 + ["Update"] * 2 + ["Delete"])),
        properties=draw(properties()),
        held=draw(physical_ids),
        has_order=draw(st.booleans()),
        changes=sent(draw(changes)),
    )
