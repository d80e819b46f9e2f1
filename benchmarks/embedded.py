"""Deployments of the designs into the embedded AWS."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from outpost_order_fake import FakeOutposts
from outpost_order_handler.contract import DEFAULT_LEDGER
from outpost_order_rehearsal.deployable import DeployableStack
from outpost_order_rehearsal.embedded_aws import EmbeddedAws
from outpost_order_rehearsal.engine import Engine, StackResult
from outpost_order_rehearsal.environment import ACCOUNT, REGION
from tests.rehearsal.assembly import Assembly, Template
from tests.rehearsal.stacks import LEDGER_TEMPLATE, Stacks

NODE_MODULES = Path(__file__).parent / "peers" / "node_modules"  # the SDK that Lambda has


@dataclass(frozen=True)
class Account:
    """An account of the embedded AWS, with a ledger and the assets of an assembly."""

    aws: EmbeddedAws
    _engine: Engine

    @classmethod
    @contextmanager
    def opened(
        cls, assembly: Assembly, outposts_url: str, code: Callable[[bytes], bytes] = bytes
    ) -> Iterator[Self]:
        """Start an AWS.

        Args:
            assembly: The assembly with the assets.
            outposts_url: The address of the Outposts API.
            code: Changes the code of functions before it is uploaded.
        """
        environment = {"NODE_PATH": str(NODE_MODULES)}
        with EmbeddedAws(outposts_url=outposts_url, server_env=environment) as aws:
            Stacks(aws, assembly, code=code, with_ledger=False)
            account = cls(aws, Engine(aws))
            account.deploy(DEFAULT_LEDGER, json.loads(LEDGER_TEMPLATE.read_text()))
            yield account

    def deploy(self, name: str, template: Template) -> StackResult:
        """Deploy a stack as `cdk deploy` does."""
        return self._engine.deploy(DeployableStack(name, template, ACCOUNT, REGION))


def connected(template: Template, outposts: FakeOutposts, texts: Mapping[str, str]) -> Template:
    """Return a template whose functions use their own service, with other names in it."""
    text = json.dumps(template)
    for old, new in texts.items():
        text = text.replace(old, new)
    changed: dict[str, Any] = json.loads(text)
    for resource in changed["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            environment = resource["Properties"].setdefault("Environment", {"Variables": {}})
            environment["Variables"]["AWS_ENDPOINT_URL_OUTPOSTS"] = outposts.url
    return changed
