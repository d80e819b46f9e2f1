"""Records in their table: their form, and the conditions of every write."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import Binary
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from outpost_order_fake import FakeOutposts
from outpost_order_handler.clock import ACCESS_PATIENCE
from outpost_order_handler.contract import LEDGER_KEY, Preflight
from outpost_order_handler.failures import LedgerNotFound, OrderError, Outcome
from outpost_order_handler.ledger.records import (
    MAX_HISTORY,
    MAX_STORED_ANSWERS,
    Attempt,
    OrderRecord,
    OutpostRecord,
    State,
)
from outpost_order_handler.ledger.table import Ledger, LedgerUnavailable, VersionConflict
from outpost_order_handler.order import OrderContent, OrderRequest, Price
from tests.fakes.dynamodb import DynamoDbInProcess, create_table
from tests.handler.conftest import LEDGER, NAME, OUTPOST_ID, RE_CREATED_STACK, Invoke
from tests.handler.ledger_faults import READ, WRITE, cancelled, denied, failing, missing

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
KEY, OUTPOST_KEY = f"order#{NAME}", f"outpost#{OUTPOST_ID}"

# The form of a record, for every field

texts = st.text(max_size=6)
names = st.text("ABab19._-", min_size=1, max_size=6)
times = st.datetimes(timezones=st.just(UTC))
amounts = st.decimals(min_value=0, max_value=10**12, places=6)
contents = st.builds(
    OrderContent,
    outpost_id=texts,
    line_items=st.lists(st.tuples(texts, st.integers(1, 2**31 - 1)), max_size=3).map(tuple),
    quote_id=texts,
    option_id=texts,
    payment_option=texts,
    payment_term=texts,
)
requests = st.builds(
    OrderRequest,
    order_name=names,
    content=contents,
    quote_price=st.none()
    | st.builds(Price, upfront=amounts, monthly_recurring=amounts, currency=texts),
    preflight=st.sampled_from(Preflight),
    in_addition_to=st.lists(names, max_size=3).map(tuple),
    adopt_order_id=texts,
)
attempts = st.builds(
    Attempt,
    resource=texts,
    baseline=st.lists(names, max_size=3).map(tuple),
    started_at=times,
    sender=texts,
    sender_end=times,
)
text_maps = st.dictionaries(names, texts, max_size=3)
answers = st.fixed_dictionaries({"Request": names, "Reason": texts, "Attributes": text_maps})
unknown = st.dictionaries(
    names.map("New{}".format),
    st.recursive(
        texts | st.booleans() | st.none() | st.decimals(-1000, 1000, places=2),
        lambda each: st.lists(each, max_size=2) | st.dictionaries(names, each, max_size=2),
        max_leaves=4,
    )
    | st.sets(texts.filter(bool), min_size=1, max_size=3),
    max_size=3,
)
orders = st.builds(
    OrderRecord,
    name=names,
    unknown=unknown,
    state=st.sampled_from(State) | texts,
    request=st.none() | requests,
    attempt=st.none() | attempts,
    order_id=texts,
    order_attributes=text_maps,
    answers=st.lists(answers, max_size=2).map(tuple),
    history=st.lists(text_maps, max_size=2).map(tuple),
)
outposts_records = st.builds(
    OutpostRecord,
    name=names,
    unknown=unknown,
    attempts=st.dictionaries(names, contents, max_size=2),
    orders=text_maps,
)


@given(order=orders, outpost=outposts_records)
def test_records_are_read_as_they_were_written(order: OrderRecord, outpost: OutpostRecord) -> None:
    """Every field survives, and so does what a newer version wrote beside them."""
    ledger = Ledger(LEDGER, DynamoDbInProcess(LEDGER, LEDGER_KEY))
    version = ledger.write(order, outpost)
    read_order, read_outpost = ledger.read(order.name, outpost.name)
    assert read_order == _with_version(order, version)
    assert read_outpost == _with_version(outpost, version)


def _with_version(record: Any, version: str) -> Any:  # noqa: ANN401 (either kind)
    return type(record)(**{**vars(record), "version": version})


def test_a_record_that_was_never_written_is_empty(ledger: Ledger) -> None:
    """A new record has no version, and one that is there has."""
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    assert order == OrderRecord(name=NAME)
    assert outpost == OutpostRecord(name=OUTPOST_ID)
    assert (order.state, order.version, outpost.version) == (State.NONE, "", "")


def test_the_newest_answers_and_steps_are_kept() -> None:
    """A record doesn't grow for ever."""
    record = OrderRecord(name=NAME)
    for number in range(60):
        record = record.answered(str(number), {}).to(State.NOT_PLACED, NOW, why=str(number))
    assert [each["Request"] for each in record.answers] == list(map(str, range(40, 60)))
    assert (len(record.answers), len(record.history)) == (MAX_STORED_ANSWERS, MAX_HISTORY)
    assert record.history[-1]["Why"] == "59"


