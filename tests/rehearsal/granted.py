"""What the role of a template is granted, and the template without a part of it."""

from io import BytesIO
from zipfile import ZipFile

from tests.rehearsal.assembly import Template

PATIENCE = b"ACCESS_PATIENCE = 60 "
ROLE, POLICY = "AWS::IAM::Role", "AWS::IAM::Policy"


def granted(template: Template) -> set[str]:
    """Return every action that the role may call."""
    return {
        action for statement in _statements(template) for action in _listed(statement["Action"])
    }


def without(template: Template, action: str) -> Template:
    """Take an action away from the role, in place."""
    for statement in _statements(template):
        kept = [each for each in _listed(statement["Action"]) if each != action]
        # A statement needs an action: one that no service has grants nothing.
        statement["Action"] = kept or ["none:Nothing"]
    return template


def impatient(asset: bytes) -> bytes:
    """Let a function wait a second, and not a minute, for the permissions of a new role."""
    code, changed = BytesIO(), 0
    with ZipFile(BytesIO(asset)) as given, ZipFile(code, "w") as rewritten:
        for name in given.namelist():
            content = given.read(name)
            if name.endswith("outpost_order_handler/clock.py"):
                changed += content.count(PATIENCE)
                content = content.replace(PATIENCE, b"ACCESS_PATIENCE = 1 ")
            rewritten.writestr(given.getinfo(name), content)
    assert changed == 1
    return code.getvalue()


def _statements(template: Template) -> list[Template]:
    resources = template["Resources"].values()
    [role] = [each["Properties"] for each in resources if each["Type"] == ROLE]
    beside = [each["Properties"] for each in resources if each["Type"] == POLICY]
    return [
        statement
        for policy in [*role["Policies"], *beside]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
