import pytest

from tests.safety.controls import CONTROLS, Control
from tests.safety.enumerator import catch


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.design.name)
def test_a_wrong_design_is_caught(control: Control) -> None:
    """A proof that accepts a wrong design proves nothing of the right one."""
    trial = catch(control)
    assert trial is not None
    assert control.shows in {violation.kind for violation in trial.violations}