# Records of another version


def stored(dynamodb: DynamoDbInProcess, key: str, **attributes: Any) -> None:  # noqa: ANN401
    """Change the attributes of a stored item, as another version would; None removes one."""
    item = {**dynamodb.items[key], **attributes}
    dynamodb.items[key] = {name: value for name, value in item.items() if value is not None}


@pytest.mark.parametrize("key", [KEY, OUTPOST_KEY])
def test_unknown_attributes_survive_every_write(
    key: str, outposts: FakeOutposts, invoke: Invoke, dynamodb: DynamoDbInProcess
) -> None:
    """A newer function, or command, wrote them."""
    invoke("Create")
    new = {
        "Number": {"N": "4711"},
        "Truth": {"BOOL": True},
        "Set": {"SS": ["a"]},
    }
    stored(dynamodb, key, **new)
    outposts.set_status(invoke("Create", StackId=RE_CREATED_STACK).physical_id, "CANCELLED")
    invoke("Create")
    assert {name: dynamodb.items[key].get(name) for name in new} == new
    assert dynamodb.items[KEY]["State"] == {"S": "CANCELLED"}


@pytest.fixture
def not_placed(invoke: Invoke, outposts: FakeOutposts) -> None:
    """Leave a record of PO-4711 with which it could be bought."""
    outposts.set_outpost(OUTPOST_ID, life_cycle_status="PENDING")
    assert "OutpostNotActive" in invoke("Create").reason
    outposts.set_outpost(OUTPOST_ID)


@pytest.mark.usefixtures("not_placed")
@pytest.mark.parametrize("state", ["IN_DOUBT", "CANCELLING", "REJECTED", "placed", ""])
def test_an_unknown_state_never_buys(
    state: str, outposts: FakeOutposts, invoke: Invoke, dynamodb: DynamoDbInProcess
) -> None:
    """The states that permit a purchase are an allowlist."""
    stored(dynamodb, KEY, State={"S": state})
    assert invoke("Create").reason.startswith(
        "InvalidRequest (FunctionTooOld): nothing was ordered"
    )
    assert dynamodb.items[KEY]["State"] == {"S": state}
    assert outposts.posts == []


FORMS: list[tuple[str, dict[str, Any]]] = [
    (KEY, {"State": None}),
    (KEY, {"State": {"N": "1"}}),
    (KEY, {"State": {"L": []}}),
    (KEY, {"State": None, "Version": None, "Status": {"S": "PLACED"}}),
    (KEY, {"OrderId": {"N": "1"}}),
    (KEY, {"Answers": {"M": {"C1": {"S": "PLACED"}}}}),
    (KEY, {"Request": {"S": "2 x OR-ABCDEFG"}}),
    (KEY, {"Request": {"M": {}}}),
    (KEY, {"Attempt": {"L": []}}),
    (KEY, {"Attempt": {"M": {"StartedAt": {"S": "today"}}}}),
    (KEY, {"State": {"S": "SUBMITTING"}}),
    (OUTPOST_KEY, {"Orders": None}),
    (OUTPOST_KEY, {"Attempts": None}),
    (OUTPOST_KEY, {"Orders": {"L": []}}),
    (OUTPOST_KEY, {"Orders": {"M": {"oo-0123456789abcdef0": {"M": {}}}}}),
    (OUTPOST_KEY, {"Attempts": {"M": {"PO-4712": {"S": "2 x OR-ABCDEFG"}}}}),
]


