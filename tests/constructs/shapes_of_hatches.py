"""Shapes of escape hatches and of names: what an app does to an order beside its arguments.

Each function builds one shape, and returns what is found in it and what must be found.
"""

from gc import collect
from typing import Any

import jsii
from aws_cdk import (
    App,
    Aws,
    CfnCondition,
    CfnOutput,
    Fn,
    MissingRemovalPolicies,
    Mixins,
    NestedStack,
    RemovalPolicies,
    RemovalPolicy,
    Stack,
)
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IConstruct, IMixin

from cdk_outpost_order import LineItem, OutpostOrder, PaymentOption
from tests.constructs.conftest import OUTPOST_ID, only, template_of
from tests.constructs.shapes import (
    FUNCTION,
    ONE_ORDER,
    ORDER,
    Found,
    city,
    names_of,
    order,
    output_names,
    refusal,
    resource_of,
    synthesis_refusal,
    types_in,
    warning_ids,
)


def _order_in(stack: Stack) -> dict[str, Any]:
    return only(template_of(stack), ORDER)


def _names(*prefixes: str) -> list[str]:
    """Return the names of the outputs of orders."""
    return sorted(f"{each}{name}" for each in prefixes for name in ("OrderId", "Status"))


def a_template_that_is_made_twice() -> Found:
    """The second template is the first, and one more order can be declared after it."""
    app = App()
    stack = Stack(app, "City")
    order(stack)
    first, second = template_of(stack), template_of(stack)
    order(stack, "Spare", quantity=3)
    third = app.synth(force=True).get_stack_by_name("City").template
    return (first == second, types_in(third)), (True, [*ONE_ORDER, ORDER])


class _Rack(OutpostOrder):
    """The rack that a company always buys."""

    def __init__(self, scope: Construct, id: str, order_name: str) -> None:
        super().__init__(
            scope,
            id,
            order_name=order_name,
            outpost_identifier=OUTPOST_ID,
            line_items=[LineItem("OR-ABCDEFG", quantity=2)],
            payment_option=PaymentOption.NO_UPFRONT,
        )


def a_subclass() -> Found:
    """A subclass makes the same template."""
    stack, same = city(), city()
    rack: OutpostOrder = _Rack(stack, "Rack", "PO-Rack")
    order(same)
    reference = {"Ref": names_of(template_of(stack), ORDER)[0]}
    found = template_of(stack), stack.resolve(rack.order_id)
    return found, (template_of(same), reference)


def a_path_with_blanks() -> Found:
    """The outputs have the letters and digits of the path."""
    stack = city()
    order(Construct(stack, "Row no. 7"), "Left Rack", order_name="PO-1")
    return output_names(stack), _names("Rowno7LeftRack")


def a_path_with_umlauts() -> Found:
    """The outputs have the letters of ASCII."""
    stack = city()
    order(stack, "Gestell Süd", order_name="PO-1")
    return output_names(stack), _names("GestellSd")


def a_path_with_backslashes() -> Found:
    """A backslash in an ID is nothing special."""
    stack = city()
    order(stack, "Row\\Rack", order_name="PO-1")
    return output_names(stack), _names("RowRack")


def two_ids_without_letters_of_ascii() -> Found:
    """Both orders have outputs, named by a hash of the path."""
    stack = city()
    for number, id_ in enumerate(("机架一", "机架二"), start=1):
        order(stack, id_, order_name=f"PO-{number}", quantity=number)
    names = output_names(stack)
    return (len({*names}), all(each.isalnum() and each.isascii() for each in names)), (4, True)


def two_ids_that_differ_in_a_separator() -> Found:
    """The refusal names the outputs, the order that has them, and two ways out."""
    stack = city()
    order(stack, "Rack1")
    return refusal(lambda: order(stack, "Rack-1", quantity=3)), (
        (
            "its outputs must not have the names of another order's, got Rack1OrderId and "
            "Rack1Status, which City/Rack1 has: use another id, or stack_outputs=False"
        ),
    )


def an_output_of_the_app_with_the_name_of_an_orders() -> Found:
    """The refusal names both outputs."""
    stack = city()
    order(stack)
    CfnOutput(stack, "RackOrderId", value="mine")
    return synthesis_refusal(stack), [
        (
            "the outputs of an order must have names of their own, got RackOrderId of "
            "City/RackOrderId and of City/Rack: rename one of them, or set stack_outputs=False"
        )
    ]


def a_condition() -> Found:
    """The outputs of an order have its condition."""
    stack = city()
    here = Fn.condition_equals(Aws.REGION, "us-west-2")
    resource_of(order(stack)).cfn_options.condition = CfnCondition(stack, "Here", expression=here)
    template = template_of(stack)
    found = [only(template, ORDER), *template["Outputs"].values()]
    return [each["Condition"] for each in found], ["Here"] * 3


def an_override_of_a_property() -> Found:
    """The template has what the escape hatch sets, and nothing is warned of."""
    stack = city()
    resource_of(order(stack)).add_property_override("ServiceTimeout", "1200")
    found = _order_in(stack)["Properties"]["ServiceTimeout"], warning_ids(stack)
    return found, ("1200", [])


def an_override_of_the_purchase() -> Found:
    """Synthesis warns, because the line that people review says something else."""
    stack = city()
    resource_of(order(stack)).add_property_override("PaymentOption", "ALL_UPFRONT")
    return warning_ids(stack), ["orderLine"]


