from dataclasses import replace

from tests.edge.fuzz import FuzzFigures, run


def test_nothing_malformed_is_sent_and_everything_is_answered() -> None:
    """The rules are kept, and the answer is one CloudFormation takes and a person can read."""
    figures = run(examples=300)
    assert figures.examples >= 300
    assert figures.invalid >= 200
    assert figures.largest_answer_bytes < 4096
    assert replace(figures, examples=0, invalid=0, largest_answer_bytes=0) == FuzzFigures()
