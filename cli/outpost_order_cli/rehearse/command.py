"""`outpost-order rehearse`: seal, synthesize, deploy, and show what the Outposts API received."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import typer
from botocore.exceptions import ClientError

from outpost_order_cli.output import flush, one_line, say, say_as_given, wrapped
from outpost_order_cli.problem import FAILED, Problem, misused
from outpost_order_cli.progress import progress
from outpost_order_cli.rehearse import world
from outpost_order_cli.rehearse.outcome import Outcome, StackOutcome
from outpost_order_cli.review.assembly import (
    MAX_DEPTH,
    NESTED_STACK,
    Assembly,
    Environment,
    read,
)
from outpost_order_cli.review.declared import Order, orders_of
from outpost_order_cli.review.report import Report, counted
from outpost_order_fake import FakeOutposts
from outpost_order_handler import contract
from outpost_order_rehearsal import allowed
from outpost_order_rehearsal.deployable import DeployableStack, selected, stacks_of
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.endings import leave_on_signals
from outpost_order_rehearsal.engine import Engine, StackEvent, StackResult, events_of
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from outpost_order_rehearsal.namespace import seal
from outpost_order_rehearsal.process_tree import ProcessTree
from outpost_order_rehearsal.proxy import RefusingProxy
from outpost_order_rehearsal.replaced import aws_environment
from outpost_order_rehearsal.synthesis import SynthesisError, command_of, synthesize

INIT = "from outpost_order_cli.app import main; main()"
INIT_SECONDS = 120


@dataclass(frozen=True)
class Rehearsal:
    """The arguments and options, as they were typed.

    Attributes:
        stacks: The stacks to deploy, by name or path; all if none is named.
        app: The command of the app, or a synthesized assembly; by default that of `cdk.json`.
        region: The Region of stacks that name none.
        variables: The environment variables that the app gets besides those of the allow list.
        strict: Whether it is refused if something isn't rehearsed.
        verbose: Whether the events of stacks are shown.
        as_json: Whether one document is printed.
        keep: Whether a shell is opened at the end.
    """

    stacks: Sequence[str]
    app: str | None
    region: str | None
    variables: Sequence[str]
    strict: bool
    verbose: bool
    as_json: bool
    keep: bool = False

    def run(self) -> None:
        """Rehearse, and end with the exit code.

        Raises:
            Problem: The app can't be rehearsed.
            typer.Exit: A stack fails, or the outcome isn't what `review` says.
        """
        leave_on_signals()
        try:
            command = command_of(Path.cwd(), self.app)
            variables = allowed.given(self.variables, os.environ)
        except (SynthesisError, ValueError) as error:
            raise misused(str(error)) from error
        is_sealed = seal()
        steps = _Steps(is_silent=self.as_json)
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
            machine = _Machine(aws, outposts, proxy, self.region or REGION, variables)
            with steps.step(f"synthesize {command}"):
                folder = machine.synthesized(command)
            stage = _Stage(self, machine, steps, read(str(folder)), folder)
            outcome = stage.outcome(is_sealed=is_sealed)
            _print(outcome, as_json=self.as_json)
            flush()
            if self.keep:
                first = outcome.stacks[0]
                say(f"This AWS ends with the shell. {first.account}, {first.region}:")
                flush()
                machine.open_shell(first.account, first.region)
        if not (outcome.is_done and outcome.is_as_predicted):
            raise typer.Exit(FAILED)


@dataclass(frozen=True)
class _Machine:
    """The servers of a rehearsal, and the environment of the app."""

    aws: EmbeddedAws
    outposts: FakeOutposts
    proxy: RefusingProxy
    region: str
    variables: dict[str, str]

    def synthesized(self, command: str) -> Path:
        """Return the assembly of the app."""
        if (Path(command) / "manifest.json").is_file():
            return Path(command).resolve()
        output = self.aws.folder / "cdk.out"
        env = {
            **self._user_environment(ACCOUNT, self.region),
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": self.region,
        }
        try:
            synthesize(command, Path.cwd(), output, env)
        except SynthesisError as error:
            hosts = ", ".join(self.proxy.hosts)
            tried = f"\nIt tried to reach {hosts}, which a rehearsal refuses." if hosts else ""
            raise Problem(f"{error}{tried}") from error
        return output

    def environment(self, account: str, region: str) -> dict[str, str]:
        """Return the variables that reach the AWS on this machine, and nothing else."""
        aws = self.aws
        replaced = aws_environment(
            aws.endpoint_url, self.outposts.url, str(aws.bundle), account, region
        )
        return {**replaced, **self.proxy.environment}

    def _user_environment(self, account: str, region: str) -> dict[str, str]:
        return {
            **allowed.app_environment(os.environ),
            **self.variables,
            **self.environment(account, region),
            "TMPDIR": str(self.aws.folder / "tmp"),
        }

    def init(self, account: str, region: str) -> None:
        """Run `outpost-order init`.

        Raises:
            Problem: It fails.
        """
        command = [sys.executable, "-c", INIT, "init", "--region", region]
        env = {**self.aws.client_env, **self.environment(account, region)}
        with ProcessTree(command, env=env, cwd=self.aws.folder) as init:
            exit_code, lines = init.read(INIT_SECONDS)
        if exit_code != 0:
            printed = "\n".join(lines)
            raise Problem(f"outpost-order init failed in {account}, {region}:\n{printed}")

    def open_shell(self, account: str, region: str) -> None:
        """Open a shell in which `outpost-order`, `aws` and `cdk` use this machine's AWS."""
        programs = self.aws.folder / "bin"
        programs.mkdir()
        program = programs / "outpost-order"
        python = shlex.quote(sys.executable)
        program.write_text(f'#!/bin/sh\nexec {python} -c {shlex.quote(INIT)} "$@"\n')
        program.chmod(0o700)
        env = {**self._user_environment(account, region), "CDK_DISABLE_CLI_TELEMETRY": "1"}
        env["PATH"] = os.pathsep.join([str(programs), env.get("PATH", os.defpath)])
        shell = os.environ.get("SHELL") or "/bin/sh"
        # Ctrl-C is for the shell's commands. They would inherit SIG_IGN, but no handler.
        ending = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            subprocess.run([shell], env=env, check=False)  # noqa: S603 (the user's own shell)
        finally:
            signal.signal(signal.SIGINT, ending)


