"""The README's example, when the response to its order is lost."""

import re
from datetime import datetime, timedelta

import pytest

from outpost_order_fake import FakeOutposts, Fault
from outpost_order_handler import contract
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.engine import StackResult
from tests.rehearsal.assembly import Assembly
from tests.rehearsal.impatience import impatient
from tests.rehearsal.stacks import Stacks
from tests.rehearsal.terminal import Terminal

STACK = "OutpostRack"
VERDICT_AGE = timedelta(minutes=15)
MAX_SENDER_LIFETIME = timedelta(minutes=5)


class Story:
    """A person and a pipeline, with one app and one account."""

    def __init__(self, aws: EmbeddedAws, assembly: Assembly) -> None:
        """Create the ledger, as a person does once for an account and Region."""
        self.terminal = Terminal(aws)
        self._stacks = Stacks(aws, assembly, with_ledger=False, code=impatient)
        self._template = assembly.template
        self._dynamodb = aws.client("dynamodb")
        assert self.terminal.paste("outpost-order init --region us-west-2").exit_code == 0

    def deploy(self) -> StackResult:
        """Deploy as `cdk deploy` does: a stack that was rolled back is deleted first."""
        result = self._stacks.create(STACK, self._template)
        if result.status == "ROLLBACK_COMPLETE":
            self._stacks.delete(STACK)
        return result

    def deploy_and_fail(self) -> str:
        """Deploy, and return the command that the failure reason ends with."""
        [reason] = self.deploy().reasons("CREATE_FAILED")
        found = re.search(r": outcome unknown.*: (outpost-order reconcile .+)$", reason)
        assert found, reason
        return found[1]

    def let_time_pass(self, order_name: str, age: timedelta) -> None:
        """Let the last attempt of an order be so old, and its sender too."""
        key = {contract.LEDGER_KEY: {"S": f"order#{order_name}"}}
        record = self._dynamodb.get_item(TableName=contract.DEFAULT_LEDGER, Key=key)["Item"]
        attempt = record["Attempt"]["M"]
        for key_of_time in ("StartedAt", "SenderEnd"):
            time = datetime.fromisoformat(attempt[key_of_time]["S"]) - age
            attempt[key_of_time] = {"S": time.isoformat()}
        self._dynamodb.put_item(TableName=contract.DEFAULT_LEDGER, Item=record)


@pytest.fixture
def story(aws: EmbeddedAws, assembly: Assembly) -> Story:
    """Return an account with a ledger, in which nothing was ordered."""
    return Story(aws, assembly)


def test_a_lost_response_buys_once(story: Story, fake: FakeOutposts) -> None:
    """The order was placed and doesn't show: nothing is sent again, and it is found later."""
    fake.list_lag = 1000
    fake.fail("CreateOrder", Fault.reset(applied=True))
    command = story.deploy_and_fail()
    still_unknown = story.terminal.paste(command)
    assert still_unknown.exit_code == 3, still_unknown.text

    story.let_time_pass(command.split()[2], MAX_SENDER_LIFETIME)
    assert story.deploy_and_fail() == command
    assert len(fake.posts) == 1

    fake.list_every_order()
    found = story.terminal.paste(command)
    assert found.exit_code == 0, found.text
    [order] = fake.orders
    assert order["OrderId"] in found.text
    deployed = story.deploy()
    assert deployed.outputs == {"RackOrderId": order["OrderId"], "RackStatus": "PREPARING"}
    assert len(fake.posts) == len(fake.orders) == 1


def test_a_lost_response_without_an_order_waits_for_a_verdict(
    story: Story, fake: FakeOutposts
) -> None:
    """Nothing is bought before a person records that no order was placed. Then one order is."""
    fake.fail("CreateOrder", Fault.reset())
    command = story.deploy_and_fail()
    order_name = command.split()[2]
    confirmed = f"--why 'Support case 1234' --confirm {order_name}"
    verdict = f"outpost-order resolve {order_name} --not-placed {confirmed}"
    too_early = story.terminal.paste(verdict)
    assert too_early.exit_code == 1, too_early.text

    story.let_time_pass(order_name, VERDICT_AGE)
    assert story.deploy_and_fail() == command
    assert len(fake.posts) == 1
    recorded = story.terminal.paste(verdict)
    assert recorded.exit_code == 0, recorded.text
    deployed = story.deploy()
    [order] = fake.orders
    assert deployed.outputs == {"RackOrderId": order["OrderId"], "RackStatus": "PREPARING"}
    assert len(fake.posts) == 2
