"""The examples for pipelines: valid in their systems, and without credentials where code runs."""

import json
import platform
import re
import subprocess
import sys
import tarfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from outpost_order_cli.review.gate import Gate
from outpost_order_cli.review.markdown import marker
from tests.docs.pages import PROJECT

FOLDER = PROJECT / "examples" / "review"
GUARD_RULES = FOLDER / "outpost_orders.guard"
TEMPLATES = PROJECT / "tests" / "constructs" / "templates"


def _yaml(name: str) -> Any:  # noqa: ANN401
    return YAML(typ="safe", pure=True).load(FOLDER / name)


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("github-synth.yml", ["vendor.github-workflows"]),
        ("github-review.yml", ["vendor.github-workflows"]),
        ("gitlab-ci.yml", ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
    ],
)
def test_an_example_is_valid_in_its_system(name: str, schema: list[str]) -> None:
    """By the schema that the system publishes."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema]
    done = subprocess.run(
        [*command, FOLDER / name], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout


def test_the_code_of_a_pull_request_gets_nothing() -> None:
    """No secret, no permission to write, and no event that would have them."""
    workflow = _yaml("github-synth.yml")
    [job] = workflow["jobs"].values()
    assert "pull_request_target" not in (FOLDER / "github-synth.yml").read_text()
    assert "secrets." not in (FOLDER / "github-synth.yml").read_text()
    assert (workflow["permissions"], job["permissions"]) == ({}, {"contents": "read"})
    checkouts = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False]


def test_the_job_that_writes_runs_no_code_of_a_pull_request() -> None:
    """It checks out the base branch alone, and takes the apps as data."""
    [job] = _yaml("github-review.yml")["jobs"].values()
    checkouts = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}]
    commands = "\n".join(step.get("run", "") for step in job["steps"])
    assert "synth" not in commands
    assert "apps/new" in commands
    assert "${{" not in commands


def test_a_comment_is_found_by_its_marker_on_all_pages() -> None:
    """The pattern of the examples is that of the marker, for each name of a stage."""
    script = (FOLDER / "github-review.yml").read_text()
    assert "github.paginate(" in script
    assert "x-next-page" in (FOLDER / "gitlab-ci.yml").read_text()
    pattern = r"<!-- outpost-order review: [A-Za-z0-9\/_. -]+ -->"
    assert pattern in script
    assert pattern in (FOLDER / "gitlab-ci.yml").read_text()
    for stage in ("", "Prod", "Prod/eu-central-1", "-->", "a\nb", "ä"):
        assert re.fullmatch(pattern, marker(stage))


def test_the_gates_of_the_examples_can_be_used() -> None:
    """Their conditions and limits are those of the command."""
    for path in FOLDER.glob("*.yml"):
        for option, value in pairwise(path.read_text().split()):
            if option == "--fail-on":
                Gate.of(value, [])
            if option == "--max-commitment":
                Gate.of(None, [value])


@pytest.fixture(scope="module")
def cfn_guard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give cfn-guard, which a development tool brings."""
    folder = tmp_path_factory.mktemp("guard")
    [archive] = Path(sys.prefix).rglob("cdk-validator-cfnguard@*.jsii.tgz")
    member = f"package/bin/ubuntu/{platform.machine()}/cfn-guard"
    with tarfile.open(archive) as tools:
        if member not in tools.getnames():
            pytest.skip("cfn-guard isn't there for this machine")
        tools.extract(member, folder, filter="data")
    program = folder / member
    program.chmod(0o755)
    return program


def _validate(cfn_guard: Path, template: Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [cfn_guard, "validate", "--rules", GUARD_RULES, "--data", template]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def test_the_rules_accept_a_stack(cfn_guard: Path) -> None:
    """Those of the stored examples with a purchase order's number."""
    for name in ("app", "order_from_quote.OrderFromQuote", "single_order.SingleOrder"):
        done = _validate(cfn_guard, TEMPLATES / f"{name}.template.json")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("outpost_orders_are_retained", {"DeletionPolicy": "Delete"}),
        ("outpost_orders_say_what_they_buy", {"Metadata": {}}),
        ("outpost_orders_have_a_purchase_order", {"OrderName": "rack"}),
        ("outpost_quotes_have_a_price", {"QuotePrice": None}),
    ],
)
def test_each_rule_finds_its_mistake(
    cfn_guard: Path, tmp_path: Path, rule: str, change: dict[str, Any]
) -> None:
    """A rule that accepts everything protects nothing."""
    name = "order_from_quote.OrderFromQuote.template.json"
    template = json.loads((TEMPLATES / name).read_text())
    [order] = [
        each for each in template["Resources"].values() if each["Type"] == "Custom::OutpostOrder"
    ]
    for key, value in change.items():
        changed = order if key in order else order["Properties"]
        changed[key] = value
        if value is None:
            del changed[key]
    (tmp_path / "changed.json").write_text(json.dumps(template))
    done = _validate(cfn_guard, tmp_path / "changed.json")
    failed = [line.split()[0] for line in done.stdout.splitlines() if line.endswith("FAIL")]
    assert [each.rpartition("/")[2] for each in failed if rule in each] == [rule]
