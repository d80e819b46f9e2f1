"""The construct that places an order."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Annotations, CfnResource, Duration, RemovalPolicy, Stack, Token
from constructs import Construct

from outpost_order.clashes import clash_problems, clash_warnings
from outpost_order.errors import InvalidOrderError
from outpost_order.identity import content_of
from outpost_order.ledger import OrderLedger
from outpost_order.line_item import LineItem
from outpost_order.names import DeclaredOrder, declared_beside, ledger_key, place_of
from outpost_order.order_base import ImportedOrder, IOutpostOrder, OutpostOrderBase
from outpost_order.outpost import IOutpostRef
from outpost_order.outputs import add_outputs
from outpost_order.payment import PaymentOption, PaymentTerm
from outpost_order.provider import OutpostOrderProvider
from outpost_order.quote import QuotePrice
from outpost_order.request import OrderRequest, is_hidden
from outpost_order.timing import default_service_timeout
from outpost_order.validation import (
    provider_problems,
    request_problems,
    room_problems,
    service_timeout_problems,
)
from outpost_order_handler import contract, rules
from outpost_order_handler.contract import Attribute, Property


class OutpostOrder(OutpostOrderBase):
    """An AWS Outposts hardware order, placed once when its stack is deployed.

    **Deploying this buys hardware.** You can't edit an order after it is placed. The order
    remains in force when you update, roll back, or delete the stack: only a person can cancel
    it, with `outpost-order cancel`.

    The stack gets two outputs, `<Id>OrderId` and `<Id>Status`. The status is
    what it was when the stack was last deployed.

    Source:
        https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        order_name: str | None = None,
        outpost_identifier: str | None = None,
        outpost: IOutpostRef | None = None,
        line_items: Sequence[LineItem] | None = None,
        quote_identifier: str | None = None,
        quote_option_identifier: str | None = None,
        quote_price: QuotePrice | None = None,
        payment_option: PaymentOption,
        payment_term: PaymentTerm | None = None,
        in_addition_to: Sequence[str] | None = None,
        adopt_order_id: str | None = None,
        preflight: bool = True,
        ledger: OrderLedger | None = None,
        provider: OutpostOrderProvider | None = None,
        service_timeout: Duration | None = None,
        stack_outputs: bool = True,
    ) -> None:
        """Declare an order.

        Args:
            scope: The construct it belongs to, most often the stack.
            construct_id: Its id within the scope; the outputs are named after it.
            order_name: The purchase order's number, such as `"PO-4710"`: 1 to 64 letters,
                digits, `.`, `_` and `-`, the first a letter or a digit. An order is placed
                once for each name, so another name buys again. Required, and not a token.
            outpost_identifier: Id (`op-` and 17 hexadecimal digits) or ARN of the
                Outpost, or a token. Either this or `outpost` is given.
            outpost: The Outpost as CDK knows it, such as an `aws_outposts.CfnOutpost`:
                the order waits until it stands.
            line_items: 1 to 20 catalog items, each with its quantity. Either these or
                a quote say what is bought.
            quote_identifier: Id (`oq-` and 17 hexadecimal digits) or ARN of a quote, or
                a token. One quote serves one order.
            quote_option_identifier: Which of its options is bought: `oqo-` and 17
                hexadecimal digits, or a token.
            quote_price: What was agreed to be paid for the quote over the `payment_term`.
                The order is refused when it is deployed if the quote says another
                price. Default: any price will do.
            payment_option: When the money is due.
            payment_term: How long the commitment lasts. Default: the service chooses.
            in_addition_to: Up to 20 names or IDs of identical orders that this one is bought
                in addition to. One of two identical orders must name the other. Default:
                none, and an identical order is refused.
            adopt_order_id: `oo-` and 17 hexadecimal digits of an identical order that gets
                this order name. Nothing is bought.
            preflight: Whether the Outpost and the catalog items are looked at before
                the order is sent. What cannot be ordered is then refused with a reason
                that names it, and nothing is sent. What the service cannot tell now is
                no obstacle. Default: True.
            ledger: The table that records the orders, the same for all orders of a provider.
                Default: the table `outpost-orders` of the account and Region, which
                `outpost-order init` creates.
            provider: The function that places it, of the same stack. Default: one that
                the stack makes for all its orders.
            service_timeout: How long CloudFormation waits for an answer: at most 60
                minutes, and more than twice the function's timeout and 5 minutes. Default:
                15 minutes, or as much more as a longer timeout needs.
            stack_outputs: Whether the stack tells the order's id and status in its
                outputs, of which CloudFormation allows 200. Default: True.

        Raises:
            InvalidOrderError: A rule is broken; the text lists every problem.
        """
        super().__init__(scope, construct_id)
        self.provider = provider or OutpostOrderProvider.of(self, ledger)
        request = OrderRequest(
            order_name=order_name,
            outpost_identifier=outpost_identifier,
            outpost=outpost,
            line_items=line_items,
            quote_identifier=quote_identifier,
            quote_option_identifier=quote_option_identifier,
            quote_price=quote_price,
            payment_option=payment_option,
            payment_term=payment_term,
            in_addition_to=in_addition_to,
            adopt_order_id=adopt_order_id,
            preflight=preflight,
            ledger_name=self.provider.ledger.table_name,
        )
        properties = request.properties()
        timeout = service_timeout or default_service_timeout(self.provider.timeout)
        self.order_name = order_name or ""
        declared, declaration = declared_beside(self), self._declaration(request, properties)
        self._refuse(
            *request_problems(self, request),
            *rules.problems(properties, is_hidden=is_hidden, name=request.prop),
            *clash_problems(declaration, declared),
            *provider_problems(self, self.provider, ledger),
            *room_problems(self.provider, request),
            *service_timeout_problems(timeout, self.provider.timeout),
        )
        for warning_id, text in clash_warnings(declaration, declared):
            Annotations.of(self).add_warning_v2(f"cdk-outpost-order:{warning_id}", text)
        declared.orders.append(declaration)
        self.provider.allow(request)
        self._resource = CfnResource(
            self,
            "Resource",
            type="Custom::OutpostOrder",
            properties={
                **properties,
                "ServiceToken": self.provider.service_token,
                "ServiceTimeout": f"{timeout.to_seconds():g}",
            },
        )
        self._resource.apply_removal_policy(RemovalPolicy.RETAIN)
        # The function compares this line with its event before it places the order.
        line = contract.order_line(properties, text=_quantity)
        self._resource.add_metadata(contract.ORDER_METADATA, line)
        self._resource.node.add_dependency(self.provider.prerequisites)
        if stack_outputs:
            add_outputs(self, self.order_id, self.order_status)

    @classmethod
    def from_order_id(cls, scope: Construct, construct_id: str, order_id: str) -> IOutpostOrder:
        """Refer to an order that stands already; nothing is bought.

        Args:
            scope: The construct it is needed in.
            construct_id: Its id within the scope.
            order_id: `oo-` and 17 hexadecimal digits, or a token.

        Raises:
            InvalidOrderError: It is no id of an order.
        """
        return ImportedOrder(scope, construct_id, order_id=order_id, outpost_id=None)

    @classmethod
    def from_order_attributes(
        cls, scope: Construct, construct_id: str, *, order_id: str, outpost_id: str | None = None
    ) -> IOutpostOrder:
        """Refer to an order that stands already, and its Outpost; nothing is bought.

        Args:
            scope: The construct it is needed in.
            construct_id: Its id within the scope.
            order_id: `oo-` and 17 hexadecimal digits, or a token.
            outpost_id: Id or ARN of its Outpost, or a token. Default: not known.

        Raises:
            InvalidOrderError: One of them is not what it should be.
        """
        return ImportedOrder(scope, construct_id, order_id=order_id, outpost_id=outpost_id)

    @property
    def order_id(self) -> str:
        """The id of the order, `oo-` and 17 hexadecimal digits, as a token."""
        return self._attribute(Attribute.ORDER_ID)

    @property
    def order_status(self) -> str:
        """The status of the order when the stack was last deployed, as a token."""
        return self._attribute(Attribute.STATUS)

    @property
    def outpost_id(self) -> str:
        """The id of the Outpost, `op-` and 17 hexadecimal digits, as a token."""
        return self._attribute(Attribute.OUTPOST_ID)

    @property
    def order_type(self) -> str:
        """`OUTPOST`, `REPLACEMENT` or what the API adds, as a token; empty if it tells none."""
        return self._attribute(Attribute.ORDER_TYPE)

    @property
    def payment_option(self) -> str:
        """The payment option that the service holds, as a token."""
        return self._attribute(Attribute.PAYMENT_OPTION)

    @property
    def payment_term(self) -> str:
        """The term that the service holds or chose, as a token; empty if it tells none."""
        return self._attribute(Attribute.PAYMENT_TERM)

    @property
    def order_submission_date(self) -> str:
        """When the order was submitted, in ISO 8601, as a token."""
        return self._attribute(Attribute.ORDER_SUBMISSION_DATE)

    def _attribute(self, attribute: Attribute) -> str:
        return Token.as_string(self._resource.get_att(attribute.value))

    def _declaration(self, request: OrderRequest, properties: dict[str, Any]) -> DeclaredOrder:
        stack, in_addition_to = Stack.of(self), properties.get(Property.IN_ADDITION_TO)
        return DeclaredOrder(
            path=self.node.path,
            stack=stack.node.path,
            place=place_of(self),
            ledger=ledger_key(stack, request.ledger_name),
            order_name=self.order_name,
            content=content_of(properties),
            in_addition_to=in_addition_to if isinstance(in_addition_to, list) else (),
            adopts=request.adopt_order_id,
        )

    def _refuse(self, *problems: str) -> None:
        if problems:
            raise InvalidOrderError(self.node.path, problems)


def _quantity(quantity: object) -> str:
    """Return the text of a quantity, also of one that only the deployment knows."""
    return Token.as_string(quantity) if is_hidden(quantity) else str(quantity)
