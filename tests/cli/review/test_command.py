"""`outpost-order review`, as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.review.apps import order, quote_order, write_app

IMPORTED = """
import sys
sys.argv = ["outpost-order", "review", *sys.argv[1:]]
from outpost_order_cli.app import main
try:
    main()
except SystemExit as end:
    code = end.code
heavy = {"boto3", "botocore", "aws_cdk", "jsii"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else code)
"""


@pytest.fixture
def apps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with an app, and the one before it in `main`."""
    monkeypatch.chdir(tmp_path)
    old = {"Berlin": {"Rack": order("PO-1")}}
    write_app(tmp_path / "main", old)
    write_app(tmp_path / "cdk.out", {**old, "Lisbon": {"Rack": quote_order("PO-2")}})
    return tmp_path


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--against", "main"], ["--format", "json", "--against", "main"]]
)
def test_a_review_without_aws_imports_nothing_of_it(apps: Path, arguments: list[str]) -> None:
    """It is used in each pull request, and starts at once."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments],
        cwd=apps,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_verdict_comes_first(apps: Path, run: Run) -> None:  # noqa: ARG001 (the apps are there)
    """By default, the app of cdk.out is reviewed."""
    done = run("review", "--against", "main")
    first, source, *_ = done.stdout.splitlines()
    assert first == "Buys 1 order: commits USD 169,218.00 over 36 months."
    assert source.startswith("cdk.out (")
    assert done.exit_code == 0
    assert "unchanged  PO-1" in done.stdout


def test_stacks_limit_the_report(apps: Path, run: Run) -> None:  # noqa: ARG001
    """The others are read, so that a move is seen, and not reported."""
    assert run("review", "Berlin", "--against", "main").stdout.startswith("Buys nothing.\n")
    wrong = run("review", "Madrid")
    assert wrong.exit_code == 1
    assert "Its stacks: Berlin, Lisbon." in wrong.stderr


def test_json_is_one_document(apps: Path, run: Run) -> None:  # noqa: ARG001
    """Its keys are those of the guide."""
    document = json.loads(run("review", "--against", "main", "--format", "json").stdout)
    assert (document["schema"], document["buys"], document["against"]) == (1, 1, "main")
    guide = (Path(__file__).parents[3] / "docs" / "reviewing.md").read_text()
    rows = [line for line in guide.splitlines() if line.startswith("| `")]
    [changes] = [row for row in rows if row.startswith("| `changes`")]
    for key in document:
        assert any(f"`{key}`" in row.split("|")[1] for row in rows), key
    for key in document["changes"][0]:
        assert f"`{key}`" in changes


def test_the_summary_has_everything(apps: Path, run: Run) -> None:
    """It is appended, as to the job summary of GitHub."""
    summary = apps / "summary.md"
    summary.write_text("# Before\n")
    run("review", "--against", "main", "--summary", str(summary))
    assert summary.read_text().startswith("# Before\n<!-- outpost-order review: app -->\n")


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        (["--fail-on", "new-order"], 4),
        (["--fail-on", "changed,removed"], 0),
        (["--max-commitment", "USD=200000"], 0),
        (["--max-commitment", "USD=100000"], 4),
        (["--fail-on", "everything"], 2),
        (["--format", "yaml"], 2),
        (["--app", "nothing"], 1),
    ],
)
def test_the_exit_code_is_that_of_the_gate(
    apps: Path,  # noqa: ARG001
    run: Run,
    options: list[str],
    exit_code: int,
) -> None:
    """The review is printed, whether or not the gate passes."""
    done = run("review", "--against", "main", *options)
    assert done.exit_code == exit_code
    assert ("Buys 1 order" in done.stdout) is (exit_code in (0, 4))
    assert ("The gate fails: " in done.stderr) is (exit_code == 4)


def test_names_of_a_pull_request_do_nothing_in_a_message(tmp_path: Path, run: Run) -> None:
    """A stack, a file or an order can have a terminal escape as its name."""
    name = "\x1b[2J\u202e"
    app = write_app(tmp_path / "app", {"Racks": {"Rack": order(name)}})
    gate = run("review", "--app", app, "--fail-on", "will-fail")
    manifest = json.loads((tmp_path / "app" / "manifest.json").read_text())
    manifest["artifacts"]["Racks"]["properties"] = {
        "templateFile": f"{name}.json",
        "stackName": name,
    }
    (tmp_path / "app" / "manifest.json").write_text(json.dumps(manifest))
    missing = run("review", "--app", app)
    (tmp_path / "app" / f"{name}.json").write_text("{}")
    unknown = run("review", "Madrid", "--app", app)
    assert (gate.exit_code, missing.exit_code, unknown.exit_code) == (4, 1, 1)
    for done in (gate, missing, unknown):
        assert "\x1b" not in done.stdout + done.stderr
        assert "\u202e" not in done.stdout + done.stderr


def test_reading_and_judging_need_the_standard_library_alone() -> None:
    """A test of an app that uses them imports nothing else."""
    program = (
        "import sys; import outpost_order_cli.review.changes, outpost_order_cli.review.gate; "
        "print(sorted({'typer', 'rich', 'boto3', 'botocore'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "[]\n"
