"""Measure `outpost-order review` of an app with many orders, and the start of Python beside it.

Both are run in turn, so that the load of the machine affects both:

    python benchmarks/review.py --stacks 20 --orders 450 --runs 5
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def write_app(folder: Path, stacks: int, orders: int) -> None:
    """Write an assembly whose orders are spread over its stacks."""
    folder.mkdir()
    artifacts: dict[str, Any] = {}
    for stack in range(stacks):
        resources = {
            f"Rack{number}": {
                "Type": "Custom::OutpostOrder",
                "Properties": {
                    "OrderName": f"PO-{number}",
                    "OutpostIdentifier": f"op-{stack:017x}",
                    "LineItems": [{"CatalogItemId": "OR-ABCDEFG", "Quantity": number + 1}],
                    "PaymentOption": "NO_UPFRONT",
                },
            }
            for number in range(stack, orders, stacks)
        }
        file = f"Stack{stack}.template.json"
        (folder / file).write_text(json.dumps({"Resources": resources}))
        artifacts[f"Stack{stack}"] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/us-west-2",
            "properties": {"templateFile": file},
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))


def cpu_seconds(command: Sequence[str]) -> float:
    """Return the CPU time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stacks", type=int, default=20)
    parser.add_argument("--orders", type=int, default=450)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        old, new = Path(temporary, "old"), Path(temporary, "new")
        write_app(old, options.stacks, options.orders // 2)
        write_app(new, options.stacks, options.orders)
        script = str(Path(sys.executable).with_name("outpost-order"))
        review = [script, "review", "--app", str(new), "--against", str(old)]
        plain = [script, "--version"]
        measured = [(cpu_seconds(review), cpu_seconds(plain)) for _ in range(options.runs)]
    reviews, starts = (statistics.median(times) for times in zip(*measured, strict=True))
    print(
        f"{options.orders} orders in {options.stacks} stacks: {reviews:.2f} s of CPU, "
        f"{reviews / starts:.2f} times `outpost-order --version` ({starts:.2f} s)"
    )


if __name__ == "__main__":
    main()