@dataclass(frozen=True)
class _Stage:
    """An app that is synthesized, on a machine."""

    rehearsal: Rehearsal
    machine: _Machine
    steps: "_Steps"
    assembly: Assembly
    folder: Path

    def outcome(self, *, is_sealed: bool) -> Outcome:
        """Deploy the stacks in order, and return what came of it."""
        machine, default = self.machine, Environment(ACCOUNT, self.machine.region)
        stacks = self._stacks()
        names = {each.name for each in stacks}
        orders = [
            order
            for each in self.assembly.stacks
            if each.name.partition("/")[0] in names
            for order in orders_of(each)
        ]
        not_rehearsed = (
            *world.stand_ins(stacks, machine.aws.types),
            *world.prepare(orders, machine.outposts, default),
            *(f"{each}: a value that the app looks up" for each in self.assembly.missing),
        )
        if self.rehearsal.strict:
            world.refuse(not_rehearsed)
        if not_rehearsed:
            self.steps.say("Not rehearsed:")
            for line in not_rehearsed:
                self.steps.say(f"  {one_line(line)}")
        for place in sorted(world.ledgers(orders, default)):
            with self.steps.step(f"outpost-order init {place.account} {place.region}"):
                machine.init(place.account, place.region)
        report = Report.of(self.assembly, None, sorted(names) if self.rehearsal.stacks else ())
        done = self._deployed(stacks, orders)
        live = [str(each["OrderId"]) for each in machine.outposts.live_orders]
        bodies = [post.body for post in machine.outposts.posts]
        return Outcome(report, done, bodies, live, machine.proxy.hosts, is_sealed, not_rehearsed)

    def _stacks(self) -> list[DeployableStack]:
        stacks = list(stacks_of(self.folder, ACCOUNT, self.machine.region))
        found, unmatched = selected(stacks, self.rehearsal.stacks)
        if unmatched:
            known = ", ".join(each.name for each in stacks)
            raise misused(f"The app has no stack {unmatched[0]!r}. Its stacks: {known}.")
        if not found:
            raise Problem("The app has no stacks. Add one, then run this again.")
        return found

    def _deployed(
        self, stacks: Sequence[DeployableStack], orders: Sequence[Order]
    ) -> list[StackOutcome]:
        engine, done = Engine(self.machine.aws), list[StackOutcome]()
        named = {f"{each.stack.name}/{each.logical_id}": each.name for each in orders}
        for stack in stacks:
            broken = [each.name for each in done if each.name in stack.needs and not each.is_done]
            if broken:
                done.append(_not_deployed(stack, f"it depends on {', '.join(broken)}"))
                continue
            with self.steps.step(f"deploy {stack.name}") as step:
                outcome = self._deployed_one(engine, stack)
                done.append(outcome)
                step.result = outcome.status or "not deployed"
                step.lines = _orders_in(outcome, named)
            if self.rehearsal.verbose:
                for event in outcome.events:
                    self.steps.say(f"      {event.status} {event.resource} {event.reason}".rstrip())
        return done

    def _deployed_one(self, engine: Engine, stack: DeployableStack) -> StackOutcome:
        began = time.monotonic()
        try:
            result = engine.deploy(stack)
        except (ClientError, TimeoutError) as error:
            events = self._events(stack.name, stack)
            return replace(_not_deployed(stack, str(error)), events=events)
        orders: dict[str, str] = {}
        failures: dict[str, str] = {}
        for path, event in self._order_events(stack.name, result.events, stack, 0):
            if event.status.endswith("_FAILED"):
                failures[path] = event.reason
            elif event.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                orders[path] = event.physical_id
        seconds = time.monotonic() - began
        reason = "" if result.is_done else _reason(result)
        return StackOutcome(
            stack.name,
            stack.account,
            stack.region,
            result.status,
            seconds,
            reason,
            orders,
            failures,
            result.events,
        )

    def _events(self, name: str, stack: DeployableStack) -> list[StackEvent]:
        client = self.machine.aws.client("cloudformation", stack.region, stack.account)
        with suppress(ClientError):
            return events_of(client, name)
        return []

    def _order_events(
        self, path: str, events: Sequence[StackEvent], stack: DeployableStack, depth: int
    ) -> Iterator[tuple[str, StackEvent]]:
        nested: dict[str, str] = {}
        for event in events:
            if event.resource_type == contract.RESOURCE_TYPE:
                yield f"{path}/{event.resource}", event
            if event.resource_type == NESTED_STACK and event.physical_id not in (
                "",
                event.stack_id,
            ):
                nested[event.resource] = event.physical_id
        for logical_id, stack_id in nested.items():
            if depth < MAX_DEPTH:
                inner = self._events(stack_id, stack)
                yield from self._order_events(f"{path}/{logical_id}", inner, stack, depth + 1)


