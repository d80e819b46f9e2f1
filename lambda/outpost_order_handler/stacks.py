"""The confirmation of CloudFormation. The one boto3 "cloudformation" client.

Source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
"""

import json
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from outpost_order_handler.contract import ORDER_METADATA
from outpost_order_handler.failures import OrderError

_CREATING = "CREATE_IN_PROGRESS"
_DYNAMIC_REFERENCE = "{{resolve:"
_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})


class Stacks:
    """The resources of stacks, as CloudFormation describes them."""

    def __init__(self, client: Any = None) -> None:  # noqa: ANN401 (made at run time)
        self._given = client

    def require_creating(self, resource: str, order: str) -> None:
        """Raise unless CloudFormation is creating `<StackId>|<LogicalResourceId>`.

        Its metadata must have this order, the purchase in one line, or none.
        """
        stack_id, _, logical_id = resource.partition("|")
        named = {"StackName": stack_id, "LogicalResourceId": logical_id}
        cause: Exception | None = None
        try:
            detail = self._client.describe_stack_resource(**named)["StackResourceDetail"]
            status, metadata = detail["ResourceStatus"], json.loads(detail.get("Metadata") or "{}")
        except Exception as error:  # noqa: BLE001 (an error is an answer that confirms nothing)
            said = error.response.get("Error") if isinstance(error, ClientError) else None
            status = f"{said.get('Code')}: {said.get('Message')}" if said else error
            cause = error
        if status != _CREATING:
            objection = f"CloudFormation isn't creating this resource: {status}"
            raise OrderError("NotConfirmed", objection, fact="nothing was ordered") from cause
        shown = metadata.get(ORDER_METADATA) if isinstance(metadata, dict) else None
        if shown not in (None, "", order) and _DYNAMIC_REFERENCE not in str(shown):
            objection = f"Metadata.Order must be {order}, not {shown}"
            raise OrderError("NotConfirmed", objection, fact="nothing was ordered")

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401
        return self._given or boto3.client("cloudformation", config=_CONFIG)
