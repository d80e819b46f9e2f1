"""The construct that places an order."""

from collections.abc import Sequence

import jsii
from aws_cdk import (
    Annotations,
    Duration,
    IResolveContext,
    IStringProducer,
    Lazy,
    Stack,
    Token,
)
from constructs import Construct

from cdk_outpost_order.checks import CheckedOrder, OrderResource, check_when_made
from cdk_outpost_order.clashes import clash_problems, clash_warnings, content_of
from cdk_outpost_order.content import (
    LineItem,
    OrderRequest,
    PaymentOption,
    PaymentTerm,
    QuotePrice,
    is_hidden,
)
from cdk_outpost_order.function import default_service_timeout
from cdk_outpost_order.interface import (
    ImportedOrder,
    InvalidOrderError,
    IOutpostOrder,
    OutpostOrderBase,
)
from cdk_outpost_order.ledger import OrderLedger
from cdk_outpost_order.names import (
    Child,
    DeclaredOrder,
    declared_beside,
    ledger_key,
    place_of,
    stack_of,
)
from cdk_outpost_order.outpost import IOutpostRef
from cdk_outpost_order.outputs import add_outputs, output_problems
from cdk_outpost_order.provider import (
    OutpostOrderProvider,
    ledger_mismatches,
    only_provider,
    serving,
)
from cdk_outpost_order.validation import (
    flag_problems,
    outpost_problems,
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
    remains in force when you update, roll back, or delete the stack. Only an operator can
    cancel it, with `outpost-order cancel`.

    The stack gets two outputs, `<Id>OrderId` and `<Id>Status`. The status is the one that the
    order had when it was last created or updated. It changes later without a deployment.

    Source:
        https://docs.aws.amazon.com/outposts/latest/APIReference/API_CreateOrder.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        order_name: str | None = None,
        outpost_identifier: str | None = None,
        outpost: IOutpostRef | None = None,
        line_items: Sequence[LineItem] | None = None,
        quote_identifier: str | None = None,
        quote_option_identifier: str | None = None,
        quote_price: QuotePrice | None = None,
        payment_option: PaymentOption | str,
        payment_term: PaymentTerm | str | None = None,
        in_addition_to: Sequence[str] | None = None,
        adopt_order_id: str | None = None,
        preflight: bool = True,
        ledger: OrderLedger | None = None,
        provider: OutpostOrderProvider | None = None,
        service_timeout: Duration | None = None,
        stack_outputs: bool = True,
    ) -> None:
        """Check every argument, and add the order to the stack.

        Args:
            scope: The construct that contains the order, most often the stack.
            id: The construct's id within the scope. The outputs are named after it.
            order_name: The purchase order's number, such as `"PO-4710"`: 1 to 64 letters,
                digits, `.`, `_` and `-`, the first a letter or a digit. Required, and not a
                token. One order is placed for each order name: a changed name buys again.
            outpost_identifier: The ID (`op-` and 17 hexadecimal digits) or the ARN of the
                Outpost, or a token. Give either this or `outpost`.
            outpost: A construct of the Outpost, such as an `aws_outposts.CfnOutpost`. The
                order is placed after the Outpost is created.
            line_items: 1 to 20 catalog items, each a `LineItem` or a dict of its arguments.
                Give either these or a quote.
            quote_identifier: The ID (`oq-` and 17 hexadecimal digits) or the ARN of a quote,
                or a token. You can use a quote for one order.
            quote_option_identifier: The option of the quote to buy: `oqo-` and 17
                hexadecimal digits, or a token. Required with `quote_identifier`.
            quote_price: The agreed price of the quote option for the `payment_term`, a
                `QuotePrice` or a dict of its arguments. If the quote's price is different at
                deployment, the order isn't placed. Default: the price isn't checked.
            payment_option: When you pay, or a token. Required.
            payment_term: How long the commitment lasts, or a token. Default: the service
                chooses the term.
            in_addition_to: Up to 20 order names or order IDs of identical orders. This order
                is bought in addition to them. Of two identical orders, one must name the
                other. Default: none, and an identical order is refused.
            adopt_order_id: The ID (`oo-` and 17 hexadecimal digits) of an identical order that
                exists. That order gets this order name, and nothing is bought. Default: none.
            preflight: Whether to check the Outpost and the catalog items first. If one is
                missing, inactive, or discontinued, the deployment fails and the failure
                reason names it. If the check can't be completed, the order is sent anyway.
                Default: True.
            ledger: The table that records the orders, the same for all orders of a provider.
                Default: the table `outpost-orders` of the account and Region, which
                `outpost-order init` creates.
            provider: The function that places the order. It must be in the same stack, or in
                a stack that this stack is nested in. Default: the stack's only provider,
                which is created if there is none.
            service_timeout: How long CloudFormation waits for the function's response: at most
                60 minutes, and more than twice the function's timeout plus 5 minutes.
                Default: 15 minutes, or more if the function's timeout needs it.
            stack_outputs: Whether the stack has the order's ID and status as outputs.
                CloudFormation allows 200 outputs in a stack. Default: True.

        Raises:
            InvalidOrderError: An argument breaks a rule. The text lists every problem.
        """
        super().__init__(scope, id)
        self._stack = stack = stack_of(scope)
        child = Child(scope, id, self)
        self._refuse(*provider_problems(stack, provider))
        self.provider: OutpostOrderProvider = provider or only_provider(scope, ledger)
        """The provider that places the order."""
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
        problems = [
            *request_problems(child, stack, request),
            *rules.problems(request.properties, is_hidden=is_hidden, name=request.prop),
            *flag_problems("stack_outputs", stack_outputs),
            *outpost_problems(self.provider, outpost),
            *room_problems(self.provider, request),
            *service_timeout_problems(service_timeout, self.provider),
            *(output_problems(scope, id) if stack_outputs else ()),
        ]
        declared, declaration = declared_beside(scope), self._declaration(child, stack, request)
        problems += clash_problems(declaration, declared)
        self._refuse(*problems, *ledger_mismatches(self.provider, ledger, stack))
        for warning_id, text in clash_warnings(declaration, declared):
            Annotations.of(self).add_warning_v2(f"cdk-outpost-order:{warning_id}", text)
        declared.orders.append(declaration)
        self.order_name: str = declaration.order_name
        """The order name, as it was given."""
        self._resource = self._made(request, service_timeout)
        self._status_readers: list[Stack] = []
        outputs = (
            add_outputs(self, child, self._resource, request.properties) if stack_outputs else ()
        )
        check_when_made(
            CheckedOrder(
                child,
                stack,
                self._resource,
                self.provider,
                provider is None,
                outputs,
                self._status_readers,
            )
        )

    @classmethod
    def from_order_id(cls, scope: Construct, id: str, order_id: str) -> IOutpostOrder:
        """Refer to an order that exists. Nothing is bought.

        Args:
            scope: The construct that contains the reference.
            id: The reference's id within the scope.
            order_id: `oo-` and 17 hexadecimal digits, or a token.

        Raises:
            InvalidOrderError: `order_id` isn't the ID of an order.
        """
        return ImportedOrder(scope, id, order_id=order_id, outpost_id=None)

    @classmethod
    def from_order_attributes(
        cls, scope: Construct, id: str, *, order_id: str, outpost_id: str | None = None
    ) -> IOutpostOrder:
        """Refer to an order that exists, and to its Outpost. Nothing is bought.

        Args:
            scope: The construct that contains the reference.
            id: The reference's id within the scope.
            order_id: `oo-` and 17 hexadecimal digits, or a token.
            outpost_id: The ID or the ARN of the order's Outpost, or a token. Default: None.

        Raises:
            InvalidOrderError: `order_id` isn't the ID of an order, or `outpost_id` isn't the ID
                or the ARN of an Outpost.
        """
        return ImportedOrder(scope, id, order_id=order_id, outpost_id=outpost_id)

    @property
    def order_id(self) -> str:
        """The ID of the order, `oo-` and 17 hexadecimal digits, as a token."""
        return self._resource.ref

    @property
    def order_status(self) -> str:
        """The status when the order was last created or updated, as a token.

        You can't use the token in another stack: CloudFormation refuses to change a value that
        another stack imports. For the current status, call GetOrder.
        """
        status = self._attribute(Attribute.STATUS)
        return Lazy.uncached_string(_Status(status, self._status_readers))

    @property
    def outpost_id(self) -> str:
        """The ID of the Outpost, `op-` and 17 hexadecimal digits, as a token."""
        return self._attribute(Attribute.OUTPOST_ID)

    @property
    def order_type(self) -> str:
        """`OUTPOST`, or a newer type of the API, as a token. Empty if the service returns none."""
        return self._attribute(Attribute.ORDER_TYPE)

    @property
    def payment_option(self) -> str:
        """The payment option that the service returns, as a token."""
        return self._attribute(Attribute.PAYMENT_OPTION)

    @property
    def payment_term(self) -> str:
        """The term that the service returns, as a token. Empty if the service returns none."""
        return self._attribute(Attribute.PAYMENT_TERM)

    @property
    def order_submission_date(self) -> str:
        """When the order was submitted, in ISO 8601, as a token. Empty if it isn't known."""
        return self._attribute(Attribute.ORDER_SUBMISSION_DATE)

    def _attribute(self, attribute: Attribute) -> str:
        return Token.as_string(self._resource.get_att(attribute.value))

    def _declaration(self, child: Child, stack: Stack, request: OrderRequest) -> DeclaredOrder:
        outpost = serving(self.provider).permissions.outpost_key(request)
        in_addition_to = request.properties.get(Property.IN_ADDITION_TO)
        return DeclaredOrder(
            child=child,
            stack=stack,
            place=place_of(child.scope),
            ledger=ledger_key(stack, request.ledger_name),
            outpost=outpost if is_hidden(request.outpost_reference) else contract.bare_id(outpost),
            order_name=request.order_name or "",
            content=content_of(request.properties),
            in_addition_to=in_addition_to if isinstance(in_addition_to, list) else (),
            adopts=request.adopt_order_id,
        )

    def _made(self, request: OrderRequest, service_timeout: Duration | None) -> OrderResource:
        """Make the resource, an order form: first what is bought, then what places it."""
        properties, service = request.properties, serving(self.provider)
        timeout = (
            default_service_timeout(service.timeout)
            if service_timeout is None
            else service_timeout.to_seconds()
        )
        plumbing = {"ServiceToken": service.service_token, "ServiceTimeout": f"{timeout:g}"}
        resource = OrderResource(self, {**properties, **plumbing})
        # The function compares this line with its event before it places the order.
        line = contract.order_line(properties, _text)
        resource.add_metadata(contract.ORDER_METADATA, line)
        resource.node.add_dependency(service.prerequisites)
        is_nested = self._stack is not service.stack
        service.permissions.allow(self, request, is_nested=is_nested)
        return resource

    def _refuse(self, *problems: str) -> None:
        if problems:
            raise InvalidOrderError(self.node.path, problems)


@jsii.implements(IStringProducer)
class _Status:
    """The status as a token that notes which stacks use it."""

    def __init__(self, status: str, readers: list[Stack]) -> None:
        self._status, self._readers = status, readers

    def produce(self, context: IResolveContext) -> str:
        """Return the token of the status."""
        self._readers.append(Stack.of(context.scope))
        return self._status


def _text(_: Property, value: object) -> str:
    """Return the text of a value, also of a number that only the deployment knows."""
    return Token.as_string(value) if not isinstance(value, str) and is_hidden(value) else str(value)
