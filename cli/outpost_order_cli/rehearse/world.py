"""The world of a rehearsal: quotes, orders to adopt, and stand-ins. All of it is listed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from outpost_order_cli.problem import Problem
from outpost_order_cli.review.assembly import Environment
from outpost_order_cli.review.declared import Order, contains_unresolved
from outpost_order_fake import FakeOutposts
from outpost_order_handler import contract, rules
from outpost_order_handler.contract import Property, bare_id
from outpost_order_handler.order import Price
from outpost_order_rehearsal.deployable import DeployableStack

OUTPOSTS_TYPES = ("AWS::Outposts::Outpost", "AWS::Outposts::Site")
CUSTOM = "Custom::"
ANY_OUTPOST = "op-0123456789abcdef0"
MADE_UP = Price(Decimal(0), Decimal(1000), "USD")


@dataclass(frozen=True)
class Given:
    """The parts of an app that aren't rehearsed, a line each."""

    lines: list[str] = field(default_factory=list)

    def refuse(self) -> None:
        """Refuse all of it.

        Raises:
            Problem: Something isn't rehearsed.
        """
        if self.lines:
            listed = "\n".join(f"  {line}" for line in self.lines)
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
        place = Environment(
            order.environment.account or default.account,
            order.environment.region or default.region,
        )
        for named, make in ((order.quote_id, _make_quote), (order.adopts, _make_order)):
            if named and named not in known and not named.startswith(("{", "$")):
                known.add(named)
                yield make(order, outposts, place)


def _make_quote(order: Order, outposts: FakeOutposts, place: Environment) -> str:
    stated = _stated_price(order)
    price = stated or MADE_UP
    is_known = not contains_unresolved(order.properties.get(Property.OUTPOST_IDENTIFIER))
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
    at = "the price of the template" if stated else "a price that this rehearsal makes up"
    return f"quote {order.quote_id}: exists at {at}"


def _stated_price(order: Order) -> Price | None:
    price = order.properties.get(Property.QUOTE_PRICE)
    if isinstance(price, Mapping) and all(
        rule.accepts(price.get(each)) for each, rule in rules.QUOTE_PRICE.items()
    ):
        return Price.of(price)
    return None


def _make_order(order: Order, outposts: FakeOutposts, place: Environment) -> str:
    properties = order.properties
    outposts.make_order(
        outpost_id=bare_id(order.outpost),
        line_items=[dict(each) for each in properties.get(Property.LINE_ITEMS, [])],
        payment_option=str(properties[Property.PAYMENT_OPTION]),
        payment_term=properties.get(Property.PAYMENT_TERM),
        account=place.account,
        region=place.region,
        order_id=order.adopts,
    )
    outposts.list_every_order()
    return f"order {order.adopts}: exists with the content of {order.name}"


def ledgers(orders: Iterable[Order]) -> set[Environment]:
    """Return where orders use the ledger of `init`."""
    return {each.environment for each in orders if each.ledger == contract.DEFAULT_LEDGER}
