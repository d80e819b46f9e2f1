"""`outpost-order init`: create the ledger of an account and Region, once."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TypeGuard

from botocore.exceptions import BotoCoreError, ClientError

from outpost_order_cli.account import STACK, TABLE, Account, Described
from outpost_order_cli.exits import reported
from outpost_order_cli.location import Location, region_in_use
from outpost_order_cli.orders import moment
from outpost_order_cli.output import COMMAND, best_effort, is_confirmed, one_line, say
from outpost_order_cli.problem import Problem, misused
from outpost_order_cli.problems import words_of
from outpost_order_cli.template import ledger_template
from outpost_order_handler import contract

PAUSE = 2.0  # seconds between two requests
LOOKS = 300  # in all about 10 minutes: a table takes less than one
LOOKS_AT_RECOVERY = 15  # it is switched on some seconds after the table is there

_KEY = {contract.LEDGER_KEY: "S"}
_NEVER_COMPLETE = ("REVIEW_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE")
_FAILED = ("CREATE_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "DELETE_FAILED")
_MIGHT_BE_IN_FORCE = "Its orders might be in force, and an empty ledger doesn't know them."
_USABLE = ("ACTIVE", "UPDATING")


def init(location: Location, tags: Sequence[str], *, start_empty: bool, yes: bool) -> None:
    """Create the ledger if there is none, and print what there is now."""
    with reported():
        stack_tags = _parsed(tags)
        location.connect()
        aws = Account.of(location)
        table, stack = aws.table(), aws.stack()
        is_new = table is None or _is_creating(table) or _is_being_created(stack)
        table = _settled_table(aws)
        if table is None:
            news = _create(aws, stack, stack_tags, start_empty=start_empty, yes=yes)
            table = _created_table(aws)
        else:
            news = "already exists. Nothing was changed"
        _require_ledger(table)
        stack = aws.stack()
        if stack is not None and stack["StackStatus"] == "CREATE_COMPLETE":
            is_new = False  # CloudFormation has waited for all of it
        advice = _missing_protection(aws, table, is_new=is_new) + _needless_stack(aws, stack)
        with best_effort():
            _print(table, stack, news, advice)


def _parsed(tags: Sequence[str]) -> list[dict[str, str]]:
    pairs = [tag.partition("=") for tag in tags]
    wrong = [tag for tag, (key, equals, _) in zip(tags, pairs, strict=True) if not (key and equals)]
    if wrong:
        raise misused(f"--tags must be KEY=VALUE, got {one_line(', '.join(wrong))}.")
    keys = [key for key, _, _ in pairs]
    if len(set(keys)) < len(keys):
        raise misused(f"--tags must have each key once, got {', '.join(keys)}.")
    return [{"Key": key, "Value": value} for key, _, value in pairs]


def _pauses(failure: str) -> Iterator[None]:
    """Pause between requests for something that changes by itself, for a bounded time."""
    for _ in range(LOOKS):
        time.sleep(PAUSE)
        yield
    raise Problem(failure)


def _settled_table(aws: Account) -> Described | None:
    """Return the table once it isn't being created; none if there is none."""
    pauses = _pauses(f"The table {TABLE} is still CREATING. Run again:\n  {aws.init}")
    table = aws.table()
    while table is not None and _is_creating(table):
        next(pauses)
        table = aws.table()
    return table


def _created_table(aws: Account) -> Described:
    """Return the table of a stack that is complete; a new table might not show at once."""
    pauses = _pauses(f"The table of the stack {STACK} doesn't show yet. Run again:\n  {aws.init}")
    table = _settled_table(aws)
    while table is None:
        next(pauses)
        table = _settled_table(aws)
    return table


def _is_creating(table: Described) -> bool:
    return bool(table["TableStatus"] == "CREATING")


