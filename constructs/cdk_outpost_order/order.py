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
    remains in force when you update, roll back, or delete the stack: only a person can cancel
    it, with `outpost-order cancel`.

    The stack gets two outputs, `<Id>OrderId` and `<Id>Status`. The status changes by itself:
    it is what it was when the order was last created or updated.

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
        """Declare an order.

        Args:
            scope: The construct it belongs to, most often the stack.
            id: Its id within the scope; the outputs are named after it.
            order_name: The purchase order's number, such as `"PO-4710"`: 1 to 64 letters,
                digits, `.`, `_` and `-`, the first a letter or a digit. An order is placed
                once for each name, so another name buys again. Required, and not a token.
            outpost_identifier: Id (`op-` and 17 hexadecimal digits) or ARN of the
                Outpost, or a token. Either this or `outpost` is given.
            outpost: The Outpost as CDK knows it, such as an `aws_outposts.CfnOutpost`:
                the order waits until it stands.
            line_items: 1 to 20 catalog items, each with its quantity, as `LineItem` or as a dict
                of its arguments. Either these or a quote say what is bought.
            quote_identifier: Id (`oq-` and 17 hexadecimal digits) or ARN of a quote, or
                a token. One quote serves one order.
            quote_option_identifier: Which of its options is bought: `oqo-` and 17
                hexadecimal digits, or a token.
            quote_price: What was agreed to be paid for the quote over the `payment_term`.
                The order is refused when it is deployed if the quote says another
                price. Default: any price will do.
            payment_option: When the money is due; or a token.
            payment_term: How long the commitment lasts; or a token. Default: the service
                chooses.
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
            provider: The function that places it, of the same stack or of one that this stack is
                nested in. Default: the stack's only provider, which is made if there is none.
            service_timeout: How long CloudFormation waits for an answer: at most 60
                minutes, and more than twice the function's timeout and 5 minutes. Default:
                15 minutes, or as much more as a longer timeout needs.
            stack_outputs: Whether the stack tells the order's id and status in its
                outputs, of which CloudFormation allows 200. Default: True.

        Raises:
            InvalidOrderError: A rule is broken; the text lists every problem.
        """
        super().__init__(scope, id)
        self._stack = stack = stack_of(scope)
        child = Child(scope, id, self)
        self._refuse(*provider_problems(stack, provider))
        self.provider = provider or only_provider(scope, ledger)
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
        """Refer to an order that stands already; nothing is bought.

        Args:
            scope: The construct it is needed in.
            id: Its id within the scope.
            order_id: `oo-` and 17 hexadecimal digits, or a token.

        Raises:
            InvalidOrderError: It is no id of an order.
        """
        return ImportedOrder(scope, id, order_id=order_id, outpost_id=None)

    @classmethod
    def from_order_attributes(
        cls, scope: Construct, id: str, *, order_id: str, outpost_id: str | None = None
    ) -> IOutpostOrder:
        """Refer to an order that stands already, and its Outpost; nothing is bought.

        Args:
            scope: The construct it is needed in.
            id: Its id within the scope.
            order_id: `oo-` and 17 hexadecimal digits, or a token.
            outpost_id: Id or ARN of its Outpost, or a token. Default: not known.

        Raises:
            InvalidOrderError: One of them is not what it should be.
        """
        return ImportedOrder(scope, id, order_id=order_id, outpost_id=outpost_id)

    @property
    def order_id(self) -> str:
        """The id of the order, `oo-` and 17 hexadecimal digits, as a token."""
        return self._resource.ref

    @property
    def order_status(self) -> str:
        """The status when the order was last created or updated, as a token.

        It can't be used in another stack: CloudFormation refuses to change a value that another
        stack imports, and a status changes by itself. Where it matters, read it with GetOrder.
        """
        status = self._attribute(Attribute.STATUS)
        return Lazy.uncached_string(_Status(status, self._status_readers))

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
