"""The environment variables that processes of a rehearsal inherit. All others are left out."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FOR_SERVERS = frozenset({"PATH", "LANG", "TZ", "LD_LIBRARY_PATH"})
FOR_APPS = FOR_SERVERS | {
    *("HOME", "TERM", "USER", "LOGNAME", "SHELL"),
    *("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PYTHONPATH", "PYTHONUSERBASE"),
    *("PYENV_ROOT", "PYENV_VERSION", "NVM_DIR", "NODE_PATH", "JAVA_HOME"),
    *("GOPATH", "GOROOT", "GOCACHE", "DOTNET_ROOT", "JSII_RUNTIME_PACKAGE_CACHE_ROOT"),
}
UV = "UV"
"""The variable that uv sets for the programs that it runs."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
REDIRECTING = re.compile(r"AWS_.*|.*_PROXY", re.IGNORECASE)
"""The names that decide which AWS an app reaches."""


def app_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return what the user's app inherits: its language's settings, and no way to AWS.

    Args:
        own: The environment of this process.
    """
    return _inherited(FOR_APPS, own)


def server_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return what the servers of the rehearsal inherit.

    Args:
        own: The environment of this process.
    """
    return _inherited(FOR_SERVERS, own)


def given(values: Sequence[str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the user passes to the app with ``--env``.

    Args:
        values: Each a name, such as ``STAGE``, or a name and a value, such as ``STAGE=test``.
        own: The environment of this process, with the value of a name that has none.

    Raises:
        ValueError: A value isn't a variable, isn't set, or decides which AWS the app reaches.
    """
    return dict(_variable(value, own) for value in values)


def _inherited(names: frozenset[str], own: Mapping[str, str]) -> dict[str, str]:
    allowed = {name: own[name] for name in own if name in names or name.startswith("LC_")}
    if "PATH" in allowed and _has_environment_of_its_own(own):
        allowed["PATH"] = _without_own_programs(allowed["PATH"])
    return allowed


def _has_environment_of_its_own(own: Mapping[str, str]) -> bool:
    """Return whether this command runs in a virtual environment that isn't the app's.

    `uvx` puts such an environment in front of PATH, and sets `UV`. An image of a container often
    has the environment of the app in PATH, and no variable that names it. Outside of a virtual
    environment, the folder of this Python has other programs too, such as those of ``/usr/bin``.
    """
    of_app = {
        Path(own[name]).resolve() for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if own.get(name)
    }
    if sys.prefix == sys.base_prefix or Path(sys.prefix).resolve() in of_app:
        return False
    return bool(of_app) or UV in own


def _without_own_programs(path: str) -> str:
    # The Python itself is often a link into a folder such as /usr/bin, so only the folder's links
    # are followed.
    own_programs = Path(sys.executable).parent.resolve()
    folders = path.split(os.pathsep)
    return os.pathsep.join(each for each in folders if Path(each).resolve() != own_programs)


def _variable(given: str, own: Mapping[str, str]) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not NAME.fullmatch(name):
        raise ValueError(
            f"--env must be NAME or NAME=VALUE, got {given!r}. A name has letters, digits, and "
            "underscores, and doesn't begin with a digit. Correct the name."
        )
    if REDIRECTING.fullmatch(name):
        raise ValueError(
            f"--env can't pass {name}: it could connect the app to the real AWS. Names that begin "
            "with AWS_ or end with _PROXY aren't allowed, all others are. "
            "Remove this option: the rehearsal sets credentials, endpoints, and the Region."
        )
    if equals:
        return name, value
    if name not in own:
        raise ValueError(
            f"--env {name} passes a variable of your environment, but {name} isn't set. "
            f"Set it, or give its value: --env {name}=VALUE"
        )
    return name, own[name]
