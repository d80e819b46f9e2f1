"""The faults of the function of one order: in its environment, its time, its ledger.

The command writes them into a file in the server's folder, by order name. The server reads that
file before each Create, and writes the name of the order that is being created into another.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FILE, CREATING = "faults.json", "creating.txt"


@dataclass(frozen=True)
class FunctionFault:
    """One fault.

    Attributes:
        variables: Environment variables that replace those of the function.
        removed: Environment variables that the function doesn't have.
        timeout: The function's limit in seconds; 0 is that of the template.
        properties: Properties that replace those of the event.
        physical_id: The physical ID of the resource, whose Create the function doesn't see.
        attributes: The values of `Fn::GetAtt` of that resource.
        is_hidden: Whether CloudFormation doesn't show the resource that it creates.
        seconds_suspended: How long the function is suspended after it wrote the attempt.
        ledger_failures: How many requests to the ledger fail after it wrote the attempt.
        refused_connections: How many connections to the address for answers are refused.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    removed: Sequence[str] = ()
    timeout: int = 0
    properties: Mapping[str, Any] = field(default_factory=dict)
    physical_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    is_hidden: bool = False
    seconds_suspended: float = 0
    ledger_failures: int = 0
    refused_connections: int = 0


NO_FAULT = FunctionFault()


def write(folder: Path, faults: Mapping[str, FunctionFault]) -> None:
    """Give faults to the functions of orders, by order name; those given before end."""
    text = json.dumps({name: asdict(fault) for name, fault in faults.items()})
    (folder / FILE).write_text(text, encoding="utf-8")


def read(folder: Path, order_name: str) -> FunctionFault:
    """Return the fault that the function of an order has now."""
    path = folder / FILE
    faults = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return FunctionFault(**faults[order_name]) if order_name in faults else NO_FAULT


def creating(folder: Path) -> str:
    """Return the name of the order that is being created, or was last."""
    path = folder / CREATING
    return path.read_text(encoding="utf-8") if path.is_file() else ""
