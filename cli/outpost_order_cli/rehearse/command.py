"""`outpost-order rehearse`: seal, synthesize, deploy, and show what the Outposts API received."""

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from outpost_order_cli.options import Story, Then
from outpost_order_cli.output import flush, one_line, say, say_as_given
from outpost_order_cli.problem import FAILED, Problem, misused
from outpost_order_cli.rehearse import junit, world
from outpost_order_cli.rehearse.deployment import Deployment, Engine
from outpost_order_cli.rehearse.drills import FAILURES, FAULTS, chosen, order_named
from outpost_order_cli.rehearse.machine import Machine
from outpost_order_cli.rehearse.outcome import Outcome, Phase
from outpost_order_cli.rehearse.parameters import make_up_values, require_values
from outpost_order_cli.rehearse.phases import CHANGES_TEMPLATES, Phases
from outpost_order_cli.rehearse.practice import Practice, let_time_pass
from outpost_order_cli.rehearse.printed import lines_of
from outpost_order_cli.rehearse.steps import Steps
from outpost_order_cli.review.assembly import Assembly, Environment, read
from outpost_order_cli.review.declared import Order, orders_of
from outpost_order_cli.review.report import Report
from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal import allowed, engine
from outpost_order_rehearsal.cdk_cli import CdkCli, CdkError, find
from outpost_order_rehearsal.deployable import DeployableStack, selected, stacks_of
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.endings import leave_on_signals
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from outpost_order_rehearsal.namespace import seal
from outpost_order_rehearsal.proxy import RefusingProxy
from outpost_order_rehearsal.synthesis import SynthesisError, command_of


@dataclass(frozen=True)
class Rehearsal:
    """The arguments and options, as they were typed.

    Attributes:
        stacks: The stacks to deploy, by name or path; all if none is named.
        app: The command of the app, or a synthesized assembly; by default that of `cdk.json`.
        region: The Region of stacks that name none.
        variables: The environment variables that the app gets besides those of the allow list.
        uses_cdk: Whether the user's CDK CLI deploys.
        failures: The failure of each order, such as `PO-1=ConflictException`.
        faults: The fault of each order, such as `PO-1=reset`.
        then: The operations that follow the deployment.
        story: The emergency to go through.
        expected: The failures that must happen, such as `PO-1=ConflictException`.
        strict: Whether it is refused if something isn't rehearsed.
        verbose: Whether the events of stacks are shown.
        as_json: Whether one document is printed.
        junit: The file for the JUnit report.
        keep: Whether a shell is opened at the end.
    """

    stacks: Sequence[str] = ()
    app: str | None = None
    region: str | None = None
    variables: Sequence[str] = ()
    uses_cdk: bool = False
    failures: Sequence[str] = ()
    faults: Sequence[str] = ()
    then: Sequence[Then] = ()
    story: Story | None = None
    expected: Sequence[str] = ()
    strict: bool = False
    verbose: bool = False
    as_json: bool = False
    junit: Path | None = None
    keep: bool = False

    def run(self) -> None:
        """Rehearse, and end with the exit code.

        Raises:
            Problem: The app can't be rehearsed.
            typer.Exit: A stack fails, or the outcome isn't what `review` or `--expect` says.
        """
        leave_on_signals()
        practice, expected = self._practice()
        try:
            command = command_of(Path.cwd(), self.app)
            variables = allowed.given(self.variables, os.environ)
        except (SynthesisError, ValueError) as error:
            raise misused(str(error)) from error
        is_sealed = seal()
        steps = Steps(is_silent=self.as_json)
        kept = "sealed" if is_sealed else "guarded"
        steps.say(f"Rehearsing on this machine ({kept}). Nothing reaches AWS, nothing is bought.")
        with ExitStack() as exit_stack:
            proxy = exit_stack.enter_context(RefusingProxy())
            outposts = exit_stack.enter_context(FakeOutposts())
            server_env = dict(proxy.environment)
            with steps.step("start AWS and Outposts"):
                aws = exit_stack.enter_context(
                    EmbeddedAws(outposts_url=outposts.url, server_env=server_env)
                )
            machine = Machine(aws, outposts, proxy, self.region or REGION, variables)
            cdk = self._cdk(machine, steps) if self.uses_cdk else None
            with steps.step(f"synthesize {command}"):
                folder = machine.synthesized(command)
            stage = _Stage(self, machine, steps, read(str(folder)), folder, practice)
            try:
                outcome = stage.outcome(cdk, expected, is_sealed=is_sealed)
            except CdkError as error:
                raise Problem(str(error)) from error
            self._show(outcome)
            if self.keep:
                first = outcome.stacks[0]
                say(f"This AWS ends with the shell. {first.account}, {first.region}:")
                flush()
                machine.open_shell(first.account, first.region)
        if not outcome.is_as_wanted:
            raise typer.Exit(FAILED)

    def _practice(self) -> tuple[Practice, frozenset[tuple[str, str]]]:
        """Read and compare the options.

        Raises:
            Problem: One can't be used, or two contradict each other.
        """
        practice = Practice.of(self.failures, self.faults)
        known = FAILURES | dict.fromkeys(_OTHER_NAMES, FAULTS["reset"])
        expected = frozenset(chosen("--expect", each, known) for each in self.expected)
        if self.story and (practice.drills or self.then):
            raise misused("--story can't be combined: remove --fail, --fault, and --then.")
        changing = sorted(CHANGES_TEMPLATES & {*self.then})
        if self.uses_cdk and (changing or practice.needs_update):
            what = f"--then {changing[0]}" if changing else "This failure"
            raise misused(
                f"{what} changes templates, which --cdk deploys as the app wrote them. "
                "Remove --cdk."
            )
        return practice, expected

    def _cdk(self, machine: Machine, steps: Steps) -> CdkCli:
        try:
            program = find(Path.cwd(), os.environ.get("PATH", os.defpath))
            show = (lambda line: steps.say(f"      {one_line(line)}")) if self.verbose else None
            cdk = CdkCli(program, machine.aws, machine.tool_environment, show=show)
            with steps.step("check the CDK CLI") as step:
                step.result = cdk.require_version()
        except CdkError as error:
            raise misused(str(error)) from error
        return cdk

    def _show(self, outcome: Outcome) -> None:
        if self.junit:
            junit.write(self.junit, outcome)
        if self.as_json:
            say_as_given(json.dumps(outcome.document(), indent=2))
        else:
            for line in lines_of(outcome, is_verbose=self.verbose):
                say(line)
        flush()


