"""What tests of several folders share."""

from collections.abc import Callable

import pytest

from tests.rehearsal.assembly import Assembly
from tests.rehearsal.cdk_cli import ROOT
from tests.rehearsal.environment import app_environment

APPS = ["app.py", *(f"examples/{path.name}" for path in sorted((ROOT / "examples").glob("*.py")))]

Synthesize = Callable[[str], Assembly]


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Give the assemblies of the project's apps, each by the app's file."""
    folder = tmp_path_factory.mktemp("assemblies")
    (folder / "tmp").mkdir()
    return Assembly.synthesize_all(ROOT, folder, app_environment(folder), APPS).__getitem__
