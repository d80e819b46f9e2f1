import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outpost_order_cli import init
from outpost_order_cli.template import ledger_template
from outpost_order_handler import contract
from tests.cli.aws_account import ACCOUNT, NAME_TAKEN, REGION, Backup, FakeAccount, Stack, Table
from tests.cli.conftest import Run

TEMPLATE = json.loads(ledger_template())
OURS = TEMPLATE["Description"]
WAS_DELETED = (
    "So a ledger was deleted. Its orders might be in force, and an empty ledger doesn't know them. "
)
DELETE_STACK = f"aws cloudformation delete-stack --stack-name outpost-orders --region {REGION}"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAccount]:
    """Give an account without a ledger, in which nothing takes time."""
    monkeypatch.setattr(init, "PAUSE", 0)
    monkeypatch.setattr(init, "LOOKS", 20)
    with FakeAccount() as account:
        for service in ("DYNAMODB", "CLOUDFORMATION"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", account.url)
        yield account


def test_it_creates_the_ledger(run: Run, aws: FakeAccount) -> None:
    """A table as the handler needs it, protected, in a stack of the same name."""
    done = run("init")
    assert (done.exit_code, aws.table) == (0, Table(recoverable=True))
    assert aws.operations.count("CreateStack") == 1
    assert done.stdout == (
        "The ledger outpost-orders was created.\n"
        f"  Account: {ACCOUNT}\n"
        f"  Region:  {REGION}\n"
        "  Table:   outpost-orders, key Key, on-demand\n"
        "  Stack:   outpost-orders\n"
        "  Cost:    requests, storage, and point-in-time recovery; "
        "while idle, the last two only\n"
        "Each account and Region has one ledger. Orders use it without any setting.\n"
    )


def test_tags_are_those_of_the_stack(run: Run, aws: FakeAccount) -> None:
    """CloudFormation gives them to the table; a value can contain an equals sign."""
    assert run("init", "--tags", "team=racks", "--tags", "note=a=b").exit_code == 0
    assert aws.stack is not None
    assert aws.stack.tags == {"team": "racks", "note": "a=b"}


@pytest.mark.parametrize("tags", [("team",), ("=racks",), ("a=1", "a=2")])
def test_tags_have_a_key_each(tags: tuple[str, ...], run: Run, aws: FakeAccount) -> None:
    """A mistake is found before anything is asked."""
    done = run("init", *(word for tag in tags for word in ("--tags", tag)))
    assert (done.exit_code, aws.operations) == (2, [])
    assert done.stderr.startswith("Error: --tags must ")


def test_a_ledger_that_exists_is_not_changed(run: Run, aws: FakeAccount) -> None:
    """Whether `init` or an `OrderLedger` of a CDK app created it."""
    aws.table = Table()
    done = run("init")
    assert (done.exit_code, aws.table) == (0, Table())
    assert done.stdout.startswith(
        "The ledger outpost-orders already exists. Nothing was changed.\n"
    )
    assert " is off" not in done.stdout
    assert {name for name in aws.operations if not name.startswith("Describe")} == set()


def test_a_second_run_changes_nothing(run: Run, aws: FakeAccount) -> None:
    """As with `cdk bootstrap`."""
    run("init")
    done = run("init")
    assert (done.exit_code, aws.operations.count("CreateStack")) == (0, 1)
    assert "already exists. Nothing was changed.\n" in done.stdout
    assert "  Stack:   outpost-orders\n" in done.stdout


def test_missing_protection_is_reported(run: Run, aws: FakeAccount, tmp_path: Path) -> None:
    """With a command for each, for the same Region and profile; nothing is changed."""
    (tmp_path / "credentials").write_text(
        "[the ops]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    aws.table = Table(protected=False, recoverable=False)
    done = run("init", "--profile", "the ops", "--region", "us-west-2")
    where = f"--region {REGION} --profile 'the ops'"
    assert (done.exit_code, aws.table) == (0, Table(protected=False, recoverable=False))
    assert done.stdout.endswith(
        "Deletion protection is off. To turn it on, run:\n"
        "  aws dynamodb update-table --table-name outpost-orders --deletion-protection-enabled "
        f"{where}\n"
        "Point-in-time recovery is off. To turn it on, run:\n"
        "  aws dynamodb update-continuous-backups --table-name outpost-orders "
        "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true "
        f"{where}\n"
    )


def test_recovery_that_cannot_be_read_is_no_failure(run: Run, aws: FakeAccount) -> None:
    """The ledger exists, whatever its operator can read."""
    aws.table = Table()
    aws.refuse("DescribeContinuousBackups", "AccessDeniedException")
    done = run("init")
    assert done.exit_code == 0
    assert "Whether point-in-time recovery is on can't be read: " in done.stdout


@pytest.mark.parametrize("key", [("Guest", "S"), ("Key", "N")])
def test_another_key_is_an_error(key: tuple[str, str], run: Run, aws: FakeAccount) -> None:
    """The name is taken by a table that can't be a ledger."""
    aws.table = Table(key=key)
    done = run("init")
    assert (done.exit_code, aws.table) == (1, Table(key=key))
    assert done.stderr.startswith(
        "Error: The table outpost-orders exists, but isn't a ledger: its key is "
        f"{key[0]} ({key[1]}), and a ledger has the one key Key (S). Nothing was changed."
    )


def test_a_table_that_is_deleted_now_is_an_error(run: Run, aws: FakeAccount) -> None:
    """It still answers, and will be gone."""
    aws.table = Table(status="DELETING")
    done = run("init")
    assert (done.exit_code, aws.operations.count("CreateStack")) == (1, 0)
    assert "The ledger outpost-orders is DELETING, so it can't be used." in done.stderr


def test_a_deleted_ledger_is_not_replaced(run: Run, aws: FakeAccount) -> None:
    """Its orders might be in force: the newest system backup is named, whatever page it is on."""
    newest = Backup(at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    gone = Backup(at=datetime(2027, 1, 1, tzinfo=UTC), status="DELETED")
    aws.backups = [Backup("USER"), Backup(), newest, gone]
    done = run("init", "--yes")
    assert (done.exit_code, done.stdout, aws.table) == (1, "", None)
    assert done.stderr == (
        "Error: The ledger outpost-orders was deleted on 2026-11-22 09:30:00Z. "
        "Its orders might be in force, and an empty ledger doesn't know them.\n"
        "A restore doesn't bring back deletion protection, point-in-time recovery, and tags. "
        "After it, run init again, which shows how to turn protection on, and set the tags.\n"
        "To create an empty ledger instead, use --start-empty.\n"
        "To restore the ledger, run:\n"
        "  aws dynamodb restore-table-from-backup --target-table-name outpost-orders "
        f"--backup-arn {newest.arn} --region us-west-2\n"
    )


def test_another_backup_shows_a_deleted_ledger_too(run: Run, aws: FakeAccount) -> None:
    """A system backup is kept for 35 days only."""
    aws.backups = [Backup("USER")]
    done = run("init")
    assert (done.exit_code, aws.table) == (1, None)
    assert "was deleted; its newest backup is of 2026-11-20 10:00:00Z." in done.stderr


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_an_empty_ledger_must_be_confirmed(answer: str, run: Run, aws: FakeAccount) -> None:
    """No answer is a no."""
    aws.backups = [Backup()]
    done = run("init", "--start-empty", answer=answer)
    assert (done.exit_code, aws.operations.count("CreateStack")) == (1, 0)
    assert "was deleted on 2026-11-20 10:00:00Z." in done.stderr
    assert "A deployment could buy them again." in done.stderr
    assert done.stderr.endswith(
        "Error: Not confirmed. Nothing was created. To skip the question, add --yes.\n"
    )


@pytest.mark.parametrize(("options", "answer"), [((), "y\n"), (("--yes",), "")])
def test_a_deleted_ledger_can_be_replaced(
    options: tuple[str, ...], answer: str, run: Run, aws: FakeAccount
) -> None:
    """By an option of its own and a confirmation."""
    aws.backups = [Backup()]
    done = run("init", "--start-empty", *options, answer=answer)
    assert (done.exit_code, aws.table) == (0, Table())


def test_start_empty_asks_only_if_a_ledger_was_deleted(run: Run, aws: FakeAccount) -> None:
    """There is nothing to confirm."""
    assert run("init", "--start-empty").exit_code == 0
    assert aws.table == Table()


def test_backups_that_cannot_be_read_are_an_error(run: Run, aws: FakeAccount) -> None:
    """Without them, nothing shows that no ledger was deleted."""
    aws.refuse("ListBackups", "AccessDeniedException")
    done = run("init")
    assert (done.exit_code, aws.operations.count("CreateStack")) == (1, 0)
    assert done.stderr.endswith("Ask an administrator for this permission.\n")


@pytest.mark.parametrize(
    ("status", "more"),
    [
        ("CREATE_COMPLETE", WAS_DELETED),
        ("UPDATE_ROLLBACK_COMPLETE", WAS_DELETED),
        ("DELETE_FAILED", WAS_DELETED),
        ("ROLLBACK_COMPLETE", ""),
        ("REVIEW_IN_PROGRESS", ""),
    ],
)
def test_a_stack_without_its_table_is_reported(
    status: str, more: str, run: Run, aws: FakeAccount
) -> None:
    """With the commands that make room for a new one."""
    aws.stack = Stack(status, OURS)
    done = run("init")
    assert (done.exit_code, aws.operations.count("CreateStack")) == (1, 0)
    assert done.stderr == (
        f"Error: The stack outpost-orders is {status}, but its table outpost-orders doesn't "
        f"exist. {more}Delete the stack and run init again:\n"
        f"  {DELETE_STACK}\n"
        "  aws cloudformation wait stack-delete-complete --stack-name outpost-orders "
        f"--region {REGION}\n"
        f"  outpost-order init --region {REGION}\n"
    )


def test_a_stack_that_is_being_deleted_is_waited_for_by_its_operator(
    run: Run, aws: FakeAccount
) -> None:
    """It would refuse a new one of its name."""
    aws.stack = Stack("DELETE_IN_PROGRESS", OURS)
    done = run("init")
    assert done.exit_code == 1
    assert "is DELETE_IN_PROGRESS. Wait, then run again:\n  outpost-order init" in done.stderr


def test_a_foreign_stack_is_not_to_be_deleted(run: Run, aws: FakeAccount) -> None:
    """Its name is taken, so the ledger's stack gets another one."""
    aws.stack = Stack("CREATE_COMPLETE", "Orders of our web shop")
    done = run("init")
    assert (done.exit_code, aws.table) == (1, None)
    assert "A stack outpost-orders exists that outpost-order didn't create." in done.stderr
    assert "delete-stack" not in done.stderr
    assert done.stderr.endswith(
        "  outpost-order init --show-template > ledger.template.json\n"
        "  aws cloudformation create-stack --stack-name outpost-orders-ledger "
        f"--template-body file://ledger.template.json --region {REGION}\n"
    )


def test_two_people_create_one_ledger(aws: FakeAccount) -> None:
    """Both end well: one creates it, the other one waits for it or finds it."""
    code = (
        "import sys; from outpost_order_cli import app, init; init.PAUSE = 0.1\n"
        "sys.argv[1:] = ['init']; app.main()"
    )
    command = [sys.executable, "-c", code]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = sorted(each.communicate(timeout=60)[0].splitlines()[0] for each in both)
    assert [each.returncode for each in both] == [0, 0]
    assert aws.table == Table()
    assert "The ledger outpost-orders was created." in answers
    assert all(answer.startswith("The ledger outpost-orders ") for answer in answers)


def test_the_stack_of_another_process_is_waited_for(run: Run, aws: FakeAccount) -> None:
    """It began after this one looked: CreateStack says that it exists."""
    stack = Stack("CREATE_IN_PROGRESS", OURS)

    def another_process_is_first() -> None:
        aws.stack, stack.progress = stack, aws.create(stack, TEMPLATE)

    aws.before["CreateStack"] = another_process_is_first
    done = run("init")
    assert (done.exit_code, aws.table) == (0, Table())
    assert done.stdout.startswith(
        "The ledger outpost-orders was created by another process at the same time.\n"
    )


def test_a_table_that_another_process_creates_is_waited_for(run: Run, aws: FakeAccount) -> None:
    """In a stack that is in progress, recovery is switched on last."""
    aws.stack = Stack("CREATE_IN_PROGRESS", OURS)
    aws.stack.progress = aws.create(aws.stack, TEMPLATE)
    next(aws.stack.progress)
    next(aws.stack.progress)
    done = run("init")
    assert (done.exit_code, aws.operations.count("CreateStack")) == (0, 0)
    assert aws.table == Table()
    assert " is off" not in done.stdout


@pytest.mark.parametrize("has_table", [True, False])
def test_a_foreign_stack_that_is_being_created_is_waited_for(
    has_table: bool,  # noqa: FBT001 (a parameter of the test)
    run: Run,
    aws: FakeAccount,
) -> None:
    """It might be an OrderLedger's stack of the same name; if it isn't, the name is taken."""
    stack = Stack("CREATE_IN_PROGRESS", "An app of ours")

    def finish() -> Iterator[None]:
        yield
        aws.table = Table() if has_table else None
        stack.status = "CREATE_COMPLETE"

    aws.stack, stack.progress = stack, finish()
    done = run("init")
    assert (done.exit_code, aws.operations.count("CreateStack")) == (0 if has_table else 1, 0)
    if has_table:
        assert "was created by another process at the same time.\n" in done.stdout
        assert "Stack:" not in done.stdout
    else:
        assert "A stack outpost-orders exists that outpost-order didn't create." in done.stderr


def test_a_table_that_came_first_is_the_ledger(run: Run, aws: FakeAccount) -> None:
    """AWS refuses its name, the stack rolls back, and the table of an OrderLedger is there."""

    def deploy_order_ledger() -> None:
        aws.table = Table(tags={"by": "OrderLedger"})

    aws.before["CreateStack"] = deploy_order_ledger
    done = run("init")
    assert (done.exit_code, aws.table) == (0, Table(tags={"by": "OrderLedger"}))
    assert done.stdout.startswith(
        "The ledger outpost-orders was created by another process at the same time. "
        f"The stack outpost-orders is ROLLBACK_COMPLETE: {NAME_TAKEN}.\n"
    )
    assert done.stdout.endswith(
        "The stack outpost-orders is ROLLBACK_COMPLETE, and the ledger doesn't need it. "
        f"To delete the stack, run:\n  {DELETE_STACK}\n"
    )


def test_a_stack_that_fails_is_reported(run: Run, aws: FakeAccount) -> None:
    """With CloudFormation's reason, and the way to try again."""
    aws.denied = "Encountered a permissions error: dynamodb:CreateTable"
    done = run("init")
    assert (done.exit_code, aws.table) == (1, None)
    assert (
        "Error: The stack outpost-orders is ROLLBACK_COMPLETE: "
        "Encountered a permissions error: dynamodb:CreateTable\nThere is no ledger. "
    ) in done.stderr
    assert f"\n  {DELETE_STACK}\n" in done.stderr


@pytest.mark.parametrize("change", ["table", "stack"])
def test_every_wait_ends(change: str, run: Run, aws: FakeAccount) -> None:
    """A command never keeps a pipeline waiting for ever."""
    if change == "table":
        aws.table = Table(status="CREATING")
    else:
        aws.stack = Stack("CREATE_IN_PROGRESS", OURS)
    done = run("init")
    assert done.exit_code == 1
    assert f"Error: The {change} outpost-orders is still " in done.stderr
    assert done.stderr.endswith(f" Run again:\n  outpost-order init --region {REGION}\n")


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("DescribeContinuousBackups", "TableNotFoundException"),
        ("DescribeContinuousBackups", "ContinuousBackupsUnavailableException"),
        ("DescribeContinuousBackups", "ThrottlingException"),
        ("DescribeTable", "ThrottlingException"),
        ("DescribeStacks", "Throttling"),
    ],
)
def test_a_new_table_might_not_be_known_at_once(
    operation: str, code: str, run: Run, aws: FakeAccount
) -> None:
    """Its creation spreads, and the reads are throttled."""
    aws.refuse(operation, code, times=2)
    done = run("init")
    assert (done.exit_code, aws.table) == (0, Table())
    assert " is off" not in done.stdout


def test_the_template_needs_no_aws(run: Run, aws: FakeAccount) -> None:
    """It can be deployed by other means, for example as a StackSet."""
    done = run("init", "--show-template")
    assert (done.exit_code, aws.operations) == (0, [])
    properties = json.loads(done.stdout)["Resources"]["Ledger"]["Properties"]
    assert properties["TableName"] == contract.DEFAULT_LEDGER


def test_commands_are_valid_for_the_shell(run: Run, aws: FakeAccount) -> None:
    """Each is one line that a shell splits into words."""
    aws.backups = [Backup()]
    [command] = [line for line in run("init").stderr.splitlines() if line.startswith("  ")]
    assert shlex.split(command)[:3] == ["aws", "dynamodb", "restore-table-from-backup"]


def test_the_commands_work_on_what_it_creates(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """On moto, without a stub: the ledger is found without any option."""
    monkeypatch.setattr(init, "LOOKS_AT_RECOVERY", 1)
    assert run("list").stderr == (
        "Error: The ledger outpost-orders doesn't exist in us-west-2. "
        "Run: outpost-order init --region us-west-2\n"
    )
    assert run("init").exit_code == 0
    assert run("list").stdout == "The ledger is empty.\n"
    assert run("init").stdout.startswith("The ledger outpost-orders already exists.")


def test_recovery_of_a_new_table_is_waited_for(run: Run, aws: FakeAccount) -> None:
    """A CDK app's deployment switches it on some seconds after the table is there."""
    aws.table = table = Table(status="CREATING", recoverable=False)

    def become_active() -> None:
        table.status = "ACTIVE"

    def begin_to_switch_on() -> None:
        aws.before["DescribeContinuousBackups"] = switch_on

    def switch_on() -> None:
        table.recoverable = True

    aws.before["DescribeStacks"] = become_active
    aws.before["DescribeContinuousBackups"] = begin_to_switch_on
    done = run("init")
    assert (done.exit_code, aws.operations.count("DescribeContinuousBackups")) == (0, 2)
    assert " is off" not in done.stdout


def test_recovery_that_is_never_switched_on_is_reported(run: Run, aws: FakeAccount) -> None:
    """At once if CloudFormation has finished, and never later than the last look."""
    aws.stack = Stack("CREATE_IN_PROGRESS", OURS)
    aws.table = Table(recoverable=False)
    assert "Point-in-time recovery is off." in run("init").stdout
    assert aws.operations.count("DescribeContinuousBackups") == init.LOOKS_AT_RECOVERY
    aws.operations.clear()
    aws.stack.status = "CREATE_COMPLETE"
    assert "Point-in-time recovery is off." in run("init").stdout
    assert aws.operations.count("DescribeContinuousBackups") == 1
