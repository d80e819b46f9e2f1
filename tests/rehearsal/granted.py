"""What the role of a template is granted, and the template without a part of it."""

from tests.rehearsal.assembly import Template

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
