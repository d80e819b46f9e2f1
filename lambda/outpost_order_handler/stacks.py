"""Is CloudFormation creating this resource? The one boto3 "cloudformation" client.

Source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
"""

import json
import logging
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from outpost_order_handler.contract import ORDER_METADATA

logger = logging.getLogger(__name__)

_CREATING = "CREATE_IN_PROGRESS"
_DYNAMIC_REFERENCE = "{{resolve:"
_CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1}
)


@dataclass(frozen=True)
class StackResource:
    """A resource as CloudFormation describes it."""

    status: str  # or why it can't be known
    order: str = ""  # the purchase in one line, as its metadata has it; empty without one

    def objection_to(self, order: str) -> str:
        """Return why it isn't being created for an order; empty if it is."""
        if self.status != _CREATING:
            return f"CloudFormation does not create it: {self.status}"
        if self.order in ("", order) or _DYNAMIC_REFERENCE in self.order:
            return ""
        return f"the template has {self.order}; the event has {order}"


class Stacks:
    """CloudFormation's own view of the stack's resources."""

    def __init__(self, client: Any = None) -> None:  # noqa: ANN401 (made at run time)
        """Take a client, or create one when it is needed."""
        self._given = client

    def describe(self, stack_id: str, logical_id: str) -> StackResource:
        """Describe a resource; an error is an answer that confirms nothing."""
        named = {"StackName": stack_id, "LogicalResourceId": logical_id}
        try:
            detail = self._client.describe_stack_resource(**named)["StackResourceDetail"]
            metadata = json.loads(detail.get("Metadata") or "{}")
            order = metadata.get(ORDER_METADATA) if isinstance(metadata, dict) else None
            return StackResource(str(detail["ResourceStatus"]), str(order or ""))
        except Exception as error:
            logger.warning("CloudFormation does not confirm the resource", exc_info=True)
            said = error.response.get("Error") if isinstance(error, ClientError) else None
            return StackResource(
                f"{said.get('Code')}: {said.get('Message')}" if said else str(error)
            )

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401
        return self._given or boto3.client("cloudformation", config=_CONFIG)