@pytest.mark.usefixtures("not_placed")
@pytest.mark.parametrize(("key", "attributes"), FORMS, ids=ascii)
def test_a_record_in_another_form_never_buys(
    *,
    key: str,
    attributes: dict[str, Any],
    outposts: FakeOutposts,
    invoke: Invoke,
    dynamodb: DynamoDbInProcess,
) -> None:
    """The record can't be read, so the outcome is unknown, and the record is unchanged."""
    stored(dynamodb, key, **attributes)
    before = dynamodb.items[key]
    response = invoke("Create")
    assert response.status == "FAILED"
    assert "nothing was ordered" not in response.reason
    assert response.reason.endswith("run: outpost-order reconcile PO-4711 --region us-west-2")
    assert dynamodb.items[key] == before
    assert outposts.posts == []


# Conditional writes


def placed(order_id: str, record: OrderRecord | None = None) -> OrderRecord:
    return (record or OrderRecord(name=NAME)).placed(order_id, {}, NOW)


def test_a_record_is_replaced_over_the_version_that_was_read(ledger: Ledger) -> None:
    """The whole record is new, and so is its version."""
    first = ledger.write(placed("oo-1"))
    second = ledger.write(ledger.record(NAME).to(State.CANCELLED, NOW))
    assert ledger.record(NAME).state == State.CANCELLED
    assert ledger.record(NAME).version == second != first


def test_a_stale_version_conflicts(ledger: Ledger) -> None:
    """The record that another writer changed isn't overwritten unseen."""
    ledger.write(placed("oo-1"))
    read = ledger.record(NAME)
    ledger.write(placed("oo-2", read))
    with pytest.raises(VersionConflict):
        ledger.write(placed("oo-3", read))
    assert ledger.record(NAME).order_id == "oo-2"


def test_a_new_record_conflicts_with_one_that_is_there(ledger: Ledger) -> None:
    """Of two who found nothing, one writes."""
    ledger.write(placed("oo-1"))
    with pytest.raises(VersionConflict):
        ledger.write(placed("oo-2"))
    assert ledger.record(NAME).order_id == "oo-1"


def test_a_version_of_a_record_that_is_gone_conflicts(ledger: Ledger) -> None:
    """A record that was deleted isn't brought back unseen."""
    with pytest.raises(VersionConflict):
        ledger.write(OrderRecord(name=NAME, version="a version from nowhere"))
    assert ledger.record(NAME).version == ""


@pytest.mark.parametrize("stale", ["order", "outpost"])
def test_both_records_are_written_or_none(stale: str, ledger: Ledger) -> None:
    """One stale version stops the other record too."""
    ledger.write(placed("oo-1"), OutpostRecord(name=OUTPOST_ID))
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    ledger.write(order) if stale == "order" else ledger.write(OrderRecord(name="PO-4712"), outpost)
    with pytest.raises(VersionConflict):
        ledger.write(placed("oo-2", order), outpost.with_order("oo-2", NAME))
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    assert (order.order_id, outpost.orders) == ("oo-1", {})


def test_both_records_have_the_version_of_their_write(ledger: Ledger) -> None:
    """A read after a lost acknowledgement then shows whose write it was."""
    version = ledger.write(placed("oo-1"), OutpostRecord(name=OUTPOST_ID))
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    assert order.version == outpost.version == version


def test_a_write_without_its_acknowledgement_is_recognized(
    ledger: Ledger, dynamodb: DynamoDbInProcess
) -> None:
    """The version that is there is the writer's own."""
    with failing(dynamodb, OSError("the connection broke"), WRITE, applied=True):
        version = ledger.write(placed("oo-1"))
    assert ledger.record(NAME).version == version


def test_a_write_that_did_not_arrive_is_unavailable(
    ledger: Ledger, dynamodb: DynamoDbInProcess
) -> None:
    """The table has no record, and the failure has the connection's error."""
    with (
        failing(dynamodb, OSError("the connection broke"), WRITE),
        pytest.raises(LedgerUnavailable) as raised,
    ):
        ledger.write(placed("oo-1"))
    assert raised.value.why[0] == "OSError"
    assert ledger.record(NAME).version == ""


