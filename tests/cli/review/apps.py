"""Synthesized apps, written as the CDK writes them: a manifest and templates."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

OUTPOST_ID, OTHER_OUTPOST_ID = "op-0123456789abcdef0", "op-0fedcba9876543210"
OPTION_ID = "oqo-0123456789abcdef0"
QUOTE_ID = "oq-0123456789abcdef0"
UNKNOWN = "aws://unknown-account/unknown-region"
LIVE = "aws://123456789012/us-west-2"

Resources = Mapping[str, Any]
Stacks = Mapping[str, Resources]


def order(name: str, quantity: Any = 2, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an order as a template declares it; a change to None removes a property."""
    properties: dict[str, Any] = {
        "OrderName": name,
        "OutpostIdentifier": OUTPOST_ID,
        "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": quantity}],
        "PaymentOption": "NO_UPFRONT",
        "PaymentTerm": "THREE_YEARS",
        "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
        **changes,
    }
    given = {key: value for key, value in properties.items() if value is not None}
    return {"Type": "Custom::OutpostOrder", "Properties": given}


def quote_order(name: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an order from a quote, with the price that was agreed."""
    price = {"UpfrontPrice": "0", "MonthlyRecurringPrice": "4700.50", "Currency": "USD"}
    quote = {
        "LineItems": None,
        "QuoteIdentifier": QUOTE_ID,
        "QuoteOptionIdentifier": OPTION_ID,
        "QuotePrice": price,
    }
    return order(name, **{**quote, **changes})


def write_app(
    folder: Path,
    stacks: Stacks,
    *,
    environment: str = UNKNOWN,
    environments: Mapping[str, str] = {},
    stages: Mapping[str, Stacks] | None = None,
    missing: Sequence[str] = (),
) -> str:
    """Write an assembly and return its path; `environments` has those of single stacks."""
    folder.mkdir(parents=True, exist_ok=True)
    artifacts: dict[str, Any] = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": environments.get(name, environment),
            "properties": {"templateFile": f"{name}.template.json", "stackName": name},
        }
        for name in stacks
    }
    for name, resources in stacks.items():
        template = json.dumps({"Resources": resources})
        (folder / f"{name}.template.json").write_text(template)
    for stage, inner in (stages or {}).items():
        write_app(folder / f"assembly-{stage}", inner, environment=environment)
        artifacts[f"assembly-{stage}"] = {
            "type": "cdk:cloud-assembly",
            "properties": {"directoryName": f"assembly-{stage}", "displayName": stage},
        }
    artifacts["Tree"] = {"type": "cdk:tree", "properties": {"file": "tree.json"}}
    artifacts["New"] = {"type": "cdk:of-the-future"}
    manifest = {
        "version": "999.0.0",
        "artifacts": artifacts,
        "missing": [{"key": each, "provider": "vpc", "props": {}} for each in missing],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return str(folder)
