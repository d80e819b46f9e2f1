"""The actions of CloudFormation and of people; the schedules decide how they go.

Every invariant must hold in every schedule of every scenario.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.safety.scheduler import Bound
from tests.safety.world import people
from tests.safety.world.actions import World, rack

ONE, TWO = Bound(1, 1, 1), Bound(2, 2, 2)
SCENARIOS: dict[str, "Scenario"] = {}

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
THE_FIRST = "oo-00000000000000001"
ANOTHER_OUTPOST = "op-1123456789abcdef1"
SERVERS = [{"CatalogItemId": "OR-SERVERS", "Quantity": "1"}]

Play = Callable[[World], object]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A sequence of actions, and the bound in which it is judged.

    Attributes:
        play: Lets it happen.
        bound: How much may go wrong in each schedule.
        ledger_can_be_down: Whether outages of the ledger are among the faults.
        put_can_hang: Whether the PUT of an answer can hang.
        can_be_throttled: Whether AWS throttles requests.
    """

    play: Play
    bound: Bound
    ledger_can_be_down: bool = True
    put_can_hang: bool = False
    can_be_throttled: bool = False

    @property
    def name(self) -> str:
        """Its name in figures and stories."""
        return self.play.__name__


def scenario(
    *, put_can_hang: bool = False, ledger_can_be_down: bool = True
) -> Callable[[Play], Play]:
    """Enumerate a scenario with one fault or preemption, of every kind of fault."""

    def register(play: Play) -> Play:
        SCENARIOS[play.__name__] = Scenario(
            play=play,
            bound=ONE,
            ledger_can_be_down=ledger_can_be_down,
            put_can_hang=put_can_hang,
        )
        return play

    return register


def basic() -> Callable[[Play], Play]:
    """Enumerate a scenario with two faults or preemptions, but without the ledger's outages."""

    def register(play: Play) -> Play:
        SCENARIOS[play.__name__] = Scenario(play=play, bound=TWO, ledger_can_be_down=False)
        return play

    return register


# ---- Two faults or preemptions: an order's life, as the first proofs had it


@basic()
def create_redelivered(world: World) -> None:
    sent = world.deploy("City", rack())
    world.redeliver(sent)


@basic()
def two_copies(world: World) -> None:
    world.deploy("City", rack(), copies=1)


@basic()
def three_copies(world: World) -> None:
    world.deploy("City", rack(), copies=2)


@basic()
def rolled_back_then_created_again(world: World) -> None:
    world.deploy("City", rack(policy="Delete"), fails=True)
    world.deploy("City", rack(policy="Delete"))


@basic()
def corrected_in_the_same_stack(world: World) -> None:
    world.deploy("City")
    world.deploy("City", rack(policy="Delete"), fails=True)
    world.pass_time(HOUR)
    world.deploy("City", rack(policy="Delete"))


@basic()
def two_copies_cancelled_by_two_copies(world: World) -> None:
    world.deploy("City", rack(policy="Delete"), copies=1)
    world.destroy("City", copies=1)


@basic()
def delete_overtakes_create(world: World) -> None:
    sent = world.deploy("City", rack(policy="Delete"), gives_up_after=0)
    world.redeliver(sent[:1])


@basic()
def deleted_while_another_stack_asks_for_its_name(world: World) -> None:
    world.deploy("City", rack(policy="Delete"))
    world.at_once(
        lambda: world.deploy("Town", rack(policy="Delete")),
        lambda: world.destroy("City"),
    )


@basic()
def two_names_at_once(world: World) -> None:
    world.at_once(
        lambda: world.deploy("City", rack("PO-1")),
        lambda: world.deploy("Town", rack("PO-2")),
    )


@basic()
def one_name_from_two_stacks_at_once(world: World) -> None:
    world.at_once(
        lambda: world.deploy("City", rack()),
        lambda: world.deploy("Town", rack()),
    )


@basic()
def one_name_with_two_contents_at_once(world: World) -> None:
    world.at_once(
        lambda: world.deploy("City", rack()),
        lambda: world.deploy("Town", rack(PaymentOption="ALL_UPFRONT")),
    )


@basic()
def identical_order_elsewhere_refused(world: World) -> None:
    world.order_elsewhere()
    world.pass_time(DAY)
    world.deploy("City", rack())
    world.deploy("City", rack())


@basic()
def identical_order_elsewhere_allowed(world: World) -> None:
    world.order_elsewhere()
    world.pass_time(DAY)
    sent = world.deploy("City", rack(InAdditionTo=[THE_FIRST]))
    world.redeliver(sent)


@basic()
def identical_order_elsewhere_adopted(world: World) -> None:
    world.order_elsewhere()
    world.pass_time(DAY)
    world.deploy("City", rack(policy="Delete", AdoptOrderId=THE_FIRST), copies=1)
    world.destroy("City")


