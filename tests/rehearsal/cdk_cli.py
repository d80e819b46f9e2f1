"""The real CDK CLI, run against an embedded AWS."""

import json
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from outpost_order_rehearsal.process_tree import ProcessTree

ROOT = Path(__file__).parents[2]
CDK = ROOT / "node_modules" / ".bin" / "cdk"
DEFAULT_SECONDS = 300.0


def _ignore(_line: str) -> None:
    pass


@dataclass(frozen=True)
class CliRun:
    """The result of one run of the CLI.

    Attributes:
        exit_code: Its exit code, negative when the time limit ended it.
        text: Everything it printed, stdout and stderr together.
        outputs: The stack outputs by stack name, empty unless a deployment succeeded.
    """

    exit_code: int
    text: str
    outputs: dict[str, dict[str, str]]


class CdkCli:
    """Runs the CLI's commands, each with a time limit, and shows its lines as they come."""

    def __init__(
        self,
        aws: EmbeddedAws,
        *,
        show: Callable[[str], None] = _ignore,
        seconds: float = DEFAULT_SECONDS,
    ) -> None:
        """Choose the AWS to deploy to.

        Args:
            aws: A started embedded AWS.
            show: Receives each line that the CLI prints, without its end.
            seconds: The time limit of one command.
        """
        self._aws = aws
        self._show = show
        self._seconds = seconds

    def bootstrap(self) -> CliRun:
        """Create the resources of CDK deployments: the assets bucket, the roles, the version."""
        # In an app's folder the CLI would synthesize the app first.
        empty = self._aws.folder / "bootstrap"
        empty.mkdir(exist_ok=True)
        return self._run(["bootstrap", f"aws://{ACCOUNT}/{REGION}"], empty)

    def deploy(
        self, folder: Path = ROOT, *, app: str | None = None, is_asked: bool = False
    ) -> CliRun:
        """Deploy the app in a folder, and don't change that folder.

        Args:
            folder: Where the app's ``cdk.json`` is.
            app: The app's command, or a synthesized ``cdk.out``, instead of that file's.
            is_asked: Whether the CLI asks as that file says, instead of never.
        """
        outputs = self._aws.folder / "outputs.json"
        outputs.unlink(missing_ok=True)
        arguments = ["deploy", *([] if is_asked else ["--require-approval", "never"])]
        return self._run(
            [*arguments, "--outputs-file", str(outputs), *self._app(app)], folder, outputs
        )

    def diff(self, folder: Path = ROOT, *, app: str | None = None) -> CliRun:
        """Compare the app in a folder with the deployed stacks; arguments as for `deploy`."""
        return self._run(["diff", *self._app(app)], folder)

    def watch(self, folder: Path = ROOT, *, app: str | None = None) -> CliRun:
        """Deploy each time that a file is saved; arguments as for `deploy`."""
        return self._run(["watch", *self._app(app)], folder)

    def destroy(self, folder: Path = ROOT, *, app: str | None = None) -> CliRun:
        """Destroy the stacks of `deploy`."""
        return self._run(["destroy", "--force", *self._app(app)], folder)

    def publish_assets(self, app: str) -> CliRun:
        """Publish the assets of a synthesized ``cdk.out``, also those that are there already."""
        options = ("--unstable=publish-assets", "--force")
        return self._run(["publish-assets", *options, *self._app(app)], ROOT)

    def _app(self, app: str | None) -> list[str]:
        if app is not None:
            return ["--app", app]
        return ["--output", str(self._aws.folder / "cdk.out")]

    def _run(self, arguments: Sequence[str], cwd: Path, outputs: Path | None = None) -> CliRun:
        command = [str(CDK), *arguments, "--no-notices"]
        with ProcessTree(command, env=self._aws.client_env, cwd=cwd) as cli:
            exit_code, lines = cli.read(self._seconds, self._show)
        if exit_code == -signal.SIGKILL:
            lines.append(f"cdk {arguments[0]} was ended after {self._seconds:g} seconds")
            self._show(lines[-1])
        return CliRun(exit_code, "\n".join(lines), _read_outputs(outputs))


def _read_outputs(path: Path | None) -> dict[str, dict[str, str]]:
    if path is None or not path.exists():
        return {}
    outputs: dict[str, dict[str, str]] = json.loads(path.read_text())
    return outputs
