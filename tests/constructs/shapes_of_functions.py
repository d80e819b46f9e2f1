"""Shapes of providers: how many there are, what they wait for, and what aspects change.

Each function builds one shape, and returns what is found in it and what must be found.
"""

from collections.abc import Callable
from typing import Any, cast

import jsii
from aws_cdk import (
    App,
    Aspects,
    Duration,
    IAspect,
    IPropertyInjector,
    PropertyInjectors,
    Stack,
)
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

from cdk_outpost_order import OrderLedger, OutpostOrderProvider
from tests.constructs.conftest import OUTPOST_ID, granted_by, local_arn, only, template_of
from tests.constructs.shapes import (
    FUNCTION,
    ONE_ORDER,
    ORDER,
    US_WEST_2,
    Found,
    city,
    names_of,
    order,
    reached_from,
    refusal,
    synthesis_refusal,
    types_in,
    warning_ids,
)


def _function_in(stack: Stack) -> dict[str, Any]:
    return dict(only(template_of(stack), FUNCTION)["Properties"])


def a_dependency_of_the_function() -> Found:
    """The function waits for what the app says."""
    stack = city()
    topic = sns.Topic(stack, "Topic")
    order(stack).provider.function.node.add_dependency(topic)
    template = template_of(stack)
    [name] = names_of(template, "AWS::SNS::Topic")
    return name in only(template, FUNCTION)["DependsOn"], True


def a_dependency_of_the_provider() -> Found:
    """Everything of the provider waits for what the app says."""
    stack = city()
    topic = sns.Topic(stack, "Topic")
    order(stack).provider.node.add_dependency(topic)
    template = template_of(stack)
    [name] = names_of(template, "AWS::SNS::Topic")
    waiting = [
        each["Type"] for each in template["Resources"].values() if name in each.get("DependsOn", [])
    ]
    return sorted(waiting), ONE_ORDER[:-1]


def a_key_that_is_granted_to_a_provider() -> Found:
    """An order is placed only after the permission to use the key is there."""
    stack = city()
    kms.Key(stack, "Key").grant_encrypt_decrypt(order(stack).provider)
    template = template_of(stack)
    [name] = names_of(template, ORDER)
    found = reached_from(template, name) & {*names_of(template, "AWS::IAM::Policy")}
    return sorted(each.partition("Policy")[0] for each in found), [
        "OutpostOrderProvider",
        "OutpostOrderProviderRoleDefault",
    ]


def a_policy_that_is_resolved_early() -> Found:
    """An order for another Outpost, declared later, is in the policy."""
    stack = city()
    policy = cast("iam.Policy", order(stack).provider.node.find_child("Policy"))
    stack.resolve(policy.document)
    order(stack, "Spare", outpost_identifier="op-fedcba98765432100")
    return len(granted_by(template_of(stack))["outposts:CreateOrder"]), 2


def runtime_and_architecture() -> Found:
    """The function has the runtime and the processor that the provider is given."""
    stack = city()
    OutpostOrderProvider(
        stack,
        "Buyer",
        runtime=lambda_.Runtime.PYTHON_3_12,
        architecture=lambda_.Architecture.X86_64,
    )
    function = _function_in(stack)
    return (function["Runtime"], function["Architectures"]), ("python3.12", ["x86_64"])


@jsii.implements(IAspect)
class _Setting:
    """Sets an attribute of each resource of a class, as the rules of a company do."""

    def __init__(self, kind: type[IConstruct], name: str, value: object) -> None:
        self._kind, self._name, self._value = kind, name, value

    def visit(self, node: IConstruct) -> None:
        """Set it."""
        if isinstance(node, self._kind):
            setattr(node, self._name, self._value)


def _with_aspect(kind: type[IConstruct], name: str, value: object) -> Stack:
    stack = city()
    order(stack)
    Aspects.of(stack).add(_Setting(kind, name, value))
    return stack


def an_aspect_for_log_retention() -> Found:
    """The log group keeps its records as long as the aspect says."""
    stack = _with_aspect(logs.CfnLogGroup, "retention_in_days", 30)
    return only(template_of(stack), "AWS::Logs::LogGroup")["Properties"]["RetentionInDays"], 30


def an_aspect_for_tracing() -> Found:
    """The function is traced."""
    tracing = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
    stack = _with_aspect(lambda_.CfnFunction, "tracing_config", tracing)
    return _function_in(stack)["TracingConfig"], {"Mode": "Active"}


def an_aspect_that_changes_the_timeout() -> Found:
    """Synthesis refuses a function that could be stopped while it places an order."""
    stack = _with_aspect(lambda_.CfnFunction, "timeout", 30)
    return synthesis_refusal(stack), [
        (
            "City/OutpostOrderProvider: 'Timeout' of the function must remain 240, got 30, which "
            "an aspect or an escape hatch set: no order could be placed and answered in time; for "
            "a longer one, set 'timeout' of OutpostOrderProvider"
        )
    ]


