"""Assemblies are read as the CDK writes them, and never trusted."""

import json
from pathlib import Path
from typing import Any

import pytest

from outpost_order_cli.problem import Problem
from outpost_order_cli.review import assembly
from outpost_order_cli.review.assembly import Environment, read
from outpost_order_cli.review.changes import compare
from outpost_order_cli.review.declared import orders_of
from tests.cli.review.apps import LIVE, order, write_app

RACK = {"Rack": order("PO-1")}


def test_stages_and_environments_are_read(tmp_path: Path) -> None:
    """Artifacts and versions of the future are passed over."""
    stages = {"Prod": {"Racks": RACK}, "Beta": {"Racks": {"Rack": order("PO-2", 5)}}}
    app = read(write_app(tmp_path, {}, environment=LIVE, stages=stages))
    found = {(each.stage, each.name, each.environment) for each in app.stacks}
    here = Environment("123456789012", "us-west-2")
    assert found == {("Prod", "Racks", here), ("Beta", "Racks", here)}


def test_the_account_and_region_can_be_left_open(tmp_path: Path) -> None:
    """An app without `env` says so in its manifest."""
    [stack] = read(write_app(tmp_path, {"Racks": RACK})).stacks
    assert stack.environment == Environment()


def _nest(folder: Path, nested: Any, url: object, path: str = "nested.json") -> str:  # noqa: ANN401
    parent = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url, "Parameters": {"Name": "op-0123456789abcdef0"}},
    }
    app = write_app(folder, {"Site": {"Hall": parent}})
    if path == "nested.json":
        (folder / path).write_text(json.dumps({"Resources": nested}))
    assets = {
        "files": {"x": {"source": {"path": path}, "destinations": {"d": {"objectKey": "key.json"}}}}
    }
    (folder / "Site.assets.json").write_text(json.dumps(assets))
    return app


URL = {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::Region"}, "/key.json"]]}


@pytest.mark.parametrize("url", [URL, "https://host/key.json", {"Fn::Sub": "${Bucket}/key.json"}])
def test_nested_stacks_are_found_by_their_key(tmp_path: Path, url: object) -> None:
    """A parameter that the parent gives is its value."""
    inner = {"Rack": order("PO-1", OutpostIdentifier={"Ref": "Name"})}
    app = read(_nest(tmp_path, inner, url))
    [found] = [each for stack in app.stacks for each in orders_of(stack)]
    assert (found.stack.name, found.outpost) == ("Site/Hall", "op-0123456789abcdef0")
    assert app.missing == ()


def test_a_nested_stack_without_a_template_is_reported(tmp_path: Path) -> None:
    """The report can't be complete."""
    app = read(_nest(tmp_path, RACK, "https://host/other.json"))
    assert app.missing == ("the template of Site/Hall",)


def test_a_missing_lookup_is_reported(tmp_path: Path) -> None:
    """The CLI would look it up, and then synthesize again."""
    app = read(write_app(tmp_path, {"Racks": RACK}, missing=["vpc-provider:account=1"]))
    assert app.missing == ("vpc-provider:account=1",)


@pytest.mark.parametrize("outside", ["../secret.json", "/etc/passwd", "link.json"])
def test_a_file_outside_of_the_assembly_is_not_read(tmp_path: Path, outside: str) -> None:
    """Neither by its path nor by a link."""
    (tmp_path / "secret.json").write_text('{"Resources": {}}')
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(Problem, match="outside"):
        read(_nest(folder, RACK, URL, outside))


def _deep(levels: int) -> str:
    return '{"Resources": ' + '{"a": ' * levels + "1" + "}" * levels + "}"


@pytest.mark.parametrize(
    "content", ["", "[]", "{", "Resources:\n  A: 1", _deep(300), _deep(99_999)]
)
def test_a_file_that_is_no_template_is_one_clear_error(tmp_path: Path, content: str) -> None:
    """Whatever it is."""
    path = tmp_path / "Racks.template.json"
    path.write_text(content)
    with pytest.raises(Problem, match=r"Racks\.template\.json"):
        read(str(path))


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull request can't fill the memory of a pipeline."""
    monkeypatch.setattr(assembly, "MAX_FILE_SIZE", 10)
    with pytest.raises(Problem, match="larger than 10 bytes"):
        read(write_app(tmp_path, {"Racks": RACK}))


def test_stages_within_stages_end(tmp_path: Path) -> None:
    """A stage that contains itself is refused."""
    app = Path(write_app(tmp_path, {}))
    manifest = json.loads((app / "manifest.json").read_text())
    inner = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}
    manifest["artifacts"]["Loop"] = inner
    (app / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(Problem, match="in one another"):
        read(str(app))


@pytest.mark.parametrize("given", ["nothing", "."])
def test_a_path_without_an_assembly_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """With the command that makes one."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problem, match="cdk synth"):
        read(given)


def test_a_template_is_compared_with_the_stack_of_its_name(tmp_path: Path) -> None:
    """A template doesn't say where its stack is deployed."""
    new = read(write_app(tmp_path / "new", {"Racks": RACK}, environment=LIVE))
    old = read(write_app(tmp_path / "old", {"Racks": RACK}) + "/Racks.template.json")
    assert [each.kind for each in compare(new, old)] == ["unchanged"]


def test_the_digest_is_that_of_what_was_read(tmp_path: Path) -> None:
    """The same app has the same digest, wherever it is."""
    one, same = (read(write_app(tmp_path / each, {"Racks": RACK})) for each in "ab")
    other = read(write_app(tmp_path / "c", {"Racks": {"Rack": order("PO-2")}}))
    assert one.digest == same.digest != other.digest
