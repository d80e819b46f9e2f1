"""The deployed function, with less patience than it has: seconds of waiting less for each test."""

from io import BytesIO
from zipfile import ZipFile

# By module: what stands in its source, and what stands there instead.
_PATIENCE = {
    "outpost_order_handler/clock.py": (b"ACCESS_PATIENCE = 60 ", b"ACCESS_PATIENCE = 1 "),
    "placement/evidence.py": (b"EVIDENCE_PATIENCE = 30 ", b"EVIDENCE_PATIENCE = 6 "),
}


def impatient(asset: bytes) -> bytes:
    """Return the asset of the function, which then waits for a moment, and looks twice."""
    code, changed = BytesIO(), []
    with ZipFile(BytesIO(asset)) as given, ZipFile(code, "w") as rewritten:
        for name in given.namelist():
            content = given.read(name)
            for module, (stands, instead) in _PATIENCE.items():
                if name.endswith(module) and stands in content:
                    content = content.replace(stands, instead)
                    changed.append(module)
            rewritten.writestr(given.getinfo(name), content)
    assert sorted(changed) == sorted(_PATIENCE)
    return code.getvalue()