_OTHER_NAMES = ("ConnectionClosedError", "ReadTimeoutError", "NotDeployed")
"""Names of failures without an entry of their own in the failure table."""


@dataclass(frozen=True)
class _Stage:
    """An app that is synthesized, on a machine."""

    rehearsal: Rehearsal
    machine: Machine
    steps: Steps
    assembly: Assembly
    folder: Path
    practice: Practice

    def outcome(
        self, cdk: CdkCli | None, expected: frozenset[tuple[str, str]], *, is_sealed: bool
    ) -> Outcome:
        """Deploy the stacks in order, and return the outcome."""
        machine, default = self.machine, Environment(ACCOUNT, self.machine.region)
        stacks = self._stacks()
        names = {each.name for each in stacks}
        orders = [
            order
            for each in self.assembly.stacks
            if each.name.partition("/")[0] in names
            for order in orders_of(each)
        ]
        practice = self._practice(orders)
        expected = frozenset((order_named(name, orders), failure) for name, failure in expected)
        not_rehearsed = (
            *world.stand_ins(stacks, machine.aws.types),
            *world.prepare(orders, machine.outposts, default),
            *make_up_values(stacks, machine.aws),
            *(f"{each}: a value that the app looks up" for each in self.assembly.missing),
        )
        self._list(not_rehearsed)
        if cdk is not None:
            cdk.assembly = self.folder
            for account, region in sorted({each.environment for each in stacks}):
                with self.steps.step(f"cdk bootstrap {account} {region}"):
                    cdk.bootstrap(account, region)
        for place in sorted(world.ledgers(orders, default)):
            with self.steps.step(f"outpost-order init {place.account} {place.region}"):
                machine.init(place.account, place.region)
        report = Report.of(self.assembly, None, sorted(names) if self.rehearsal.stacks else ())
        phases = self._phases(cdk or engine.Engine(machine.aws), stacks, orders, practice)
        return Outcome(
            report,
            phases,
            expected,
            [post.body for post in machine.outposts.posts],
            [str(each["OrderId"]) for each in machine.outposts.live_orders],
            machine.proxy.hosts,
            is_sealed,
            not_rehearsed,
        )

    def _phases(
        self,
        deployer: Engine,
        stacks: Sequence[DeployableStack],
        orders: Sequence[Order],
        practice: Practice,
    ) -> list[Phase]:
        machine, default = self.machine, Environment(ACCOUNT, self.machine.region)
        deployment = Deployment(
            machine, self.steps, deployer, orders, is_verbose=self.rehearsal.verbose
        )
        phases = Phases(machine, self.steps, deployment, stacks)
        with ExitStack() as undo:
            practice.begin(machine, orders, default, undo)
            first = phases.first()
            if self.rehearsal.story:
                phases.run_commands(first)
        unresolved = let_time_pass(machine, orders, default) if practice.drills else []
        if self.rehearsal.story:
            if not unresolved:
                raise Problem("The story needs an order whose answer can be lost. None was lost.")
            self.steps.say("      Time passes. AWS lists the order now.")
            failed = phases.run_commands(first)
            return [replace(first, problems=failed), phases.redeploy()]
        wanted = list(self.rehearsal.then)
        if practice.needs_update and Then.UPDATE not in wanted:
            wanted.insert(0, Then.UPDATE)
        return [first, *map(phases.then, wanted)]

    def _practice(self, orders: Sequence[Order]) -> Practice:
        """Return the situations; those of a story are for its first possible order."""
        if self.rehearsal.story is None:
            return self.practice.of_app(orders)
        drill = FAULTS[self.rehearsal.story]
        for order in orders:
            if drill.need.accepts(order):
                return Practice({order.name: (self.rehearsal.story, drill)})
        raise Problem("The app buys nothing, so no answer can be lost.")

    def _list(self, not_rehearsed: Sequence[str]) -> None:
        if self.rehearsal.strict:
            world.refuse(not_rehearsed)
        if not_rehearsed:
            self.steps.say("Not rehearsed:")
            for line in not_rehearsed:
                self.steps.say(f"  {one_line(line)}")

    def _stacks(self) -> list[DeployableStack]:
        stacks = list(stacks_of(self.folder, ACCOUNT, self.machine.region))
        found, unmatched = selected(stacks, self.rehearsal.stacks)
        if unmatched:
            known = ", ".join(each.name for each in stacks)
            raise misused(f"The app has no stack {unmatched[0]!r}. Its stacks: {known}.")
        if not found:
            raise Problem("The app has no stacks. Add one, then run this again.")
        require_values(found)
        return found
