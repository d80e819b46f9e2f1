import json

import boto3
import pytest
from botocore import exceptions
from moto.core import set_initial_no_auth_action_count

from outpost_order_cli import problems
from outpost_order_handler import contract
from tests.cli.conftest import LEDGER, NAME, Orders, Run
from tests.fakes.dynamodb import create_table


def client_error(code: str, status: int) -> exceptions.ClientError:
    """Make an error as AWS answers it."""
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return exceptions.ClientError(answer, "Scan")


@pytest.mark.parametrize("command", [("list",), ("show", NAME), ("reconcile", NAME)])
def test_a_missing_ledger_is_reported(
    command: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its name, the Region, and the setting to correct."""
    missing = "Error: The ledger Nowhere doesn't exist in us-west-2. "
    done = run(*command, "--table", "Nowhere")
    assert (done.exit_code, done.stdout) == (1, "")
    create = f"{missing}Create table Nowhere with key Key (string), or correct"
    assert done.stderr == f"{create} --table.\n"
    monkeypatch.setenv("OUTPOST_ORDER_LEDGER", "Nowhere")
    assert run(*command).stderr == f"{create} OUTPOST_ORDER_LEDGER.\n"


def test_a_missing_default_ledger_needs_init(run: Run) -> None:
    """The command works when it is pasted, whatever names the Region."""
    done = run("list")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The ledger outpost-orders doesn't exist in us-west-2. "
        "Run: outpost-order init --region us-west-2\n"
    )


@pytest.mark.parametrize("command", [("list",), ("show", NAME)])
def test_missing_credentials_are_reported(
    command: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback without a login."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = run(*command, "--table", LEDGER)
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: Unable to locate credentials. "
        "Log in to AWS, or choose other credentials with --profile.\n"
    )


def test_a_missing_region_is_reported(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be given."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    done = run("list", "--table", LEDGER)
    assert (done.exit_code, done.stderr) == (
        1,
        "Error: You must specify a region. Choose a Region with --region.\n",
    )


def test_a_missing_profile_is_reported(run: Run) -> None:
    """With its name."""
    done = run("list", "--table", LEDGER, "--profile", "absent")
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: The config profile (absent) could not be found. "
        "Choose another profile with --profile.\n"
    )


def test_denied_access_is_reported(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert done.stderr.endswith(". Ask an administrator for this permission.\n")


@pytest.mark.parametrize("command", [("list",), ("show", NAME)])
def test_another_table_is_no_ledger(command: tuple[str, ...], run: Run) -> None:
    """The command can read the table, but its items aren't records."""
    client = boto3.Session().client("dynamodb")
    create_table(client, "Guests", "Guest")
    client.put_item(TableName="Guests", Item={"Guest": {"S": "me"}})
    done = run(*command, "--table", "Guests")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The table Guests isn't a ledger: an item of a ledger has the key Key and a "
        "Version. Correct --table.\n"
    )


def test_a_record_of_a_newer_version_is_shown(run: Run, orders: Orders) -> None:
    """An operator might have an older version than the function."""
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
    assert orders.record().state == "PLACED"
    assert run("show", NAME, "--table", LEDGER).exit_code == 0
    [order] = json.loads(run("list", "--json", "--table", LEDGER).stdout)["orders"]
    assert order["name"] == NAME


LOG_IN = "Log in to AWS, or choose other credentials with --profile."
SETTINGS = "Correct your AWS settings, or choose another profile with --profile."
NETWORK = "Check the network, the proxy, and --region."
RUN_AGAIN = "It is safe to run the command again."


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (exceptions.LoginRefreshRequired(), LOG_IN),
        (exceptions.SSOTokenLoadError(profile_name="ops", error_msg="no token"), LOG_IN),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="expired"), LOG_IN),
        (exceptions.MissingDependencyException(msg="crt"), 'Run: pip install "botocore[crt]"'),
        (exceptions.InvalidConfigError(error_msg="no role_arn"), SETTINGS),
        (exceptions.ConfigParseError(path="config", error="[["), SETTINGS),
        (
            exceptions.InvalidRetryModeError(provided_retry_mode="never", valid_modes="standard"),
            SETTINGS,
        ),
        (exceptions.ProxyConnectionError(proxy_url="http://x", error="refused"), NETWORK),
        (exceptions.SSLError(endpoint_url="https://x", error="certificate"), NETWORK),
        (exceptions.ReadTimeoutError(endpoint_url="https://x", error="slow"), NETWORK),
        (client_error("ThrottlingException", 400), RUN_AGAIN),
        (client_error("InternalServerError", 500), RUN_AGAIN),
        (client_error("SomethingNewException", 400), ""),
        (exceptions.DataNotFoundError(data_path="x"), ""),
    ],
    ids=str,
)
def test_the_step_is_that_of_the_kind_of_error(error: Exception, step: str) -> None:
    """An error of no known kind gets no advice, because no advice could help."""
    assert problems.line_of(error) == f"{problems.words_of(error)} {step}".rstrip()


def test_a_page_of_a_proxy_is_cut() -> None:
    """An answer that isn't from AWS must not fill the terminal."""
    page = exceptions.ClientError({"Error": {"Code": "503", "Message": "<p>" * 5000}}, "Scan")
    assert len(problems.words_of(page)) < 700
