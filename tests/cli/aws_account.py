"""An account over HTTP: the control planes of DynamoDB, CloudFormation, and Lambda.

moto and ministack make no backup of a table that is deleted, accept a table name that exists,
and finish at once. This fake answers as AWS does: each request for a stack advances the stack
by one step.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Self
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from outpost_order_fake.faults import Answer, Fault, Way
from outpost_order_fake.traffic import HttpRequest
from outpost_order_fake.wire import Listener

ACCOUNT, REGION = "111122223333", "us-west-2"
LEDGER = "outpost-orders"
NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
NAME_TAKEN = (
    "Resource handler returned message: \"Resource of type 'AWS::DynamoDB::Table' with identifier "
    "'outpost-orders' already exists.\" (HandlerErrorCode: AlreadyExists)"
)


class Refused(Exception):
    """An error that AWS answers."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass
class Table:
    """A table; it is visible after `unseen` requests."""

    status: str = "ACTIVE"
    key: tuple[str, str] = ("Key", "S")
    protected: bool = True
    recoverable: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)
    unseen: int = 0


@dataclass
class Stack:
    """A stack, its progress, and what went wrong."""

    status: str = "CREATE_COMPLETE"
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    progress: Iterator[None] = field(default_factory=lambda: iter(()))

    @property
    def arn(self) -> str:
        """The stack's ID."""
        return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{LEDGER}/1"


@dataclass(frozen=True)
class Backup:
    """A backup of the table."""

    kind: str = "SYSTEM"
    at: datetime = datetime(2026, 11, 20, 10, tzinfo=UTC)
    status: str = "AVAILABLE"

    @property
    def arn(self) -> str:
        """The backup's ARN."""
        table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{LEDGER}"
        return f"{table}/backup/{self.at:%Y%m%d}-{self.kind.lower()}"


@dataclass(frozen=True)
class Resource:
    """A resource of a stack, with what CloudFormation lists of it."""

    kind: str
    name: str
    status: str = "CREATE_COMPLETE"


