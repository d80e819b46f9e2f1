from tests.edge.behaviours import behaviours
from tests.edge.wire import WireFigures, run


def test_no_answer_of_the_service_makes_a_second_order() -> None:
    """Every response leads to one request and a true answer, even if retries are configured."""
    assert run(rows=1) == WireFigures(cells=len(behaviours()), posts_at_most=1, orders_at_most=1)
