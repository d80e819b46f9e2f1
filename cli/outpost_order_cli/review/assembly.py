"""Synthesized apps and templates, read with the standard library; what they say isn't trusted.

Source:
    https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from outpost_order_cli.problem import Problem

MAX_FILE_SIZE = 20_000_000  # bytes; CloudFormation takes templates of 1 MB
MAX_STACKS = 5_000
MAX_DEPTH = 10  # of stages in stages, and of nested stacks in nested stacks
MAX_JSON_DEPTH = 200

NESTED_STACK = "AWS::CloudFormation::Stack"
DEPLOYED = "deployed"
"""The source of an assembly that CloudFormation has."""
_UNKNOWN = ("unknown-account", "unknown-region")

Template = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Environment:
    """An account and a Region; empty if the app leaves them to the deployment."""

    account: str = ""
    region: str = ""

    def or_else(self, default: "Environment") -> "Environment":
        """Return this environment, with the account and Region of another where it has none."""
        return Environment(self.account or default.account, self.region or default.region)

    @classmethod
    def of(cls, text: object) -> Self:
        """Read an environment such as `aws://111122223333/us-west-2`."""
        _, _, rest = str(text).partition("://")
        account, _, region = rest.partition("/")
        return cls(*("" if each in _UNKNOWN else each for each in (account, region)))


@dataclass(frozen=True)
class StackTemplate:
    """A stack as it would be deployed.

    Attributes:
        name: Its name in CloudFormation; that of a nested stack is its parent's, and its own ID.
        template: Its template.
        stage: The path of its stage in the app; empty outside of stages.
        environment: Where it is deployed.
        parameters: The values that the parent gives to a nested stack.
        file: The path of its template in the assembly.
    """

    name: str
    template: Template
    stage: str = ""
    environment: Environment = Environment()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""

    def placed_as(self, other: "StackTemplate") -> "StackTemplate":
        """Return this stack in the stage and environment of another one."""
        return replace(self, stage=other.stage, environment=other.environment)

    @property
    def resources(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the logical ID and the declaration of each resource."""
        resources = self.template.get("Resources")
        for logical_id, each in resources.items() if isinstance(resources, Mapping) else ():
            if isinstance(each, Mapping):
                yield str(logical_id), each


@dataclass(frozen=True)
class Assembly:
    """All stacks of an app.

    Attributes:
        source: The path, as it was given.
        stacks: Its stacks, nested ones included.
        missing: The values that the app still has to look up: the assembly is incomplete.
        digest: A hash of everything that was read.
    """

    source: str
    stacks: tuple[StackTemplate, ...]
    missing: tuple[str, ...] = ()
    digest: str = ""


def read(given: str) -> Assembly:
    """Read an assembly, which is a folder, or a template in JSON.

    Raises:
        Problem: There is none, or it can't be read.
    """
    path = Path(given)
    if path.is_dir():
        return _Reader(path).assembly(given)
    if path.is_file():
        reader = _Reader(path.parent)
        template = reader.read(path)
        name = path.name.removesuffix(".json").removesuffix(".template")
        stack = StackTemplate(name, template, file=path.name)
        return Assembly(given, (stack,), digest=reader.digest)
    raise Problem(
        f"{given!r} is neither a folder nor a file. Give a synthesized app, such as cdk.out, or a "
        "template in JSON. To synthesize, run: cdk synth --quiet"
    )