@jsii.implements(IPropertyInjector)
class _ShortRetention:
    @property
    def construct_unique_id(self) -> str:
        """The injector is for each log group."""
        return logs.LogGroup.PROPERTY_INJECTION_ID

    def inject(self, original_props: Any, *, id: str, scope: Construct) -> Any:  # noqa: ANN401, ARG002
        """Return other properties."""
        return logs.LogGroupProps(retention=logs.RetentionDays.ONE_WEEK)


def property_injection() -> Found:
    """The log group of a provider has the properties that the app injects."""
    stack = city()
    PropertyInjectors.of(stack).add(_ShortRetention())
    order(stack)
    return only(template_of(stack), "AWS::Logs::LogGroup")["Properties"]["RetentionInDays"], 7


def one_explicit_provider() -> Found:
    """An order without `provider=` uses the only provider of its stack."""
    stack = city()
    provider = OutpostOrderProvider(stack, "Buyer", memory_size=512)
    found = order(stack).provider is provider, types_in(template_of(stack))
    return found, (True, ONE_ORDER)


def a_provider_that_is_removed() -> Found:
    """An order that has it can't be deployed."""
    stack = city()
    OutpostOrderProvider(stack, "Buyer")
    stack.node.try_remove_child("Buyer")
    order(stack)
    problem = (
        "the provider of City/Rack must be in the app, got City/Buyer, which was removed: give "
        "the order another 'provider'"
    )
    return synthesis_refusal(stack), [problem]


def an_outpost_of_a_removed_order() -> Found:
    """The role isn't allowed to create orders on it."""
    stack = city()
    order(stack, "Spare", outpost_identifier="op-fedcba98765432100")
    order(stack)
    stack.node.try_remove_child("Spare")
    granted = granted_by(template_of(stack))["outposts:CreateOrder"]
    return granted, local_arn("outposts", f"outpost/{OUTPOST_ID}")


def _beginning(problems: tuple[str, ...] | list[str]) -> list[str]:
    return [each.partition(";")[0] for each in problems]


def two_explicit_providers() -> Found:
    """An order must say which of two providers it uses."""
    stack = city()
    for name in ("Buyer", "OtherBuyer"):
        OutpostOrderProvider(stack, name)
    return _beginning(refusal(lambda: order(stack))), [
        "'provider' must be given, because City has 2: City/Buyer, City/OtherBuyer"
    ]


def a_second_provider_that_is_declared_later() -> Found:
    """An order that was declared before the second provider must say which one it uses, too."""
    stack = city()
    order(stack)
    OutpostOrderProvider(stack, "Buyer")
    return _beginning(synthesis_refusal(stack)), [
        (
            "City/Rack: 'provider' must be given, because City has 2: City/OutpostOrderProvider, "
            "City/Buyer"
        )
    ]


def the_id_of_the_default_provider_is_taken() -> Found:
    """The refusal says what has the ID, and two ways out."""
    stack = city()
    Construct(stack, "OutpostOrderProvider")
    return refusal(lambda: order(stack)), (
        (
            "the id OutpostOrderProvider must be free for the default provider of the stack, got a "
            "Construct: use another id for that, or make an OutpostOrderProvider and give it to "
            "the orders"
        ),
    )


def _mismatch(make: Callable[[Stack, OrderLedger], object]) -> tuple[str, ...]:
    stack = city()
    order(stack)
    ledger = OrderLedger.from_table_name(stack, "Books", "city-orders")
    return refusal(lambda: make(stack, ledger))


def the_default_provider_with_another_ledger() -> Found:
    """A ledger that the provider doesn't use is refused, not ignored."""
    return _mismatch(OutpostOrderProvider.of), (
        (
            "'ledger' must be the same for all orders of a provider, got City/Books, but "
            "City/OutpostOrderProvider uses City/OutpostOrderProvider/Ledger: give the same "
            "ledger to each"
        ),
    )


def one_table_by_name_twice() -> Found:
    """Two references to one table are one ledger."""
    stack = city()
    for number, name in enumerate(("Books", "SameBooks"), start=1):
        ledger = OrderLedger.from_table_name(stack, name, "city-orders")
        order(stack, f"Rack{number}", quantity=number, ledger=ledger)
    return types_in(template_of(stack)), [*ONE_ORDER, ORDER]


def two_ledgers_for_one_outpost() -> Found:
    """Synthesis warns, because neither ledger knows the orders of the other."""
    app = App()
    for name in ("City", "Town"):
        stack = Stack(app, name, env=US_WEST_2)
        ledger = OrderLedger.from_table_name(stack, "Books", f"{name.lower()}-orders")
        order(stack, order_name=f"PO-{name}", ledger=ledger)
    return warning_ids(stack), ["twoLedgers"]


def a_longer_timeout() -> Found:
    """CloudFormation waits longer for a function that can run longer."""
    stack = city()
    order(stack, provider=OutpostOrderProvider(stack, "Buyer", timeout=Duration.minutes(15)))
    return only(template_of(stack), ORDER)["Properties"]["ServiceTimeout"], "2400"
