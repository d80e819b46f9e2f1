from outpost_order_fake import FakeOutposts
from outpost_order_handler.clock import Clock
from outpost_order_handler.cloudformation.event import parse
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import RequestContext, Services
from outpost_order_handler.stacks import Stacks
from tests.fakes.dynamodb import DynamoDbInProcess
from tests.handler.conftest import (
    LIMIT,
    NAME,
    OUTPOST_ID,
    PROPERTIES,
    Invoke,
    make_identical_order,
)
from tests.handler.ledger_faults import is_write, on_each_call


def test_a_change_of_the_outpost_alone_is_written(ledger: Ledger) -> None:
    """The commit writes each record that a decision changes."""
    services = Services(ledger, Outposts(), Stacks(), Clock(lambda: int(LIMIT * 1000)))
    context = RequestContext(parse(PROPERTIES), services, "an operator")
    context.load()
    context.outpost = context.outpost.with_order("oo-0123456789abcdef0", NAME)
    context.commit()
    _, outpost = ledger.read(NAME, context.outpost.name)
    assert outpost.orders == {"oo-0123456789abcdef0": NAME}


def test_a_refusal_is_written_on_both_records_that_it_was_derived_from(
    invoke: Invoke, outposts: FakeOutposts, dynamodb: DynamoDbInProcess
) -> None:
    """The Outpost's record changes before the refusal is written: it is decided again."""
    order_id = make_identical_order(outposts)
    key = f"outpost#{OUTPOST_ID}"

    def change_once(operation: str) -> None:
        if is_write(operation) and key not in dynamodb.items:
            texts = {"Key": {"S": key}, "Version": {"S": "of another request"}}
            dynamodb.items[key] = texts | {"Attempts": {"M": {}}, "Orders": {"M": {}}}

    with on_each_call(dynamodb, change_once):
        refused = invoke("Create")
    assert "(IdenticalOrderExists)" in refused.reason
    assert order_id in refused.reason
    assert [each.operation for each in outposts.requests].count("ListOrders") == 2
    assert outposts.posts == []
