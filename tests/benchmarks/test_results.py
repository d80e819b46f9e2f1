"""The figures of RESULTS.md that don't depend on the machine are those of this code."""

import sys
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest

from benchmarks import assets, calls, growth, synthesis
from benchmarks.__main__ import RESULTS, SECTIONS
from benchmarks.cold_start import WITH_LEDGER, ColdStarts
from benchmarks.curves import draw
from benchmarks.in_process import CountedFunction
from benchmarks.report import line

README = RESULTS.parents[1] / "README.md"
MEASURED = RESULTS.read_text()
STALE = "run `make bench`, and commit what it writes"
LIBRARIES = {
    *("crhelper", "crhelper.log_helper", "crhelper.resource_helper", "crhelper.utils"),
    *("boto3.dynamodb", "boto3.dynamodb.types"),
}


def test_the_readme_shows_the_first_table() -> None:
    """Its three rows are equal to the measured ones."""
    [table] = [each for each in MEASURED.split("\n\n") if "| orders made if" in each]
    header, _, *shown = table.strip().splitlines()
    readme = README.read_text().splitlines()
    assert header in readme, STALE
    assert len(shown) == 3
    assert [row for row in shown if row not in readme] == [], STALE


def test_every_section_is_there() -> None:
    """One run measures all of them."""
    modules = [sys.modules[measure.__module__] for measure in SECTIONS.values()]
    assert [each.TITLE for each in modules if f"\n## {each.TITLE}\n" not in MEASURED] == []


def test_the_calls_are_as_measured(tmp_path: Path) -> None:
    """Each kind of event makes exactly these calls."""
    with redirect_stderr(StringIO()):
        assert str(calls.measure(tmp_path)) in MEASURED, STALE


@pytest.fixture(scope="module")
def function() -> Iterator[CountedFunction]:
    """Give the function, with a count of its calls."""
    with CountedFunction.started() as started:
        yield started


@pytest.mark.parametrize("others", [0, 10, 100])
def test_a_create_grows_as_measured(function: CountedFunction, others: int) -> None:
    """Its calls, and the bytes of its records, depend only on the orders of the Outpost."""
    assert line(growth.figures(others, growth.create(function, others)))[:-1] in MEASURED, STALE


def test_the_code_is_as_large_as_measured() -> None:
    """The files and the bytes; another zlib can zip them to another size."""
    rows = [line(row[:-1]) for row in assets.rows(assets.code_of_each_design())]
    assert [row for row in rows if row not in MEASURED] == [], STALE


def test_a_template_is_as_large_as_measured() -> None:
    """Its resources and its bytes."""
    size, _ = synthesis.Size.of("OutpostOrder", 60)
    assert size is not None
    assert f"| 60 | OutpostOrder | {size.resources} | {size.minified_bytes:,} |" in MEASURED, STALE


def test_a_cold_start_imports_only_what_it_needs() -> None:
    """Beside boto3 with the same clients, it imports crhelper and the types of DynamoDB."""
    with ColdStarts.started() as starts:
        plain, ours = (set(starts.run(name)["modules"]) for name in (WITH_LEDGER, "OutpostOrder"))
    own = "outpost_order_handler"
    libraries = {
        each
        for each in ours - plain
        if each.partition(".")[0] not in sys.stdlib_module_names | {own}
    }
    assert libraries == LIBRARIES


def test_a_curve_depends_on_its_figures_alone(tmp_path: Path) -> None:
    """A file that changes has other figures."""
    files = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for file in files:
        draw(file, "orders", [0, 1, 10], {"calls": {"all": [1, 2, 11]}})
    assert files[0].read_bytes() == files[1].read_bytes()
    assert b"<dc:date>" not in files[0].read_bytes()
