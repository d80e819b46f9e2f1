"""Deploy a synthesized app without the CDK CLI: seconds become tenths of a second."""

import json
import time
from collections.abc import Callable
from typing import Any

from outpost_order_handler import contract
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.engine import POLL_SECONDS, StackResult, events_of
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from tests.rehearsal.assembly import Assembly, Template
from tests.rehearsal.cdk_cli import ROOT


def assets_bucket(region: str = REGION) -> str:
    """Return the name of the bucket that a bootstrap makes."""
    return f"cdk-hnb659fds-assets-{ACCOUNT}-{region}"


VERSION_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
LEDGER_TEMPLATE = ROOT / "cli" / "outpost_order_cli" / "ledger.template.json"


def bootstrap(aws: EmbeddedAws, region: str = REGION) -> None:
    """Make what deployments need of a bootstrap, in no time: the bucket and the version."""
    aws.client("s3", region).create_bucket(
        Bucket=assets_bucket(region), CreateBucketConfiguration={"LocationConstraint": region}
    )
    aws.client("ssm", region).put_parameter(
        Name=VERSION_PARAMETER, Value="30", Type="String", Overwrite=True
    )


class Stacks:
    """Creates, updates and deletes the stacks of one assembly in an embedded AWS."""

    def __init__(
        self,
        aws: EmbeddedAws,
        assembly: Assembly,
        *,
        with_ledger: bool = True,
        code: Callable[[bytes], bytes] = bytes,
        seconds: float = 60.0,
        region: str = REGION,
    ) -> None:
        """Put in place what a bootstrap, an asset upload and `outpost-order init` would.

        Args:
            aws: A started embedded AWS.
            assembly: Where templates take their assets from.
            with_ledger: Whether the account has a ledger.
            code: Changes the code of functions before it is uploaded.
            seconds: The time limit of one operation.
            region: The Region of the stacks.
        """
        self._aws = aws
        self._seconds = seconds
        self._region = region
        self._cloudformation = aws.client("cloudformation", region)
        bootstrap(aws, region)
        for key, content in assembly.file_assets.items():
            self._put(key, code(content) if key.endswith(".zip") else content)
        if with_ledger:
            self.create(contract.DEFAULT_LEDGER, json.loads(LEDGER_TEMPLATE.read_text()))

    def create(self, name: str, template: Template) -> StackResult:
        """Create a stack and wait for the end of it."""
        stack = self._cloudformation.create_stack(**self._request(name, template))
        return self._result(stack["StackId"])

    def update(self, name: str, template: Template) -> StackResult:
        """Update a stack and wait for the end of it."""
        stack = self._cloudformation.update_stack(**self._request(name, template))
        return self._result(stack["StackId"])

    def delete(self, name: str) -> StackResult:
        """Delete a stack and wait for the end of it."""
        stack_id = _described(self._aws, name, self._region)["StackId"]
        self._cloudformation.delete_stack(StackName=stack_id)
        return self._result(stack_id)

    def _request(self, name: str, template: Template) -> dict[str, Any]:
        key = f"{name}.template.json"
        self._put(key, json.dumps(template).encode())
        return {
            "StackName": name,
            "TemplateURL": f"{self._aws.endpoint_url}/{assets_bucket(self._region)}/{key}",
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        }

    def _put(self, key: str, content: bytes) -> None:
        client = self._aws.client("s3", self._region)
        client.put_object(Bucket=assets_bucket(self._region), Key=key, Body=content)

    def _result(self, stack_id: str) -> StackResult:
        deadline = time.monotonic() + self._seconds
        while (result := describe_stack(self._aws, stack_id, self._region)).status.endswith(
            "_IN_PROGRESS"
        ):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{stack_id} is still {result.status}: {result.events}")
            time.sleep(POLL_SECONDS)
        return result

    def _describe(self, stack_id: str) -> StackResult:
        return describe_stack(self._aws, stack_id, self._region)


def describe_stack(aws: EmbeddedAws, name: str, region: str = REGION) -> StackResult:
    """Return the current state of a stack; a deleted one is found only by its ID."""
    stack = _described(aws, name, region)
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    events = events_of(aws.client("cloudformation", region), stack["StackId"])
    return StackResult(stack["StackStatus"], outputs, events)


def _described(aws: EmbeddedAws, name: str, region: str) -> dict[str, Any]:
    answer = aws.client("cloudformation", region).describe_stacks(StackName=name)
    stack: dict[str, Any] = answer["Stacks"][0]
    return stack
