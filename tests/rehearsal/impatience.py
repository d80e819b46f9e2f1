"""The deployed function with shorter waits."""

from io import BytesIO
from zipfile import ZipFile

# By module: a part of its source, and what replaces it.
_PATIENCE = {
    "outpost_order_handler/clock.py": (b"ACCESS_PATIENCE = 60 ", b"ACCESS_PATIENCE = 1 "),
    "placement/context.py": (b"POLL_INTERVAL = 5.0 ", b"POLL_INTERVAL = 1.0 "),
    "placement/evidence.py": (b"EVIDENCE_PATIENCE = 30 ", b"EVIDENCE_PATIENCE = 2 "),
}


def impatient(asset: bytes) -> bytes:
    """Return the asset of the function with shorter waits, in which it still searches twice."""
    code, changed = BytesIO(), []
    with ZipFile(BytesIO(asset)) as given, ZipFile(code, "w") as rewritten:
        for name in given.namelist():
            content = given.read(name)
            for module, (original, replacement) in _PATIENCE.items():
                if name.endswith(module) and original in content:
                    content = content.replace(original, replacement)
                    changed.append(module)
            rewritten.writestr(given.getinfo(name), content)
    assert sorted(changed) == sorted(_PATIENCE)
    return code.getvalue()
