import io
import json
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from outpost_order_handler import contract
from tests.cli.aws_account import FakeAccount, Resource
from tests.cli.conftest import LEDGER, NAME, Orders, Run

TEMPLATES = Path(__file__).parents[1] / "constructs" / "templates"
STACK = "City"
CITY_ARN = "arn:aws:cloudformation:us-west-2:111122223333:stack/City/1"
FUNCTION, NESTED = "AWS::Lambda::Function", "AWS::CloudFormation::Stack"
NO_STACK = (
    "If its orders are in the default ledger, replace --stack with --table outpost-orders; "
    "if not, with --table and the name of their ledger.\n"
)


def deploy(*environments: dict[str, str], nested: bool = False) -> str:
    """Create a stack, or a stack in a stack, with a function for each of these environments."""
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
                "Handler": "outpost_order_handler.entry.handler",
                "Runtime": "python3.14",
                "Role": role["Arn"],
                "Environment": {"Variables": variables},
            },
        }
    template = {"Resources": resources}
    if nested:
        s3.put_object(Bucket="assets", Key="racks.json", Body=json.dumps(template))
        url = "https://assets.s3.us-west-2.amazonaws.com/racks.json"
        racks = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
        template = {"Resources": {"Racks": racks}}
    stack = (
        boto3.Session()
        .client("cloudformation")
        .create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    )
    return str(stack["StackId"])


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAccount]:
    """Give an account with the stacks and functions of a test; its tables are moto's."""
    with FakeAccount() as account:
        for service in ("CLOUDFORMATION", "LAMBDA"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", account.url)
        yield account


def delete_function(number: int) -> None:
    """Delete a function of the stack behind CloudFormation's back."""
    client = boto3.Session().client("cloudformation")
    resource = client.describe_stack_resource(
        StackName=STACK, LogicalResourceId=f"Function{number}"
    )
    name = str(resource["StackResourceDetail"]["PhysicalResourceId"])
    boto3.Session().client("lambda").delete_function(FunctionName=name)


def test_a_stack_names_its_ledger(run: Run, orders: Orders) -> None:
    """Its function does, whatever its logical ID is; the ledger can belong to another stack."""
    deploy({"OTHER": "x"}, {contract.LEDGER_TABLE: LEDGER})
    orders.placed()
    assert f"{NAME} " in run("list", "--stack", STACK).stdout


def test_next_commands_name_the_table_of_a_stack(run: Run, orders: Orders) -> None:
    """The stack might be gone when the commands are pasted; they have the Region that was typed."""
    deploy({contract.LEDGER_TABLE: LEDGER})
    orders.in_doubt()
    done = run("show", NAME, "--stack", STACK, "--region", "us-west-2")
    command = f"outpost-order reconcile {NAME} --region us-west-2 --table {LEDGER}"
    assert done.stdout.endswith(f"  {command}\n")
    assert run(*command.split()[1:]).exit_code == 3


def test_next_commands_are_quoted(run: Run, orders: Orders, tmp_path: Path) -> None:
    """A profile can have any name."""
    (tmp_path / "credentials").write_text(
        "[the ops]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    orders.in_doubt()
    done = run("show", NAME, "--table", LEDGER, "--profile", "the ops")
    command = f"outpost-order reconcile {NAME} --table {LEDGER} --profile 'the ops'"
    assert done.stdout.endswith(f"  {command}\n")
    assert run(*shlex.split(command)[1:]).exit_code == 3


def test_a_nested_stack_names_its_ledger(run: Run, orders: Orders) -> None:
    """The function is in the nested stack if the order is."""
    deploy({contract.LEDGER_TABLE: LEDGER}, nested=True)
    orders.placed()
    assert f"{NAME} " in run("list", "--stack", STACK).stdout


def test_a_stack_can_be_given_by_its_arn(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFormation finds a deleted stack by nothing else; the Region is in it."""
    arn = deploy({contract.LEDGER_TABLE: LEDGER})
    orders.in_doubt()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    done = run("show", NAME, "--stack", arn)
    assert done.stdout.endswith(f"reconcile {NAME} --region us-west-2 --table {LEDGER}\n")


def test_an_arn_of_another_region_is_a_mistake(run: Run) -> None:
    """One of the two Regions is wrong."""
    done = run("list", "--stack", CITY_ARN, "--region", "eu-west-1")
    assert done.exit_code == 2
    assert done.stderr == (
        "Error: --region eu-west-1 contradicts --stack, which is in us-west-2. "
        "Omit --region, or correct --stack.\n"
    )


def test_a_function_that_is_gone_is_passed_over(run: Run, orders: Orders) -> None:
    """One function that exists is enough."""
    deploy({"OTHER": "x"}, {contract.LEDGER_TABLE: LEDGER})
    delete_function(0)
    orders.placed()
    assert f"{NAME} " in run("list", "--stack", STACK).stdout


@pytest.mark.parametrize("stack", [STACK, CITY_ARN])
def test_a_rolled_back_stack_is_no_dead_end(stack: str, run: Run, account: FakeAccount) -> None:
    """Its function is deleted, and its orders are in the ledger of the account."""
    account.resources[stack] = [Resource(FUNCTION, "City-Fn", "DELETE_COMPLETE")]
    done = run("list", "--stack", stack)
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: The stack {stack} has no function that names a ledger "
        f"(Logical0 (City-Fn) was deleted). {NO_STACK}"
    )


def test_an_unreadable_function_is_passed_over(
    run: Run, orders: Orders, account: FakeAccount
) -> None:
    """One function of ours is enough, however deep it is nested."""
    account.resources = {
        STACK: [Resource(NESTED, "gone"), Resource(NESTED, "secret"), Resource(NESTED, "Racks")],
        "Racks": [Resource(FUNCTION, "foreign"), Resource(FUNCTION, "hidden")],
    }
    account.resources["Racks"] += [
        Resource(NESTED, "Inner"),
        Resource(NESTED, "x", "DELETE_COMPLETE"),
    ]
    account.resources["Inner"] = [Resource(FUNCTION, "deleted"), Resource(FUNCTION, "ours")]
    account.functions = {"foreign": {"OTHER": "x"}, "ours": {contract.LEDGER_TABLE: LEDGER}}
    account.forbidden = {"secret", "hidden"}
    orders.placed()
    assert f"{NAME} " in run("list", "--stack", STACK).stdout


def test_each_passed_over_resource_is_named(run: Run, account: FakeAccount) -> None:
    """The ledger could be the one that it names."""
    account.resources = {STACK: [Resource(NESTED, "secret"), Resource(FUNCTION, "hidden")]}
    account.forbidden = {"secret", "hidden"}
    done = run("list", "--stack", STACK)
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: The stack City has no function that names a ledger (access to Logical0 (secret) "
        f"was denied, access to Logical1 (hidden) was denied). {NO_STACK}"
    )


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
        "Error: The stack City has 2 ledgers: Ledger and OtherLedger. Choose one with --table.\n"
    )


def test_a_stack_without_orders_is_an_error(run: Run) -> None:
    """It says what else can be given."""
    deploy({"OTHER": "x"})
    done = run("list", "--stack", STACK)
    assert done.exit_code == 1
    assert done.stderr == (f"Error: The stack City has no function that names a ledger. {NO_STACK}")


def test_a_stack_that_does_not_exist_is_an_error(run: Run) -> None:
    """The message names the Region, and the other options."""
    done = run("list", "--stack", "Nowhere")
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: The stack Nowhere doesn't exist in us-west-2. Correct --stack or --region; "
        f"a deleted stack is found by its ARN only. {NO_STACK}"
    )


def test_the_construct_names_the_ledger() -> None:
    """The stored template proves that construct and command use the same name."""
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
    """It is typed once; the next command then needs no option."""
    monkeypatch.setenv("OUTPOST_ORDER_LEDGER", LEDGER)
    orders.in_doubt()
    assert run("show", NAME).stdout.endswith(f"outpost-order reconcile {NAME}\n")


def test_a_given_table_outranks_the_environment(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next command has to name it again, even if it is the default one."""
    monkeypatch.setenv("OUTPOST_ORDER_LEDGER", "another")
    orders.in_doubt()
    done = run("show", NAME, "--table", LEDGER)
    assert done.stdout.endswith(f"outpost-order reconcile {NAME} --table {LEDGER}\n")
    missing = run("list", "--table", contract.DEFAULT_LEDGER).stderr
    assert missing.startswith("Error: The ledger outpost-orders doesn't exist")


def test_without_any_option_it_is_the_ledger_of_the_account(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable says nothing."""
    monkeypatch.setenv("OUTPOST_ORDER_LEDGER", "")
    assert "The ledger outpost-orders doesn't exist" in run("list").stderr


def test_a_given_stack_outranks_the_environment(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typed option counts."""
    deploy({contract.LEDGER_TABLE: LEDGER})
    orders.in_doubt()
    monkeypatch.setenv("OUTPOST_ORDER_LEDGER", "another")
    assert run("show", NAME, "--stack", STACK).exit_code == 0


def test_at_most_one_place_is_given(run: Run) -> None:
    """Two places could be two ledgers."""
    done = run("list", "--table", LEDGER, "--stack", STACK)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "Error: --table and --stack can't be used together. Give one of them.\n"


def test_a_name_that_begins_with_a_dash_can_be_typed(run: Run, orders: Orders) -> None:
    """An older version accepted such names; the commands that are printed work when pasted."""
    record = orders.in_doubt()
    item = (
        boto3.Session()
        .client("dynamodb")
        .get_item(TableName=LEDGER, Key={contract.LEDGER_KEY: {"S": f"order#{record.name}"}})[
            "Item"
        ]
    )
    item |= {contract.LEDGER_KEY: {"S": "order#-rack7"}}
    boto3.Session().client("dynamodb").put_item(TableName=LEDGER, Item=item)
    done = run("show", "--table", LEDGER, "--", "-rack7")
    command = done.stdout.splitlines()[-1].strip()
    assert command == f"outpost-order reconcile --table {LEDGER} -- -rack7"
    assert run(*command.split()[1:]).exit_code == 3


def test_the_region_can_be_given(run: Run, orders: Orders) -> None:
    """As in the AWS CLI: the ledger of another Region is another one."""
    orders.placed()
    done = run("list", "--table", LEDGER, "--region", "eu-west-1")
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: The ledger Ledger doesn't exist in eu-west-1. "
        "Create table Ledger with key Key (string), or correct --table.\n"
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
