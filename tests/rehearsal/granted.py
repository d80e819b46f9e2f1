"""The permissions of a template's role, and the template without one of them."""

from tests.rehearsal.assembly import Template


def granted(template: Template) -> set[str]:
    """Return every action that the role allows."""
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
    return [
        statement
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::Policy"
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