@basic()
def moved_within_a_stack_and_rolled_back(world: World) -> None:
    world.deploy("City", rack(policy="Delete"))
    world.deploy("City", rack(policy="Delete", logical_id="MovedRack"), fails=True)


@basic()
def moved_within_a_stack_updated_and_deleted(world: World) -> None:
    world.deploy("City", rack())
    world.deploy("City", rack(policy="Delete", logical_id="MovedRack"))
    world.update("City")
    world.destroy("City")


@basic()
def an_operator_resolves(world: World) -> None:
    world.deploy("City", rack())
    world.pass_time(HOUR)
    world.operate(people.resolve_with_the_truth, is_faulty=False)
    world.destroy("City")
    world.deploy("City", rack())


@basic()
def checked_before_two_copies(world: World) -> None:
    world.deploy("City", rack(Preflight=None), copies=1)


@basic()
def from_a_quote_redelivered(world: World) -> None:
    quoted = rack(
        LineItems=None,
        QuoteIdentifier="oq-0123456789abcdef0",
        QuoteOptionIdentifier="oqo-0123456789abcdef0",
    )
    world.redeliver(world.deploy("City", quoted, copies=1))


@basic()
def update_never_buys(world: World) -> None:
    sent = world.deploy("City", rack())
    world.at_once(lambda: world.update("City"), lambda: world.redeliver(sent))


# ---- One fault or preemption: CloudFormation


@scenario()
def first_deployment_unknown_then_deployed_again(world: World) -> None:
    world.deploy("A", rack())
    world.deploy("A", rack())


@scenario()
def stack_destroyed_and_created_again(world: World) -> None:
    world.deploy("A", rack())
    world.destroy("A")
    world.deploy("A", rack(), copies=1)


@scenario(ledger_can_be_down=False)
def moved_within_a_stack(world: World) -> None:
    world.deploy("A", rack())
    world.deploy("A", rack(logical_id="New"), fails=world.either())
    world.choose(lambda: world.update("A"), lambda: world.destroy("A"))


@scenario(ledger_can_be_down=False)
def moved_into_a_nested_stack(world: World) -> None:
    world.deploy("A", rack(policy="Delete"))
    world.deploy("A", rack(nested="Inner", policy="Delete"), fails=world.either())
    world.choose(lambda: world.update("A"), lambda: world.destroy("A"))


@scenario(ledger_can_be_down=False)
def moved_between_stacks_old_first(world: World) -> None:
    world.deploy("A", rack())
    world.deploy("A")
    world.deploy("B", rack(), fails=world.either())
    world.choose(lambda: world.update("B"), lambda: world.destroy("B"))


@scenario(ledger_can_be_down=False)
def moved_between_stacks_new_first(world: World) -> None:
    world.deploy("A", rack())
    world.deploy("B", rack(), fails=world.either())
    world.choose(lambda: world.deploy("A"), lambda: world.update("A"), lambda: world.destroy("A"))


@scenario()
def moved_between_stacks_at_once(world: World) -> None:
    world.deploy("A", rack(policy="Delete"))
    world.at_once(
        lambda: world.deploy("A"),
        lambda: world.deploy("B", rack(policy="Delete"), copies=1),
    )


@scenario(ledger_can_be_down=False)
def refactored_without_events(world: World) -> None:
    world.deploy("A", rack())
    world.refactor("A", "B")
    world.choose(lambda: world.update("B"), lambda: world.destroy("B"))
    world.deploy("A", rack())


@scenario(ledger_can_be_down=False)
def logical_id_used_again(world: World) -> None:
    first = world.deploy("A", rack(policy="Delete"))
    world.deploy("A")
    world.redeliver(first, after=world.choose(1, 70))
    world.deploy("A", rack("PO-2", PaymentOption="ALL_UPFRONT"))


@scenario()
def copies_after_the_stack_is_created_again(world: World) -> None:
    first = world.deploy("A", rack(), fails=True)
    world.redeliver(first, after=world.choose(1, 60, 200))
    world.deploy("A", rack(), copies=1)


@scenario()
def given_up_while_lambda_holds_it_back(world: World) -> None:
    world.deploy("A", rack(), held_back=world.choose(25, 120), gives_up_after=20)
    world.deploy("A", rack())


@scenario()
def given_up_then_asked_for_another(world: World) -> None:
    world.deploy("A", rack(), held_back=world.choose(0, 60), gives_up_after=world.choose(0, 20))
    world.deploy("A", rack(PaymentOption="ALL_UPFRONT"))


@scenario(ledger_can_be_down=False)
def retained_except_on_create(world: World) -> None:
    world.deploy("A", rack(policy="RetainExceptOnCreate"), fails=True)
    world.deploy("A", rack(policy="RetainExceptOnCreate"))
    world.destroy("A")


