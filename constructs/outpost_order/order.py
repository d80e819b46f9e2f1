"""The construct that places an order."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Annotations, CfnOutput, CustomResource, Duration, RemovalPolicy, Resource
from constructs import Construct

from outpost_order import validation
from outpost_order.ledger import OrderLedger
from outpost_order.line_item import LineItem
from outpost_order.naming import default_order_name, output_prefix
from outpost_order.payment import PaymentOption, PaymentTerm
from outpost_order.provider import DEFAULT_SERVICE_TIMEOUT, OutpostOrderProvider
from outpost_order_handler import contract
from outpost_order_handler.contract import Attribute, ExistingOrder, OnDelete, Property

_CANCELS = {
    RemovalPolicy.DESTROY: (
        "the Outposts order is cancelled when it leaves the stack, or when the deployment "
        "that placed it is rolled back"
    ),
    RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE: (
        "the Outposts order is cancelled when the deployment that placed it is rolled back"
    ),
}


class OutpostOrder(Resource):
    """An AWS Outposts hardware order, placed once when its stack is deployed.

    **Deploying this buys hardware.** An order cannot be changed, and unless a
    removal policy says otherwise it stays when its stack is updated, rolled back
    or deleted.

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
        outpost_identifier: str,
        line_items: Sequence[LineItem],
        payment_option: PaymentOption,
        payment_term: PaymentTerm | None = None,
        order_name: str | None = None,
        existing_order: ExistingOrder = ExistingOrder.REFUSE,
        adopt_order_id: str | None = None,
        ledger: OrderLedger | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        service_timeout: Duration = DEFAULT_SERVICE_TIMEOUT,
    ) -> None:
        """Declare an order.

        Args:
            scope: The construct it belongs to, most often the stack.
            construct_id: Its id within the scope; the outputs are named after it.
            outpost_identifier: Id (`op-` and 17 hexadecimal digits) or ARN of the
                Outpost, or a token.
            line_items: 1 to 20 catalog items, each with its quantity.
            payment_option: When the money is due.
            payment_term: How long the commitment lasts. Default: the service chooses.
            order_name: The name this order is known by, like a purchase order's
                number: 1 to 64 letters, digits, `.`, `_` and `-`. Default: the
                stack's name and the construct's path.
            existing_order: What to do about an equal open order that is on the Outpost
                already. Default: buy nothing, and name it.
            adopt_order_id: `oo-` and 17 hexadecimal digits of an equal order to take
                over: nothing is bought. It is never cancelled.
            ledger: Where it is written down what was ordered, the same for all orders
                of a stack. Default: one that the stack makes.
            removal_policy: What becomes of the order when it leaves the stack. RETAIN:
                it stands. DESTROY: it is cancelled, if the service still allows it.
                RETAIN_ON_UPDATE_OR_DELETE: it is cancelled only when the deployment
                that placed it is rolled back. Default: RETAIN.
            service_timeout: How long CloudFormation waits for an answer, more than
                9 and at most 60 minutes. Default: 15 minutes.

        Raises:
            InvalidOrderError: A rule of the API is broken; the text lists every problem.
        """
        super().__init__(scope, construct_id)
        provider = OutpostOrderProvider.of(self, ledger)
        name = default_order_name(self) if order_name is None else order_name
        self._refuse(
            [
                *validation.text_problems(
                    contract.OUTPOST_IDENTIFIER, "'outpost_identifier'", outpost_identifier
                ),
                *validation.line_items_problems(line_items),
                *validation.text_problems(
                    contract.PAYMENT_OPTION, "'payment_option'", payment_option
                ),
                *validation.payment_term_problems(payment_term),
                *validation.order_name_problems(name, provider.claim_name(name, self.node.path)),
                *validation.existing_order_problems(existing_order, adopt_order_id),
                *validation.ledger_problems(ledger, provider.ledger),
                *validation.removal_policy_problems(removal_policy),
                *validation.service_timeout_problems(service_timeout),
            ]
        )
        provider.allow_orders_on(outpost_identifier)
        cancelling = removal_policy != RemovalPolicy.RETAIN
        if cancelling:
            provider.allow_cancelling()
            Annotations.of(self).add_warning_v2(
                "cdk-outpost-order:cancelsOrder", _CANCELS[removal_policy]
            )
        self._resource = CustomResource(
            self,
            "Resource",
            resource_type=contract.RESOURCE_TYPE,
            service_token=provider.service_token,
            service_timeout=service_timeout,
            removal_policy=removal_policy,
            properties=_properties(outpost_identifier, line_items, payment_option, payment_term)
            | {Property.ORDER_NAME.value: name}
            | _choices(existing_order, adopt_order_id, cancelling=cancelling),
        )
        self._resource.node.add_dependency(provider.delivery)
        self._add_outputs()

    @property
    def order_id(self) -> str:
        """The id of the order, `oo-` and 17 hexadecimal digits, as a token."""
        return self._attribute(Attribute.ORDER_ID)

    @property
    def order_status(self) -> str:
        """The status of the order when the stack was last deployed, as a token."""
        return self._attribute(Attribute.STATUS)

    def _attribute(self, attribute: Attribute) -> str:
        return self._resource.get_att_string(attribute.value)

    def _refuse(self, problems: Sequence[str]) -> None:
        if problems:
            raise validation.InvalidOrderError(self.node.path, problems)

    def _add_outputs(self) -> None:
        for suffix, value, description in (
            ("OrderId", self.order_id, "The id of the AWS Outposts order"),
            ("Status", self.order_status, "The order's status at the last deployment"),
        ):
            output = CfnOutput(self, suffix, value=value, description=description)
            output.override_logical_id(output_prefix(self) + suffix)


def _properties(
    outpost_identifier: str,
    line_items: Sequence[LineItem],
    payment_option: PaymentOption,
    payment_term: PaymentTerm | None,
) -> dict[str, Any]:
    """Return the properties of the resource, named and nested as in CreateOrder."""
    properties: dict[str, Any] = {
        Property.OUTPOST_IDENTIFIER: outpost_identifier,
        Property.LINE_ITEMS: [
            {
                Property.CATALOG_ITEM_ID.value: item.catalog_item_id,
                Property.QUANTITY.value: item.quantity,
            }
            for item in line_items
        ],
        Property.PAYMENT_OPTION: str(payment_option),
    }
    if payment_term is not None:
        properties[Property.PAYMENT_TERM] = str(payment_term)
    return {str(name): value for name, value in properties.items()}


def _choices(
    existing_order: ExistingOrder, adopt_order_id: str | None, *, cancelling: bool
) -> dict[str, str]:
    """Return the properties that are no part of the order; defaults are left out."""
    choices: dict[str, str] = {}
    if existing_order != ExistingOrder.REFUSE:
        choices[Property.EXISTING_ORDER.value] = existing_order.value
    if adopt_order_id is not None:
        choices[Property.ADOPT_ORDER_ID.value] = adopt_order_id
    if cancelling:
        choices[Property.ON_DELETE.value] = OnDelete.CANCEL.value
    return choices
