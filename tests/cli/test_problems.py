import json

import boto3
import pytest
from moto.core import set_initial_no_auth_action_count

from outpost_order_handler import contract
from tests.cli.conftest import LEDGER, NAME, Orders, Run


@pytest.mark.parametrize("command", [("list",), ("show", NAME), ("reconcile", NAME)])
def test_a_missing_table_is_told(command: tuple[str, ...], run: Run) -> None:
    """With its name, and where it was looked for."""
    done = run(*command, "--table", "Nowhere")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: there is no table 'Nowhere' in us-west-2; check the table, --region and --profile\n"
    )


@pytest.mark.parametrize("command", [("list",), ("show", NAME)])
def test_missing_credentials_are_told(
    command: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback for who forgot to log in."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = run(*command, "--table", LEDGER)
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: Unable to locate credentials; "
        "log in to AWS, or choose other credentials with --profile\n"
    )


def test_a_missing_region_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be given."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    done = run("list", "--table", LEDGER)
    assert (done.exit_code, done.stderr) == (
        1,
        "Error: You must specify a region; give one with --region\n",
    )


def test_a_missing_profile_is_told(run: Run) -> None:
    """With its name."""
    done = run("list", "--table", LEDGER, "--profile", "nobody")
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: The config profile (nobody) could not be found; choose another one with --profile\n"
    )


def test_denied_access_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With who was denied what, in AWS's own words."""
    iam = boto3.Session().client("iam")
    iam.create_user(UserName="guest")
    key = iam.create_access_key(UserName="guest")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    done = set_initial_no_auth_action_count(0)(run)("list", "--stack", "City")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: An error occurred (AccessDenied) when calling ")
    assert "user/guest is not authorized to perform: cloudformation:" in done.stderr
    assert done.stderr.endswith("; have this allowed for your identity\n")


@pytest.mark.parametrize("command", [("list",), ("show", NAME)])
def test_another_table_is_no_ledger(command: tuple[str, ...], run: Run) -> None:
    """It may be read, but it cannot be understood."""
    client = boto3.Session().client("dynamodb")
    client.create_table(
        TableName="Guests",
        KeySchema=[{"AttributeName": "Guest", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Guest", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(TableName="Guests", Item={"Guest": {"S": "me"}})
    done = run(*command, "--table", "Guests")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_a_record_of_a_newer_version_is_shown(run: Run, orders: Orders) -> None:
    """Who looks at a ledger need not have the newest version."""
    properties = {
        "OutpostIdentifier": "op-0123456789abcdef0",
        "QuoteIdentifier": "oq-0123456789abcdef0",
        "OrderName": NAME,
    }
    boto3.Session().client("dynamodb").put_item(
        TableName=LEDGER,
        Item={
            contract.LEDGER_KEY: {"S": f"order#{NAME}"},
            "Version": {"S": "1"},
            "State": {"S": "PLACED"},
            "Properties": {"M": {name: {"S": value} for name, value in properties.items()}},
        },
    )
    assert orders.row().state == "PLACED"
    assert run("show", NAME, "--table", LEDGER).exit_code == 0
    assert json.loads(run("list", "--json", "--table", LEDGER).stdout)["Name"] == NAME
