"""The first deployment, and the operations that follow it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from outpost_order_cli.options import Then
from outpost_order_cli.rehearse.deployment import Deployment
from outpost_order_cli.rehearse.machine import Machine
from outpost_order_cli.rehearse.outcome import Phase, StackOutcome
from outpost_order_cli.rehearse.steps import Steps
from outpost_order_handler import contract
from outpost_order_handler.contract import Property
from outpost_order_rehearsal.deployable import DeployableStack

COMMAND = re.compile(r": (outpost-order (?:reconcile|init) .+)$")
FAILING = "FailsOnPurpose"
MOVED = "-moved"
PAYMENT_OPTIONS = ("ALL_UPFRONT", "NO_UPFRONT")
CHANGES_TEMPLATES = frozenset({Then.UPDATE, Then.ROLLBACK, Then.MOVE})


@dataclass
class Phases:
    """The operations on the stacks of an app.

    Attributes:
        machine: The services.
        steps: Where each operation is shown.
        deployment: Deploys and deletes.
        stacks: The stacks, under the names that they have now.
    """

    machine: Machine
    steps: Steps
    deployment: Deployment
    stacks: Sequence[DeployableStack]

    def first(self) -> Phase:
        """Deploy the app."""
        return Phase("deploy", self.deployment.deploy(self.stacks))

    def then(self, what: Then) -> Phase:
        """Do one more operation, and judge it."""
        before = len(self.machine.outposts.posts)
        operations: Mapping[Then, Callable[[], Phase]] = {
            Then.UPDATE: self._update,
            Then.ROLLBACK: self._rollback,
            Then.DESTROY: self._destroy,
            Then.REDEPLOY: self.redeploy,
            Then.MOVE: self._move,
        }
        phase = operations[what]()
        sent = len(self.machine.outposts.posts) - before
        if sent and not phase.is_deployment:
            problem = f"{what} sent CreateOrder {sent} times"
            return replace(phase, problems=(*phase.problems, problem))
        return phase

    def redeploy(self) -> Phase:
        """Deploy the app again, unchanged."""
        return Phase(Then.REDEPLOY, self.deployment.deploy(self.stacks, "redeploy"))

    def run_commands(self, phase: Phase) -> tuple[str, ...]:
        """Run the command of each failure reason of a phase, and return those that fail."""
        failed: list[str] = []
        for stack in phase.stacks:
            for reason in stack.failures.values():
                if found := COMMAND.search(reason):
                    failed += self._run(found[1], stack)
        return tuple(failed)

    def _run(self, command: str, stack: StackOutcome) -> Iterable[str]:
        with self.steps.step(f"$ {command}") as step:
            exit_code, lines = self.machine.run(command, stack.account, stack.region)
            step.result, step.lines = f"exit {exit_code}", [f"| {line}".rstrip() for line in lines]
        return [f"{command} ended with exit code {exit_code}"] if exit_code else []

    def _update(self) -> Phase:
        """Change each order. You can't change an order, so each update fails."""
        changed = [
            replace(each, template=_with_changed_orders(each.template))
            for each in self.stacks
            if _has_orders(each) and self.deployment.is_deployed(each)
        ]
        outcomes = self.deployment.deploy(changed, "update")
        accepted = [
            f"the update of {each.name} wasn't refused" for each in outcomes if each.is_done
        ]
        return Phase(Then.UPDATE, outcomes, tuple(accepted), is_deployment=False)

    def _rollback(self) -> Phase:
        """Delete each stack, and create it with a resource that fails after the orders."""
        self._delete()
        failing = [
            replace(each, template=_with_failure(each.template)) if _has_orders(each) else each
            for each in self.stacks
        ]
        outcomes = self.deployment.deploy(failing, "roll back")
        names = {each.name for each in self.stacks if _has_orders(each)}
        kept = [
            f"{each.name} is {each.status}, and not rolled back"
            for each in outcomes
            if each.name in names and each.status not in ("ROLLBACK_COMPLETE", "")
        ]
        return Phase(Then.ROLLBACK, outcomes, tuple(kept), is_deployment=False)

    def _destroy(self) -> Phase:
        return Phase(Then.DESTROY, *self._delete(), is_deployment=False)

    def _move(self) -> Phase:
        """Delete the stacks, and deploy them under other names."""
        _, problems = self._delete()
        former = self.deployment.moved
        former |= {f"{e.name}{MOVED}": former.get(e.name, e.name) for e in self.stacks}
        self.stacks = [
            replace(
                each,
                name=f"{each.name}{MOVED}",
                needs=frozenset(f"{name}{MOVED}" for name in each.needs),
            )
            for each in self.stacks
        ]
        return Phase(Then.MOVE, self.deployment.deploy(self.stacks, "move to"), problems)

    def _delete(self) -> tuple[list[StackOutcome], tuple[str, ...]]:
        there = [each for each in self.stacks if self.deployment.exists(each)]
        outcomes = self.deployment.delete(there)
        kept = {each.name for each in there if self.deployment.exists(each)}
        problems = [
            f"{each.name} wasn't deleted: {each.reason or each.status}"
            for each in outcomes
            if each.name in kept
        ]
        return outcomes, tuple(problems)


def _has_orders(stack: DeployableStack) -> bool:
    return any(each.get("Type") == contract.RESOURCE_TYPE for each in stack.resources.values())


def _with_changed_orders(template: Mapping[str, Any]) -> dict[str, Any]:
    changed = deepcopy(dict(template))
    for resource in changed["Resources"].values():
        if resource.get("Type") == contract.RESOURCE_TYPE:
            properties = resource["Properties"]
            other = PAYMENT_OPTIONS[properties[Property.PAYMENT_OPTION] == PAYMENT_OPTIONS[0]]
            properties[Property.PAYMENT_OPTION] = other
    return changed


def _with_failure(template: Mapping[str, Any]) -> dict[str, Any]:
    changed = deepcopy(dict(template))
    changed["Resources"][FAILING] = {
        "Type": "AWS::CloudFormation::CustomResource",
        "DependsOn": list(changed["Resources"]),
        "Properties": {"ServiceToken": {"Fn::Sub": _NO_FUNCTION}},
    }
    return changed


_NO_FUNCTION = (
    "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:fails-on-purpose"
)
