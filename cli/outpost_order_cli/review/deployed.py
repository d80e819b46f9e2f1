"""The templates of deployed stacks, from CloudFormation: boto3 is needed here and in `live`."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from outpost_order_cli.location import account_in_use, region_in_use
from outpost_order_cli.problem import Problem
from outpost_order_cli.problems import is_gone
from outpost_order_cli.review.assembly import (
    DEPLOYED,
    NESTED_STACK,
    Assembly,
    Environment,
    StackTemplate,
)


def here() -> Environment:
    """Return the account and Region of the credentials."""
    return Environment(account_in_use(), region_in_use())


def is_here(environment: Environment, place: Environment) -> bool:
    """Return whether the credentials read an environment; an unknown one is taken for theirs."""
    return environment.account in ("", place.account) and environment.region in ("", place.region)


def read_deployed(new: Assembly, place: Environment) -> tuple[Assembly, list[str]]:
    """Return what is deployed of the stacks of an app, and what can't be read.

    Raises:
        Problem: A template isn't JSON.
    """
    client, stacks, not_read = boto3.client("cloudformation"), list[StackTemplate](), list[str]()
    digest = hashlib.sha256()
    for stack in new.stacks:
        if "/" in stack.name:  # nested: it is read with its parent
            continue
        if not is_here(stack.environment, place):
            where = f"{stack.environment.account}/{stack.environment.region}"
            not_read.append(f"The deployed stack {stack.name}, which is in {where}.")
            continue
        for found in _stack(client, stack.name, stack.name, stack):
            digest.update(json.dumps(found.template, sort_keys=True).encode())
            stacks.append(found)
    return Assembly(DEPLOYED, tuple(stacks), digest=digest.hexdigest()[:12]), not_read


def _stack(
    client: Any,  # noqa: ANN401 (made at run time)
    deployed_name: str,
    name: str,
    twin: StackTemplate,
    parameters: Mapping[str, Any] | None = None,
) -> Iterator[StackTemplate]:
    try:
        body = client.get_template(StackName=deployed_name)["TemplateBody"]
    except ClientError as error:
        if is_gone(error):
            return
        raise
    if not isinstance(body, Mapping):
        raise Problem(f"The template of the stack {deployed_name} isn't JSON, so it can't be read.")
    stack = StackTemplate(name, dict(body), twin.stage, twin.environment, parameters or {})
    yield stack
    nested = {
        logical_id: each for logical_id, each in stack.resources if each.get("Type") == NESTED_STACK
    }
    if not nested:
        return
    pages = client.get_paginator("list_stack_resources").paginate(StackName=deployed_name)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            each = nested.get(resource["LogicalResourceId"])
            physical_id = resource.get("PhysicalResourceId")
            if each is not None and physical_id:
                inner = f"{name}/{resource['LogicalResourceId']}"
                given = each.get("Properties", {}).get("Parameters", {})
                yield from _stack(client, physical_id, inner, twin, given)