class _Reader:
    """Reads files of one assembly, and none outside of it."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._hash = hashlib.sha256()
        self._missing: list[str] = []
        self._count = 0

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()[:12]

    def assembly(self, source: str) -> Assembly:
        """Read the assembly in the root folder."""
        if not (self._root / "manifest.json").is_file():
            raise Problem(
                f"{source!r} isn't a synthesized app: it has no manifest.json. "
                "To synthesize, run: cdk synth --quiet"
            )
        stacks = tuple(self._stacks(self._root, "", 0))
        return Assembly(source, stacks, tuple(dict.fromkeys(self._missing)), self.digest)

    def read(self, path: Path) -> dict[str, Any]:
        """Read an object in JSON from a file of the assembly."""
        path = path.resolve()
        if not path.is_relative_to(self._root):
            raise Problem(f"The assembly names a file outside of it: {str(path)!r}.")
        try:
            if path.stat().st_size > MAX_FILE_SIZE:
                raise Problem(f"{path.name} is larger than {MAX_FILE_SIZE} bytes.")
            content = path.read_bytes()
            self._hash.update(hashlib.sha256(content).digest())
            value = json.loads(content)
        except OSError as error:
            raise Problem(f"{str(path)!r} can't be read: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            raise Problem(f"{path.name} isn't JSON. For YAML, synthesize the app.") from error
        if not isinstance(value, dict) or _is_deeper(value, MAX_JSON_DEPTH):
            raise Problem(f"{path.name} isn't a template or a manifest.")
        return value

    def _stacks(self, folder: Path, stage: str, depth: int) -> Iterator[StackTemplate]:
        if depth > MAX_DEPTH:
            raise Problem(f"The assembly has more than {MAX_DEPTH} stages in one another.")
        manifest = self.read(folder / "manifest.json")
        self._missing += [str(each.get("key")) for each in _mappings(manifest.get("missing"))]
        for name, artifact in _named_mappings(manifest.get("artifacts")):
            given = _mapping(artifact.get("properties"))
            if artifact.get("type") == "cdk:cloud-assembly":
                inner = str(given.get("directoryName"))
                path = str(artifact.get("displayName") or given.get("displayName") or name)
                path = path.removeprefix("assembly-")
                yield from self._stacks(folder / inner, path, depth + 1)
            elif artifact.get("type") == "aws:cloudformation:stack":
                yield from self._stack(folder, stage, name, artifact)

    def _stack(
        self, folder: Path, stage: str, name: str, artifact: Mapping[str, Any]
    ) -> Iterator[StackTemplate]:
        given = _mapping(artifact.get("properties"))
        file = str(given.get("templateFile"))
        stack = StackTemplate(
            str(given.get("stackName") or name),
            self.read(folder / file),
            stage,
            Environment.of(artifact.get("environment")),
            file=str((folder / file).resolve().relative_to(self._root)),
        )
        assets = folder / f"{name}.assets.json"
        files = self.read(assets) if assets.is_file() else {}
        yield from self._with_nested(stack, folder, _sources(files), 0)

    def _with_nested(
        self, stack: StackTemplate, folder: Path, sources: Mapping[str, str], depth: int
    ) -> Iterator[StackTemplate]:
        self._count += 1
        if self._count > MAX_STACKS:
            raise Problem(f"The assembly has more than {MAX_STACKS} stacks.")
        yield stack
        for logical_id, resource in stack.resources:
            if resource.get("Type") != NESTED_STACK:
                continue
            properties = _mapping(resource.get("Properties"))
            key = last_segment(properties.get("TemplateURL"))
            if depth >= MAX_DEPTH or key not in sources:
                self._missing.append(f"the template of {stack.name}/{logical_id}")
                continue
            nested = StackTemplate(
                f"{stack.name}/{logical_id}",
                self.read(folder / sources[key]),
                stack.stage,
                stack.environment,
                _mapping(properties.get("Parameters")),
                str((folder / sources[key]).resolve().relative_to(self._root)),
            )
            yield from self._with_nested(nested, folder, sources, depth + 1)


def last_segment(url: object) -> str:
    """Return the last part of a TemplateURL, which can be in pieces."""
    while not isinstance(url, str):
        if isinstance(url, Mapping) and len(url) == 1:
            [url] = url.values()
        elif isinstance(url, list) and url:
            url = url[-1]
        else:
            return ""
    return url.rpartition("/")[2]


def _sources(assets: Mapping[str, Any]) -> dict[str, str]:
    """Return the path of each file asset by its key in the bucket."""
    return {
        str(destination.get("objectKey")): str(_mapping(asset.get("source")).get("path"))
        for _, asset in _named_mappings(assets.get("files"))
        for _, destination in _named_mappings(asset.get("destinations"))
    }


def _is_deeper(value: object, most: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return most == 0 or any(
        _is_deeper(each, most - 1)
        for each in (value.values() if isinstance(value, dict) else value)
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _named_mappings(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, each in _mapping(value).items():
        if isinstance(each, Mapping):
            yield str(name), each
