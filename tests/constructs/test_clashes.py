"""Two orders of one app: which of them can't be together, and which might not be."""

from itertools import count
from typing import Any

import pytest
from aws_cdk import (
    Annotations,
    App,
    Aws,
    CfnParameter,
    Environment,
    NestedStack,
    Stack,
    Stage,
)
from constructs import Construct

from cdk_outpost_order import (
    InvalidOrderError,
    LineItem,
    OrderLedger,
    OutpostOrder,
    OutpostOrderProvider,
    PaymentOption,
    PaymentTerm,
)
from tests.constructs.conftest import OUTPOST_ARN, OUTPOST_ID, warnings
from tests.constructs.test_quote import FROM_QUOTE

ITEM, OTHER_ITEM = "OR-ABCDEFG", "OR-1234567"
ORDER_ID = "oo-0123456789abcdef0"
ENV = Environment(account="111122223333", region="us-west-2")
OTHER_ACCOUNT = Environment(account="444455556666", region="us-west-2")
OTHER_REGION = Environment(account="111122223333", region="eu-west-1")
RACK: dict[str, Any] = {
    "outpost_identifier": OUTPOST_ID,
    "line_items": [LineItem(ITEM, quantity=3), LineItem(OTHER_ITEM)],
    "payment_option": PaymentOption.NO_UPFRONT,
    "payment_term": PaymentTerm.THREE_YEARS,
}
QUOTED = RACK | FROM_QUOTE
IDENTICAL = [
    {},
    {"outpost_identifier": OUTPOST_ARN},
    {"line_items": [LineItem(OTHER_ITEM), LineItem(ITEM, quantity=3)]},
    {"line_items": [LineItem(ITEM, 2), LineItem(OTHER_ITEM), LineItem(ITEM, 1)]},
    {"payment_term": None},
    {"preflight": False},
    {"in_addition_to": ["PO-9"]},
]
DIFFERENT = [
    ("'outpost_identifier'", {"outpost_identifier": OUTPOST_ID.replace("0", "1")}),
    ("'line_items'", {"line_items": [LineItem(ITEM, quantity=3)]}),
    ("'line_items'", {"line_items": [LineItem(ITEM, quantity=1), LineItem(OTHER_ITEM, 3)]}),
    ("'payment_option'", {"payment_option": PaymentOption.ALL_UPFRONT}),
    ("'payment_term'", {"payment_term": PaymentTerm.ONE_YEAR}),
    ("'quote_option_identifier'", FROM_QUOTE),
    (
        "'line_items', 'payment_term'",
        {"line_items": [LineItem(ITEM)], "payment_term": PaymentTerm.ONE_YEAR},
    ),
]


NUMBERS = count()


def order(scope: Construct, name: str, **changes: Any) -> OutpostOrder:  # noqa: ANN401
    return OutpostOrder(scope, f"Rack{name}", order_name=name, **(RACK | changes))


def stacks(first: Environment | None, second: Environment | None) -> tuple[Stack, Stack]:
    """Return two stacks of one app."""
    app = App()
    return Stack(app, "City", env=first), Stack(app, "Town", env=second)


def problem_of(scope: Construct, name: str, **changes: Any) -> str:  # noqa: ANN401
    """Return why an order is refused."""
    with pytest.raises(InvalidOrderError) as refused:
        OutpostOrder(scope, f"Refused{next(NUMBERS)}", order_name=name, **(RACK | changes))
    [problem] = refused.value.problems
    return problem


def test_a_name_is_unique_in_a_stack(stack: Stack) -> None:
    """One of two orders with the same name is a mistake, with any content."""
    order(stack, "PO-1")
    for changes in ({}, {"payment_option": PaymentOption.ALL_UPFRONT}):
        with pytest.raises(InvalidOrderError) as refused:
            OutpostOrder(stack, f"Spare{changes}", order_name="PO-1", **(RACK | changes))
        assert refused.value.problems == (
            (
                "'order_name' must be unique in a stack, got 'PO-1', which City/RackPO-1 has: use "
                "another order name"
            ),
        )


