import pytest

from tests.safety.wrong_designs import WRONG_DESIGNS, WrongDesign, catch


@pytest.mark.parametrize("wrong", WRONG_DESIGNS, ids=lambda wrong: wrong.name)
def test_a_wrong_design_is_caught(wrong: WrongDesign) -> None:
    """A proof that accepts a wrong design proves nothing of the right one."""
    finding = catch(wrong)
    assert finding is not None
    assert f"invariant {wrong.breaks}: " in finding.story
