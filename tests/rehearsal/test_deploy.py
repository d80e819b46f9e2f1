from collections.abc import Iterator

import pytest

from outpost_order_fake import REQUEST_ID, FakeOutposts, Fault
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.assembly import Assembly, Template
from tests.rehearsal.cdk_cli import CdkCli
from tests.rehearsal.stacks import Stacks
from tests.rehearsal.terminal import Terminal

ORDER = "Custom::OutpostOrder"
STACK = "Racks"
LONG_MESSAGE = "because of this " * 40
OF_EACH_INVOCATION = ("START ", "END ", "REPORT ", '{"_aws"')


@pytest.fixture
def impatient_aws(fake: FakeOutposts) -> Iterator[EmbeddedAws]:
    """Serve an AWS whose functions have settings to retry everything."""
    with EmbeddedAws(outposts_url=fake.url, server_env={"AWS_MAX_ATTEMPTS": "7"}) as aws:
        yield aws


def _order_id(template: Template) -> str:
    order_id: str
    [order_id] = [name for name, each in template["Resources"].items() if each["Type"] == ORDER]
    return order_id


def _order(template: Template) -> Template:
    order: Template = template["Resources"][_order_id(template)]
    return order


def _with_quantity(template: Template, quantity: int) -> Template:
    _order(template)["Properties"]["LineItems"][0]["Quantity"] = quantity
    return template


def _with_deletion_policy(template: Template, policy: str) -> Template:
    _order(template)["DeletionPolicy"] = policy
    return template


def _with_failing_sibling(template: Template) -> Template:
    """Add a resource that fails after the order was placed, without a request of its own."""
    order, order_id = _order(template), _order_id(template)
    properties = {**order["Properties"], "OrderName": "sibling", "PaymentOption": "cash"}
    template["Resources"]["Sibling"] = {**order, "Properties": properties, "DependsOn": [order_id]}
    return template


def _operations(fake: FakeOutposts) -> set[str]:
    return {request.operation for request in fake.requests}


def test_the_life_of_a_stack_with_the_real_cli(fake: FakeOutposts, aws: EmbeddedAws) -> None:
    """Deployed, destroyed, and deployed again: outputs, and one order."""
    cli = CdkCli(aws)
    assert cli.bootstrap().exit_code == 0
    assert Terminal(aws).paste("outpost-order init --region us-west-2").exit_code == 0
    deployment = cli.deploy()
    assert deployment.exit_code == 0, deployment.text
    [order] = fake.orders
    outputs = {"RackOrderId": order["OrderId"], "RackStatus": "PREPARING"}
    assert deployment.outputs == {"OutpostRack": outputs}
    synthesized = str(aws.folder / "cdk.out")
    assert cli.destroy(app=synthesized).exit_code == 0
    assert fake.live_orders == [order]

    fake.advance(order["OrderId"], to="COMPLETED")
    again = cli.deploy(app=synthesized)
    assert again.outputs == {"OutpostRack": outputs | {"RackStatus": "COMPLETED"}}
    assert len(fake.posts) == 1
    assert len(fake.orders) == 1


def test_a_created_stack_shows_its_order(
    fake: FakeOutposts, stacks: Stacks, assembly: Assembly
) -> None:
    """The outputs are those of the one order that was made, from one request."""
    result = stacks.create(STACK, assembly.template)
    [order] = fake.orders
    assert result.status == "CREATE_COMPLETE"
    assert result.outputs == {"RackOrderId": order["OrderId"], "RackStatus": "PREPARING"}
    assert len(fake.posts) == 1


def test_a_refusal_is_the_reason_of_the_failure(
    fake: FakeOutposts, stacks: Stacks, assembly: Assembly
) -> None:
    """The reason begins with code and exception, even if the service's message is long."""
    fake.fail("CreateOrder", Fault.refusal("ValidationException", LONG_MESSAGE), times=None)
    result = stacks.create(STACK, assembly.template)
    [reason] = result.reasons("CREATE_FAILED")
    assert result.status == "ROLLBACK_COMPLETE"
    assert reason.startswith("InvalidRequest (ValidationException): ")
    assert len(reason) <= 250
    assert len(fake.posts) == 1


