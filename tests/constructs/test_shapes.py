"""The shapes of apps: each is synthesized, and checks its part of the template."""

from collections.abc import Callable
from inspect import isfunction

import pytest

from tests.constructs import (
    shapes_of_apps,
    shapes_of_functions,
    shapes_of_hatches,
    shapes_of_outposts,
    shapes_of_roles,
    shapes_of_values,
)
from tests.constructs.shapes import Found

MODULES = (
    shapes_of_apps,
    shapes_of_functions,
    shapes_of_hatches,
    shapes_of_outposts,
    shapes_of_roles,
    shapes_of_values,
)
SHAPES: list[Callable[[], Found]] = [
    each
    for module in MODULES
    for name, each in vars(module).items()
    if isfunction(each) and each.__module__ == module.__name__ and not name.startswith("_")
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_shape_has_what_matters(shape: Callable[[], Found]) -> None:
    """The docstring of a shape says what matters."""
    found, expected = shape()
    assert found == expected


def test_no_shape_is_missed() -> None:
    """A shape that is not collected would prove nothing."""
    assert len(SHAPES) >= 60
    assert all(shape.__doc__ for shape in SHAPES)
