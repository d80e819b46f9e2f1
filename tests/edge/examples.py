"""One malformed event: delivered, answered, and compared with the rules."""

import re
from dataclasses import dataclass, field
from typing import Any

from outpost_order_handler import entry
from tests.edge.cases import ABSENT, ITS_ORDER, Case
from tests.edge.rules import Verdict, is_same, verdict
from tests.edge.surroundings import NOTHING, Event, Function, is_true
from tests.fakes.cloudformation import Response
from tests.handler.conftest import OUTPOST_ID, PROPERTIES, Context

NO_ORDER = "oo-ffffffffffffffff0"
LONGEST_REASON = 250
# https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
CODE = re.compile(
    "(NotUpdatable|InvalidRequest|AccessDenied|InvalidCredentials|AlreadyExists|NotFound"
    "|ResourceConflict|Throttling|ServiceLimitExceeded|NotStabilized|GeneralServiceException"
    r"|ServiceInternalError|NetworkFailure|InternalFailure) \(\w+\): "
)


@dataclass
class Example:
    """One case and its result."""

    function: Function
    case: Case
    order_id: str = NO_ORDER
    answers: list[Response] = field(default_factory=list)
    was_refused: bool = False

    def run(self) -> None:
        """Deliver the event, after the order that was placed before."""
        outposts, cloudformation = self.function.outposts, self.function.cloudformation
        outposts.reset()
        cloudformation.reset()
        self.function.dynamodb.items.clear()
        self.function.time.passed = 0
        if self.case.has_order and self.case.request_type != "Create":
            self.order_id = self._placed_before()
        self.requests_before = len(outposts.requests)
        self.event = self._event()
        before = set(cloudformation.responses)
        try:
            entry.handler(self.event, Context(self.function.time))
        except ValueError:
            self.was_refused = True
        new = cloudformation.responses.keys() - before
        self.answers = [each for name in new for each in cloudformation.responses[name]]

    @property
    def posts(self) -> int:
        """How many orders the event requested."""
        requests = self.function.outposts.requests[self.requests_before :]
        return sum(request.operation == "CreateOrder" for request in requests)

    @property
    def is_valid(self) -> bool:
        """Whether the rules allow an order for the event."""
        may_buy = self.case.is_event and self.case.request_type == "Create"
        return may_buy and self._verdict != Verdict.REFUSE

    @property
    def is_answered(self) -> bool:
        """Whether it was answered once, or refused without an answer if it isn't an event."""
        answers, rejected = len(self.answers), self.function.cloudformation.rejected
        expected = (1, False) if self.case.is_event else (0, True)
        return (answers, self.was_refused) == expected and not rejected

    @property
    def is_judged_right(self) -> bool:
        """Whether the result is as the rules say."""
        if not self.case.is_event:
            return len(self.function.outposts.requests) == self.requests_before
        if len(self.answers) != 1:
            return False
        [answer] = self.answers
        judge = {"Create": self._created, "Update": self._updated, "Delete": self._deleted}
        return judge[self.case.request_type](answer) and _is_well_formed(answer)

    def _created(self, answer: Response) -> bool:
        orders, properties = self.function.outposts.orders, self._properties
        if self._verdict == Verdict.REFUSE:
            return answer.status == "FAILED" and NOTHING in answer.reason and self.posts == 0
        if "AdoptOrderId" in properties:  # the property is absent
            return answer.status == "FAILED" and self.posts == 0
        if self._verdict == Verdict.EITHER:
            return is_true(answer, orders)
        is_placed = answer.status == "SUCCESS" and len(orders) == 1
        return is_placed and is_true(answer, orders) and is_same(properties, orders[0])

    def _updated(self, answer: Response) -> bool:
        outposts = self.function.outposts
        is_untouched = outposts.live_orders == outposts.orders and self.posts == 0
        if self._verdict == Verdict.EITHER:
            return is_untouched
        is_met = self._verdict == Verdict.PLACE and any(
            order["OrderId"] == self._held and is_same(self._properties, order)
            for order in outposts.orders
        )
        is_met = is_met and self._properties.get("AdoptOrderId", self._held) == self._held
        return is_untouched and self._is_as_held(answer) and (answer.status == "SUCCESS") == is_met

    def _deleted(self, answer: Response) -> bool:
        outposts = self.function.outposts
        is_silent = len(outposts.requests) == self.requests_before
        is_untouched = outposts.live_orders == outposts.orders
        is_right = answer.status == "SUCCESS" and self._is_as_held(answer)
        return is_right and is_silent and is_untouched

    def _is_as_held(self, answer: Response) -> bool:
        return answer.physical_id == self._held

    @property
    def _verdict(self) -> Verdict:
        return verdict(self._properties)

    @property
    def _properties(self) -> Any:  # noqa: ANN401 - whatever JSON can say
        return self.event.get("ResourceProperties")

    @property
    def _held(self) -> str:
        return str(self.event["PhysicalResourceId"])

    def _event(self) -> Event:
        case = self.case
        held = {} if case.request_type == "Create" else {"PhysicalResourceId": case.held}
        if case.held == ITS_ORDER and held:
            held = {"PhysicalResourceId": self.order_id}
        event = self.function.cloudformation.event(case.request_type, case.properties, **held)
        for name, value in case.changes.items():
            event[name] = value
            if value == ABSENT:
                del event[name]
        return event

    def _placed_before(self) -> str:
        """Place the usual order; a Delete finds it in the ledger, and an Update requests it."""
        if self.case.request_type == "Delete":
            event = self.function.cloudformation.event("Create", PROPERTIES)
            [answer] = self.function.deliver(event)
            return answer.physical_id
        order = self.function.outposts.make_order(
            outpost_id=OUTPOST_ID,
            line_items=[{"CatalogItemId": "OR-ABCDEFG", "Quantity": 2}],
            payment_option="NO_UPFRONT",
            payment_term="THREE_YEARS",
        )
        return str(order["OrderId"])


def _is_well_formed(answer: Response) -> bool:
    reason = answer.reason
    if answer.status == "SUCCESS":
        return reason == ""
    return CODE.match(reason) is not None and len(reason) <= LONGEST_REASON and reason.isprintable()
