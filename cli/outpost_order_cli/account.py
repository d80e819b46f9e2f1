"""The ledger of one account and Region in AWS: its table, its backups, its stack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from outpost_order_cli.location import Location, region_in_use
from outpost_order_cli.output import COMMAND
from outpost_order_cli.problems import code_of
from outpost_order_cli.template import ledger_template
from outpost_order_handler import contract

TABLE = STACK = contract.DEFAULT_LEDGER

Described = Mapping[str, Any]
"""Something as AWS describes it."""

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"})
_NOT_YET = ("TableNotFoundException", "ContinuousBackupsUnavailableException")


@dataclass(frozen=True)
class Account:
    """The account and Region that get a ledger.

    Attributes:
        dynamodb: Its client.
        cloudformation: Its client.
        options: The options of a command that works there.
    """

    dynamodb: Any
    cloudformation: Any
    options: str

    @classmethod
    def of(cls, location: Location) -> Self:
        """Return the account and Region that boto3 is connected to."""
        return cls(
            boto3.client("dynamodb", config=_CONFIG),
            boto3.client("cloudformation", config=_CONFIG),
            Location(region_in_use(), location.profile).access_options,
        )

    def table(self) -> Described | None:
        """Return the ledger's table, if there is one."""
        try:
            answer = self.dynamodb.describe_table(TableName=TABLE)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        return dict(answer["Table"])

    def backups(self) -> list[Described]:
        """Return the backups of the table, the newest first, even if the table was deleted."""
        pages = self.dynamodb.get_paginator("list_backups").paginate(
            TableName=TABLE, BackupType="ALL"
        )
        backups = [backup for page in pages for backup in page["BackupSummaries"]]
        backups = [backup for backup in backups if backup["BackupStatus"] != "DELETED"]
        return sorted(backups, key=lambda backup: backup["BackupCreationDateTime"], reverse=True)

    def is_recoverable(self) -> bool | None:
        """Return whether point-in-time recovery is on; none if that isn't known yet."""
        try:
            answer = self.dynamodb.describe_continuous_backups(TableName=TABLE)
        except ClientError as error:
            if code_of(error) in _NOT_YET:
                return None
            raise
        backups = answer["ContinuousBackupsDescription"]
        recovery = backups.get("PointInTimeRecoveryDescription", {})
        return bool(recovery.get("PointInTimeRecoveryStatus") == "ENABLED")

    def stack(self, name: str = STACK) -> Described | None:
        """Return the ledger's stack, if there is one."""
        try:
            answer = self.cloudformation.describe_stacks(StackName=name)
        except ClientError as error:
            if code_of(error) == "ValidationError" and "does not exist" in str(error):
                return None
            raise
        return dict(answer["Stacks"][0])

    def create_stack(self, tags: Sequence[Mapping[str, str]]) -> str | None:
        """Create the stack and return its ARN; none if another process was first."""
        try:
            answer = self.cloudformation.create_stack(
                StackName=STACK, TemplateBody=ledger_template(), Tags=tags
            )
        except ClientError as error:
            if code_of(error) == "AlreadyExistsException":
                return None
            raise
        return str(answer["StackId"])

    def failure_of(self, stack: Described) -> str:
        """Return why a stack failed, in the words of CloudFormation."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(
            StackName=stack["StackId"]
        )
        reasons = [
            event["ResourceStatusReason"]
            for page in pages
            for event in page["StackEvents"]
            if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason")
        ]
        # The newest event comes first, and the first failure is the cause.
        return str(reasons[-1] if reasons else stack.get("StackStatusReason", "no reason given"))

    def command(self, words: str) -> str:
        """Return a command of the AWS CLI that works when it is pasted."""
        return f"aws {words}{self.options}"

    @property
    def init(self) -> str:
        """The command that runs `init` again."""
        return f"{COMMAND} init{self.options}"

    @property
    def delete_stack(self) -> str:
        """The commands that make room for a new stack."""
        return (
            f"  {self.command(f'cloudformation delete-stack --stack-name {STACK}')}\n"
            f"  {self.command(f'cloudformation wait stack-delete-complete --stack-name {STACK}')}\n"
            f"  {self.init}"
        )
