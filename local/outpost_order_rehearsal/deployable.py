"""The stacks of an assembly, as an engine deploys them: in order, with their assets."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

STACK = "aws:cloudformation:stack"
STAGE = "cdk:cloud-assembly"
UNKNOWN = ("unknown-account", "unknown-region")
FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Asset:
    """A file or a folder that a stack expects in a bucket.

    Attributes:
        bucket: The bucket, with the placeholders of the assembly.
        key: The key of the object, with placeholders.
        path: The file or folder.
        is_folder: Whether it is zipped.
    """

    bucket: str
    key: str
    path: Path
    is_folder: bool

    @property
    def content(self) -> bytes:
        """The object; a folder is always zipped to the same bytes."""
        return zipped(self.path) if self.is_folder else self.path.read_bytes()


@dataclass(frozen=True)
class DeployableStack:
    """A stack, with what its deployment needs.

    Attributes:
        name: The name in CloudFormation.
        template: Its template.
        account: Its account.
        region: Its Region.
        parameters: The values that the app gives to its parameters.
        tags: Its tags.
        assets: The objects that it expects in buckets.
        not_published: The assets that only the CDK CLI can publish, such as images.
        path: Its path in the app, such as ``Stage/Stack``.
        needs: The names of the stacks of its assembly that it depends on.
    """

    name: str
    template: Mapping[str, Any]
    account: str
    region: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    assets: tuple[Asset, ...] = ()
    not_published: tuple[str, ...] = ()
    path: str = ""
    needs: frozenset[str] = frozenset()

    @property
    def environment(self) -> tuple[str, str]:
        """The account and the Region."""
        return self.account, self.region

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The resources by logical ID."""
        resources: Mapping[str, Mapping[str, Any]] = self.template.get("Resources", {})
        return resources


def stacks_of(folder: Path, account: str, region: str) -> Iterator[DeployableStack]:
    """Yield the stacks of an assembly and its stages, each after those that it depends on.

    Args:
        folder: The assembly.
        account: The account of stacks that name none.
        region: The Region of stacks that name none.
    """
    artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
    needs = {name: set(each.get("dependencies", [])) for name, each in artifacts.items()}
    for name in TopologicalSorter(needs).static_order():
        artifact = artifacts[name]
        properties = artifact.get("properties", {})
        if artifact["type"] == STAGE:
            yield from stacks_of(folder / properties["directoryName"], account, region)
        elif artifact["type"] == STACK:
            names = {
                artifacts[each].get("properties", {}).get("stackName", each)
                for each in needs[name]
                if artifacts[each]["type"] == STACK
            }
            stack = _stack(folder, name, artifact, (account, region))
            yield replace(stack, needs=frozenset(names))


def zipped(folder: Path) -> bytes:
    """Zip a folder, always to the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), FIRST_ZIP_DATE)
            entry.external_attr = (0o755 if path.stat().st_mode & 0o111 else 0o644) << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _stack(
    folder: Path, name: str, artifact: Mapping[str, Any], default: tuple[str, str]
) -> DeployableStack:
    properties = artifact["properties"]
    given = str(artifact.get("environment", "")).partition("://")[2].split("/")
    account, region = (
        usual if not value or value in UNKNOWN else value
        for value, usual in zip([*given, "", ""], default, strict=False)
    )
    listing = folder / f"{name}.assets.json"
    listed = json.loads(listing.read_text()) if listing.is_file() else {}
    return DeployableStack(
        name=properties.get("stackName", name),
        template=json.loads((folder / properties["templateFile"]).read_text()),
        account=account,
        region=region,
        parameters=properties.get("parameters", {}),
        tags=properties.get("tags", {}),
        assets=tuple(_assets(folder, listed)),
        not_published=tuple(_not_published(listed)),
        path=str(artifact.get("displayName", name)).partition(" (")[0],
    )


def _assets(folder: Path, listed: Mapping[str, Any]) -> Iterator[Asset]:
    for asset in listed.get("files", {}).values():
        source = asset["source"]
        for destination in asset["destinations"].values():
            if "path" in source:
                yield Asset(
                    destination["bucketName"],
                    destination["objectKey"],
                    folder / source["path"],
                    source.get("packaging") == "zip",
                )


def _not_published(listed: Mapping[str, Any]) -> Iterator[str]:
    for asset in listed.get("files", {}).values():
        if "path" not in asset["source"]:
            yield "a file that a program of the app makes"
    for _ in listed.get("dockerImages", {}):
        yield "an image of a container"


def selected(
    stacks: Sequence[DeployableStack], patterns: Sequence[str]
) -> tuple[list[DeployableStack], list[str]]:
    """Return the stacks that patterns name, with those that they depend on, and what matches none.

    Args:
        stacks: All stacks, in order.
        patterns: Names or paths, as the CDK CLI takes them; without any, all stacks are selected.
    """
    if not patterns:
        return list(stacks), []
    wanted: set[str] = set()
    unmatched = []
    for pattern in patterns:
        found = {
            each.name
            for each in stacks
            if fnmatchcase(each.name, pattern) or fnmatchcase(each.path, pattern)
        }
        wanted |= found
        unmatched += [] if found else [pattern]
    for stack in reversed(stacks):
        if stack.name in wanted:
            wanted |= stack.needs
    return [each for each in stacks if each.name in wanted], unmatched
