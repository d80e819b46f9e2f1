"""The parts of an app that are listed or refused before anything is deployed."""

import pytest

from outpost_order_cli.problem import Problem
from outpost_order_cli.rehearse.parameters import require_values
from outpost_order_cli.rehearse.world import stand_ins
from outpost_order_rehearsal.deployable import DeployableStack


def _stack(not_published: tuple[str, ...] = (), **template: object) -> DeployableStack:
    return DeployableStack(
        "Berlin", template, "000000000000", "us-west-2", not_published=not_published
    )


def test_an_asset_that_is_not_published_has_a_line() -> None:
    """It names the stack."""
    assert list(stand_ins([_stack(("an image of a container",))], frozenset())) == [
        "Berlin: an image of a container, which isn't published"
    ]


def test_each_parameter_without_a_value_is_named() -> None:
    """The message has its stack, and says what to do."""
    stack = _stack(Parameters={"Site": {}, "Rack": {}, "Term": {"Default": "THREE_YEARS"}})
    with pytest.raises(Problem) as raised:
        require_values([stack, _stack()])
    assert str(raised.value) == (
        "2 parameters have no value, so nothing was deployed:\n"
        "  Berlin: Site\n"
        "  Berlin: Rack\n"
        "A rehearsal gives no values to parameters. Give each one a default in the app, such as "
        "CfnParameter(self, 'Site', default='...'), then run this again."
    )