class FakeAccount:
    """One account and Region, with at most one table and one stack, both of the ledger's name.

    Attributes:
        table: The table.
        stack: The stack.
        backups: Every backup of tables of this name.
        before: The act of another process before an operation, once.
        resources: The resources of each stack, by the stack's name or ARN.
        stacks: The status of each stack that CloudFormation lists, by its ARN.
        functions: The environment of each function.
        forbidden: The functions and stacks that are denied.
        denied: Why CloudFormation can't create the table; empty if it can.
        operations: The operations that were asked for, in this order.
    """

    def __init__(self) -> None:
        self.table: Table | None = None
        self.stack: Stack | None = None
        self.backups: list[Backup] = []
        self.before: dict[str, Callable[[], None]] = {}
        self.resources: dict[str, list[Resource]] = {}
        self.stacks: dict[str, str] = {}
        self.functions: dict[str, dict[str, str]] = {}
        self.forbidden: set[str] = set()
        self.denied = ""
        self.operations: list[str] = []
        self._faults: dict[str, list[Refused]] = {}
        self._lock = Lock()
        self._listener = Listener(self._receive)

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._listener.url

    def refuse(self, operation: str, code: str, times: int = 1, status: int = 400) -> None:
        """Let an operation fail the next times."""
        self._faults.setdefault(operation, []).extend(
            Refused(code, f"{code} on demand", status) for _ in range(times)
        )

    def _receive(self, http: HttpRequest) -> Fault:
        target, body = http.headers.get("X-Amz-Target", ""), http.body.decode()
        if target:
            return self._answer(target.partition(".")[2], json.loads(body), _as_json)
        if http.method == "GET":
            call = {"FunctionName": http.path.split("/")[-2]}
            return self._answer("GetFunctionConfiguration", call, _as_json)
        form = {name: values[0] for name, values in parse_qs(body).items()}
        return self._answer(form["Action"], form, _as_xml)

    def _answer(
        self, operation: str, call: Mapping[str, Any], write: Callable[[str, Any], str]
    ) -> Fault:
        with self._lock:
            self.operations.append(operation)
            try:
                self.before.pop(operation, lambda: None)()
                if faults := self._faults.get(operation):
                    raise faults.pop(0)
                answer = Answer(200, write(operation, getattr(self, _method(operation))(call)))
            except Refused as error:
                # Lambda names an error in a header, DynamoDB and CloudFormation in the body.
                header = {"x-amzn-ErrorType": error.code}
                answer = Answer(error.status, write("", error), header)
        return Fault(Way.ANSWER, answer=answer)

    def _get_function_configuration(self, call: Mapping[str, Any]) -> dict[str, Any]:
        name = call["FunctionName"]
        if name in self.forbidden:
            raise Refused("AccessDeniedException", f"not authorized to read {name}", 403)
        if name not in self.functions:
            raise Refused("ResourceNotFoundException", f"Function not found: {name}", 404)
        return {"FunctionName": name, "Environment": {"Variables": self.functions[name]}}

    def _list_stack_resources(self, call: Mapping[str, Any]) -> str:
        name = call["StackName"]
        if name in self.forbidden:
            raise Refused("AccessDenied", f"not authorized to read {name}", 403)
        if name not in self.resources:
            raise Refused("ValidationError", f"Stack with id {name} does not exist")
        listed = [
            f"<member><LogicalResourceId>Logical{number}</LogicalResourceId>"
            f"<PhysicalResourceId>{each.name}</PhysicalResourceId>"
            f"<ResourceType>{each.kind}</ResourceType>"
            f"<ResourceStatus>{each.status}</ResourceStatus>"
            "<LastUpdatedTimestamp>2026-11-24T10:00:00Z</LastUpdatedTimestamp></member>"
            for number, each in enumerate(self.resources[name])
        ]
        return _page("StackResourceSummaries", listed, call)

    def _list_stacks(self, call: Mapping[str, Any]) -> str:
        wanted = [each for key, each in call.items() if key.startswith("StackStatusFilter.")]
        listed = [
            f"<member><StackId>{arn}</StackId><StackName>{arn.split('/')[1]}</StackName>"
            "<CreationTime>2026-11-24T10:00:00Z</CreationTime>"
            f"<StackStatus>{status}</StackStatus></member>"
            for arn, status in self.stacks.items()
            if status in wanted
        ]
        return _page("StackSummaries", listed, call)

    def _describe_table(self, call: Mapping[str, Any]) -> dict[str, Any]:
        table = self._seen_table(call["TableName"], "ResourceNotFoundException")
        name, kind = table.key
        return {
            "Table": {
                "TableName": LEDGER,
                "TableArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{LEDGER}",
                "TableStatus": table.status,
                "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind}],
                "DeletionProtectionEnabled": table.protected,
            }
        }

    def _describe_continuous_backups(self, call: Mapping[str, Any]) -> dict[str, Any]:
        table = self._seen_table(call["TableName"], "TableNotFoundException")
        recovery = "ENABLED" if table.recoverable else "DISABLED"
        return {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": recovery},
            }
        }

    def _seen_table(self, name: str, code: str) -> Table:
        if name != LEDGER or self.table is None or self.table.unseen:
            if self.table is not None and self.table.unseen:
                self.table.unseen -= 1
            raise Refused(code, f"Requested resource not found: Table: {name} not found")
        return self.table

    def _list_backups(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a page of one backup, of USER type unless another one is asked for."""
        wanted = call.get("BackupType", "USER")
        backups = [
            each
            for each in self.backups
            if call["TableName"] == LEDGER and wanted in ("ALL", each.kind)
        ]
        arns = [each.arn for each in backups]
        start = call.get("ExclusiveStartBackupArn")
        position = arns.index(start) + 1 if start else 0
        page = [
            {
                "TableName": LEDGER,
                "BackupArn": each.arn,
                "BackupName": each.arn.rpartition("/")[2],
                "BackupCreationDateTime": each.at.timestamp(),
                "BackupStatus": each.status,
                "BackupType": each.kind,
            }
            for each in backups[position : position + 1]
        ]
        more = position + 1 < len(backups)
        last = {"LastEvaluatedBackupArn": arns[position]} if more else {}
        return {"BackupSummaries": page, **last}

    def _describe_stacks(self, call: Mapping[str, Any]) -> str:
        stack = self.stack
        if stack is None:
            raise Refused("ValidationError", f"Stack with id {call['StackName']} does not exist")
        described = (
            f"<StackId>{stack.arn}</StackId><StackName>{LEDGER}</StackName>"
            f"<Description>{escape(stack.description)}</Description>"
            f"<CreationTime>2026-11-24T10:00:00Z</CreationTime>"
            f"<StackStatus>{stack.status}</StackStatus>"
        )
        next(stack.progress, None)
        return f"<Stacks><member>{described}</member></Stacks>"

    def _describe_stack_events(self, _: Mapping[str, Any]) -> str:
        stack = self.stack or Stack()
        events = [
            f"<member><StackId>{stack.arn}</StackId><EventId>{number}</EventId>"
            f"<StackName>{LEDGER}</StackName><LogicalResourceId>Ledger</LogicalResourceId>"
            "<Timestamp>2026-11-24T10:00:00Z</Timestamp>"
            "<ResourceStatus>CREATE_FAILED</ResourceStatus>"
            f"<ResourceStatusReason>{escape(reason)}</ResourceStatusReason></member>"
            for number, reason in enumerate(stack.failures)
        ]
        return f"<StackEvents>{''.join(reversed(events))}</StackEvents>"

    def _create_stack(self, call: Mapping[str, Any]) -> str:
        if self.stack is not None:
            raise Refused("AlreadyExistsException", f"Stack [{LEDGER}] already exists")
        template = json.loads(call["TemplateBody"])
        tags = {
            call[f"Tags.member.{number}.Key"]: call[f"Tags.member.{number}.Value"]
            for number in range(1, 51)
            if f"Tags.member.{number}.Key" in call
        }
        self.stack = Stack("CREATE_IN_PROGRESS", template["Description"], tags)
        self.stack.progress = self.create(self.stack, template)
        return f"<StackId>{self.stack.arn}</StackId>"

    def create(self, stack: Stack, template: Mapping[str, Any]) -> Iterator[None]:
        """Advance a stack, one step with each request for it."""
        yield
        if self.denied or self.table is not None:
            stack.failures = [self.denied or NAME_TAKEN, "Resource creation cancelled"]
            stack.status = "ROLLBACK_IN_PROGRESS"
            yield
            stack.status = "ROLLBACK_COMPLETE"
            return
        properties = template["Resources"]["Ledger"]["Properties"]
        [attribute] = properties["AttributeDefinitions"]
        self.table = Table(
            status="CREATING",
            key=(attribute["AttributeName"], attribute["AttributeType"]),
            protected=properties["DeletionProtectionEnabled"],
            recoverable=False,
            tags=stack.tags,
            unseen=1,
        )
        yield
        self.table.status = "ACTIVE"
        yield
        recovery = properties["PointInTimeRecoverySpecification"]
        self.table.recoverable = recovery["PointInTimeRecoveryEnabled"]
        stack.status = "CREATE_COMPLETE"


def _page(name: str, members: Sequence[str], call: Mapping[str, Any]) -> str:
    """Return a page of two members, and where the next one begins."""
    start = int(call.get("NextToken", 0))
    end = start + 2
    more = f"<NextToken>{end}</NextToken>" if end < len(members) else ""
    return f"<{name}>{''.join(members[start:end])}</{name}>{more}"


def _method(operation: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in operation)


def _as_json(_: str, answer: dict[str, Any] | Refused) -> str:
    if isinstance(answer, Refused):
        kind = f"com.amazonaws.dynamodb.v20120810#{answer.code}"
        return json.dumps({"__type": kind, "message": str(answer)})
    return json.dumps(answer)


def _as_xml(operation: str, answer: str | Refused) -> str:
    if isinstance(answer, Refused):
        error = f"<Type>Sender</Type><Code>{answer.code}</Code><Message>{answer}</Message>"
        return f'<ErrorResponse xmlns="{NAMESPACE}"><Error>{error}</Error></ErrorResponse>'
    result = f"<{operation}Result>{answer}</{operation}Result>"
    return f'<{operation}Response xmlns="{NAMESPACE}">{result}</{operation}Response>'
