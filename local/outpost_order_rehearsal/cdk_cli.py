"""The user's CDK CLI as an engine: it bootstraps, deploys, and destroys.

Before version 2.1140.0, the CLI can't publish assets to an address of this machine.
"""

import re
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from outpost_order_rehearsal.deployable import DeployableStack
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.engine import StackResult, result_of, status_of
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from outpost_order_rehearsal.process_tree import ProcessTree, ignore

OLDEST = (2, 1140, 0)
SECONDS = 900.0
VERSION_SECONDS = 60.0
LAST_LINES = 20


class CdkError(Exception):
    """A CDK CLI that can't be used, or that fails; the text says why, and what to do."""


def find(folder: Path, path: str) -> str:
    """Return the CDK CLI of a project, as `npx` finds it, or that of PATH.

    Raises:
        CdkError: There is none.
    """
    for each in (folder, *folder.parents):
        program = each / "node_modules" / ".bin" / "cdk"
        if program.is_file():
            return str(program)
    found = shutil.which("cdk", path=path)
    if found is None:
        raise CdkError(
            "--cdk needs the CDK CLI, and there is none in node_modules or PATH. "
            "To install it, run: npm install aws-cdk"
        )
    return found


class CdkCli:
    """Deploys the stacks of an assembly with the CDK CLI, one after the other."""

    def __init__(
        self,
        program: str,
        aws: EmbeddedAws,
        environment: Callable[[str, str], Mapping[str, str]],
        *,
        show: Callable[[str], None] | None = None,
    ) -> None:
        """Take the program.

        Args:
            program: The path of the CLI.
            aws: A started embedded AWS.
            environment: Returns the environment of the CLI, by account and Region.
            show: Receives each line that the CLI prints, without its end.
        """
        self._program, self._aws, self._environment = program, aws, environment
        self._show = show or ignore
        self.assembly = Path()

    def require_version(self) -> str:
        """Return the version.

        Raises:
            CdkError: It is too old, or the program doesn't show it.
        """
        env = self._environment(ACCOUNT, REGION)
        with ProcessTree([self._program, "--version"], env=env, cwd=self._aws.folder) as cli:
            _, lines = cli.read(VERSION_SECONDS)
        printed = " ".join(lines).strip()
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", printed)
        oldest = ".".join(map(str, OLDEST))
        if not found:
            raise CdkError(f"{self._program} --version shows no version: {printed or 'nothing'}")
        if tuple(map(int, found.groups())) < OLDEST:
            raise CdkError(
                f"--cdk needs version {oldest} of the CDK CLI or later, and {self._program} is "
                f"{found[0]}. Upgrade it, or remove --cdk."
            )
        return found[0]

    def bootstrap(self, account: str, region: str) -> None:
        """Create the resources of CDK deployments in an account and Region.

        Raises:
            CdkError: It fails.
        """
        # In an app's folder the CLI would synthesize the app first.
        empty = self._aws.folder / "bootstrap"
        empty.mkdir(exist_ok=True)
        command = ["bootstrap", f"aws://{account}/{region}"]
        exit_code, lines = self._run(command, empty, account, region)
        if exit_code:
            raise CdkError(_failed("cdk bootstrap", exit_code, lines))

    def deploy(self, stack: DeployableStack) -> StackResult:
        """Deploy a stack, without those that it depends on.

        Raises:
            CdkError: The CLI fails, and there is no stack that says why.
        """
        return self._operate(stack, "deploy", "--require-approval", "never")

    def delete(self, stack: DeployableStack) -> StackResult:
        """Destroy a stack, without those that depend on it.

        Raises:
            CdkError: The CLI fails, and there is no stack that says why.
        """
        return self._operate(stack, "destroy", "--force")

    def _operate(self, stack: DeployableStack, operation: str, *options: str) -> StackResult:
        client = self._aws.client("cloudformation", stack.region, stack.account)
        _, before = status_of(client, stack.name)
        command = [operation, stack.path or stack.name, "--exclusively", *options]
        exit_code, lines = self._run(
            [*command, "--app", str(self.assembly)], self._aws.folder, stack.account, stack.region
        )
        stack_id = status_of(client, stack.name)[1] or before
        if not stack_id:
            raise CdkError(_failed(f"cdk {operation}", exit_code, lines))
        result = result_of(client, stack_id)
        if exit_code and result.is_done:
            raise CdkError(_failed(f"cdk {operation}", exit_code, lines))
        return result

    def _run(
        self, arguments: list[str], cwd: Path, account: str, region: str
    ) -> tuple[int, list[str]]:
        command = [self._program, *arguments, "--no-notices"]
        with ProcessTree(command, env=self._environment(account, region), cwd=cwd) as cli:
            exit_code, lines = cli.read(SECONDS, self._show)
        if exit_code == -signal.SIGKILL:
            lines.append(f"cdk {arguments[0]} was ended after {SECONDS:g} seconds")
        return exit_code, lines


def _failed(command: str, exit_code: int, lines: list[str]) -> str:
    return "\n".join([f"{command} ended with exit code {exit_code}.", *lines[-LAST_LINES:]])
