"""The handler's deployment package: copied, never built.

Everything it needs is pure Python without dependencies of its own, and boto3
is part of the Lambda runtime: no Docker, no pip, no network, and the same hash
on every machine.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

_PACKAGES = ("outpost_order_handler", "crhelper")


@contextmanager
def handler_folder() -> Iterator[Path]:
    """Give a folder that holds the handler and what it imports, as Lambda wants it."""
    with TemporaryDirectory(prefix="outpost-order-") as folder:
        for package in _PACKAGES:
            _copy(_folder_of(package), Path(folder, package))
        yield Path(folder)


def _folder_of(package: str) -> Path:
    # Found, not imported: crhelper would start boto3. And the package's own folder,
    # not its parent: once installed, that is the whole of site-packages.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the handler needs the package '{package}': install it")
    return Path(spec.origin).parent


def _copy(source: Path, target: Path) -> None:
    for module in sorted(source.rglob("*.py")):
        copy = target / module.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(module, copy)
