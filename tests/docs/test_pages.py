"""The promises of the pages: their lengths, code, policies, and commands."""

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import aws_cdk
import botocore.session
import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from typer.main import get_command

import cdk_outpost_order
from cdk_outpost_order import OutpostOrder
from outpost_order_cli.app import app
from outpost_order_rehearsal.environment import ACCOUNT
from tests.conftest import Synthesize
from tests.docs.pages import PAGES, PROJECT, Block, all_commands, blocks_of, text_of

README = text_of("README.md")
LONGEST_README = 140  # lines
EXAMPLE = {"account": "111122223333", "region": "us-west-2", "partition": "aws"}
PYTHON = [
    block
    for page in PAGES
    for block in blocks_of(page)
    if block.language == "python" and not block.title.startswith("test_")  # pytest runs those
]


def test_the_readme_is_short() -> None:
    """All else is in the guides."""
    assert len(README.splitlines()) <= LONGEST_README


def test_the_readme_and_the_guide_declare_the_same_order(synthesized: Synthesize) -> None:
    """It is that of app.py, whose template is stored."""
    [readme] = [each for each in blocks_of("README.md") if each.title == "app.py"]
    [guide] = [each for each in blocks_of("docs/first-order.md") if each.title == "app.py"]
    assert readme.text == guide.text
    declared = _templates(readme)["OutpostRack"]
    assert declared["Resources"] == synthesized("app.py").template["Resources"]


def test_the_readme_and_the_guide_have_the_same_settings() -> None:
    """The CDK CLI asks before each deployment that changes something, as in this project."""
    settings = [
        json.loads(block.text)
        for page in ("README.md", "docs/first-order.md")
        for block in blocks_of(page)
        if block.title == "cdk.json"
    ]
    ours = json.loads((PROJECT / "cdk.json").read_text())
    assert settings == [{key: ours[key] for key in ("app", "requireApproval")}] * 2


@pytest.mark.parametrize("page", sorted({block.page for block in PYTHON}))
def test_the_python_of_a_page_runs(page: str) -> None:
    """Each block in one stack, after what it imports or what the page says before it."""
    stack = Stack(App(), "Stack")
    names: dict[str, Any] = {
        **{name: getattr(cdk_outpost_order, name) for name in cdk_outpost_order.__all__},
        **{name: getattr(aws_cdk, name) for name in ("App", "Stack", "Duration")},
        "lambda_": lambda_,
        "sns": sns,
        "cloudwatch_actions": cloudwatch_actions,
        "stack": stack,
    }
    for block in PYTHON:
        if block.page == page:
            exec(compile(block.text, page, "exec"), names)  # noqa: S102 (that is the test)
    for name in [each for each in names if each.startswith("test_")]:
        names[name]()


def _templates(block: Block) -> dict[str, dict[str, Any]]:
    names: dict[str, Any] = {}
    exec(compile(block.text, block.page, "exec"), names)  # noqa: S102 (that is the test)
    assembly = names["app"].synth()
    return {each.stack_name: each.template for each in assembly.stacks}


def test_each_prop_is_explained() -> None:
    """The table has everything that you can ask for."""
    [table] = re.findall(r"## Props\n(.+?)\n\n[A-Z]", text_of("docs/orders.md"), re.DOTALL)
    first = " ".join(re.findall(r"^\| (.+?) \|", table, re.MULTILINE))
    props = set(inspect.signature(OutpostOrder.__init__).parameters) - {"self", "scope", "id"}
    assert props <= set(re.findall(r"`(\w+)`", first))


def test_each_example_is_in_the_table() -> None:
    """You find each of them, and none that is gone."""
    rows = re.findall(
        r"^\| \[(\w+\.py)\]\(\.\./examples/\1\) \|", text_of("docs/orders.md"), re.MULTILINE
    )
    assert sorted(rows) == sorted(path.name for path in (PROJECT / "examples").glob("*.py"))


def test_the_policy_of_the_function_is_that_of_the_template(synthesized: Synthesize) -> None:
    """The page shows the real permissions, in one account and Region."""
    template = synthesized("app.py").template
    [policy] = [each for each in template["Resources"].values() if each["Type"].endswith("Policy")]
    statements = _resolved(policy["Properties"]["PolicyDocument"]["Statement"])
    shown = _policy("function.json")["Statement"]
    # The stack and its log group have names that CloudFormation chooses.
    assert [_rights(each) for each in shown] == [_rights(each) for each in statements]
    assert [each["Resource"] for each in shown[:3]] == [each["Resource"] for each in statements[:3]]


