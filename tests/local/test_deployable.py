"""The parts of a stack that its deployment needs, from an assembly."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from outpost_order_rehearsal.deployable import DeployableStack, stacks_of

HERE = ("000000000000", "us-west-2")
DESTINATION = {"here": {"bucketName": "assets", "objectKey": "a"}}
FOLDER = {"source": {"path": "asset", "packaging": "zip"}, "destinations": DESTINATION}
PROGRAM = {"source": {"executable": ["make", "asset"]}, "destinations": DESTINATION}
IMAGE = {
    "source": {"directory": "image"},
    "destinations": {"here": {"repositoryName": "images", "imageTag": "a"}},
}

Json = Mapping[str, object]


def _stack(
    folder: Path, properties: Json | None = None, listed: Json | None = None, **template: object
) -> DeployableStack:
    artifact = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "Berlin.template.json", **(properties or {})},
    }
    for name, content in (
        ("manifest.json", {"artifacts": {"Berlin": artifact}}),
        ("Berlin.template.json", template),
        ("Berlin.assets.json", listed or {}),
    ):
        (folder / name).write_text(json.dumps(content))
    [stack] = stacks_of(folder, *HERE)
    return stack


def test_an_asset_that_a_program_makes_is_not_published(tmp_path: Path) -> None:
    """The other assets are."""
    stack = _stack(tmp_path, listed={"files": {"one": PROGRAM, "two": FOLDER}})
    assert stack.not_published == ("a file that a program of the app makes",)
    assert [each.path for each in stack.assets] == [tmp_path / "asset"]


def test_an_image_of_a_container_is_not_published(tmp_path: Path) -> None:
    """The AWS on this machine has no registry for it."""
    stack = _stack(tmp_path, listed={"dockerImages": {"one": IMAGE}})
    assert stack.not_published == ("an image of a container",)
    assert stack.assets == ()


def test_a_parameter_has_the_value_of_its_app_or_its_default(tmp_path: Path) -> None:
    """An empty default is a value too."""
    parameters = {"Site": {}, "Rack": {}, "Term": {"Default": ""}}
    given = {"parameters": {"Rack": "OR-ABCDEFG"}}
    assert _stack(tmp_path, given, Parameters=parameters).missing_parameters == ["Site"]


@pytest.mark.parametrize("is_protected", [True, False])
def test_a_stack_has_the_protection_of_its_app(tmp_path: Path, *, is_protected: bool) -> None:
    """The manifest names it if there is one."""
    given = {"terminationProtection": True} if is_protected else {}
    assert _stack(tmp_path, given).is_protected == is_protected
