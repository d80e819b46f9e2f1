from types import SimpleNamespace
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_outposts as outposts

from cdk_outpost_order import InvalidOrderError
from cdk_outpost_order.outpost import IOutpostRef
from tests.constructs.conftest import (
    OUTPOST_ARN,
    OUTPOST_ID,
    MakeOrder,
    granted_by,
    only,
    template_of,
)
from tests.constructs.test_quote import FROM_QUOTE

US_EAST_1 = Environment(account="111122223333", region="us-east-1")
US_WEST_2 = Environment(account="111122223333", region="us-west-2")


def outpost_in(stack: Stack) -> IOutpostRef:
    site = outposts.CfnSite(stack, "Site", name="Basement")
    return outposts.CfnOutpost(
        stack,
        "Outpost",
        availability_zone="us-west-2a",
        name="Rack",
        site_id=site.ref,
        supported_hardware_type="RACK",
    )


def known(arn: Any) -> Any:  # noqa: ANN401
    """Return an Outpost of another library than CDK's."""
    return SimpleNamespace(outpost_ref=SimpleNamespace(outpost_arn=arn))


def test_site_outpost_and_order_are_in_one_stack(stack: Stack, make_order: MakeOrder) -> None:
    """The order refers to the Outpost, and so waits for it."""
    make_order(outpost_identifier=None, outpost=outpost_in(stack))
    order = only(template_of(stack), "Custom::OutpostOrder")
    assert order["Properties"]["OutpostIdentifier"] == {"Ref": "Outpost"}


def test_an_outpost_of_the_stack_is_granted_by_its_arn(stack: Stack, make_order: MakeOrder) -> None:
    """`Ref` returns the ARN itself, so the permission is for this Outpost alone."""
    make_order(outpost_identifier=None, outpost=outpost_in(stack))
    assert granted_by(template_of(stack))["outposts:CreateOrder"] == {"Ref": "Outpost"}


def test_orders_for_one_outpost_of_the_stack_name_it_once(
    stack: Stack, make_order: MakeOrder
) -> None:
    """The policy grows with the Outposts, not with the orders."""
    outpost = outpost_in(stack)
    for name in ("Rack", "Spare"):
        make_order(name, outpost_identifier=None, outpost=outpost)
    assert granted_by(template_of(stack))["outposts:CreateOrder"] == {"Ref": "Outpost"}


def test_an_outpost_of_another_stack_is_imported(make_order: MakeOrder) -> None:
    """The reference works across the stacks of an app."""
    app = App()
    site, city = Stack(app, "Site"), Stack(app, "City")
    make_order(scope=city, outpost_identifier=None, outpost=outpost_in(site))
    order = only(template_of(city), "Custom::OutpostOrder")
    assert "Fn::ImportValue" in order["Properties"]["OutpostIdentifier"]


def test_whatever_refers_to_an_outpost_will_do(stack: Stack, make_order: MakeOrder) -> None:
    """The type of the construct doesn't matter, only its ARN."""
    make_order(outpost_identifier=None, outpost=known(OUTPOST_ARN))
    template = template_of(stack)
    order = only(template, "Custom::OutpostOrder")
    assert order["Properties"]["OutpostIdentifier"] == OUTPOST_ARN
    assert granted_by(template)["outposts:CreateOrder"] == OUTPOST_ARN


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        (
            {"outpost": known(OUTPOST_ARN)},
            "'outpost_identifier' must not be given with 'outpost': remove one of them",
        ),
        (
            {"outpost_identifier": None},
            "'outpost_identifier' or 'outpost' must be given",
        ),
        (
            {"outpost_identifier": None, "outpost": OUTPOST_ID},
            (
                "'outpost' must be an aws_outposts.CfnOutpost, or have an 'outpost_ref' like one, "
                f"got '{OUTPOST_ID}'; for an id or an ARN, use 'outpost_identifier'"
            ),
        ),
        (
            {"outpost_identifier": None, "outpost": known("op-123")},
            (
                "'outpost' must be an Outpost id (op- and 17 of 0-9, a-f) or the ARN of an "
                "Outpost, got 'op-123'"
            ),
        ),
    ],
)
def test_one_outpost_must_be_given_once(
    props: dict[str, Any], problem: str, make_order: MakeOrder
) -> None:
    """The Outpost of the hardware is never guessed."""
    with pytest.raises(InvalidOrderError) as refused:
        make_order(**props)
    assert refused.value.problems == (problem,)


@pytest.mark.parametrize(
    ("subject", "props"),
    [
        ("outpost_identifier", {"outpost_identifier": OUTPOST_ARN}),
        ("outpost", {"outpost_identifier": None, "outpost": known(OUTPOST_ARN)}),
        (
            "quote_identifier",
            FROM_QUOTE
            | {
                "quote_identifier": "arn:aws:outposts:us-west-2:111122223333:quote/oq-"
                "0123456789abcdef0"
            },
        ),
    ],
)
def test_the_arn_of_another_region_is_refused(
    subject: str, props: dict[str, Any], make_order: MakeOrder
) -> None:
    """The function calls the API of its own Region, which doesn't have the Outpost."""
    stack = Stack(App(), "City", env=US_EAST_1)
    with pytest.raises(InvalidOrderError) as refused:
        make_order(scope=stack, **props)
    [problem] = refused.value.problems
    arn = props[subject] if subject != "outpost" else OUTPOST_ARN
    assert problem == (
        f"'{subject}' must be in us-east-1, the stack's Region, whose API the function calls, "
        f"got '{arn}': order it in a stack of us-west-2"
    )


def test_the_arn_of_the_stacks_region_passes(make_order: MakeOrder) -> None:
    """A stack with its own environment orders in its Region."""
    stack = Stack(App(), "City", env=US_WEST_2)
    make_order(scope=stack, outpost_identifier=OUTPOST_ARN)
    order = only(template_of(stack), "Custom::OutpostOrder")
    assert order["Properties"]["OutpostIdentifier"] == OUTPOST_ARN


def test_a_value_that_is_no_text_is_refused_in_any_region(make_order: MakeOrder) -> None:
    """A value of the wrong type is a problem like any other, not a crash."""
    stack = Stack(App(), "City", env=US_EAST_1)
    with pytest.raises(InvalidOrderError, match="ARN of an Outpost, got 5"):
        make_order(scope=stack, outpost_identifier=5)
