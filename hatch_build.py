"""Put the code of the function into the package: the handler, and one version of crhelper.

Hatch runs this for each wheel, an editable one too, and `make` if a source is newer. So users
deploy the code that was tested, with anything else installed.
"""

import hashlib
import shutil
from importlib.metadata import PackagePath, distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
FUNCTION = ROOT / "constructs/cdk_outpost_order/_function"
HANDLER = ROOT / "lambda/outpost_order_handler"
CRHELPER_VERSION = "2.0.12"
CRHELPER_SHA256 = "efc7c30b9d06c2b3cbf96fd403ab914b9f7e8f1cecc94ddafac3f2a17e3d1000"
"""Of the paths and the contents of what is taken from it."""
_LEGAL = ("LICENSE", "NOTICE")


class FunctionHook(BuildHookInterface[Any]):
    """Builds the folder before the wheel that has it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build it, and add it, although git ignores it."""
        build()
        build_data["artifacts"].append(f"{FUNCTION.relative_to(ROOT).as_posix()}/**")


def build(folder: Path = FUNCTION) -> None:
    """Build the folder as a whole, or leave it alone if it is right: other processes might read it.

    Raises:
        RuntimeError: The installed crhelper isn't the one that was tested.
    """
    code = _handler() | _crhelper()
    if content(folder) == code:
        return
    with TemporaryDirectory(prefix=f"{folder.name}-", dir=folder.parent) as temporary:
        built = Path(temporary, folder.name)
        for path, source in code.items():
            _write(built / path, source)
        shutil.rmtree(folder, ignore_errors=True)
        built.rename(folder)


def content(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder by their paths, without what Python compiled."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }


def _handler() -> dict[str, bytes]:
    """Return the modules of the handler."""
    modules = sorted(HANDLER.rglob("*.py"))
    return {
        module.relative_to(HANDLER.parent).as_posix(): module.read_bytes() for module in modules
    }


def _crhelper() -> dict[str, bytes]:
    """Return the modules of crhelper and its license, or raise if they aren't those we tested."""
    found = distribution("crhelper")
    files = [each for each in found.files or () if _is_shipped(each)]
    library = {_place(each): Path(str(each.locate())).read_bytes() for each in sorted(files)}
    digest = hashlib.sha256()
    for path, source in sorted(library.items()):
        digest.update(f"{path}\0{len(source)}\0".encode() + source)
    if (found.version, digest.hexdigest()) != (CRHELPER_VERSION, CRHELPER_SHA256):
        raise RuntimeError(
            f"crhelper must be {CRHELPER_VERSION} with the hash {CRHELPER_SHA256}, got "
            f"{found.version} with {digest.hexdigest()}: install the one that was tested, with "
            f"pip install --force-reinstall crhelper=={CRHELPER_VERSION}"
        )
    return library


def _is_shipped(path: PackagePath) -> bool:
    return path.name in _LEGAL or (path.parts[0] == "crhelper" and path.suffix == ".py")


def _place(path: PackagePath) -> str:
    return f"crhelper/{path.name}" if path.name in _LEGAL else path.as_posix()


def _write(path: Path, source: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source)


if __name__ == "__main__":
    build()