@pytest.mark.parametrize(("differing", "changes"), DIFFERENT)
def test_one_name_with_two_contents_is_refused(differing: str, changes: dict[str, Any]) -> None:
    """The second deployment would fail, and synthesis knows it."""
    city, town = stacks(ENV, ENV)
    order(city, "PO-1")
    assert problem_of(town, "PO-1", **changes) == (
        f"'order_name' must be unique, got 'PO-1', which City/RackPO-1 has with other {differing}: "
        "use another order name"
    )


@pytest.mark.parametrize("changes", [*IDENTICAL, {"adopt_order_id": ORDER_ID}])
def test_one_name_with_one_content_is_one_order(changes: dict[str, Any]) -> None:
    """The second stack joins the order of the first, and nothing warns of it."""
    city, town = stacks(ENV, ENV)
    order(city, "PO-1")
    order(town, "PO-1", **changes)
    assert warnings(city) + warnings(town) == []


@pytest.mark.parametrize("changes", IDENTICAL)
@pytest.mark.parametrize("in_one_stack", [True, False])
def test_an_identical_order_of_another_name_is_refused(
    changes: dict[str, Any],
    in_one_stack: bool,  # noqa: FBT001
) -> None:
    """The function would refuse the second one."""
    city, town = stacks(ENV, ENV)
    order(city, "PO-1")
    assert problem_of(city if in_one_stack else town, "PO-2", **changes) == (
        "the order must not be identical to 'PO-1' of City/RackPO-1: remove one of them, or, to "
        'buy both, set in_addition_to=["PO-1"]'
    )


@pytest.mark.parametrize(("differing", "changes"), DIFFERENT)
def test_different_orders_of_two_names_pass(differing: str, changes: dict[str, Any]) -> None:
    """Any difference makes two orders."""
    assert differing
    city, town = stacks(ENV, ENV)
    order(city, "PO-1")
    order(city, "PO-2", **changes)
    order(town, "PO-3", **changes | UNIQUE)


UNIQUE = {"line_items": [LineItem(ITEM, quantity=99)], "quote_identifier": None}
UNIQUE |= {"quote_option_identifier": None}


@pytest.mark.parametrize(
    ("first", "second"), [(["PO-2"], None), (None, ["PO-1"]), (["PO-2"], ["PO-1"])]
)
def test_one_of_two_identical_orders_names_the_other(
    first: list[str] | None, second: list[str] | None, stack: Stack
) -> None:
    """The template says that both are bought, and it makes no difference which says so."""
    order(stack, "PO-1", in_addition_to=first)
    order(stack, "PO-2", in_addition_to=second)


def test_each_identical_order_must_be_named(stack: Stack) -> None:
    """An order that names one of two is still refused beside the other."""
    order(stack, "PO-1")
    order(stack, "PO-2", in_addition_to=["PO-1"])
    for named, missing in (("PO-1", "PO-2"), ("PO-2", "PO-1")):
        problem = problem_of(stack, "PO-3", in_addition_to=[named])
        assert problem.endswith(f'to buy both, set in_addition_to=["{missing}"]')
    order(stack, "PO-3", in_addition_to=["PO-1", "PO-2"])


def test_an_identical_order_can_be_named_by_its_id(stack: Stack) -> None:
    """Synthesis knows the ID of an order that is adopted."""
    order(stack, "PO-1", adopt_order_id=ORDER_ID)
    order(stack, "PO-2", in_addition_to=[ORDER_ID])


def test_which_order_is_meant_is_a_literal(stack: Stack) -> None:
    """An ID that only the deployment knows says nothing to a reviewer: the order name does."""
    first = order(stack, "PO-1")
    for name, props, problem in (
        ("PO-2", {"in_addition_to": [first.order_id]}, "an order in 'in_addition_to' must be"),
        ("PO-3", {"adopt_order_id": first.order_id}, "'adopt_order_id' must be"),
    ):
        with pytest.raises(InvalidOrderError, match=f"{problem} a literal, got a token"):
            order(stack, name, **props)


def test_an_adopted_order_is_named_by_the_other(stack: Stack) -> None:
    """The order that is adopted can't name another, because nothing is bought."""
    order(stack, "PO-1")
    assert problem_of(stack, "PO-2", adopt_order_id=ORDER_ID) == (
        "the order must not be identical to 'PO-1' of City/RackPO-1: remove one of them, or, to "
        'buy both, set in_addition_to=["PO-2"] on City/RackPO-1'
    )