def _create(
    aws: Account,
    stack: Described | None,
    tags: Sequence[Mapping[str, str]],
    *,
    start_empty: bool,
    yes: bool,
) -> str:
    """Create the stack, or wait for the one that another process creates; return what happened.

    Raises:
        Problem: There is no ledger, and why.
    """
    created = None
    if _is_being_created(stack):
        with best_effort():
            say(f"Waiting for the stack {STACK}, which another process creates...", err=True)
    else:
        _require_no_backup(aws, start_empty=start_empty, yes=yes)
        _require_no_stack(aws, stack)
        with best_effort():
            say(f"Creating the stack {STACK}...", err=True)
        created = aws.create_stack(tags)
    stack = _finished_stack(aws, created or STACK)
    by_another = "was created by another process at the same time"
    if _is_ours(stack) and stack["StackStatus"] == "CREATE_COMPLETE":
        return "was created" if created else by_another
    has_table = _settled_table(aws) is not None
    if not _is_ours(stack):
        if not has_table:
            _require_no_stack(aws, stack)
        return by_another
    failure = f"The stack {STACK} is {stack['StackStatus']}: {aws.failure_of(stack)}"
    if not has_table:
        raise Problem(
            f"{failure}\nThere is no ledger. Delete the stack and run init again:\n"
            f"{aws.delete_stack}"
        )
    return f"{by_another}. {failure}"


def _is_being_created(stack: Described | None) -> bool:
    return stack is not None and stack["StackStatus"] == "CREATE_IN_PROGRESS"


def _finished_stack(aws: Account, name: str) -> Described:
    """Return the stack once CloudFormation has finished with it."""
    pauses = _pauses(f"The stack {STACK} is still in progress. Run again:\n  {aws.init}")
    stack = aws.stack(name)
    while stack is not None and stack["StackStatus"].endswith("_IN_PROGRESS"):
        next(pauses)
        stack = aws.stack(name)
    if stack is None:
        raise Problem(f"The stack {STACK} was deleted by another process. Run again:\n  {aws.init}")
    return stack


def _require_no_backup(aws: Account, *, start_empty: bool, yes: bool) -> None:
    """Never replace a deleted ledger silently: its orders might be in force."""
    backups = aws.backups()
    if not backups:
        return
    of_deletion = [backup for backup in backups if backup["BackupType"] == "SYSTEM"]
    backup = (of_deletion or backups)[0]
    at = moment(backup["BackupCreationDateTime"].isoformat())
    if of_deletion:
        fact = f"The ledger {TABLE} was deleted on {at}."
    else:
        fact = f"The ledger {TABLE} was deleted; its newest backup is of {at}."
    fact += f" {_MIGHT_BE_IN_FORCE}"
    if not start_empty:
        restore = (
            f"dynamodb restore-table-from-backup --target-table-name {TABLE} "
            f"--backup-arn {backup['BackupArn']}"
        )
        raise Problem(
            f"{fact}\n"
            "A restore doesn't bring back deletion protection, point-in-time recovery, and tags. "
            "After it, run init again, which shows how to turn protection on, and set the tags.\n"
            "To create an empty ledger instead, use --start-empty.\n"
            f"To restore the ledger, run:\n  {aws.command(restore)}"
        )
    if yes:
        return
    say(f"{fact} A deployment could buy them again.", err=True)
    if not is_confirmed("Create an empty ledger?"):
        raise Problem("Not confirmed. Nothing was created. To skip the question, add --yes.")


def _require_no_stack(aws: Account, stack: Described | None) -> None:
    """Refuse a stack of this name that has no table, and say how to go on."""
    if stack is None:
        return
    status = stack["StackStatus"]
    if not _is_ours(stack):
        other = f"{STACK}-ledger"
        create = (
            f"cloudformation create-stack --stack-name {other} "
            "--template-body file://ledger.template.json"
        )
        raise Problem(
            f"A stack {STACK} exists that {COMMAND} didn't create. "
            "Create the ledger as a stack of another name:\n"
            f"  {COMMAND} init --show-template > ledger.template.json\n  {aws.command(create)}"
        )
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        raise Problem(f"The stack {STACK} is {status}. Wait, then run again:\n  {aws.init}")
    fact = f"The stack {STACK} is {status}, but its table {TABLE} doesn't exist."
    if status not in _NEVER_COMPLETE:
        fact += f" So a ledger was deleted. {_MIGHT_BE_IN_FORCE}"
    raise Problem(f"{fact} Delete the stack and run init again:\n{aws.delete_stack}")


