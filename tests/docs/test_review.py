from pathlib import Path

from tests.constructs.accepted import ACCEPTED

REVIEW = (Path(__file__).parents[2] / "docs" / "review.md").read_text()


def test_the_table_has_the_accepted_findings() -> None:
    """The page has exactly the accepted findings."""
    _, _, table = REVIEW.partition("| construct | rules | why it stays |\n|---|---|---|\n")
    rows, _, _ = table.partition("\n\n")
    assert rows.splitlines() == [accepted.row for accepted in ACCEPTED]