class _Steps:
    """The numbered steps, each with its time and its result."""

    def __init__(self, *, is_silent: bool) -> None:
        self._is_silent = is_silent
        self._count = 0

    def say(self, line: str) -> None:
        """Print a line for a person."""
        if not self._is_silent:
            say(line)

    @contextmanager
    def step(self, what: str) -> Iterator["_Step"]:
        """Do a step, and print how it went."""
        self._count += 1
        step, began = _Step(), time.monotonic()
        try:
            with progress(what):
                yield step
        except BaseException:
            step.result = step.result or "failed"
            raise
        finally:
            took = f"{time.monotonic() - began:.1f} s"
            self.say(f"  {self._count:>2}. {one_line(what):<44} {took:>7}  {step.result}".rstrip())
            for line in step.lines:
                self.say(f"      {one_line(line)}")


@dataclass
class _Step:
    result: str = ""
    lines: list[str] = field(default_factory=list)


def _orders_in(outcome: StackOutcome, named: dict[str, str]) -> list[str]:
    return [
        f"{named.get(path, path)} -> {order_id}"
        for path, order_id in outcome.orders.items()
        if path not in outcome.failures
    ]


def _not_deployed(stack: DeployableStack, reason: str) -> StackOutcome:
    return StackOutcome(stack.name, stack.account, stack.region, "", 0.0, reason, {}, {})


def _reason(result: StackResult) -> str:
    for status in ("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED", result.status):
        for each in result.reasons(status):
            return each
    return result.status


def _print(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        say_as_given(json.dumps(outcome.document(), indent=2))
        return
    for stack in outcome.stacks:
        for reason in stack.failures.values() or ([stack.reason] if not stack.is_done else []):
            say(wrapped(one_line(f"{stack.name} failed: {reason}"), 2))
    requests = counted(len(outcome.received), "CreateOrder request")
    force = counted(len(outcome.in_force), "order")
    say(f"The Outposts API received {requests}; {force} {_are(len(outcome.in_force))} in force.")
    for body in outcome.received:
        say(wrapped(f"  {one_line(body)}", 4))
    if outcome.hosts:
        tried = ", ".join(outcome.hosts)
        say(one_line(f"Refused requests to other hosts: {tried}"))
    if not outcome.is_as_predicted:
        say(f"This differs from review, which says: {outcome.predicted.verdict}")
    say(outcome.verdict)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