@scenario(ledger_can_be_down=False)
def deleted_while_another_stack_has_its_order(world: World) -> None:
    world.deploy("A", rack(policy="Delete"))
    world.deploy("B", rack(policy="Delete"))
    world.deploy("B", rack(policy="Delete", logical_id="New"))
    world.update("B")
    world.destroy("B")


@scenario()
def copy_of_a_delete_after_a_new_create(world: World) -> None:
    world.deploy("A", rack(policy="Delete"))
    deleted = world.deploy("A")
    world.turn("CANCELLED", by="a person")
    world.deploy("A", rack(policy="Delete"))
    world.redeliver(deleted)


@scenario()
def three_stacks_at_once(world: World) -> None:
    world.at_once(*[lambda name=name: world.deploy(name, rack()) for name in "ABC"])


@scenario(put_can_hang=True)
def put_hangs(world: World) -> None:
    world.deploy("A", rack())
    world.deploy("B", rack())


@scenario()
def moved_to_another_ledger(world: World) -> None:
    world.deploy("A", rack(), is_faulty=False)
    world.pass_time(2 * HOUR)  # the list shows the order
    world.keep_in("ledger-of-a-team", "A")
    world.update("A")
    world.keep_in("ledger-of-a-team", "B")
    world.deploy("B", rack())


@scenario(ledger_can_be_down=False)
def stack_with_its_own_ledger_created_again(world: World) -> None:
    world.keep_in("ledger-of-a-team", "A")
    world.deploy("A", rack())
    world.destroy("A")
    world.deploy("A", rack())


@scenario()
def updated_with_other_content(world: World) -> None:
    world.deploy("A", rack())
    world.update("A", PaymentOption="ALL_UPFRONT")


@scenario()
def updated_with_another_name(world: World) -> None:
    world.deploy("A", rack(), rack("PO-2", PaymentOption="ALL_UPFRONT", logical_id="Other"))
    world.update("A", OrderName=world.choose("PO-2", "PO-3"))


@scenario(ledger_can_be_down=False)
def renamed_within_the_hour(world: World) -> None:
    world.deploy("A", rack("PO-1"))
    world.deploy("A", rack("PO-2", logical_id="New"))


@scenario(ledger_can_be_down=False)
def renamed_after_the_hour(world: World) -> None:
    world.deploy("A", rack("PO-1"))
    world.pass_time(2 * HOUR)
    world.deploy("A", rack("PO-2", logical_id="New"))


@scenario()
def allowed_beside_another_name(world: World) -> None:
    world.deploy("A", rack("PO-1"))
    world.pass_time(2 * HOUR)
    world.deploy("A", rack("PO-1"), rack("PO-2", logical_id="New", InAdditionTo=["PO-1"]))


# ---- One fault or preemption: scenarios that catch one wrong design each


# A list that doesn't show the newest order: only the ledger's map has it.
@scenario()
def identical_order_that_no_list_shows(world: World) -> None:
    world.deploy("A", rack("PO-1"))
    world.pass_time(MINUTE)
    world.deploy("B", rack("PO-2"))


# A sender that is suspended, while an identical order appears that isn't its own.
@scenario()
def identical_order_elsewhere_while_the_sender_is_suspended(world: World) -> None:
    world.at_once(
        lambda: world.deploy("A", rack(), copies=1),
        world.later(30, world.order_elsewhere),
    )


# A sender that CloudFormation confirmed, and then gave up before it sends.
@scenario()
def given_up_while_the_sender_is_suspended(world: World) -> None:
    world.deploy("A", rack(), gives_up_after=20)
    world.pass_time(2 * MINUTE)
    world.deploy("A", rack(PaymentOption="ALL_UPFRONT"))


# Each name permits the other, but neither is placed while the other is unknown.
@scenario(ledger_can_be_down=False)
def in_addition_to_an_unresolved_attempt(world: World) -> None:
    world.at_once(
        lambda: world.deploy("A", rack("PO-1")),
        world.later(20, lambda: world.deploy("B", rack("PO-2", InAdditionTo=["PO-1"]))),
        world.later(6 * MINUTE, lambda: world.operate(people.reconcile, "PO-1")),
    )


# ---- One fault or preemption: the service, and people


@scenario()
def renamed_after_it_was_delivered(world: World) -> None:
    world.deploy("A", rack("PO-1"))
    world.turn("COMPLETED")
    world.pass_time(90 * DAY)
    world.deploy("A", rack("PO-2", logical_id="New"))


@scenario(ledger_can_be_down=False)
def statuses_advance(world: World) -> None:
    world.deploy("A", rack())
    world.turn(world.choose("IN_PROGRESS", "COMPLETED", "ERROR"))
    world.deploy("B", rack())
    world.update("A")


