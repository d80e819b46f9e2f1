"""Protected tables and stacks: they can't be deleted, as in AWS."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from outpost_order_rehearsal.deployable import DeployableStack
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.engine import Engine, events_of
from outpost_order_rehearsal.environment import ACCOUNT, REGION

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "orders",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
    },
}
QUEUE = {"Type": "AWS::SQS::Queue"}
STACK = DeployableStack("Berlin", {"Resources": {"Queue": QUEUE}}, ACCOUNT, REGION)
WITH_TABLE = replace(STACK, template={"Resources": {"Queue": QUEUE, "Table": TABLE}})


def _refusals(aws: EmbeddedAws) -> list[str]:
    events = events_of(aws.client("cloudformation"), STACK.name)
    return [each.reason for each in events if each.status == "DELETE_FAILED" and each.reason]


def test_an_update_cannot_delete_a_protected_table(aws: EmbeddedAws) -> None:
    """The table exists after the stack doesn't have it anymore, and an event says why."""
    engine = Engine(aws)
    assert engine.deploy(WITH_TABLE).is_done
    engine.deploy(STACK)
    assert aws.client("dynamodb").list_tables()["TableNames"] == ["orders"]
    assert "Table orders has deletion protection. Turn it off first." in _refusals(aws)


def test_the_deletion_of_a_stack_cannot_delete_a_protected_table(aws: EmbeddedAws) -> None:
    """The deletion fails."""
    engine = Engine(aws)
    assert engine.deploy(WITH_TABLE).is_done
    client = aws.client("cloudformation")
    client.delete_stack(StackName=STACK.name)
    with pytest.raises(Exception, match="terminal failure state"):
        client.get_waiter("stack_delete_complete").wait(
            StackName=STACK.name, WaiterConfig={"Delay": 0.05}
        )
    assert aws.client("dynamodb").list_tables()["TableNames"] == ["orders"]
    assert "Table orders has deletion protection. Turn it off first." in _refusals(aws)


def _delete(aws: EmbeddedAws) -> None:
    aws.client("cloudformation").delete_stack(StackName=STACK.name)


def test_a_protected_stack_cannot_be_deleted(aws: EmbeddedAws) -> None:
    """AWS refuses the request."""
    assert Engine(aws).deploy(replace(STACK, is_protected=True)).is_done
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is"):
        _delete(aws)


def test_a_deployment_turns_the_protection_off(aws: EmbeddedAws) -> None:
    """It does so also if nothing else of the stack changes, as that of the CDK CLI."""
    engine = Engine(aws)
    engine.deploy(replace(STACK, is_protected=True))
    assert engine.deploy(STACK).is_done
    _delete(aws)


def test_a_deployment_turns_the_protection_on(aws: EmbeddedAws) -> None:
    """The stack exists already."""
    engine = Engine(aws)
    engine.deploy(STACK)
    assert engine.deploy(replace(STACK, is_protected=True)).is_done
    with pytest.raises(ClientError, match="TerminationProtection"):
        _delete(aws)
