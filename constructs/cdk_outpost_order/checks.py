"""The checks of a finished stack: what aspects and escape hatches changed counts, too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import jsii
from aws_cdk import Annotations, CfnOutput, CfnResource, RemovalPolicy, Stack
from constructs import Construct, IConstruct, IValidation

from cdk_outpost_order.function import changed_function_problems
from cdk_outpost_order.names import Child, deployed_stack, is_in_its_app
from cdk_outpost_order.outputs import stack_output_problems
from cdk_outpost_order.provider import (
    OutpostOrderProvider,
    ambiguous_provider_problems,
    providers_in,
    serving,
)
from outpost_order_handler import contract
from outpost_order_handler.contract import Property


class OrderResource(CfnResource):
    """The order in the template, which knows what was overridden in it."""

    def __init__(self, scope: Construct, properties: dict[str, Any]) -> None:
        """Make it as the resource of a construct."""
        self.overrides: dict[str, object] = {}
        self.removal_policy: RemovalPolicy | None = RemovalPolicy.RETAIN
        super().__init__(scope, "Resource", type=contract.RESOURCE_TYPE, properties=properties)
        super().apply_removal_policy(RemovalPolicy.RETAIN)

    def apply_removal_policy(
        self,
        policy: RemovalPolicy | None = None,
        *,
        apply_to_update_replace_policy: bool | None = None,
        default: RemovalPolicy | None = None,
    ) -> None:
        """Change the DeletionPolicy, as `RemovalPolicies` does."""
        self.removal_policy = policy or default
        super().apply_removal_policy(
            policy, apply_to_update_replace_policy=apply_to_update_replace_policy, default=default
        )

    def add_override(self, path: str, value: Any) -> None:  # noqa: ANN401
        """Override a part of the resource in the template."""
        self.overrides[path] = value
        super().add_override(path, value)

    def add_deletion_override(self, path: str) -> None:
        """Remove a part of the resource from the template."""
        self.overrides[path] = None
        super().add_deletion_override(path)


@dataclass(frozen=True)
class CheckedOrder:
    """An order, as the check of its stack sees it."""

    child: Child
    stack: Stack
    resource: OrderResource
    provider: OutpostOrderProvider
    has_the_only_provider: bool
    """Whether it has the only one of its stack, because it was given none."""
    outputs: tuple[CfnOutput, ...]
    status_readers: list[Stack]
    """The stacks that use its status."""


_CHECKED: WeakKeyDictionary[Stack, list[CheckedOrder]] = WeakKeyDictionary()


def check_when_made(order: CheckedOrder) -> None:
    """Check an order with all others of its stack, and its function, when the template is made."""
    for stack in (order.stack, serving(order.provider).stack):
        if stack not in _CHECKED:
            _CHECKED[stack] = []
            stack.node.add_validation(_StackCheck(stack))
    _CHECKED[order.stack].append(order)


@jsii.implements(IValidation)
class _StackCheck:
    """Checks what only the finished stack shows: aspects and escape hatches count, too."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def validate(self) -> list[str]:
        """Return the problems of the stack."""
        orders = _CHECKED[self._stack]
        for order in orders:
            _follow_the_resource(order)
        return [
            *stack_output_problems(self._stack),
            *self._provider_problems(orders),
            *_removed_provider_problems(orders),
            *(problem for order in orders for problem in _reader_problems(order)),
            *(
                f"{provider.node.path}: {problem}"
                for provider in providers_in(self._stack)
                for problem in changed_function_problems(
                    provider.function, serving(provider).timeout
                )
            ),
        ]

    def _provider_problems(self, orders: list[CheckedOrder]) -> Iterator[str]:
        for problem in ambiguous_provider_problems(self._stack):
            asking = [
                each.child.path
                for each in orders
                if each.has_the_only_provider and each.child.is_there
            ]
            if asking:
                yield f"{', '.join(asking)}: {problem}"


def _removed_provider_problems(orders: list[CheckedOrder]) -> Iterator[str]:
    for provider in dict.fromkeys(each.provider for each in orders):
        if is_in_its_app(provider):
            continue
        for order in orders:
            if order.provider is provider and order.child.is_there:
                yield (
                    f"the provider of {order.child.path} must be in the app, got "
                    f"{provider.node.path}, which was removed: give the order another 'provider'"
                )


def _follow_the_resource(order: CheckedOrder) -> None:
    """Let outputs have the condition of the resource, and warn of what was changed in it."""
    resource, overrides = order.resource, order.resource.overrides
    if order.outputs and (condition := resource.cfn_options.condition):
        for output in order.outputs:
            output.condition = condition
    policy = overrides.get("DeletionPolicy", "Retain")
    if policy != "Retain" or resource.removal_policy is not RemovalPolicy.RETAIN:
        _warn(
            resource,
            "deletionPolicy",
            "the DeletionPolicy of the order was changed: CloudFormation doesn't cancel the order "
            "when the resource is deleted; the order remains in force, and only "
            "'outpost-order cancel' cancels it",
        )
    changed = [each for each in overrides if each.startswith(_OF_THE_PURCHASE)]
    if changed and not any(each.startswith(_LINE) for each in overrides):
        _warn(
            resource,
            "orderLine",
            f"{', '.join(changed)} was overridden without {_LINE}: the function compares them, and "
            f"will refuse to place the order; override {_LINE} in the same way",
        )


_LINE = f"Metadata.{contract.ORDER_METADATA}"
_OF_THE_PURCHASE = tuple(
    f"Properties.{each}"
    for each in (
        Property.ORDER_NAME,
        Property.OUTPOST_IDENTIFIER,
        Property.LINE_ITEMS,
        Property.QUOTE_IDENTIFIER,
        Property.QUOTE_OPTION_IDENTIFIER,
        Property.PAYMENT_OPTION,
        Property.PAYMENT_TERM,
    )
)


def _warn(resource: IConstruct, warning_id: str, text: str) -> None:
    Annotations.of(resource).add_warning_v2(f"cdk-outpost-order:{warning_id}", text)


def _reader_problems(order: CheckedOrder) -> Iterator[str]:
    here = deployed_stack(order.stack)
    others = {each.node.path for each in order.status_readers if deployed_stack(each) is not here}
    for path in sorted(others):
        yield (
            f"'order_status' of {order.child.path} must not be used in another stack, got {path}: "
            "CloudFormation refuses to change a value that another stack imports, and a status "
            "changes by itself; read it with GetOrder where it is needed, or use it in its stack"
        )
