from pathlib import Path

from tests.constructs.accepted import ACCEPTED

REVIEW = (Path(__file__).parents[2] / "docs" / "review.md").read_text()


def test_the_table_has_what_the_tests_accept() -> None:
    """Each accepted finding is in it, with its reason, and no other."""
    _, _, table = REVIEW.partition("| construct | rules | reason |\n|---|---|---|\n")
    rows, _, _ = table.partition("\n\n")
    assert rows.splitlines() == [accepted.row for accepted in ACCEPTED]
