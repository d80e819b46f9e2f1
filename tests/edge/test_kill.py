from dataclasses import replace

from tests.edge.kill import SCENARIOS, KillFigures, run


def test_an_order_survives_the_death_of_its_instance() -> None:
    """After each last message there is one order, one request, and a true answer."""
    create, *_, delete = SCENARIOS
    figures = run(once=(create, delete), twice=())
    # A Create sends 11 messages. It reads the records, the Outpost, the item, the catalog, and
    # the orders. It looks for the answer's host, asks CloudFormation, writes, sends the order,
    # writes, and answers. A Delete only answers.
    assert figures.kills >= 2 * (11 + 1)
    assert figures.successes + figures.unknown == figures.kills
    # Killed before the request was sent, but after the ledger recorded that it would be.
    assert figures.unknown == 2
    assert replace(figures, kills=0, successes=0, unknown=0) == KillFigures(
        orders_at_most=1, posts_at_most=1
    )
