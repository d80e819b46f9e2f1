"""The command line, as an operator runs it beside an embedded AWS."""

import subprocess

from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.rehearsal.cdk_cli import CliRun

SECONDS = 60


class Terminal:
    """Pastes commands into a shell, with the credentials of an operator."""

    def __init__(self, aws: EmbeddedAws) -> None:
        """Take where the commands reach AWS."""
        self._aws = aws

    def paste(self, command: str) -> CliRun:
        """Run a command line, with both of its streams in one."""
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self._aws.folder,
            env=self._aws.client_env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            text=True,
        )
        return CliRun(done.returncode, done.stdout, {})
