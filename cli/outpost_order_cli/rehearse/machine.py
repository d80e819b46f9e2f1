"""The machine of a rehearsal: its services, and the environment of each program."""

import os
import shlex
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from outpost_order_cli.problem import Problem
from outpost_order_fake import FakeOutposts
from outpost_order_rehearsal import allowed
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.environment import ACCOUNT
from outpost_order_rehearsal.process_tree import ProcessTree
from outpost_order_rehearsal.proxy import RefusingProxy
from outpost_order_rehearsal.replaced import aws_environment
from outpost_order_rehearsal.shell import run_shell
from outpost_order_rehearsal.synthesis import SynthesisError, synthesize

OUTPOST_ORDER = "from outpost_order_cli.app import main; main()"
COMMAND_SECONDS = 120


@dataclass(frozen=True)
class Machine:
    """The servers of a rehearsal, and the environments of the programs that use them.

    Attributes:
        aws: All services but Outposts.
        outposts: The Outposts API.
        proxy: The proxy that refuses other hosts.
        region: The Region of stacks that name none.
        variables: The variables that the user passes to the app.
    """

    aws: EmbeddedAws
    outposts: FakeOutposts
    proxy: RefusingProxy
    region: str
    variables: Mapping[str, str]

    def synthesized(self, command: str) -> Path:
        """Return the assembly of the app.

        Raises:
            Problem: The app fails.
        """
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

    def tool_environment(self, account: str, region: str) -> dict[str, str]:
        """Return the environment of the CDK CLI, with a home folder of its own."""
        return {**self.aws.client_env, **self.environment(account, region)}

    def run(self, command: str, account: str, region: str) -> tuple[int, list[str]]:
        """Run a command as an operator types it, and return its exit code and its lines."""
        env = self.tool_environment(account, region)
        env["PATH"] = os.pathsep.join([str(self._programs), env["PATH"]])
        with ProcessTree(["/bin/sh", "-c", command], env=env, cwd=self.aws.folder) as shell:
            return shell.read(COMMAND_SECONDS)

    def init(self, account: str, region: str) -> None:
        """Run `outpost-order init`.

        Raises:
            Problem: It fails.
        """
        exit_code, lines = self.run(f"outpost-order init --region {region}", account, region)
        if exit_code != 0:
            printed = "\n".join(lines)
            raise Problem(f"outpost-order init failed in {account}, {region}:\n{printed}")

    def open_shell(self, account: str, region: str) -> None:
        """Open a shell in which `outpost-order`, `aws` and `cdk` use this machine's AWS."""
        env = {**self._user_environment(account, region), "CDK_DISABLE_CLI_TELEMETRY": "1"}
        env["PATH"] = os.pathsep.join([str(self._programs), env.get("PATH", os.defpath)])
        shell = os.environ.get("SHELL") or "/bin/sh"
        # Ctrl-C is for the shell's commands. They would inherit SIG_IGN, but no handler.
        ending = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            run_shell(shell, env)
        finally:
            signal.signal(signal.SIGINT, ending)

    @cached_property
    def _programs(self) -> Path:
        """A folder with the `outpost-order` of this process."""
        programs = self.aws.folder / "bin"
        programs.mkdir()
        program = programs / "outpost-order"
        python = shlex.quote(sys.executable)
        program.write_text(f'#!/bin/sh\nexec {python} -c {shlex.quote(OUTPOST_ORDER)} "$@"\n')
        program.chmod(0o700)
        return programs

    def _user_environment(self, account: str, region: str) -> dict[str, str]:
        return {
            **allowed.app_environment(os.environ),
            **self.variables,
            **self.environment(account, region),
            "TMPDIR": str(self.aws.folder / "tmp"),
        }
