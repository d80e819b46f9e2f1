"""ministack behind hypercorn, with AWS's answers where ministack has others.

ministack's record of a stack holds a resource only after its creation, and the template of an
update only after the update. AWS describes a resource from the moment that its creation
begins, with the metadata of the template that is being deployed. And AWS refuses a custom
resource whose ServiceToken changes, and the deletion of a table that is protected.
"""

import sys
from pathlib import Path
from typing import Any

import hypercorn.__main__
from ministack.services import dynamodb
from ministack.services.cloudformation import changesets, custom_resource, handlers, provisioners

from outpost_order_rehearsal.stand_ins import extended

TYPES = "types.txt"
TABLE = "AWS::DynamoDB::Table"

_deploy = handlers._deploy_stack_async  # noqa: SLF001 (ministack has no way to extend it)
_invoke = custom_resource.invoke_custom_resource
_describe = handlers._describe_stack_resource  # noqa: SLF001

_templates: dict[str, Any] = {}
_running: dict[tuple[str, str], str] = {}
_refused: set[tuple[str, str]] = set()


def deploy(stack_name: str, stack_id: str, template: Any, *more: Any, **options: Any) -> Any:  # noqa: ANN401
    """Remember the template that a stack gets."""
    _templates[stack_id] = template
    return _deploy(stack_name, stack_id, template, *more, **options)


def invoke(
    request_type: str,
    logical_id: str,
    properties: Any,  # noqa: ANN401
    stack_name: str,
    stack_id: str,
    *more: Any,  # noqa: ANN401
    old_props: Any = None,  # noqa: ANN401
    **options: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Remember which resource is in progress, and with what request."""
    if old_props is not None:
        if (stack_id, logical_id) in _refused:  # the rollback of an update that never began
            _refused.remove((stack_id, logical_id))
            old_props = properties
        if old_props["ServiceToken"] != properties["ServiceToken"]:
            _refused.add((stack_id, logical_id))
            raise RuntimeError("Modifying service token is not allowed.")
        options["old_props"] = old_props
    _running[stack_id, logical_id] = request_type
    try:
        return _invoke(request_type, logical_id, properties, stack_name, stack_id, *more, **options)
    finally:
        del _running[stack_id, logical_id]


def describe(params: dict[str, list[str]]) -> Any:  # noqa: ANN401
    """Describe a resource that is in progress, and every other as ministack does."""
    [stack_name], [logical_id] = params["StackName"], params["LogicalResourceId"]
    stack = handlers._resolve_stack(stack_name)  # noqa: SLF001
    request_type = stack and _running.get((stack["StackId"], logical_id))
    if not request_type:
        return _describe(params)
    template = _templates.get(stack["StackId"], stack.get("_template"))
    known = stack.get("_resources", {}).get(logical_id, {})
    physical_id = "" if request_type == "Create" else known.get("PhysicalResourceId", "")
    detail = "".join(
        (
            f"<StackId>{stack['StackId']}</StackId>",
            f"<LogicalResourceId>{logical_id}</LogicalResourceId>",
            f"<PhysicalResourceId>{physical_id}</PhysicalResourceId>" if physical_id else "",
            f"<ResourceStatus>{request_type.upper()}_IN_PROGRESS</ResourceStatus>",
            handlers._resource_metadata_xml({**stack, "_template": template}, logical_id),  # noqa: SLF001
        )
    )
    body = f"<StackResourceDetail>{detail}</StackResourceDetail>"
    result = f"<DescribeStackResourceResult>{body}</DescribeStackResourceResult>"
    return handlers._xml(200, "DescribeStackResourceResponse", result)  # noqa: SLF001


def delete_table(physical_id: str, properties: Any) -> None:  # noqa: ANN401
    """Delete a table, unless it is protected."""
    table = dynamodb._tables.get(physical_id, {})  # noqa: SLF001
    if table.get("DeletionProtectionEnabled"):
        raise ValueError(f"Table {physical_id} has deletion protection. Turn it off first.")
    _delete_table(physical_id, properties)


_types = extended(provisioners._RESOURCE_HANDLERS)  # noqa: SLF001
_delete_table = _types[TABLE]["delete"]
_types[TABLE] = {**_types[TABLE], "delete": delete_table}
provisioners._RESOURCE_HANDLERS = changesets._RESOURCE_HANDLERS = _types  # noqa: SLF001
handlers._deploy_stack_async = changesets._deploy_stack_async = deploy  # noqa: SLF001
custom_resource.invoke_custom_resource = invoke
handlers._ACTION_HANDLERS["DescribeStackResource"] = describe  # noqa: SLF001

if __name__ == "__main__":
    Path(TYPES).write_text("\n".join(_types.keys()), encoding="utf-8")
    sys.exit(hypercorn.__main__.main(["ministack.app:app", *sys.argv[1:]]))
