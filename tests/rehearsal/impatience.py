"""The deployed function with shorter waits."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZipFile

# By module: a part of its source, and what replaces it.
_PATIENCE = {
    "outpost_order_handler/clock.py": ((b"ACCESS_PATIENCE = 60 ", b"ACCESS_PATIENCE = 1 "),),
    "placement/context.py": ((b"POLL_INTERVAL = 5.0 ", b"POLL_INTERVAL = 1.0 "),),
    "placement/evidence.py": ((b"EVIDENCE_PATIENCE = 30 ", b"EVIDENCE_PATIENCE = 2 "),),
}


def impatient(asset: bytes) -> bytes:
    """Return the asset of the function with shorter waits, in which it still searches twice."""
    return rewritten(asset, _PATIENCE)


def rewritten(asset: bytes, changes: Mapping[str, tuple[tuple[bytes, bytes], ...]]) -> bytes:
    """Return an asset with other sources; each change is one of a module that exists."""
    code, changed = BytesIO(), []
    with ZipFile(BytesIO(asset)) as given, ZipFile(code, "w") as written:
        for name in given.namelist():
            content = given.read(name)
            for module in filter(name.endswith, changes):
                for original, replacement in changes[module]:
                    assert content.count(original) == 1, (name, original)
                    content = content.replace(original, replacement)
                changed.append(module)
            written.writestr(given.getinfo(name), content)
    assert sorted(changed) == sorted(changes)
    return code.getvalue()
