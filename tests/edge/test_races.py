from dataclasses import replace

from tests.edge.races import RaceFigures, run


def test_in_every_race_the_order_is_placed_once() -> None:
    """Copies, neighbours, a Delete beside its Create, and many writers: each has one winner."""
    figures = run(rounds=2)
    assert figures.rounds == 19
    assert figures.overlaps >= 1  # they did meet
    assert replace(figures, rounds=0, overlaps=0) == RaceFigures(orders_at_most=1, posts_at_most=1)
