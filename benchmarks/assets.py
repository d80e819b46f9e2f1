"""The code that each design deploys."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from benchmarks.designs import DESIGNS, OUTPOST, synthesize
from benchmarks.report import Goal, Section, table
from outpost_order_rehearsal.deployable import stacks_of
from outpost_order_rehearsal.environment import ACCOUNT, REGION

TITLE = "Code that is deployed"
Code = tuple[int, int, int, int]
"""The functions of a design, and the files, the bytes, and the zipped bytes of their code."""

MAX_ZIP = 87 * 1024  # bytes


def measure(_folder: Path) -> Section:
    """Count the files and the bytes of the assets."""
    found = code_of_each_design()
    zipped = found["OutpostOrder"][-1]
    body = f"""
`OutpostOrder` and `crhelper` have crhelper in their code. The other bytes of `OutpostOrder` are the
ledger, the checks, and the reasons.

{table(("design", "functions", "files", "bytes", "bytes as zip"), rows(found))}
"""
    what = "the code of `OutpostOrder` is smaller than the 87 KB of `AwsCustomResource`"
    return Section(TITLE, body, (Goal(what, f"{zipped:,} bytes", zipped <= MAX_ZIP),))


def rows(found: Mapping[str, Code]) -> list[tuple[str, ...]]:
    """Return the rows of the table."""
    return [(design, *(f"{each:,}" for each in code)) for design, code in found.items()]


def code_of_each_design() -> dict[str, Code]:
    """Return the functions of each design, and the files, the bytes, and the zipped bytes."""
    with TemporaryDirectory() as folder:
        synthesize(Path(folder), {design: (design, [(1, OUTPOST)]) for design in DESIGNS})
        stacks = list(stacks_of(Path(folder), ACCOUNT, REGION))
        code = {each.name: [a.content for a in each.assets if a.is_folder] for each in stacks}
    return {design: _figures(code[design]) for design in DESIGNS}


def _figures(zips: Sequence[bytes]) -> Code:
    entries = [entry for content in zips for entry in ZipFile(BytesIO(content)).infolist()]
    size = sum(entry.file_size for entry in entries)
    return len(zips), len(entries), size, sum(map(len, zips))
