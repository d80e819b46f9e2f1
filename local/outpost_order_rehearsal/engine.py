"""The engine: it deploys stacks into the AWS on this machine as the CDK CLI does."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from outpost_order_rehearsal.deployable import DeployableStack
from outpost_order_rehearsal.embedded_aws import EmbeddedAws

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
BOOTSTRAP_VERSION = "30"
BOOTSTRAP_PARAMETER = re.compile(r"/cdk-bootstrap/[^/]+/version")
TEMPLATES = "rehearsal-templates"
POLL_SECONDS = 0.05
MUST_BE_REPLACED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS")
GONE = ("DELETE_COMPLETE", "")


@dataclass(frozen=True)
class StackEvent:
    """One event of a stack; the reason is empty where CloudFormation gives none."""

    resource: str
    status: str
    reason: str
    resource_type: str = ""
    physical_id: str = ""
    stack_id: str = ""


@dataclass(frozen=True)
class StackResult:
    """How an operation on a stack ended; the events are all the stack ever had, in order."""

    status: str
    outputs: dict[str, str]
    events: list[StackEvent]

    def reasons(self, status: str) -> list[str]:
        """Return the reasons that events of this status give."""
        return [event.reason for event in self.events if event.status == status and event.reason]

    @property
    def is_done(self) -> bool:
        """Whether the operation did what it was asked."""
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")


class Engine:
    """Deploys stacks, one after the other."""

    def __init__(self, aws: EmbeddedAws, *, seconds: float = 900.0) -> None:
        """Take the AWS.

        Args:
            aws: A started embedded AWS.
            seconds: The time limit of one stack.
        """
        self._aws = aws
        self._seconds = seconds
        self._buckets: set[tuple[str, str, str]] = set()
        self._published: set[tuple[str, str, str]] = set()

    def deploy(self, stack: DeployableStack) -> StackResult:
        """Create a stack, or update it, and wait for the end of it.

        Raises:
            ClientError: CloudFormation refuses the request.
            TimeoutError: The stack takes too long.
        """
        client = self._client("cloudformation", stack)
        self._publish(stack)
        request = self._request(stack)
        status, stack_id = self._status(stack)
        if status in MUST_BE_REPLACED:
            client.delete_stack(StackName=stack_id)
            self._wait(stack, stack_id)
            status = ""
        if status in GONE:
            created = client.create_stack(**request, EnableTerminationProtection=stack.is_protected)
            return self._wait(stack, created["StackId"])
        client.update_termination_protection(
            StackName=stack_id, EnableTerminationProtection=stack.is_protected
        )
        try:
            client.update_stack(**request)
        except ClientError as error:
            if "No updates" not in str(error):
                raise
        return self._wait(stack, stack_id)

    def delete(self, stack: DeployableStack) -> StackResult:
        """Delete a stack, and wait for the end of it.

        Raises:
            ClientError: CloudFormation refuses the request, or there is no such stack.
            TimeoutError: It takes too long.
        """
        _, stack_id = self._status(stack)
        self._client("cloudformation", stack).delete_stack(StackName=stack_id or stack.name)
        return self._wait(stack, stack_id or stack.name)

    def _client(self, service: str, stack: DeployableStack) -> Any:  # noqa: ANN401
        return self._aws.client(service, stack.region, stack.account)

    def _publish(self, stack: DeployableStack) -> None:
        """Put in place what a bootstrap has, and the assets."""
        for each in stack.template.get("Parameters", {}).values():
            if BOOTSTRAP_PARAMETER.fullmatch(str(each.get("Default"))):
                self._client("ssm", stack).put_parameter(
                    Name=each["Default"], Value=BOOTSTRAP_VERSION, Type="String", Overwrite=True
                )
        for asset in stack.assets:
            bucket, key = (_filled(text, stack) for text in (asset.bucket, asset.key))
            if (stack.account, bucket, key) not in self._published:
                self._put(stack, bucket, key, asset.content)
                self._published.add((stack.account, bucket, key))

    def _put(self, stack: DeployableStack, bucket: str, key: str, content: bytes) -> None:
        client = self._client("s3", stack)
        if (*stack.environment, bucket) not in self._buckets:
            place = {"LocationConstraint": stack.region}
            more = {} if stack.region == "us-east-1" else {"CreateBucketConfiguration": place}
            client.create_bucket(Bucket=bucket, **more)
            self._buckets.add((*stack.environment, bucket))
        client.put_object(Bucket=bucket, Key=key, Body=content)

    def _request(self, stack: DeployableStack) -> dict[str, Any]:
        bucket, key = f"{TEMPLATES}-{stack.account}-{stack.region}", f"{stack.name}.json"
        self._put(stack, bucket, key, json.dumps(stack.template).encode())
        return {
            "StackName": stack.name,
            "TemplateURL": f"{self._aws.endpoint_url}/{bucket}/{key}",
            "Capabilities": CAPABILITIES,
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in stack.parameters.items()
            ],
            "Tags": [{"Key": name, "Value": value} for name, value in stack.tags.items()],
        }

    def _status(self, stack: DeployableStack) -> tuple[str, str]:
        return status_of(self._client("cloudformation", stack), stack.name)

    def _wait(self, stack: DeployableStack, stack_id: str) -> StackResult:
        deadline = time.monotonic() + self._seconds
        while (described := self._described(stack, stack_id))["StackStatus"].endswith(
            "_IN_PROGRESS"
        ):
            if time.monotonic() > deadline:
                status = described["StackStatus"]
                raise TimeoutError(f"{stack.name} is still {status} after {self._seconds:g} s")
            time.sleep(POLL_SECONDS)
        return result_of(self._client("cloudformation", stack), stack_id)

    def _described(self, stack: DeployableStack, name: str) -> Mapping[str, Any]:
        answer = self._client("cloudformation", stack).describe_stacks(StackName=name)
        described: Mapping[str, Any] = answer["Stacks"][0]
        return described


def status_of(client: Any, name: str) -> tuple[str, str]:  # noqa: ANN401
    """Return the status and the ID of a stack; both are empty if there is none."""
    try:
        [described] = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return "", ""
    return described["StackStatus"], described["StackId"]


def result_of(client: Any, name: str) -> StackResult:  # noqa: ANN401
    """Return how the last operation on a stack ended."""
    [described] = client.describe_stacks(StackName=name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    events = events_of(client, described["StackId"])
    return StackResult(described["StackStatus"], outputs, events)


def events_of(client: Any, stack_id: str) -> list[StackEvent]:  # noqa: ANN401
    """Return the events of a stack, the oldest first."""
    return list(_newest_first(client, stack_id))[::-1]


def _newest_first(client: Any, stack_id: str) -> Iterator[StackEvent]:  # noqa: ANN401
    for page in client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        for event in page["StackEvents"]:
            yield StackEvent(
                event["LogicalResourceId"],
                event["ResourceStatus"],
                event.get("ResourceStatusReason", ""),
                event.get("ResourceType", ""),
                event.get("PhysicalResourceId", ""),
                event["StackId"],
            )


def _filled(text: str, stack: DeployableStack) -> str:
    values = {"AccountId": stack.account, "Region": stack.region, "Partition": "aws"}
    for name, value in values.items():
        text = text.replace(f"${{AWS::{name}}}", value)
    return text