@scenario(ledger_can_be_down=False)
def cancelled_by_aws_then_created_again(world: World) -> None:
    world.deploy("A", rack())
    world.turn("CANCELLED", by=world.choose("the service", "a person"))
    world.choose(lambda: world.update("A"), lambda: world.destroy("A"))
    world.deploy("A", rack())


@scenario()
def line_items_changed_by_aws(world: World) -> None:
    world.deploy("A", rack())
    world.turn("IN_PROGRESS", parameters=rack(LineItems=[]).properties)
    world.update("A")


@scenario(ledger_can_be_down=False)
def replacement_beside_a_new_order(world: World) -> None:
    world.order_elsewhere(kind="REPLACEMENT")
    world.pass_time(DAY)
    world.deploy("A", rack())


@scenario()
def replacement_adopted(world: World) -> None:
    world.order_elsewhere(kind="REPLACEMENT")
    world.pass_time(DAY)
    world.deploy("A", rack(AdoptOrderId=THE_FIRST))


@basic()
def identical_order_elsewhere_beside_copies(world: World) -> None:
    is_dated = world.either()
    world.at_once(
        lambda: world.deploy("A", rack(), copies=1),
        world.later(30, lambda: world.order_elsewhere(is_dated=is_dated)),
    )


@scenario()
def an_operator_reconciles_beside_deployments(world: World) -> None:
    world.at_once(
        lambda: world.deploy("A", rack()),
        lambda: world.operate(people.reconcile),
        world.later(65, lambda: world.operate(people.reconcile)),
    )
    world.deploy("A", rack())


@scenario()
def an_operator_rules_before_the_order_comes(world: World) -> None:
    world.deploy("A", rack())
    world.pass_time(16 * MINUTE)
    world.operate(people.resolve_not_placed)
    world.deploy("A", rack())


@scenario(ledger_can_be_down=False)
def an_operator_rules_that_nothing_was_placed(world: World) -> None:
    world.deploy("A", rack())
    world.pass_time(world.choose(5 * MINUTE, 16 * MINUTE))
    world.at_once(
        lambda: world.operate(people.resolve_not_placed),
        lambda: world.deploy("A", rack()),
    )
    world.deploy("B", rack())


@scenario()
def an_operator_resolves_beside_a_deployment(world: World) -> None:
    world.deploy("A", rack())
    world.pass_time(world.choose(0, 5 * MINUTE))
    world.at_once(
        lambda: world.operate(people.resolve_placed),
        lambda: world.deploy("A", rack()),
    )


@scenario()
def an_operator_cancels_beside_a_deployment(world: World) -> None:
    world.deploy("A", rack())
    world.at_once(
        lambda: world.operate(people.cancel),
        lambda: world.deploy("B", rack()),
    )
    world.pass_time(2 * MINUTE)
    world.operate(people.cancel, is_faulty=False)
    world.choose(lambda: world.update("A"), lambda: world.deploy("C", rack()))


@scenario()
def an_operator_cancels_again(world: World) -> None:
    world.deploy("A", rack(), is_faulty=False)
    world.operate(people.cancel)
    world.pass_time(2 * MINUTE)
    world.operate(people.cancel, is_faulty=False)
    world.deploy("B", rack())


@scenario()
def an_operator_cancels_while_it_is_placed(world: World) -> None:
    world.at_once(
        lambda: world.deploy("A", rack()),
        world.later(world.choose(0, 20), lambda: world.operate(people.cancel)),
    )
    world.deploy("A", rack())


@scenario()
def a_newer_version_wrote_the_record(world: World) -> None:
    world.write_as_a_newer_version("PO-1", "RESERVED")
    world.deploy("A", rack())


@scenario()
def too_little_time(world: World) -> None:
    world.deploy("A", rack(), limit=world.choose(5, 15, 25, 50))


@scenario()
def little_time(world: World) -> None:
    world.deploy("A", rack(), limit=world.choose(65, 90))
    world.deploy("A", rack())


@scenario()
def two_outposts(world: World) -> None:
    world.at_once(
        lambda: world.deploy("A", rack("PO-1")),
        lambda: world.deploy("B", rack("PO-2", OutpostIdentifier=ANOTHER_OUTPOST)),
        lambda: world.deploy(
            "C", rack("PO-1", OutpostIdentifier=ANOTHER_OUTPOST, LineItems=SERVERS)
        ),
    )


# If our response is lost, an identical order that is placed in the console at the same time
# looks like ours. The judge accepts that it gets our name, and nothing else.
@basic()
def identical_order_elsewhere_beside_ours(world: World) -> None:
    world.at_once(
        lambda: world.deploy("City", rack(policy="Delete")),
        world.order_elsewhere,
    )