def test_a_refusal_is_one_line_of_the_functions_log(
    fake: FakeOutposts, aws: EmbeddedAws, stacks: Stacks, assembly: Assembly
) -> None:
    """Beside what Lambda writes of each invocation, and the metric."""
    fake.fail("CreateOrder", Fault.refusal("ConflictException", LONG_MESSAGE))
    [reason] = stacks.create(STACK, assembly.template).reasons("CREATE_FAILED")
    logs = aws.client("logs")
    [group] = logs.describe_log_groups()["logGroups"]
    events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    messages = [each["message"] for each in events]
    [line] = [each for each in messages if not each.startswith(OF_EACH_INVOCATION)]
    assert reason in line
    assert LONG_MESSAGE.strip() in line
    assert f"request ID {REQUEST_ID}" in line


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_the_rollback_of_another_failure_keeps_the_order(
    policy: str, fake: FakeOutposts, stacks: Stacks, assembly: Assembly
) -> None:
    """Nothing is cancelled, even if a deployer removed the Retain policy."""
    template = _with_failing_sibling(_with_deletion_policy(assembly.template, policy))
    result = stacks.create(STACK, template)
    assert result.status == "ROLLBACK_COMPLETE"
    assert len(result.reasons("CREATE_FAILED")) == 1
    assert len(fake.live_orders) == len(fake.posts) == 1
    assert "CancelOrder" not in _operations(fake)


def test_a_changed_order_is_refused_and_rolled_back(
    fake: FakeOutposts, stacks: Stacks, assembly: Assembly
) -> None:
    """The rollback's own Update passes, and nothing more is bought."""
    stacks.create(STACK, assembly.template)
    [order] = fake.orders
    result = stacks.update(STACK, _with_quantity(assembly.template, 3))
    [reason] = result.reasons("UPDATE_FAILED")
    assert result.status == "UPDATE_ROLLBACK_COMPLETE"
    assert reason.startswith("NotUpdatable (")
    assert order["OrderId"] in reason
    assert fake.orders == [order]
    assert len(fake.posts) == 1


def test_an_update_to_the_same_order_shows_its_new_status(
    fake: FakeOutposts, stacks: Stacks, assembly: Assembly
) -> None:
    """An ARN of the same Outpost is no change; the attributes are read again."""
    stacks.create(STACK, assembly.template)
    [order] = fake.orders
    fake.set_status(order["OrderId"], "IN_PROGRESS")
    template = assembly.template
    properties = _order(template)["Properties"]
    outpost_id = properties["OutpostIdentifier"]
    properties["OutpostIdentifier"] = (
        f"arn:aws:outposts:us-west-2:000000000000:outpost/{outpost_id}"
    )
    result = stacks.update(STACK, template)
    assert result.status == "UPDATE_COMPLETE"
    assert result.outputs == {"RackOrderId": order["OrderId"], "RackStatus": "IN_PROGRESS"}
    assert len(fake.posts) == 1


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_a_deleted_stack_keeps_its_order(
    policy: str, fake: FakeOutposts, stacks: Stacks, assembly: Assembly
) -> None:
    """Nothing is cancelled, even if a deployer removed the Retain policy."""
    stacks.create(STACK, _with_deletion_policy(assembly.template, policy))
    result = stacks.delete(STACK)
    assert result.status == "DELETE_COMPLETE"
    assert len(fake.live_orders) == 1
    assert "CancelOrder" not in _operations(fake)


@pytest.mark.parametrize(
    "fault",
    [Fault.refusal("InternalServerException", applied=True), Fault.reset(applied=True)],
    ids=["answers 500", "resets the connection"],
)
def test_an_order_in_doubt_is_found_and_not_sent_again(
    fault: Fault, fake: FakeOutposts, impatient_aws: EmbeddedAws, assembly: Assembly
) -> None:
    """A service that takes the order and fails gets one request, whatever the environment says."""
    fake.fail("CreateOrder", fault, times=None)
    result = Stacks(impatient_aws, assembly).create(STACK, assembly.template)
    [order] = fake.orders
    assert result.outputs == {"RackOrderId": order["OrderId"], "RackStatus": "PREPARING"}
    assert len(fake.posts) == 1
