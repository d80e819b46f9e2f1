"""Reviewers' tools check the stack of app.py and a ledger: each finding is accepted."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from aws_cdk import Acknowledgment, App, Stack, Validations
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R4Checks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)
from cdklabs.cdk_validator_cfnguard import CfnGuardValidator

from app import RackStack
from cdk_outpost_order import OrderLedger, OutpostOrderProvider
from tests.constructs.accepted import ACCEPTED, Finding
from tests.constructs.conftest import MakeOrder

PACKS = (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R4Checks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)
PROVIDER = "OutpostRack/OutpostOrderProvider/"
GUARD = "cdk-validator-cfnguard"
ACCEPTED_FINDINGS = {finding for accepted in ACCEPTED for finding in accepted.findings}


@dataclass(frozen=True)
class Judged:
    """An app that every judge looks at when it is synthesized."""

    app: App
    folder: Path

    @classmethod
    def app_in(cls, folder: Path) -> "Judged":
        """Create a stack that has only the ledger."""
        app = App(outdir=str(folder))
        OrderLedger(Stack(app, "OrderLedger"), "Ledger")
        Validations.of(app).add_plugins(*(pack(app) for pack in PACKS))
        # Still typed as the plugin of an older aws_cdk; it is called in the same way.
        Validations.of(app).add_plugins(CfnGuardValidator())  # type: ignore[arg-type]
        return cls(app, folder)

    def findings(self) -> set[Finding]:
        """Return the report of the last synthesis."""
        report = json.loads((self.folder / "validation-report.json").read_text())
        return {
            (_acknowledged_by(judge["pluginName"], violation["ruleName"]), _short(construct))
            for judge in report["pluginReports"]
            for violation in judge["violations"]
            for construct in violation["violatingConstructs"]
        }


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Synthesize the stack of app.py with all judges, which refuse it."""
    judged = Judged.app_in(tmp_path_factory.mktemp("cdk.out"))
    RackStack(judged.app, "OutpostRack")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        judged.app.synth()
    return judged


def test_nothing_is_found_that_is_not_accepted(judged: Judged) -> None:
    """A new finding is fixed, or accepted with a reason."""
    assert judged.findings() - ACCEPTED_FINDINGS == set()


def test_nothing_is_accepted_that_is_not_found(judged: Judged) -> None:
    """A reason without a finding is removed."""
    assert ACCEPTED_FINDINGS - judged.findings() == set()


def test_no_finding_is_accepted_twice() -> None:
    """Each finding has one reason."""
    assert sum(len(accepted.rules) for accepted in ACCEPTED) == len(ACCEPTED_FINDINGS)


def test_an_app_that_acknowledges_the_accepted_findings_passes_every_judge(judged: Judged) -> None:
    """The tools accept the IDs in docs/review.md."""
    stacks = [judged.app.node.find_child(name) for name in ("OutpostRack", "OrderLedger")]
    for accepted in ACCEPTED:
        for rule in accepted.rules:
            acknowledgment = Acknowledgment(id=rule, reason=accepted.reason)
            for stack in stacks:
                Validations.of(stack).acknowledge(acknowledgment)
    judged.app.synth(force=True)
    assert judged.findings() == set()


def test_options_of_the_provider_mend_what_they_are_for(
    tmp_path: Path, make_order: MakeOrder
) -> None:
    """A VPC, a log group with a key, and an alarm with an action break no rule."""
    judged = Judged.app_in(tmp_path)
    stack = Stack(judged.app, "OutpostRack")
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    provider = OutpostOrderProvider(
        stack,
        "OutpostOrderProvider",
        vpc=ec2.Vpc(stack, "Vpc"),
        log_group=logs.LogGroup(stack, "LogGroup", encryption_key=key),
    )
    provider.add_in_doubt_alarm(actions=[actions.SnsAction(sns.Topic(stack, "Topic"))])
    make_order(scope=stack, provider=provider)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        judged.app.synth()
    fixed = {
        (rule, construct)
        for rule, construct in ACCEPTED_FINDINGS
        if re.search("insidevpc|loggroup", re.sub("_", "", rule.lower()))
    }
    constructs = {construct for _, construct in ACCEPTED_FINDINGS}
    constructs |= {"InDoubtAlarm", "OutpostRack/LogGroup"}
    found = {finding for finding in judged.findings() if finding[1] in constructs}
    assert found == ACCEPTED_FINDINGS - fixed
    assert len(fixed) == 10


def _acknowledged_by(judge: str, rule: str) -> str:
    # A rule of cdk-nag names its pack already.
    return f"{judge}::{rule}" if judge == GUARD else rule


def _short(construct: dict[str, str]) -> str:
    path = construct["constructPath"].removeprefix(PROVIDER).removeprefix("OrderLedger/")
    return path.removesuffix("/Resource")
