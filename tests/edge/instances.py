"""The function as Lambda runs it: instances that start, die, and run side by side."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from outpost_order_fake import FakeOutposts
from outpost_order_handler import contract
from outpost_order_handler.ledger.table import Ledger
from outpost_order_rehearsal.certificate import CertificateFiles
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from tests.edge.surroundings import Event, environment_of
from tests.fakes.cloudformation import FakeCloudFormation
from tests.fakes.dynamodb import create_table
from tests.handler.conftest import LEDGER

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Kill:
    """The end of an instance: right before or right after its n-th message."""

    at: int
    when: str

    def __str__(self) -> str:
        return f"{self.when} message {self.at}"

    @classmethod
    def points(cls) -> Iterator[Self]:
        """Yield all, without end: an instance that survives one survives the rest."""
        at = 0
        while True:
            at += 1
            for when in ("before", "after"):
                yield cls(at, when)


NEVER = Kill(0, "never")


@dataclass(frozen=True)
class Instances:
    """Instances of the function, and the services around them; DynamoDB is ministack's."""

    outposts: FakeOutposts
    cloudformation: FakeCloudFormation
    dynamodb: Any
    _environment: dict[str, str]
    _server: "subprocess.Popen[str]"
    _log: Path

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """Start the services, and the process that the instances are forked from."""
        with FakeOutposts() as outposts, EmbeddedAws(outposts_url=outposts.url) as aws:
            files = [aws.folder / name for name in ("localhost.pem", "localhost.key", "roots.pem")]
            dynamodb = aws.client("dynamodb")
            create_table(dynamodb, LEDGER, contract.LEDGER_KEY)
            log = aws.folder / "instances.log"
            with (
                FakeCloudFormation(CertificateFiles(*files)) as cloudformation,
                log.open("wb") as output,
                _server(aws.client_env, output) as server,
            ):
                environment = environment_of(outposts.url, cloudformation.url, files[0]) | {
                    "AWS_ENDPOINT_URL_DYNAMODB": aws.endpoint_url
                }
                yield cls(outposts, cloudformation, dynamodb, environment, server, log)

    def ledger(self) -> Ledger:
        """Give the ledger, to read it."""
        return Ledger(LEDGER, self.dynamodb)

    def deliver(self, event: Event, *, copies: int = 1, sender_is_dead: bool = False) -> None:
        """Deliver an event to so many new instances at once, and wait until they have ended."""
        codes = self._run([self._job(event, NEVER, sender_is_dead=sender_is_dead)] * copies)
        if any(codes):
            raise RuntimeError(f"{codes}: {self._log.read_text()[-4000:]}")

    def was_killed(self, event: Event, kill: Kill) -> bool:
        """Deliver an event to an instance that ends there; return whether it came that far."""
        [code] = self._run([self._job(event, kill, sender_is_dead=True)])
        if code not in (0, -signal.SIGKILL):
            raise RuntimeError(f"{code}: {self._log.read_text()[-4000:]}")
        return code != 0

    def _job(self, event: Event, kill: Kill, *, sender_is_dead: bool) -> dict[str, object]:
        return {
            "event": event,
            "environment": self._environment,
            "sender_is_dead": sender_is_dead,
            "at": kill.at,
            "when": kill.when,
        }

    def _run(self, jobs: list[dict[str, object]]) -> list[int]:
        if self._server.stdin is None or self._server.stdout is None:
            raise ValueError("the server of instances has no pipes")
        self._server.stdin.write(json.dumps(jobs) + "\n")
        self._server.stdin.flush()
        codes: list[int] = json.loads(self._server.stdout.readline())
        return codes


@contextmanager
def _server(environment: dict[str, str], log: Any) -> Iterator["subprocess.Popen[str]"]:  # noqa: ANN401
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.edge.run_handler"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    with server:
        yield server  # it ends when the pipe to it is closed
