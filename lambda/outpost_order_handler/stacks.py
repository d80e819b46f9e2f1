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
_CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1}
)


@dataclass(frozen=True)
class StackResource:
    """A resource as CloudFormation describes it.

    Attributes:
        status: Its status, or why it can't be known.
        order: The purchase in one line, as its metadata has it; empty without one.
    """

    status: str
    order: str = ""

    @property
    def is_being_created(self) -> bool:
        """Whether CloudFormation is creating it at this moment."""
        return self.status == _CREATING


class Stacks:
    """CloudFormation's own view of the stack's resources."""

    def __init__(self, client: Any = None) -> None:  # noqa: ANN401 (made at run time)
        """Take a client, or create one when it is needed."""
        self._given = client

    def describe(self, stack_id: str, logical_id: str) -> StackResource:
        """Describe a resource; an error is an answer that confirms nothing."""
        try:
            answer = self._client.describe_stack_resource(
                StackName=stack_id, LogicalResourceId=logical_id
            )
            detail = answer["StackResourceDetail"]
            return StackResource(str(detail["ResourceStatus"]), _order_in(detail))
        except Exception as error:
            logger.warning("CloudFormation does not confirm the resource", exc_info=True)
            return StackResource(_words_of(error))

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401
        return self._given or boto3.client("cloudformation", config=_CONFIG)


def _words_of(error: Exception) -> str:
    """Return the service's own words, without those of botocore."""
    said = error.response.get("Error", {}) if isinstance(error, ClientError) else {}
    return f"{said.get('Code')}: {said.get('Message')}" if said else str(error)


def _order_in(detail: dict[str, Any]) -> str:
    metadata = json.loads(detail.get("Metadata") or "{}")
    return str(metadata.get(ORDER_METADATA) or "") if isinstance(metadata, dict) else ""
