from pathlib import Path

from tests.constructs.accepted import ACCEPTED

REVIEW = (Path(__file__).parents[2] / "docs" / "review.md").read_text()


def test_the_table_tells_what_the_tests_accept() -> None:
    """No finding is accepted in silence, and none is told that is not accepted."""
    _, _, table = REVIEW.partition("| construct | rules | why it stays |\n|---|---|---|\n")
    rows, _, _ = table.partition("\n\n")
    assert rows.splitlines() == [accepted.row for accepted in ACCEPTED]