def test_two_orders_of_one_quote_are_refused(stack: Stack) -> None:
    """The quote option alone identifies the order."""
    order(stack, "PO-1", **FROM_QUOTE)
    changes: dict[str, Any] = {
        "outpost_identifier": OUTPOST_ID.replace("0", "1"),
        "payment_option": PaymentOption.ALL_UPFRONT,
    }
    assert problem_of(stack, "PO-2", **FROM_QUOTE, **changes) == (
        "the order must not be identical to 'PO-1' of City/RackPO-1: remove one of them, or get a "
        "second quote, because one quote serves one order"
    )
    order(stack, "PO-2", **FROM_QUOTE | {"quote_option_identifier": "oqo-11111111111111111"})


def test_two_adopted_orders_can_be_identical(stack: Stack) -> None:
    """Both exist already: nothing is bought."""
    order(stack, "PO-1", adopt_order_id=ORDER_ID)
    assert problem_of(stack, "PO-2", adopt_order_id=ORDER_ID) == (
        "the order must not be identical to 'PO-1' of City/RackPO-1: remove one of them, because "
        "an order has one name"
    )
    order(stack, "PO-3", adopt_order_id=ORDER_ID.replace("0", "1"))


@pytest.mark.parametrize(
    "hidden",
    [
        lambda text: {"outpost_identifier": text},
        lambda text: {"line_items": [LineItem(text, quantity=3), LineItem(OTHER_ITEM)]},
        lambda text: {"payment_option": text},
        lambda text: {"payment_term": PaymentTerm.of(text)},
        lambda text: FROM_QUOTE | {"quote_option_identifier": text},
    ],
)
def test_a_token_is_left_to_the_function(hidden: Any, stack: Stack) -> None:  # noqa: ANN401
    """Only literal content is compared."""
    changes = hidden(CfnParameter(stack, "Text").value_as_string)
    order(stack, "PO-1", **changes)
    order(stack, "PO-2", **changes)
    order(stack, "PO-3", **RACK)


def test_a_difference_is_found_beside_a_token() -> None:
    """One part that surely differs is enough."""
    city, town = stacks(ENV, ENV)
    order(city, "PO-1", outpost_identifier=Aws.STACK_NAME)
    problem = problem_of(town, "PO-1", payment_option=PaymentOption.ALL_UPFRONT)
    assert "with other 'payment_option'" in problem


@pytest.mark.parametrize("other", [OTHER_ACCOUNT, OTHER_REGION, None])
def test_orders_of_two_environments_are_apart(other: Environment | None) -> None:
    """Each has a ledger of its own."""
    city, town = stacks(ENV, other)
    order(city, "PO-1")
    order(town, "PO-1", payment_option=PaymentOption.ALL_UPFRONT)
    order(town, "PO-2")
    assert warnings(city) + warnings(town) == []


def test_beta_and_prod_can_use_the_same_names() -> None:
    """Two stages with an environment each: no error, and no warning."""
    app = App()
    made = [
        Stack(Stage(app, name, env=env), "City")
        for name, env in (("Beta", OTHER_ACCOUNT), ("Prod", ENV))
    ]
    for stack in made:
        order(stack, "PO-1")
        order(stack, "PO-2", payment_option=PaymentOption.ALL_UPFRONT)
    assert [warnings(stack) for stack in made] == [[], []]


def test_orders_of_two_ledgers_are_apart() -> None:
    """A table of another name knows nothing of these orders."""
    city, town = stacks(ENV, ENV)
    order(city, "PO-1")
    ledger = OrderLedger.from_table_name(town, "Books", "town-orders")
    order(town, "PO-1", ledger=ledger, payment_option=PaymentOption.ALL_UPFRONT)
    order(town, "PO-2", ledger=ledger)
    assert "identical" in problem_of(town, "PO-3", ledger=ledger)


def test_a_ledger_whose_name_is_a_token_is_compared_within_its_stack() -> None:
    """Across stacks, synthesis doesn't know whether it is the same table."""
    city, town = stacks(ENV, ENV)
    for stack in (city, town):
        name = CfnParameter(stack, "LedgerName").value_as_string
        order(stack, "PO-1", ledger=OrderLedger.from_table_name(stack, "Books", name))
        assert "identical" in problem_of(stack, "PO-2")


