"""The world of a rehearsal: quotes, orders to adopt, and stand-ins. All of it is listed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from outpost_order_cli.problem import Problem
from outpost_order_cli.review.assembly import Environment
from outpost_order_cli.review.declared import Order
from outpost_order_fake import FakeOutposts
from outpost_order_handler import contract
from outpost_order_handler.contract import Property, bare_id
from outpost_order_handler.order import Price
from outpost_order_rehearsal.deployable import DeployableStack

OUTPOSTS_TYPES = ("AWS::Outposts::Outpost", "AWS::Outposts::Site")
CUSTOM = "Custom::"
ANY_OUTPOST = "op-0123456789abcdef0"
MADE_UP = Price(Decimal(0), Decimal(1000), "USD")


def refuse(lines: Sequence[str]) -> None:
    """Refuse an app of which a part isn't rehearsed.

    Raises:
        Problem: There is such a part.
    """
    if lines:
        listed = "\n".join(f"  {line}" for line in lines)
        raise Problem(f"--strict, and these aren't rehearsed:\n{listed}\nRemove --strict.")


def stand_ins(stacks: Sequence[DeployableStack], known: frozenset[str]) -> Iterator[str]:
    """Yield a line for each type of resources that this AWS doesn't have."""
    counted: Counter[str] = Counter()
    for stack in stacks:
        counted.update(str(each.get("Type")) for each in stack.resources.values())
        yield from (f"{stack.name}: {each}, which isn't published" for each in stack.not_published)
    for resource_type, count in sorted(counted.items()):
        if resource_type in OUTPOSTS_TYPES:
            yield f"{resource_type} ({count}): from the Outposts fake, ready at once"
        elif resource_type not in known and not resource_type.startswith(CUSTOM):
            yield f"{resource_type} ({count}): a stand-in, which does nothing"


def prepare(orders: Iterable[Order], outposts: FakeOutposts, default: Environment) -> Iterator[str]:
    """Make the quotes and the orders that templates name, and yield a line for each."""
    known: set[str] = set()
    for order in orders:
        place = order.environment.or_else(default)
        for name, named, make in (
            (Property.QUOTE_IDENTIFIER, order.quote_id, _make_quote),
            (Property.ADOPT_ORDER_ID, order.adopts, _make_order),
        ):
            if named and named not in known and order.is_known(name):
                known.add(named)
                yield make(order, outposts, place)


def _make_quote(order: Order, outposts: FakeOutposts, place: Environment) -> str:
    price = order.price or MADE_UP
    is_known = order.is_known(Property.OUTPOST_IDENTIFIER)
    outposts.make_quote(
        outpost_id=bare_id(order.outpost) if is_known else ANY_OUTPOST,
        quote_id=order.quote_id,
        options=[order.option_id],
        account=place.account,
        region=place.region,
        upfront_price=float(price.upfront),
        monthly_recurring_price=float(price.monthly_recurring),
        currency=price.currency,
    )
    if not is_known:
        outposts.set_quote(order.quote_id, OutpostArn=None)
    at = "the price of the template" if order.price else "a price that this rehearsal makes up"
    return f"quote {order.quote_id}: exists at {at}"


def _make_order(order: Order, outposts: FakeOutposts, place: Environment) -> str:
    properties = order.properties
    outposts.make_order(
        outpost_id=bare_id(order.outpost),
        line_items=[dict(each) for each in properties.get(Property.LINE_ITEMS, [])],
        quote_identifier=order.quote_id or None,
        quote_option_identifier=order.option_id or None,
        payment_option=str(properties[Property.PAYMENT_OPTION]),
        payment_term=properties.get(Property.PAYMENT_TERM),
        account=place.account,
        region=place.region,
        order_id=order.adopts,
    )
    outposts.list_every_order()
    return f"order {order.adopts}: exists with the content of {order.name}"


def ledgers(orders: Iterable[Order], default: Environment) -> set[Environment]:
    """Return where orders use the ledger of `init`."""
    return {
        each.environment.or_else(default)
        for each in orders
        if each.ledger == contract.DEFAULT_LEDGER
    }
