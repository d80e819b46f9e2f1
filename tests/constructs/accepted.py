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
    "A lost event is no lost order: the ledger has every attempt, and CloudFormation fails the "
    "stack. A queue would keep the presigned URL of the answer, and invite somebody to replay a "
    "purchase."
)

ACCEPTED = (
    Accepted(
        "Policy",
        ("AwsSolutions-IAM5[Resource::*]",),
        "Reading orders and the catalog knows no resource-level permission in this API. "
        "`outposts:CreateOrder`, which costs money, names the Outposts of the stack.",
    ),
    Accepted(
        "Policy",
        _rules("IAMNoInlinePolicy", _HIPAA, _NIST_4, _NIST_5, _PCI),
        "The policy is in place before the first order, and until the last one is gone. No other "
        "role has a use for it.",
    ),
    Accepted(
        "Function",
        (
            *_rules("LambdaInsideVPC", _HIPAA, _NIST_4, _NIST_5, _PCI),
            f"{_GUARD}lambda_inside_vpc_check",
        ),
        "It calls AWS APIs and takes no connection. `OutpostOrderProvider(vpc=...)` runs it in a "
        "VPC of yours, which must have a way to them.",
    ),
    Accepted(
        "Function",
        _rules("LambdaConcurrency", _HIPAA, _NIST_5),
        "The ledger keeps two purchases apart, not Lambda. A reservation takes from what the "
        "account has left, and fails where that is 100 or less.",
    ),
    Accepted(
        "Function",
        ("AwsSolutions-L1", *_rules("LambdaLatestVersion", _SERVERLESS)),
        "Python 3.13 is what CDK has for every Region and partition. "
        "`OutpostOrderProvider(runtime=...)` takes a newer one.",
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
        "A deployment makes a handful of calls, and the log tells each that fails. Tracing would "
        "give the role two more actions on `*`.",
    ),
    Accepted(
        "LogGroup",
        (
            *_rules("CloudWatchLogGroupEncrypted", _HIPAA, _NIST_4, _NIST_5, _PCI),
            f"{_GUARD}cloudwatch_log_group_encrypted_check",
        ),
        "CloudWatch Logs encrypts it with a key of its own, and no secret is logged. "
        "`OutpostOrderProvider(log_group=...)` takes one with a key of yours.",
    ),
    Accepted(
        "Ledger/Table",
        _rules("DynamoDBInBackupPlan", _HIPAA, _NIST_4, _NIST_5),
        "It can be restored to any second of the last 35 days, and cannot be deleted by mistake. "
        "A backup plan is the account's: `ledger.table_arn` is what it takes.",
    ),
)
