"""Synthesized apps, read from their files."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Self

from outpost_order_rehearsal.deployable import zipped
from outpost_order_rehearsal.environment import ACCOUNT, REGION

ONE_BY_ONE = Path(__file__).with_name("one_by_one.py")
SYNTH_SECONDS = 120
PSEUDO_PARAMETERS = {
    "${AWS::AccountId}": ACCOUNT,
    "${AWS::Region}": REGION,
    "${AWS::Partition}": "aws",
}

Template = dict[str, Any]


@dataclass(frozen=True)
class Assembly:
    """A synthesized app: a ``cdk.out`` folder."""

    folder: Path

    @classmethod
    def synthesize(
        cls, app_folder: Path, folder: Path, env: Mapping[str, str], *, app: str = "app.py"
    ) -> Self:
        """Run an app as the CDK CLI does, but without its slow validation.

        Args:
            app_folder: Where the app and its ``cdk.json`` are.
            folder: Where the assembly goes.
            env: The environment that the app runs in.
            app: The app's file, as seen from its folder.
        """
        _run([app], app_folder, {**env, "CDK_OUTDIR": str(folder), "CDK_VALIDATION": "false"})
        return cls(folder)

    @classmethod
    def synthesize_all(
        cls, app_folder: Path, folder: Path, env: Mapping[str, str], apps: Sequence[str]
    ) -> dict[str, Self]:
        """Run apps as the CDK CLI does, in one process, and return their assemblies.

        Args:
            app_folder: The folder of the apps and their ``cdk.json``.
            folder: The folder for the assemblies, each in its own folder.
            env: The environment that the apps run in.
            apps: The apps' files, as seen from their folder.

        Raises:
            ValueError: An app printed something, such as a warning.
        """
        env = {**env, "CDK_OUTDIR": str(folder / "cdk.out")}
        printed = _run([str(ONE_BY_ONE), *apps], app_folder, env)
        if printed:
            raise ValueError(f"the apps printed:\n{printed}")
        return {app: cls(folder / Path(app).stem) for app in apps}

    @property
    def stack_name(self) -> str:
        """The name that the one stack is deployed under."""
        [name] = self.templates
        return name

    @property
    def template(self) -> Template:
        """The template of the one stack, a fresh copy to be changed at will."""
        [template] = self.templates.values()
        return template

    @property
    def templates(self) -> dict[str, Template]:
        """Fresh copies of all templates by stack name, each after those that it needs."""
        stacks = self._stacks()
        needs = {name: stacks.keys() & set(stack["dependencies"]) for name, stack in stacks.items()}
        return {
            stacks[name]["properties"].get("stackName", name): json.loads(
                (self.folder / stacks[name]["properties"]["templateFile"]).read_text()
            )
            for name in TopologicalSorter(needs).static_order()
        }

    @property
    def file_assets(self) -> dict[str, bytes]:
        """The objects that the template expects in the assets bucket, by key."""
        assets: dict[str, bytes] = {}
        for listing in self.folder.glob("*.assets.json"):
            for asset in json.loads(listing.read_text())["files"].values():
                content = self._content(asset["source"])
                for destination in asset["destinations"].values():
                    assets[_resolved(destination["objectKey"])] = content
        return assets

    def _stacks(self) -> dict[str, dict[str, Any]]:
        artifacts = json.loads((self.folder / "manifest.json").read_text())["artifacts"]
        return {
            name: artifact
            for name, artifact in artifacts.items()
            if artifact["type"] == "aws:cloudformation:stack"
        }

    def _content(self, source: dict[str, str]) -> bytes:
        path = self.folder / source["path"]
        return zipped(path) if source["packaging"] == "zip" else path.read_bytes()


def _run(command: Sequence[str], app_folder: Path, env: Mapping[str, str]) -> str:
    context = json.loads((app_folder / "cdk.json").read_text()).get("context", {})
    done = subprocess.run(
        [sys.executable, *command],
        cwd=app_folder,
        env={**env, "CDK_CONTEXT_JSON": json.dumps(context)},
        timeout=SYNTH_SECONDS,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise ValueError(f"{command} does not synthesize:\n{done.stdout}")
    return done.stdout


def _resolved(text: str) -> str:
    for placeholder, value in PSEUDO_PARAMETERS.items():
        text = text.replace(placeholder, value)
    return text