def an_override_of_the_logical_id() -> Found:
    """The outputs follow it."""
    stack = city()
    resource_of(order(stack)).override_logical_id("TheRack")
    template = template_of(stack)
    outputs = {name: each["Value"] for name, each in template["Outputs"].items()}
    return (names_of(template, ORDER), outputs), (
        ["TheRack"],
        {"RackOrderId": {"Ref": "TheRack"}, "RackStatus": {"Fn::GetAtt": ["TheRack", "Status"]}},
    )


def metadata() -> Found:
    """The metadata of the app is beside the purchase in one line."""
    stack = city()
    resource_of(order(stack)).add_metadata("Team", "Data centers")
    return _order_in(stack)["Metadata"], {
        "Order": f"PO-Rack: 2 x OR-ABCDEFG for {OUTPOST_ID}, NO_UPFRONT",
        "Team": "Data centers",
    }


def removal_policies_of_a_stack() -> Found:
    """Synthesis warns that no policy of a stack cancels an order."""
    stack = city()
    order(stack)
    RemovalPolicies.of(stack).destroy()
    return (_order_in(stack)["DeletionPolicy"], warning_ids(stack)), ("Delete", ["deletionPolicy"])


def removal_policies_that_retain() -> Found:
    """Nothing is warned of, because the order has this policy already."""
    stack = city()
    order(stack)
    RemovalPolicies.of(stack).retain()
    MissingRemovalPolicies.of(stack).destroy()
    return (_order_in(stack)["DeletionPolicy"], warning_ids(stack)), ("Retain", [])


def a_removal_policy_of_an_order() -> Found:
    """Synthesis warns that a removal policy cancels no order."""
    stack = city()
    order(stack).apply_removal_policy(RemovalPolicy.DESTROY)
    return (_order_in(stack)["DeletionPolicy"], warning_ids(stack)), ("Delete", ["deletionPolicy"])


def an_override_of_the_deletion_policy() -> Found:
    """Synthesis warns that CloudFormation cancels no order."""
    stack = city()
    resource_of(order(stack)).add_override("DeletionPolicy", "Delete")
    return (_order_in(stack)["DeletionPolicy"], warning_ids(stack)), ("Delete", ["deletionPolicy"])


def an_order_that_is_removed() -> Found:
    """Its construct ID, its order name and its outputs are free again."""
    stack = city()
    order(stack)
    stack.node.try_remove_child("Rack")
    order(stack, quantity=3)
    [item] = _order_in(stack)["Properties"]["LineItems"]
    return (item["Quantity"], output_names(stack)), (3, _names("Rack"))


def an_order_that_is_removed_for_good() -> Found:
    """The template has neither the order nor its outputs."""
    stack = city()
    order(stack)
    order(stack, "Spare", quantity=3)
    stack.node.try_remove_child("Rack")
    found = _order_in(stack)["Properties"]["OrderName"], output_names(stack)
    return found, ("PO-Spare", _names("Spare"))


def a_scope_that_is_removed() -> Found:
    """An order that is removed with what is around it is gone, too."""
    stack = city()
    order(Construct(stack, "Row"), order_name="PO-1")
    stack.node.try_remove_child("Row")
    order(Construct(stack, "Row"), order_name="PO-1")
    return types_in(template_of(stack)), ONE_ORDER


def a_scope_that_only_cdk_holds() -> Found:
    """An order counts, although Python has forgotten the constructs around it."""
    stack = city()
    order(Construct(Construct(NestedStack(stack, "Hall"), "Site"), "Row"), order_name="PO-1")
    collect()
    return refusal(lambda: order(stack, order_name="PO-1", quantity=3)), (
        (
            "'order_name' must be unique, got 'PO-1', which City/Hall/Site/Row/Rack has with other "
            "'line_items': use another order name"
        ),
    )


def an_output_with_the_name_of_a_removed_orders() -> Found:
    """The name is free for an output of the app."""
    stack = city()
    order(stack)
    order(stack, "Spare", quantity=3)
    stack.node.try_remove_child("Rack")
    CfnOutput(stack, "RackOrderId", value="mine")
    return output_names(stack), ["RackOrderId", *_names("Spare")]


@jsii.implements(IMixin)
class _Reserved:
    """Reserves capacity for each function."""

    def supports(self, construct: IConstruct) -> bool:
        return isinstance(construct, lambda_.CfnFunction)

    def apply_to(self, construct: IConstruct) -> None:
        assert isinstance(construct, lambda_.CfnFunction)
        construct.reserved_concurrent_executions = 2


def a_mixin() -> Found:
    """The function has what a mixin of the app gives to each function."""
    stack = city()
    order(stack)
    Mixins.of(stack).apply(_Reserved())
    function = only(template_of(stack), FUNCTION)["Properties"]
    return function["ReservedConcurrentExecutions"], 2


def a_stack_without_an_app() -> Found:
    """CDK makes an app around the stack, and the template is the same."""
    alone, same = Stack(), city()
    for stack in (alone, same):
        order(stack)
    return template_of(alone), template_of(same)


def an_order_by_its_id_beside_a_placed_one() -> Found:
    """An order that exists adds nothing to the template."""
    stack = city()
    order(stack)
    OutpostOrder.from_order_id(stack, "Old", "oo-0123456789abcdef0")
    return types_in(template_of(stack)), ONE_ORDER


def a_nested_stack_in_a_nested_stack() -> Found:
    """The outputs are in the template of the innermost stack, named from there."""
    app = App()
    outer = NestedStack(Stack(app, "City"), "Hall")
    inner = NestedStack(outer, "Row")
    order(inner)
    return (output_names(inner), output_names(outer)), (_names("Rack"), [])
