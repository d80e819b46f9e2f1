"""The failures and the faults that can be rehearsed, and the situation that leads to each.

Each name of the failure table is here, and the name of each documented exception.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum

from outpost_order_cli.problem import misused
from outpost_order_cli.rehearse.situation import EARLIER_ORDER, Situation
from outpost_order_cli.review.declared import Order
from outpost_order_fake import DOCUMENTED, Fault
from outpost_order_handler import contract
from outpost_order_handler.contract import Preflight, Property
from outpost_order_handler.failures import THROTTLES
from outpost_order_handler.ledger.records import State
from outpost_order_handler.outposts.responses import Order as ServiceOrder

Arrange = Callable[[Situation], object]
OTHER_OUTPOST, OTHER_OPTION = "op-fedcba9876543210f", "oqo-fedcba9876543210f"
CLOSED = "http://127.0.0.1:9"
OTHER_ACCOUNT = "999999999999"
WORDS = {
    "AccessDeniedException": "You are not authorized to perform: outposts:CreateOrder",
    "ConflictException": "Another request is changing this resource",
    "InternalServerException": "An internal error occurred",
    "NotFoundException": "The Outpost does not exist",
    "ServiceQuotaExceededException": "This account has too many open orders",
    "ValidationException": "A catalog item is not offered in the country of the site",
}
TOO_MANY_REQUESTS = {"TooManyRequestsException": 429, "RequestThrottled": 429}


class Need(Enum):
    """An order that can meet a situation; the text says which."""

    ANY = "an order"
    PURCHASE = "an order without adopt_order_id"
    CHECKED = "an order without adopt_order_id and preflight=False"
    ITEMS = "an order of line items without adopt_order_id"
    CHECKED_ITEMS = "an order of line items without adopt_order_id and preflight=False"
    QUOTE = "an order from a quote without adopt_order_id"
    PRICE = "an order from a quote with quote_price"
    ADOPTION = "an order with adopt_order_id"

    def accepts(self, order: Order) -> bool:
        """Return whether an order is one."""
        if self is Need.ADOPTION:
            return bool(order.adopts)
        if self is Need.ANY:
            return True
        is_checked = order.properties.get(Property.PREFLIGHT) != Preflight.SKIP
        has_quote = bool(order.option_id)
        return not order.adopts and {
            Need.PURCHASE: True,
            Need.CHECKED: is_checked,
            Need.ITEMS: not has_quote,
            Need.CHECKED_ITEMS: is_checked and not has_quote,
            Need.QUOTE: has_quote,
            Need.PRICE: has_quote and order.price is not None,
        }.get(self, True)


_NEEDS_CONTENT = (Need.ITEMS, Need.CHECKED_ITEMS, Need.QUOTE, Need.PRICE)


@dataclass(frozen=True)
class Drill:
    """A situation to rehearse.

    Attributes:
        cause: Its cause, in a few words.
        arrange: Arranges it around an order.
        need: The orders that can meet it.
        needs_ledger: Whether the order must use the ledger of `outpost-order init`.
        is_seen_by_update: Whether an update of the stack shows it, and not its creation.
    """

    cause: str
    arrange: Arrange
    need: Need = Need.ANY
    needs_ledger: bool = False
    is_seen_by_update: bool = False

    def require_possible(self, name: str, order: Order) -> None:
        """Raise unless an order can meet it.

        Raises:
            Problem: It can't.
        """
        if not self.need.accepts(order):
            raise misused(f"{name} needs {self.need.value}; {order.name} is none.")
        unknown = [each for each in Property if not order.is_known(each)]
        if unknown and (self.needs_ledger or self.need in _NEEDS_CONTENT):
            raise misused(
                f"{name} needs an order that the template knows; only the deployment knows the "
                f"{', '.join(unknown)} of {order.name}."
            )
        if self.needs_ledger and order.ledger != contract.DEFAULT_LEDGER:
            raise misused(
                f"{name} needs an order with the ledger of outpost-order init; {order.name} has "
                f"{order.ledger}."
            )


def _refused(name: str) -> Arrange:
    def arrange(it: Situation) -> None:
        resource = {"ResourceType": "OUTPOST", "ResourceId": it.order.outpost}
        extra = resource if name == "ConflictException" else {}
        it.answer("CreateOrder", Fault.refusal(name, WORDS[name], extra=extra))

    return arrange


def _throttled(name: str) -> Arrange:
    status = TOO_MANY_REQUESTS.get(name, 400)
    return lambda it: it.answer("CreateOrder", Fault.status(status, code=name))


def _outpost_is(**members: str) -> Arrange:
    return lambda it: it.answer_with("GetOutpost", {"Outpost": members})


def _items_do_not_fit(it: Situation) -> None:
    items = [{"CatalogItemId": item} for item, _ in it.request.content.line_items]
    it.answer_with("GetOutpost", {"Outpost": {"SupportedHardwareType": "SERVER"}})
    it.answer_with("ListCatalogItems", {"CatalogItems": items})


def _order_is_not_readable(it: Situation) -> None:
    if not it.order.adopts:
        it.answer_with("ListOrders", {"Orders": [{"OrderId": EARLIER_ORDER}]})
    it.answer_with("GetOrder", {"Order": {"Status": "PREPARING"}})


def _time_runs_out(it: Situation) -> None:
    it.disturb(timeout=61)
    for operation in ("GetOutpost", "GetQuote", "GetOrder", "ListOrders"):
        it.answer(operation, Fault.slow(2))


def _sdk_is_newer(it: Situation) -> None:
    it.change_model("CreateOrder", required=["PaymentOption", "BillingContact"])


def _hangs(it: Situation) -> None:
    it.disturb(timeout=90)
    it.answer("CreateOrder", Fault.hang(applied=True))


def _answer_is_lost(it: Situation) -> None:
    it.hide_orders()
    it.answer("CreateOrder", Fault.closed(applied=True))


def _without(timeout: int = 23, **variables: str) -> Arrange:
    return lambda it: it.disturb(timeout=timeout, variables=variables)


def _busy(it: Situation) -> None:
    it.disturb(timeout=46)
    it.record_attempt(it.other_name)


def _unresolved(it: Situation) -> None:
    it.disturb(timeout=46)
    it.record_attempt(it.order.name)


_CREDENTIALS_FROM = {
    "AWS_ACCESS_KEY_ID": "",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{CLOSED}/credentials",
}
_ANSWERS = "CreateOrder answers it"
_QUOTE, _ADOPTED = Need.QUOTE, Need.ADOPTION
FAILURES: dict[str, Drill] = {
    **{name: Drill(_ANSWERS, _refused(name), Need.PURCHASE) for name in DOCUMENTED},
    **{name: Drill(_ANSWERS, _throttled(name), Need.PURCHASE) for name in THROTTLES},
    "CatalogItemDoesNotFit": Drill(
        "the Outpost is for servers, and the items are for racks",
        _items_do_not_fit,
        Need.CHECKED_ITEMS,
    ),
    "CatalogItemNotAvailable": Drill(
        "the catalog item is discontinued",
        lambda it: it.answer_with(
            "GetCatalogItem", {"CatalogItem": {"ItemStatus": "DISCONTINUED"}}
        ),
        Need.CHECKED_ITEMS,
    ),
    "ConfirmationTooOld": Drill(
        "the function is suspended before it sends",
        lambda it: it.disturb(seconds_suspended=32),
        Need.PURCHASE,
    ),
    "ConnectTimeoutError": Drill(
        "Outposts doesn't accept the connection", lambda it: it.lose_connections(), Need.PURCHASE
    ),
    "CredentialRetrievalError": Drill(
        "the function can't get its credentials", _without(timeout=30, **_CREDENTIALS_FROM)
    ),
    "EndpointConnectionError": Drill(
        "the function can't connect to Outposts",
        lambda it: it.disturb(variables={"AWS_ENDPOINT_URL_OUTPOSTS": CLOSED}),
        Need.PURCHASE,
    ),
    "FunctionTooOld": Drill(
        "a newer version wrote the record", lambda it: it.record("PARKED"), needs_ledger=True
    ),
    "IdenticalOrderExists": Drill(
        "an identical order was placed elsewhere",
        lambda it: it.place_identical_order(),
        Need.ITEMS,
    ),
    "InvalidRequest": Drill(
        "the ID of the Outpost isn't valid",
        lambda it: it.disturb(properties={Property.OUTPOST_IDENTIFIER: "an Outpost"}),
    ),
    "LedgerNotFound": Drill(
        "the function looks for its ledger in another account",
        lambda it: it.disturb(variables={"AWS_ACCESS_KEY_ID": OTHER_ACCOUNT}),
        needs_ledger=True,
    ),
    "NoAnswerPossible": Drill(
        "the function can't reach the address for its answer, for a moment",
        lambda it: it.disturb(refused_connections=1),
        Need.PURCHASE,
    ),
    "NoCredentialsError": Drill("the function has no credentials", _without(AWS_ACCESS_KEY_ID="")),
    "NoOrderId": Drill(
        "an update of a resource that has no order",
        lambda it: it.disturb(
            physical_id=it.order.name,
            attributes=ServiceOrder(
                order_id=it.order.name, content=it.request.content
            ).attributes(),
        ),
        is_seen_by_update=True,
    ),
    "NoRegionError": Drill(
        "the function has no Region",
        lambda it: it.disturb(timeout=23, removed=("AWS_REGION", "AWS_DEFAULT_REGION")),
    ),
    "NoSuchOption": Drill(
        "the quote has other options",
        lambda it: it.change_quote_options(QuoteOptionIdentifier=OTHER_OPTION),
        _QUOTE,
    ),
    "NoSuchPricing": Drill(
        "the quote has no such payment option",
        lambda it: it.change_quote_options(PricingOptions=[]),
        _QUOTE,
    ),
    "NoTimeLeft": Drill("the reads are slow, and the time runs out", _time_runs_out, Need.PURCHASE),
    "NotAdoptable": Drill(
        "the order was cancelled", lambda it: it.cancel_adopted_order(), _ADOPTED
    ),
    "NotConfirmed": Drill(
        "CloudFormation doesn't show the resource",
        lambda it: it.disturb(is_hidden=True),
        Need.PURCHASE,
    ),
    "NotReadable": Drill("GetOrder answers without an order", _order_is_not_readable),
    "NotSent": Drill(
        "the ledger fails when the attempt is written",
        lambda it: it.disturb(ledger_failures=3),
        Need.PURCHASE,
    ),
    "NotUpdatable": Drill("an update changes the order", lambda _: None, is_seen_by_update=True),
    "OrderCancelled": Drill(
        "the order of the name was cancelled",
        lambda it: it.record(State.CANCELLED),
        needs_ledger=True,
    ),
    "OrderHasName": Drill(
        "another name has the order", lambda it: it.record_owner(), _ADOPTED, needs_ledger=True
    ),
    "OrderNameTaken": Drill(
        "the name has another order", lambda it: it.record_another_order(), needs_ledger=True
    ),
    "OrderingRequirementNotMet": Drill(
        "the quote has a requirement that isn't met",
        lambda it: it.change_quote(
            OrderingRequirements=[{"OrderingRequirementType": "SITE", "Status": "FAIL"}]
        ),
        _QUOTE,
    ),
    "OutcomeUnknown": Drill("an earlier attempt has no outcome", _unresolved, needs_ledger=True),
    "OutpostBusy": Drill(
        "an identical attempt of another name has no outcome", _busy, needs_ledger=True
    ),
    "OutpostNotActive": Drill(
        "the Outpost isn't active yet", _outpost_is(LifeCycleStatus="PENDING"), Need.CHECKED
    ),
    "ParamValidationError": Drill(
        "the function's boto3 wants more parameters", _sdk_is_newer, Need.PURCHASE
    ),
    "PartialCredentialsError": Drill(
        "the function has one half of its credentials", _without(AWS_SECRET_ACCESS_KEY="")
    ),
    "QuoteExpired": Drill(
        "the quote has expired", lambda it: it.change_quote(QuoteStatus="EXPIRED"), _QUOTE
    ),
    "QuoteOfAnotherOutpost": Drill(
        "the quote is for another Outpost",
        lambda it: it.change_quote(OutpostArn=OTHER_OUTPOST),
        _QUOTE,
    ),
    "QuotePriceChanged": Drill(
        "the quote costs more now", lambda it: it.change_price(), Need.PRICE
    ),
    "QuoteUsed": Drill(
        "an order was placed from the quote",
        lambda it: it.change_quote(QuoteStatus="ORDER_SUBMITTED", SubmittedOrderId=EARLIER_ORDER),
        _QUOTE,
    ),
    "SSLError": Drill(
        "Outposts has a certificate that the function doesn't trust",
        lambda it: it.distrust_certificate(),
        Need.PURCHASE,
    ),
    "SdkTooOld": Drill(
        "the function's boto3 has no quotes", lambda it: it.change_model("GetQuote"), _QUOTE
    ),
    "TimeoutTooShort": Drill(
        "the function's timeout is 45 seconds", lambda it: it.disturb(timeout=45), Need.PURCHASE
    ),
}
FAULTS: dict[str, Drill] = {
    "hang": Drill(
        "the order is placed and CreateOrder never answers",
        _hangs,
        Need.PURCHASE,
    ),
    "late": Drill(
        "the connection ends, and the order is placed minutes later",
        lambda it: it.answer("CreateOrder", Fault.closed(applied="late")),
        Need.PURCHASE,
    ),
    "lost-answer": Drill(
        "the order is placed, its answer is lost, and ListOrders doesn't show it yet",
        _answer_is_lost,
        Need.PURCHASE,
    ),
    "reset": Drill(
        "the connection is reset, and no order is placed",
        lambda it: it.answer("CreateOrder", Fault.reset()),
        Need.PURCHASE,
    ),
    "throttle": Drill(
        "CreateOrder is throttled",
        lambda it: it.answer("CreateOrder", Fault.throttled()),
        Need.PURCHASE,
    ),
}


def chosen(option: str, given: str, allowed: dict[str, Drill]) -> tuple[str, str]:
    """Return the order name, which can be empty, and the name of a drill that an option gives.

    Raises:
        Problem: There is no such drill.
    """
    order_name, _, wanted = given.rpartition("=")
    return order_name, named(option, wanted, allowed)


def order_named(order_name: str, orders: Iterable[Order]) -> str:
    """Return an order name of the app; if none is given, that of its only order.

    Raises:
        Problem: The app has no such order, or several.
    """
    known = list(dict.fromkeys(each.name for each in orders))
    listed = ", ".join(known) or "none"
    if order_name:
        if order_name not in known:
            raise misused(f"The app has no order {order_name!r}. Its orders: {listed}.")
        return order_name
    if len(known) != 1:
        raise misused(
            f"--fail, --fault, and --expect need ORDER_NAME=NAME if an app has not exactly one "
            f"order. Its orders: {listed}."
        )
    return known[0]


def named(option: str, wanted: str, allowed: dict[str, Drill]) -> str:
    """Return the name of a drill, in whatever case it was given.

    Raises:
        Problem: There is none.
    """
    by_lower = {name.lower(): name for name in allowed}
    if wanted.lower() in by_lower:
        return by_lower[wanted.lower()]
    close = [by_lower[each] for each in get_close_matches(wanted.lower(), by_lower, n=1)]
    meant = f" Did you mean {' or '.join(close)}?" if close else ""
    shown = (
        "To list them, run: outpost-order rehearse --fail-list"
        if len(allowed) > len(FAULTS)
        else f"Allowed: {', '.join(allowed)}."
    )
    raise misused(f"{option} has no {wanted!r}.{meant} {shown}")


def listed() -> Iterator[str]:
    """Yield a line for each failure and each fault."""
    yield "--fail [ORDER_NAME=]NAME:"
    width = max(map(len, FAILURES))
    for name, drill in sorted(FAILURES.items()):
        yield f"  {name:{width}}  {drill.cause}{_restriction(drill)}"
    yield "--fault [ORDER_NAME=]NAME:"
    for name, drill in FAULTS.items():
        yield f"  {name:{width}}  {drill.cause}"


def _restriction(drill: Drill) -> str:
    return {
        Need.QUOTE: " (from a quote)",
        Need.PRICE: " (from a quote with quote_price)",
        Need.ADOPTION: " (with adopt_order_id)",
        Need.ITEMS: " (of line items)",
        Need.CHECKED_ITEMS: " (of line items)",
    }.get(drill.need, "")
