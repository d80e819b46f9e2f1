import io
import json
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest

from outpost_order_handler import contract
from tests.cli.conftest import LEDGER, NAME, Orders, Run

TEMPLATES = Path(__file__).parents[1] / "constructs" / "templates"
STACK = "City"


def deploy(*environments: dict[str, str]) -> None:
    """Create a stack with a function for each of these environments."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("index.py", "")
    s3, iam = boto3.Session().client("s3"), boto3.Session().client("iam")
    s3.create_bucket(Bucket="assets", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.put_object(Bucket="assets", Key="handler.zip", Body=zipped.getvalue())
    role = iam.create_role(RoleName="Role", AssumeRolePolicyDocument="{}")["Role"]
    resources: dict[str, Any] = {"LogGroup": {"Type": "AWS::Logs::LogGroup"}}
    for number, variables in enumerate(environments):
        resources[f"Function{number}"] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"S3Bucket": "assets", "S3Key": "handler.zip"},
                "Handler": contract.HANDLER,
                "Runtime": "python3.14",
                "Role": role["Arn"],
                "Environment": {"Variables": variables},
            },
        }
    template = {"Resources": resources}
    boto3.Session().client("cloudformation").create_stack(
        StackName=STACK, TemplateBody=json.dumps(template)
    )


def test_a_stack_tells_its_ledger(run: Run, orders: Orders) -> None:
    """Through its function, whatever that is called, so the ledger may be another stack's."""
    deploy({"OTHER": "x"}, {contract.LEDGER_TABLE: LEDGER})
    orders.placed()
    assert f"{NAME} " in run("list", "--stack", STACK).stdout


def test_next_commands_name_the_stack(run: Run, orders: Orders) -> None:
    """As it was given, with Region and profile."""
    deploy({contract.LEDGER_TABLE: LEDGER})
    orders.in_doubt()
    done = run("show", NAME, "--stack", STACK, "--region", "us-west-2")
    assert done.stdout.endswith(f"reconcile {NAME} --stack City --region us-west-2\n")


def test_two_providers_can_share_a_ledger(run: Run, orders: Orders) -> None:
    """Each names it, and it is the one."""
    deploy({contract.LEDGER_TABLE: LEDGER}, {contract.LEDGER_TABLE: LEDGER})
    orders.placed()
    assert f"{NAME} " in run("list", "--stack", STACK).stdout


def test_of_two_ledgers_none_is_guessed(run: Run) -> None:
    """A verdict must not be written into the wrong one."""
    deploy({contract.LEDGER_TABLE: LEDGER}, {contract.LEDGER_TABLE: "OtherLedger"})
    done = run("list", "--stack", STACK)
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: stack 'City' has 2 ledgers, Ledger and OtherLedger; name one with --table\n"
    )


def test_a_stack_without_orders_is_an_error(run: Run) -> None:
    """It says what else can be given."""
    deploy({"OTHER": "x"})
    done = run("list", "--stack", STACK)
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: stack 'City' has no function that names the ledger of its orders; "
        "name the stack of an OutpostOrder, or the table with --table\n"
    )


def test_a_stack_that_does_not_exist_is_an_error(run: Run) -> None:
    """CloudFormation's own words name it."""
    done = run("list", "--stack", "Nowhere")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: An error occurred (ValidationError) when calling the ")
    assert "Nowhere" in done.stderr
    assert done.stderr.endswith("; check what you gave, --region and --profile\n")


def test_the_construct_makes_what_is_looked_for() -> None:
    """The names of both sides are held together by the stored template."""
    template: dict[str, Any] = json.loads((TEMPLATES / "app.template.json").read_text())
    [variables] = [
        resource["Properties"]["Environment"]["Variables"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]
    assert contract.LEDGER_TABLE in variables


def test_the_environment_can_name_the_table(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks often types it once; the next command then needs no option."""
    monkeypatch.setenv("OUTPOST_ORDER_LEDGER", LEDGER)
    orders.in_doubt()
    assert run("show", NAME).stdout.endswith(f"outpost-order ledger reconcile {NAME}\n")


def test_a_given_stack_outranks_the_environment(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed is meant."""
    deploy({contract.LEDGER_TABLE: LEDGER})
    orders.in_doubt()
    monkeypatch.setenv("OUTPOST_ORDER_LEDGER", "another")
    assert run("show", NAME, "--stack", STACK).exit_code == 0


@pytest.mark.parametrize(
    ("options", "got"),
    [((), "none"), (("--table", LEDGER, "--stack", STACK), "'Ledger' and 'City'")],
)
def test_exactly_one_place_is_given(options: tuple[str, ...], got: str, run: Run) -> None:
    """Two places could be two ledgers."""
    done = run("list", *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"Error: exactly one of --table and --stack must be given, got {got}\n"


def test_the_region_can_be_given(run: Run, orders: Orders) -> None:
    """As in the AWS CLI: the ledger of another Region is another one."""
    orders.placed()
    done = run("list", "--table", LEDGER, "--region", "eu-west-1")
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: there is no table 'Ledger' in eu-west-1; check the table, --region and --profile\n"
    )


def test_the_region_of_the_aws_cli_counts(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 alone would not know AWS_REGION."""
    orders.placed()
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    assert run("list", "--table", LEDGER).exit_code == 0


def test_the_profile_can_be_given(
    run: Run, orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the AWS CLI: its credentials and its Region are used."""
    orders.placed()
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text("[profile ops]\nregion = eu-west-1\n")
    (tmp_path / "credentials").write_text(
        "[ops]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    assert "in eu-west-1" in run("list", "--table", LEDGER, "--profile", "ops").stderr