def _is_ours(stack: Described | None) -> TypeGuard[Described]:
    return stack is not None and stack.get("Description") == _description()


@cache
def _description() -> str:
    return str(json.loads(ledger_template())["Description"])


def _require_ledger(table: Described) -> None:
    key = {each["AttributeName"]: "" for each in table["KeySchema"]}
    for each in table["AttributeDefinitions"]:
        if each["AttributeName"] in key:
            key[each["AttributeName"]] = each["AttributeType"]
    if key != _KEY:
        raise Problem(
            f"The table {TABLE} exists, but isn't a ledger: its key is {_shown(key)}, and a ledger "
            f"has the one key {_shown(_KEY)}. Nothing was changed. "
            "For a ledger of another name, use OrderLedger with table_name=."
        )
    if table["TableStatus"] not in _USABLE:
        raise Problem(
            f"The ledger {TABLE} is {table['TableStatus']}, so it can't be used. "
            "Nothing was changed. Run init again when this is over."
        )


def _shown(key: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in key.items())


def _missing_protection(aws: Account, table: Described, *, is_new: bool) -> list[str]:
    """Return what protects the table too little, each with the command that changes it."""
    advice = []
    if not table.get("DeletionProtectionEnabled"):
        command = f"dynamodb update-table --table-name {TABLE} --deletion-protection-enabled"
        advice.append(f"Deletion protection is off. To turn it on, run:\n  {aws.command(command)}")
    try:
        if not _is_recoverable(aws, is_new=is_new):
            command = (
                f"dynamodb update-continuous-backups --table-name {TABLE} "
                "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
            )
            advice.append(
                f"Point-in-time recovery is off. To turn it on, run:\n  {aws.command(command)}"
            )
    except (ClientError, BotoCoreError) as error:
        advice.append(f"Whether point-in-time recovery is on can't be read: {words_of(error)}")
    return advice


def _is_recoverable(aws: Account, *, is_new: bool) -> bool:
    """Return whether point-in-time recovery is on; of a new table, after it was turned on."""
    for _ in range(LOOKS_AT_RECOVERY):
        recoverable = aws.is_recoverable()
        if recoverable or (recoverable is False and not is_new):
            return recoverable
        time.sleep(PAUSE)
    return False


def _needless_stack(aws: Account, stack: Described | None) -> list[str]:
    """Return how to delete a stack that failed; the ledger is there without it."""
    if not _is_ours(stack) or stack["StackStatus"] not in _FAILED:
        return []
    command = aws.command(f"cloudformation delete-stack --stack-name {STACK}")
    fact = f"The stack {STACK} is {stack['StackStatus']}, and the ledger doesn't need it."
    return [f"{fact} To delete the stack, run:\n  {command}"]


def _print(table: Described, stack: Described | None, news: str, advice: Sequence[str]) -> None:
    say(f"The ledger {TABLE} {news}.")
    say(f"  Account: {table['TableArn'].split(':')[4]}")
    say(f"  Region:  {region_in_use()}")
    say(f"  Table:   {TABLE}, key {contract.LEDGER_KEY}, on-demand")
    if _is_ours(stack) and stack["StackStatus"] not in _FAILED:
        say(f"  Stack:   {STACK}")
    say("  Cost:    requests, storage, and point-in-time recovery; while idle, the last two only")
    say("Each account and Region has one ledger. Orders use it without any setting.")
    for each in advice:
        say(each)