def _rights(statement: dict[str, Any]) -> tuple[str, Any]:
    return statement["Effect"], statement["Action"]


def _policy(title: str) -> dict[str, Any]:
    [block] = [each for each in blocks_of("docs/permissions.md") if each.title == title]
    policy: dict[str, Any] = json.loads(block.text)
    return policy


def _resolved(statements: Any) -> Any:  # noqa: ANN401
    text = json.dumps(statements)
    for name, value in (("AccountId", "account"), ("Region", "region"), ("Partition", "partition")):
        text = text.replace(f"${{AWS::{name}}}", EXAMPLE[value])
    return json.loads(re.sub(r'\{"Fn::Sub": ("[^"]+")\}', r"\1", text).replace(ACCOUNT, ""))


def _actions() -> Iterator[str]:
    for block in blocks_of("docs/permissions.md"):
        if block.language == "json":
            for statement in json.loads(block.text)["Statement"]:
                action = statement["Action"]
                yield from [action] if isinstance(action, str) else action


NO_OPERATIONS = {"iam:PassRole", "lambda:InvokeFunction"}
"""Permissions that aren't named after an operation of their API in all versions of its model."""
SESSION = botocore.session.Session()


@pytest.mark.parametrize("action", sorted(set(_actions()) - NO_OPERATIONS))
def test_each_permission_is_one_of_its_service(action: str) -> None:
    """A policy with a misspelled action is accepted, and allows nothing."""
    service, _, operation = action.partition(":")
    assert operation in SESSION.get_service_model(service).operation_names


AWS_COMMANDS = sorted({each.line for each in all_commands() if each.line.startswith("aws ")})
GLOBAL_OPTIONS = {"region", "query", "profile", "output"}


@pytest.mark.parametrize("line", AWS_COMMANDS)
def test_each_command_of_the_aws_cli_exists(line: str) -> None:
    """With its options; the AWS CLI itself is none of the project's tools."""
    _, service, command, *rest = line.split()
    operation = "".join(part.capitalize() for part in command.split("-"))
    model = SESSION.get_service_model(service).operation_model(operation)
    members = model.input_shape.members if model.input_shape else {}
    known = {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in members} | GLOBAL_OPTIONS
    assert {each[2:] for each in rest if each.startswith("--")} <= known


@pytest.mark.parametrize("page", PAGES)
def test_each_command_of_a_page_exists(page: str) -> None:
    """With each option that is shown for it."""
    for verb, rest in re.findall(r"outpost-order ([a-z]+)([^`\n]*)", text_of(page)):
        commands = get_command(app).commands  # type: ignore[attr-defined]
        assert verb in commands, page
        options = {option for parameter in commands[verb].params for option in parameter.opts}
        shown = set(re.findall(r"(?<!\S)--[a-z-]+", rest))
        assert shown <= options, (page, verb, rest)


def test_each_verb_of_make_exists() -> None:
    """A command that is promised can be run."""
    makefile = (PROJECT / "Makefile").read_text()
    verbs = {
        first or second
        for page in PAGES
        for first, second in re.findall(r"`make (\w+)|\$ make (\w+)", text_of(page))
    }
    assert verbs
    assert [verb for verb in verbs if not re.search(rf"^{verb}:", makefile, re.MULTILINE)] == []


def test_the_picture_is_that_of_the_guide() -> None:
    """It is drawn again with: python docs/picture.py."""
    done = subprocess.run(
        [sys.executable, "-c", "import picture; print(picture.picture(), end='')"],
        cwd=PROJECT / "docs",
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == (PROJECT / "docs" / "images" / "reconcile.svg").read_text()


def test_the_picture_fetches_nothing() -> None:
    """No font, script or image of another host."""
    drawn = (PROJECT / "docs" / "images" / "reconcile.svg").read_text()
    assert re.findall(r"(?<!xmlns=\")https?://|@font-face|url\(['\"]?(?!#)", drawn) == []
