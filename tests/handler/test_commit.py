from outpost_order_handler.clock import Clock
from outpost_order_handler.cloudformation.event import parse
from outpost_order_handler.ledger.table import Ledger
from outpost_order_handler.outposts.client import Outposts
from outpost_order_handler.placement.context import RequestContext, Services
from outpost_order_handler.stacks import Stacks
from tests.handler.conftest import LIMIT, NAME, PROPERTIES


def test_a_change_of_the_outpost_alone_is_written(ledger: Ledger) -> None:
    """Whichever of the two records a decision changes, the commit has it."""
    services = Services(ledger, Outposts(), Stacks(), Clock(lambda: int(LIMIT * 1000)))
    context = RequestContext(parse(PROPERTIES), services, "an operator")
    context.load()
    context.outpost = context.outpost.with_order("oo-0123456789abcdef0", NAME)
    context.commit()
    _, outpost = ledger.read(NAME, context.outpost.name)
    assert outpost.orders == {"oo-0123456789abcdef0": NAME}
