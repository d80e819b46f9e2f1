"""Is CloudFormation creating this resource? The one boto3 "cloudformation" client.

Source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
"""

import json
import logging
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from outpost_order_handler.contract import ORDER_METADATA

logger = logging.getLogger(__name__)
_CREATING = "CREATE_IN_PROGRESS"
_DYNAMIC_REFERENCE = "{{resolve:"
_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})


class Stacks:
    """CloudFormation's own view of the stacks' resources."""

    def __init__(self, client: Any = None) -> None:  # noqa: ANN401 (made at run time)
        self._given = client

    def objection(self, resource: str, order: str) -> str:
        """Return why `<StackId>|<LogicalResourceId>` isn't being created; empty if it is.

        It is, if its metadata has this order, the purchase in one line, or has none.
        """
        stack_id, _, logical_id = resource.partition("|")
        named = {"StackName": stack_id, "LogicalResourceId": logical_id}
        try:
            detail = self._client.describe_stack_resource(**named)["StackResourceDetail"]
            status, metadata = detail["ResourceStatus"], json.loads(detail.get("Metadata") or "{}")
        except Exception as error:  # an error is an answer that confirms nothing
            logger.warning("CloudFormation does not confirm the resource", exc_info=True)
            said = error.response.get("Error") if isinstance(error, ClientError) else None
            status = f"{said.get('Code')}: {said.get('Message')}" if said else error
        if status != _CREATING:
            return f"CloudFormation does not create it: {status}"
        shown = metadata.get(ORDER_METADATA) if isinstance(metadata, dict) else None
        if shown in (None, "", order) or _DYNAMIC_REFERENCE in str(shown):
            return ""
        return f"the template has {shown}; the event has {order}"

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401
        return self._given or boto3.client("cloudformation", config=_CONFIG)