def test_the_version_of_another_write_is_not_mistaken(
    ledger: Ledger, dynamodb: DynamoDbInProcess
) -> None:
    """Whether ours was ever there isn't known."""
    ledger.write(placed("oo-1"))
    first = ledger.record(NAME)
    with (
        failing(dynamodb, OSError("the connection broke"), WRITE),
        pytest.raises(LedgerUnavailable),
    ):
        ledger.write(placed("oo-2", first))
    assert ledger.record(NAME) == first


@pytest.mark.parametrize("applied", [False, True])
def test_a_ledger_without_reads_and_writes_is_unavailable(
    *, applied: bool, ledger: Ledger, dynamodb: DynamoDbInProcess
) -> None:
    """DynamoDB's own word for it is named."""
    with failing(dynamodb, denied(), READ, WRITE, applied=applied):
        with pytest.raises(LedgerUnavailable) as written:
            ledger.write(placed("oo-1"))
        with pytest.raises(LedgerUnavailable) as read:
            ledger.read(NAME, OUTPOST_ID)
    assert [error.value.why[0] for error in (written, read)] == ["AccessDeniedException"] * 2
    assert all(error.value.patience == ACCESS_PATIENCE for error in (written, read))


@pytest.mark.parametrize("code", ["ConditionalCheckFailed", "TransactionConflict"])
def test_a_transaction_that_was_overtaken_conflicts(
    code: str, ledger: Ledger, dynamodb: DynamoDbInProcess
) -> None:
    """One record that another writer has, or is about to have, stops both."""
    with failing(dynamodb, cancelled("None", code), WRITE), pytest.raises(VersionConflict):
        ledger.write(placed("oo-1"), OutpostRecord(name=OUTPOST_ID))


@pytest.mark.parametrize("code", ["ThrottlingError", "ValidationError", "AnythingNew"])
def test_another_cancelled_transaction_is_unavailable(
    code: str, ledger: Ledger, dynamodb: DynamoDbInProcess
) -> None:
    """To start over at once would not help; the cause is named, not the transaction."""
    with (
        failing(dynamodb, cancelled("None", code), WRITE),
        pytest.raises(LedgerUnavailable) as raised,
    ):
        ledger.write(placed("oo-1"), OutpostRecord(name=OUTPOST_ID))
    assert raised.value.why[0] == code


def test_a_missing_table_is_no_outage(ledger: Ledger, dynamodb: DynamoDbInProcess) -> None:
    """To wait doesn't help: it must be created."""
    with failing(dynamodb, missing(), READ, WRITE):
        with pytest.raises(LedgerNotFound):
            ledger.read(NAME, OUTPOST_ID)
        with pytest.raises(LedgerNotFound):
            ledger.write(placed("oo-1"))


# A real client


@mock_aws
def test_boto3_sends_what_dynamodb_understands() -> None:
    """Records are read together and written together."""
    client = boto3.session.Session().client("dynamodb")
    create_table(client, LEDGER, LEDGER_KEY)
    ledger = Ledger(LEDGER, client)
    new = {"New": Binary(b"\x00")}
    ledger.write(placed("oo-1"), OutpostRecord(name=OUTPOST_ID, orders={"oo-1": NAME}))
    ledger.write(OrderRecord(name="PO-4712", unknown=new))
    assert ledger.record("PO-4712").unknown == new
    order, outpost = ledger.read(NAME, OUTPOST_ID)
    ledger.write(order.to(State.CANCELLED, NOW), outpost)
    with pytest.raises(VersionConflict):
        ledger.write(order, outpost)
    assert ledger.record(NAME).state == State.CANCELLED


def test_a_record_in_another_form_says_so(ledger: Ledger, dynamodb: DynamoDbInProcess) -> None:
    """The log has what was missing; the command line shows it as well."""
    dynamodb.items[KEY] = {"Key": {"S": KEY}, "Version": {"S": "1"}, "Status": {"S": "PLACED"}}
    with pytest.raises(OrderError) as raised:
        ledger.record(NAME)
    assert raised.value.outcome is Outcome.UNKNOWN
    assert raised.value.details == (f"record {KEY} has an unknown format: KeyError('State')",)
