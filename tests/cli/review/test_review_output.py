"""How a review is printed: the verdict with the money first, and values that do nothing."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from outpost_order_cli.problem import Problem
from outpost_order_cli.review.assembly import read
from outpost_order_cli.review.gate import CONDITIONS, Gate
from outpost_order_cli.review.github import annotations
from outpost_order_cli.review.markdown import MAX_COMMENT, code, comments
from outpost_order_cli.review.report import Report
from outpost_order_cli.review.terminal import printed
from tests.cli.review.apps import (
    OPTION_ID,
    OTHER_OUTPOST_ID,
    QUOTE_ID,
    Stacks,
    order,
    quote_order,
    write_app,
)

OLD: Stacks = {"Berlin": {"Rack": order("PO-1")}}


@pytest.fixture
def review(tmp_path: Path) -> Any:  # noqa: ANN401
    """Give a way to review an app."""

    def review(new: Stacks, old: Stacks | None = OLD, **options: Any) -> Report:  # noqa: ANN401
        base = read(write_app(tmp_path / "old", old)) if old is not None else None
        return Report.of(read(write_app(tmp_path / "new", new, **options)), base)

    return review


def _euro(name: str) -> dict[str, Any]:
    price = {"UpfrontPrice": "1000", "MonthlyRecurringPrice": "0.5", "Currency": "EUR"}
    quote = {"QuoteIdentifier": "oq-1" + "0" * 16, "QuoteOptionIdentifier": "oqo-1" + "0" * 16}
    return quote_order(name, **quote, QuotePrice=price, PaymentTerm="ONE_YEAR")


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        ({"A": quote_order("PO-2")}, "Buys 1 order: commits USD 169,218.00 over 36 months."),
        (
            {"A": quote_order("PO-2"), "B": _euro("PO-3")},
            "Buys 2 orders: commits EUR 1,006.00 over 12 months and USD 169,218.00 over 36 months.",
        ),
        ({"A": order("PO-2", 9)}, "Buys 1 order: the price isn't stated."),
        (
            {"A": quote_order("PO-2"), "B": order("PO-3", 9)},
            (
                "Buys 2 orders: commits USD 169,218.00 over 36 months; "
                "the price of 1 order isn't stated."
            ),
        ),
        ({"A": order("PO-2")}, "Buys nothing; 1 change will fail."),
        ({}, "Buys nothing."),
    ],
)
def test_the_verdict_has_the_money(review: Any, resources: Any, verdict: str) -> None:  # noqa: ANN401
    """Upfront and each month of the term, exactly, by currency and term."""
    report = review({**OLD, "Lisbon": resources})
    assert report.verdict == verdict
    assert printed(report, color=False, width=None).splitlines()[0] == verdict


@pytest.mark.parametrize(
    "change",
    [
        {"PaymentTerm": "TEN_YEARS"},
        {"PaymentTerm": {"Ref": "Term"}},
        {"QuotePrice": None},
        {
            "QuotePrice": {
                "UpfrontPrice": "1",
                "MonthlyRecurringPrice": {"Ref": "P"},
                "Currency": "USD",
            }
        },
        {"QuotePrice": {"UpfrontPrice": "NaN", "MonthlyRecurringPrice": "1", "Currency": "USD"}},
    ],
)
def test_a_price_that_is_not_a_literal_is_not_stated(review: Any, change: Any) -> None:  # noqa: ANN401
    """No sum is guessed."""
    [change_of_it] = review({"Lisbon": {"A": quote_order("PO-2", **change)}}, None).changes
    assert change_of_it.order.commitment is None


HOSTILE = [
    "`",
    "``` `x`",
    "|",
    "a|b",
    "\\|",
    "<!-- outpost-order review: app -->",
    "<script>alert(1)</script>",
    "@octocat",
    "[a](https://example.com)",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "line\nbreak\r\n::error::x",
    "%0A::error::x",
    "</details>",
    "x" * 5000,
]


@pytest.mark.parametrize("value", HOSTILE)
def test_values_are_shown_and_do_nothing(review: Any, value: str) -> None:  # noqa: ANN401
    """In every format, and in every place of a report."""
    hostile = order(value, 9, OutpostIdentifier=value, InAdditionTo=[value])
    old = {**OLD, "Lisbon": {"Gone": order(value + "!", 8)}}
    report = review(
        {**OLD, "Lisbon": {value: hostile, "T": order("PO-1", OutpostIdentifier=value)}}, old
    )
    [comment] = comments(report)
    assert comment.count("<!--") == 1
    spans = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", comment)
    for harm in ("<script", "@octocat", "](https", "\x1b", "\u202e", "::error"):
        assert harm not in spans
    assert spans.count("</details>") == spans.count("<details")
    assert len(comment) < MAX_COMMENT
    for line in annotations(report):
        assert "\n" not in line
        assert re.match(r"::(error|warning|notice) title=[^:\n]*::", line)
    shown = printed(report, color=False, width=80)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", shown)
    json.loads(json.dumps(report.document()))


def test_a_code_span_ends_where_it_should() -> None:
    """A run of backticks within it is shorter or longer than its fence."""
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"
    assert code("") == "`  `"


def test_each_stage_has_its_comment(review: Any) -> None:  # noqa: ANN401
    """It is found again by its first line."""
    stages = {"Beta": {"R": {"A": order("PO-2", 9)}}, "Prod": {"R": {"A": order("PO-3", 8)}}}
    first, second = comments(review({}, None, stages=stages))
    assert first.startswith("<!-- outpost-order review: Beta -->\n")
    assert second.startswith("<!-- outpost-order review: Prod -->\n")
    assert ("PO-2" in first, "PO-3" in first) == (True, False)


def test_a_purchase_that_is_gone_is_said_to_be_gone(review: Any) -> None:  # noqa: ANN401
    """A comment that exists is replaced by this."""
    [comment] = comments(review(OLD))
    assert "## No purchase any more" in comment


def test_a_comment_has_room_for_its_summary(review: Any) -> None:  # noqa: ANN401
    """450 orders don't fit; what is left out is said, and all of it is in the job summary."""
    many = {f"R{n}": order(f"PO-{n}-{'x' * 50}", n + 5) for n in range(450)}
    report = review({"Lisbon": many}, None)
    [comment] = comments(report)
    assert len(comment) <= MAX_COMMENT
    assert "## Buys 450 orders: the price isn't stated." in comment
    assert "The job summary has all of it" in comment
    assert "Not checked" in comment
    [whole] = comments(report, 10**9)
    assert all(f"PO-{n}-" in whole for n in range(450))


