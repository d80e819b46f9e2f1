"""The function's surroundings in the proofs: its environment, its time, its answers."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest

from outpost_order_fake import FakeOutposts
from outpost_order_handler import clock, contract, entry
from outpost_order_rehearsal.certificate import write_localhost_certificate
from tests.edge.pauses import HURRIED
from tests.fakes.cloudformation import FakeCloudFormation, Response
from tests.fakes.dynamodb import SessionWithLedger
from tests.handler.conftest import LEDGER, Context, Time

Event = dict[str, Any]
Orders = Sequence[Mapping[str, Any]]

NOTHING = "nothing was ordered"
NOT_BOUGHT = "nothing was bought"
UNKNOWN = "outcome unknown"


def environment_of(outposts_url: str, cloudformation_url: str, trusted: Path) -> dict[str, str]:
    """Return the environment of Lambda, and the addresses of the fakes."""
    return {
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_OUTPOSTS": outposts_url,
        "AWS_ENDPOINT_URL_CLOUDFORMATION": cloudformation_url,
        "AWS_CA_BUNDLE": str(trusted),
        contract.LEDGER_TABLE: LEDGER,
    }


class SessionOfAnInstance(SessionWithLedger):
    """A session of boto3 that creates each client once: to create one takes most of an event."""

    def __init__(self, ledger: Any) -> None:  # noqa: ANN401 - the stand-in or a real client
        super().__init__(ledger)
        self._clients: dict[str, Any] = {}

    def client(self, service_name: str, **more: Any) -> Any:  # noqa: ANN401 - as boto3's session
        """Create a client, or return the one that has the same settings."""
        settings = {name: vars(each) for name, each in more.items()}
        key = f"{service_name} {settings}"
        if key not in self._clients:
            self._clients[key] = super().client(service_name, **more)
        return self._clients[key]


@dataclass(frozen=True)
class Function:
    """The function in this process, with all services that it can reach.

    Attributes:
        time: The function's time, which only its own waits and the proof let pass.
    """

    outposts: FakeOutposts
    cloudformation: FakeCloudFormation
    dynamodb: Any
    patch: pytest.MonkeyPatch
    time: Time

    @classmethod
    @contextmanager
    def started(
        cls,
        dynamodb: Any,  # noqa: ANN401 - boto3 has no types
        *,
        in_real_time: bool = False,
    ) -> Iterator["Function"]:
        """Start the services around it; nothing of this machine's settings reaches it.

        Args:
            dynamodb: The client for the ledger.
            in_real_time: Whether it waits, for short times, because others are at work.
        """
        with TemporaryDirectory() as folder, ExitStack() as services:
            files = write_localhost_certificate(Path(folder))
            outposts = services.enter_context(FakeOutposts())
            cloudformation = services.enter_context(FakeCloudFormation(files))
            patch = services.enter_context(pytest.MonkeyPatch.context())
            for name in os.environ:
                if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                    patch.delenv(name)
            # The one certificate alone: to read all roots of the world for each answer is slow.
            for name, value in environment_of(
                outposts.url, cloudformation.url, files.certificate
            ).items():
                patch.setenv(name, value)
            log = services.enter_context(Path(os.devnull).open("w"))
            services.enter_context(redirect_stdout(log))  # the lines that count answers
            time = Time()
            if in_real_time:
                for name, value in HURRIED.items():
                    patch.setattr(name, value)
            else:
                patch.setattr(clock, "time", time)
                patch.setattr(clock, "datetime", time)
            function = cls(outposts, cloudformation, dynamodb, patch, time)
            function.restart()
            yield function

    def restart(self) -> None:
        """Forget what boto3 remembers of the environment."""
        self.patch.setattr(boto3, "DEFAULT_SESSION", SessionOfAnInstance(self.dynamodb))

    def deliver(self, event: Event) -> list[Response]:
        """Deliver an event once; return what was answered to this delivery."""
        responses = self.cloudformation.responses
        before = len(responses.get(event["RequestId"], []))
        entry.handler(event, Context(self.time))
        return responses.get(event["RequestId"], [])[before:]


def is_unknown(answer: Response) -> bool:
    """Return whether an answer says that the outcome is unknown, which contradicts nothing."""
    return answer.status == "FAILED" and UNKNOWN in answer.reason


def contradictions(answers: Sequence[Response]) -> int:
    """Count the definite answers to one request that differ from the first."""
    definite = [answer for answer in answers if not is_unknown(answer)]
    said = {(each.status, each.reason, each.physical_id) for each in definite}
    return max(len(said) - 1, 0)


def is_true(created: Response, orders: Orders) -> bool:
    """Return whether the answer to a Create is true, given every order that it might have made."""
    if created.status == "SUCCESS":
        made = {order["OrderId"] for order in orders}
        return created.physical_id in made and created.data["OrderId"] == created.physical_id
    if any(words in created.reason for words in (NOTHING, NOT_BOUGHT)):
        return not orders
    return is_unknown(created)