def test_two_providers_share_the_ledger(stack: Stack) -> None:
    """The table counts, not the function."""
    order(stack, "PO-1")
    assert "identical" in problem_of(stack, "PO-2", provider=OutpostOrderProvider(stack, "Buyer"))


@pytest.mark.parametrize(
    ("changes", "means"),
    [
        ({}, "they share one order"),
        (
            {"payment_option": PaymentOption.ALL_UPFRONT},
            "the second deployment fails, because 'payment_option' is not the same",
        ),
    ],
)
def test_one_name_in_two_agnostic_stacks_is_warned_of(changes: dict[str, Any], means: str) -> None:
    """Synthesis doesn't know whether they are deployed to one account and Region."""
    city, town = stacks(None, None)
    order(city, "PO-1")
    order(town, "PO-1", **changes)
    assert warnings(city) == []
    assert warnings(town) == [
        (
            "'PO-1' is also the order name of City/RackPO-1: if both stacks are deployed to one "
            f"account and Region, {means}; otherwise, set 'env' on the stacks "
            "[ack: cdk-outpost-order:sameOrderName]"
        )
    ]


def test_identical_orders_of_two_agnostic_stacks_are_warned_of() -> None:
    """Only one of them could be placed in one account and Region."""
    city, town = stacks(None, None)
    order(city, "PO-1")
    order(town, "PO-2")
    order(town, "PO-3", in_addition_to=["PO-1", "PO-2"])
    assert warnings(town) == [
        (
            "'PO-1' of City/RackPO-1 is an identical order: if both stacks are deployed to one "
            "account and Region, the second deployment fails; otherwise, set 'env' on the stacks "
            "[ack: cdk-outpost-order:identicalOrder]"
        )
    ]


def test_the_warnings_can_be_acknowledged() -> None:
    """You can acknowledge each ID once, on the order or on a scope around it."""
    city, town = stacks(None, None)
    order(city, "PO-1")
    order(city, "PO-2", payment_option=PaymentOption.ALL_UPFRONT)
    order(town, "PO-2")
    for warning in ("sameOrderName", "identicalOrder"):
        Annotations.of(town).acknowledge_warning(f"cdk-outpost-order:{warning}", "known")
    assert warnings(town) == []


def test_stacks_that_share_only_a_known_region_are_warned_of() -> None:
    """The account decides, and synthesis doesn't know it."""
    region = Environment(region="us-west-2")
    city, town = stacks(region, region)
    order(city, "PO-1")
    order(town, "PO-1")
    assert len(warnings(town)) == 1


def test_one_agnostic_stack_is_compared_within_itself(stack: Stack) -> None:
    """A stack is deployed to one account and Region, with its nested stacks."""
    order(stack, "PO-1")
    hall = NestedStack(stack, "Hall")
    for scope in (stack, hall):
        assert "must not be identical to 'PO-1'" in problem_of(scope, "PO-2")
    problem = problem_of(hall, "PO-1", payment_option=PaymentOption.ALL_UPFRONT)
    assert "which City/RackPO-1 has with other 'payment_option'" in problem
    order(hall, "PO-1")
    assert warnings(stack) == []


def test_two_apps_know_nothing_of_each_other() -> None:
    """A process can synthesize many, as tests do."""
    for _ in range(2):
        order(Stack(App(), "City", env=ENV), "PO-1")


def test_a_stack_without_an_app_is_an_app_of_its_own() -> None:
    """CDK makes one around it."""
    stack = Stack()
    order(stack, "PO-1")
    assert "identical" in problem_of(stack, "PO-2")
    order(Stack(), "PO-2")


def test_an_order_that_was_refused_does_not_count(stack: Stack) -> None:
    """An order that was refused is in no template."""
    with pytest.raises(InvalidOrderError):
        OutpostOrder(stack, "Broken", order_name="PO-1", **RACK | {"preflight": "no"})
    order(stack, "PO-1")


def test_a_clash_is_reported_with_all_other_problems(stack: Stack) -> None:
    """Every problem of an order is in one message."""
    order(stack, "PO-1")
    with pytest.raises(InvalidOrderError) as refused:
        OutpostOrder(stack, "Spare", order_name="PO-1", **RACK | {"preflight": "no"})
    assert len(refused.value.problems) == 2
