"""A builder that is unlike this one: its user hides files from others, and pip compiles."""

import compileall
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.rehearsal.cdk_cli import ROOT

PACKAGES = (ROOT / "constructs" / "cdk_outpost_order", ROOT / "lambda" / "outpost_order_handler")
PRIVATE = 0o077


def install_privately(folder: Path) -> dict[str, str]:
    """Install the packages into a folder, and return the environment that finds them there."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package, folder / package.name, ignore=ignored)
    assert compileall.compile_dir(folder / "cdk_outpost_order" / "_function", quiet=1)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return {"PYTHONPATH": str(folder)}


@contextmanager
def private_files() -> Iterator[None]:
    """Let this process and those that it starts hide new files from others."""
    before = os.umask(PRIVATE)
    try:
        yield
    finally:
        os.umask(before)
