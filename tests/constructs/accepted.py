"""The accepted findings of reviewers' tools, each with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass

Finding = tuple[str, str]
"""The id that acknowledges a rule, and the construct below the provider that breaks it."""


@dataclass(frozen=True)
class Accepted:
    """Rules that one construct breaks for one reason."""

    construct: str
    rules: tuple[str, ...]
    reason: str

    @property
    def findings(self) -> Iterator[Finding]:
        """Yield each rule with the construct."""
        for rule in self.rules:
            yield rule, self.construct

    @property
    def row(self) -> str:
        """The row of the table in docs/review.md."""
        rules = "<br>".join(f"`{rule}`" for rule in self.rules)
        return f"| `{self.construct}` | {rules} | {self.reason} |"


def _rules(rule: str, *packs: str) -> tuple[str, ...]:
    return tuple(f"{pack}-{rule}" for pack in packs)


_HIPAA, _NIST_4, _NIST_5 = "HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5"
_PCI, _SERVERLESS, _GUARD = "PCI.DSS.321", "Serverless", "cdk-validator-cfnguard::"
_NO_QUEUE = (
    "If an event is lost, no order is lost: the ledger has every attempt, and CloudFormation "
    "fails the stack. A queue would keep the presigned URL of the answer, and make it easy to "
    "replay a purchase."
)

ACCEPTED = (
    Accepted(
        "Policy",
        ("AwsSolutions-IAM5[Resource::*]",),
        "The Outposts API doesn't support resource-level permissions for reading orders and "
        "the catalog. `outposts:CreateOrder`, which costs money, names the Outposts of the "
        "stack.",
    ),
    Accepted(
        "Policy",
        _rules("IAMNoInlinePolicy", _HIPAA, _NIST_4, _NIST_5, _PCI),
        "The policy must be in place before the first order, and until the last one is gone. "
        "No other role needs it.",
    ),
    Accepted(
        "Function",
        (
            *_rules("LambdaInsideVPC", _HIPAA, _NIST_4, _NIST_5, _PCI),
            f"{_GUARD}lambda_inside_vpc_check",
        ),
        "The function calls AWS APIs and accepts no connections. "
        "`OutpostOrderProvider(vpc=...)` runs it in your VPC, which must have a route to them.",
    ),
    Accepted(
        "Function",
        _rules("LambdaConcurrency", _HIPAA, _NIST_5),
        "The ledger separates purchases, not Lambda. Reserved concurrency reduces that of the "
        "account, and fails if 100 or less are left.",
    ),
    Accepted(
        "Function",
        ("AwsSolutions-L1", *_rules("LambdaLatestVersion", _SERVERLESS)),
        "CDK has Python 3.13 for every Region and partition. "
        "`OutpostOrderProvider(runtime=...)` accepts a newer one.",
    ),
    Accepted("Function", _rules("LambdaDLQ", _HIPAA, _NIST_5, _SERVERLESS), _NO_QUEUE),
    Accepted(
        "Function/EventInvokeConfig",
        _rules("LambdaAsyncFailureDestination", _SERVERLESS),
        _NO_QUEUE,
    ),
    Accepted(
        "Function",
        _rules("LambdaTracing", _SERVERLESS),
        "A deployment makes a few calls, and the log has each that fails. Tracing would give "
        "the role two more actions on `*`.",
    ),
    Accepted(
        "LogGroup",
        (
            *_rules("CloudWatchLogGroupEncrypted", _HIPAA, _NIST_4, _NIST_5, _PCI),
            f"{_GUARD}cloudwatch_log_group_encrypted_check",
        ),
        "CloudWatch Logs encrypts the log group with its own key, and no secret is logged. "
        "`OutpostOrderProvider(log_group=...)` accepts one with your key.",
    ),
    Accepted(
        "Ledger/Table",
        _rules("DynamoDBInBackupPlan", _HIPAA, _NIST_4, _NIST_5),
        "The table can be restored to any second of the last 35 days, and has deletion "
        "protection. A backup plan belongs to the account: give it `ledger.table_arn`.",
    ),
)
