from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from outpost_order_handler.table import Item, Lost, Table, TableUnavailable
from tests.handler.conftest import LEDGER
from tests.handler.dynamodb_wire import breaks, cancels, denies, is_write, on_each_call, when

pytestmark = pytest.mark.usefixtures("moto")

# What a person would call values: all the kinds that records hold.
VALUES: Mapping[str, Any] = {
    "State": "PLACED",
    "Empty": "",
    "IsOpen": True,
    "Baseline": ["oo-0123456789abcdef0"],
    "None": [],
    "Answers": {"C1": {"Data": {"OrderId": "oo-0123456789abcdef0"}, "Reason": ""}},
}

breaks_writes = when(is_write, breaks)


@pytest.fixture
def table() -> Table:
    """Give the ledger's table as the handler makes it."""
    return Table(LEDGER)


def test_what_was_never_written_is_empty(table: Table) -> None:
    """No version tells a new item from one that stands."""
    assert table.read("order#PO-1") == Item("order#PO-1", {}, "")


def test_what_was_written_is_read(table: Table) -> None:
    """Texts, truths, lists and maps come back as they were."""
    [written] = table.write(Item("order#PO-1", VALUES))
    assert table.read("order#PO-1") == written
    assert written == Item("order#PO-1", VALUES, written.version)
    assert written.version


def test_an_item_is_replaced_by_who_knows_its_version(table: Table) -> None:
    """The whole item is new, and so is its version."""
    [first] = table.write(Item("order#PO-1", {"State": "PLACED", "OrderId": "oo-1"}))
    [second] = table.write(Item("order#PO-1", {"State": "CANCELLED"}, first.version))
    assert table.read("order#PO-1").attributes == {"State": "CANCELLED"}
    assert second.version != first.version


def test_a_stale_version_is_lost(table: Table) -> None:
    """What somebody else wrote meanwhile is not overwritten."""
    [first] = table.write(Item("order#PO-1", {"By": "first"}))
    [second] = table.write(Item("order#PO-1", {"By": "second"}, first.version))
    with pytest.raises(Lost):
        table.write(Item("order#PO-1", {"By": "third"}, first.version))
    assert table.read("order#PO-1") == second


def test_a_new_item_is_lost_where_one_stands(table: Table) -> None:
    """Of two who found nothing, one writes."""
    [first] = table.write(Item("order#PO-1", {"By": "first"}))
    with pytest.raises(Lost):
        table.write(Item("order#PO-1", {"By": "second"}))
    assert table.read("order#PO-1") == first


def test_a_version_of_what_is_not_there_is_lost(table: Table) -> None:
    """A record that was taken away is not brought back unseen."""
    with pytest.raises(Lost):
        table.write(Item("order#PO-1", {}, "a version from nowhere"))
    assert table.read("order#PO-1").version == ""


def test_items_are_written_together_with_one_version(table: Table) -> None:
    """Records that must agree have the same version."""
    written = table.write(Item("order#PO-1"), Item("outpost#op-1"), version="V1")
    assert [item.version for item in written] == ["V1", "V1"]
    assert table.read("outpost#op-1").version == "V1"


def test_all_items_are_written_or_none(table: Table) -> None:
    """One stale version stops the others too."""
    [lock] = table.write(Item("outpost#op-1", {"HeldBy": "PO-2"}))
    with pytest.raises(Lost):
        table.write(Item("order#PO-1"), Item("outpost#op-1", {"HeldBy": "PO-1"}))
    assert table.read("order#PO-1").version == ""
    assert table.read("outpost#op-1") == lock


def test_a_write_without_its_acknowledgement_is_recognized() -> None:
    """The version that stands is the writer's own."""
    with on_each_call(breaks_writes, applied=True):
        [written] = Table(LEDGER).write(Item("order#PO-1", {"By": "first"}))
    assert Table(LEDGER).read("order#PO-1") == written


def test_a_write_that_did_not_arrive_is_unavailable() -> None:
    """Nothing stands, and the connection's own error is named."""
    with on_each_call(breaks_writes), pytest.raises(TableUnavailable) as raised:
        Table(LEDGER).write(Item("order#PO-1"))
    assert raised.value.name == "OSError"
    assert Table(LEDGER).read("order#PO-1").version == ""


def test_a_write_over_a_version_without_acknowledgement_is_not_mistaken(table: Table) -> None:
    """The version that stands is another's: whether ours was ever there is not known."""
    [first] = table.write(Item("order#PO-1", {"By": "first"}))
    with on_each_call(breaks_writes), pytest.raises(TableUnavailable):
        Table(LEDGER).write(Item("order#PO-1", {"By": "second"}, first.version))
    assert table.read("order#PO-1") == first


def test_what_can_be_neither_written_nor_read_is_unavailable() -> None:
    """DynamoDB's own word for it is named."""
    with on_each_call(denies):
        with pytest.raises(TableUnavailable) as written:
            Table(LEDGER).write(Item("order#PO-1"))
        with pytest.raises(TableUnavailable) as read:
            Table(LEDGER).read("order#PO-1")
    assert [error.value.name for error in (written, read)] == ["AccessDeniedException"] * 2


@pytest.mark.parametrize("code", ["ConditionalCheckFailed", "TransactionConflict"])
def test_who_is_overtaken_has_lost(code: str) -> None:
    """One item that somebody else has, or is about to have, stops them all."""
    with on_each_call(when(is_write, cancels("None", code))), pytest.raises(Lost):
        Table(LEDGER).write(Item("order#PO-1"), Item("outpost#op-1"))


@pytest.mark.parametrize("code", ["ThrottlingError", "ValidationError", "AnythingNew"])
def test_a_transaction_that_nobody_overtook_is_not_lost(code: str) -> None:
    """To start again at once would not help; the cause is named, not the transaction."""
    with (
        on_each_call(when(is_write, cancels("None", code))),
        pytest.raises(TableUnavailable) as raised,
    ):
        Table(LEDGER).write(Item("order#PO-1"), Item("outpost#op-1"))
    assert raised.value.name == code


def test_a_missing_table_is_unavailable(table: Table) -> None:
    """The name tells a person what to look for."""
    boto3.client("dynamodb").delete_table(TableName=LEDGER)
    with pytest.raises(TableUnavailable) as read:
        table.read("order#PO-1")
    with pytest.raises(TableUnavailable) as written:
        table.write(Item("order#PO-1"))
    assert [error.value.name for error in (read, written)] == ["ResourceNotFoundException"] * 2


def test_a_person_sees_every_item(table: Table) -> None:
    """The function's role may not, so only the operator's command does."""
    table.write(Item("order#PO-1", VALUES), Item("order#PO-2"))
    assert {item.key: item.attributes for item in table.scan()} == {
        "order#PO-1": VALUES,
        "order#PO-2": {},
    }