def _gate(report: Report, fail_on: str = "", *limits: str) -> list[str]:
    return [each.partition(":")[0] for each in Gate.of(fail_on, limits).objections(report)]


def test_each_condition_of_the_gate_can_fail(review: Any) -> None:  # noqa: ANN401
    """And passes if there is no such change."""
    moved = order("PO-9", 7)
    old = {**OLD, "Paris": {"Gone": order("PO-8", 6), "Old": moved}}
    new = {
        "Berlin": {"Rack": order("PO-1", 3)},
        "Lisbon": {"New": order("PO-2", 9), "Twin": order("PO-3", 6), "Moved": moved},
    }
    report = review(new, old)
    assert _gate(report, ",".join(CONDITIONS)) == list(CONDITIONS)
    quiet = [each for each in CONDITIONS if each != "not-checked"]
    assert _gate(review(OLD), ",".join(quiet)) == []


@pytest.mark.parametrize(
    ("limits", "fails"),
    [(["USD=169218"], False), (["USD=169217.99"], True), (["EUR=1000000"], True)],
)
def test_the_commitment_can_be_limited(review: Any, limits: list[str], fails: bool) -> None:  # noqa: ANN401, FBT001
    """A currency without a limit fails, too."""
    report = review({"Lisbon": {"A": quote_order("PO-2")}}, None)
    assert bool(_gate(report, "", *limits)) is fails


def test_an_unstated_price_exceeds_each_limit(review: Any) -> None:  # noqa: ANN401
    """It could be anything."""
    report = review({"Lisbon": {"A": order("PO-2")}}, None)
    assert _gate(report, "", "USD=99999999") == ["max-commitment"]


@pytest.mark.parametrize(("fail_on", "limit"), [("new_order", None), ("", "USD"), ("", "200000")])
def test_a_gate_that_can_not_be_used_is_a_usage_error(fail_on: str, limit: str | None) -> None:
    """Nothing passes by a typing error."""
    with pytest.raises(Problem) as problem:
        Gate.of(fail_on, [limit] if limit else [])
    assert problem.value.exit_code == 2


def test_an_order_for_another_outpost_is_another_order(review: Any) -> None:  # noqa: ANN401
    """A second environment with its own Outpost buys."""
    report = review({**OLD, "Lisbon": {"A": order("PO-2", OutpostIdentifier=OTHER_OUTPOST_ID)}})
    assert report.verdict == "Buys 1 order: the price isn't stated."


def test_no_id_is_broken_in_a_terminal(review: Any) -> None:  # noqa: ANN401
    """Lines break between words, and each part keeps its indentation."""
    report = review({"Lisbon": {"A": quote_order("PO-2")}}, None)
    for width in (40, 80):
        shown = printed(report, color=False, width=width)
        assert OPTION_ID in shown
        assert QUOTE_ID in shown
        long = [line for line in shown.splitlines() if len(line) > width]
        assert [line for line in long if " " in line.strip()] == []
    assert "\x1b[" in printed(report, color=True, width=80)


def test_a_removed_order_is_not_folded(review: Any) -> None:  # noqa: ANN401
    """It remains in force, and costs money."""
    [comment] = comments(review({"Lisbon": {"Rack": order("PO-2", 9)}}))
    assert "<details open><summary>Removed from the app" in comment
