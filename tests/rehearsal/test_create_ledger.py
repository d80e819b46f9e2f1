"""The account's ledger, created by the command on an embedded AWS."""

from concurrent.futures import ThreadPoolExecutor

from outpost_order_handler import contract
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.conftest import Synthesize
from tests.rehearsal.stacks import Stacks
from tests.rehearsal.terminal import Terminal

INIT = "outpost-order init --region us-west-2"


def _tables(aws: EmbeddedAws) -> list[str]:
    names: list[str] = aws.client("dynamodb").list_tables()["TableNames"]
    return names


def test_two_people_create_one_ledger(aws: EmbeddedAws) -> None:
    """Both get a clear answer, and so does the one who comes later; the records remain."""
    terminal = Terminal(aws)
    with ThreadPoolExecutor() as people:
        first, second = people.map(terminal.paste, [INIT, INIT])
    assert (first.exit_code, second.exit_code) == (0, 0), first.text + second.text
    record = {contract.LEDGER_KEY: {"S": "order#PO-4710"}, "State": {"S": "PLACED"}}
    aws.client("dynamodb").put_item(TableName=contract.DEFAULT_LEDGER, Item=record)
    later = terminal.paste(INIT)
    assert (later.exit_code, _tables(aws)) == (0, [contract.DEFAULT_LEDGER])
    assert "already exists" in later.text
    found = aws.client("dynamodb").scan(TableName=contract.DEFAULT_LEDGER)["Items"]
    assert found == [record]


def test_the_ledger_of_an_app_is_the_ledger(aws: EmbeddedAws, synthesized: Synthesize) -> None:
    """After an `OrderLedger` created the table, `init` changes nothing."""
    app = synthesized("examples/shared_ledger.py")
    stacks = Stacks(aws, app, with_ledger=False)
    name, template = next(iter(app.templates.items()))
    assert stacks.create(name, template).status == "CREATE_COMPLETE"
    done = Terminal(aws).paste(INIT)
    assert (done.exit_code, _tables(aws)) == (0, [contract.DEFAULT_LEDGER]), done.text
    assert "already exists" in done.text
