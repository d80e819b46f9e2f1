"""The environment variables that processes of a rehearsal inherit."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from outpost_order_rehearsal.allowed import app_environment, given, server_environment

HARMLESS = {"PATH": os.defpath, "LANG": "C", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
OF_APP = {"HOME": "/home/ann", "USER": "ann", "PYENV_VERSION": "3.12", "LC_TIME": "C"}
HOSTILE = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
    "AWS_SESSION_TOKEN": "token",
    "AWS_PROFILE": "production",
    "AWS_DEFAULT_PROFILE": "production",
    "AWS_ENDPOINT_URL_STS": "https://sts.us-west-2.amazonaws.com",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/credentials",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    "aws_lower_case": "x",
    "HTTPS_PROXY": "http://proxy.example.com",
    "https_proxy": "http://proxy.example.com",
    "NO_PROXY": "*",
    "GITHUB_TOKEN": "token",
    "DOCKER_HOST": "tcp://docker.example.com",
    "NODE_OPTIONS": "--require=./evil.js",
    "LD_PRELOAD": "",
    "PYTHONSTARTUP": "evil.py",
    "CDK_DEFAULT_ACCOUNT": "123456789012",
    "PATHS": "x",
}
PRINT = "import json, os; print(json.dumps(dict(os.environ)))"
PRINT_PATH = """
import os
from outpost_order_rehearsal.allowed import app_environment
print(app_environment(os.environ)["PATH"])
"""


def seen_by_child(env: dict[str, str]) -> dict[str, str]:
    """Return the variables that a child process has."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT], env=env, check=True, capture_output=True, text=True
    )
    seen: dict[str, str] = json.loads(done.stdout)
    return seen


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a virtual environment for the command alone, as `uvx` makes it."""
    folder = tmp_path_factory.mktemp("tool") / "environment"
    venv.create(folder, symlinks=True, with_pip=False)
    return folder


def path_for_app(tool: Path, path: str, **variables: str) -> str:
    """Return the PATH of the app if the command runs in a virtual environment."""
    done = subprocess.run(
        [str(tool / "bin" / "python"), "-c", PRINT_PATH],
        env={"PATH": path, "PYTHONPATH": os.pathsep.join(sys.path), **variables},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def test_an_app_sees_no_hostile_variable() -> None:
    """It has the settings of its language and of its user, and nothing else."""
    seen = seen_by_child(app_environment(HARMLESS | OF_APP | HOSTILE))
    assert seen == HARMLESS | OF_APP


def test_a_server_sees_no_variable_of_the_user() -> None:
    """It has the programs and the language of the machine."""
    seen = seen_by_child(server_environment(HARMLESS | OF_APP | HOSTILE))
    assert seen == HARMLESS | {"LC_TIME": "C"}


def test_a_variable_that_is_not_set_stays_unset() -> None:
    """Nothing gets a default."""
    assert app_environment({}) == {}


def test_an_environment_that_only_path_names_stays(tool: Path) -> None:
    """An image of a container has the environment of the app in PATH alone."""
    path = os.pathsep.join([str(tool / "bin"), "/usr/bin"])
    assert path_for_app(tool, path) == path


def test_an_app_finds_its_own_python(tool: Path) -> None:
    """The folder that `uvx` puts in front of PATH is removed."""
    path = os.pathsep.join([str(tool / "bin"), "/usr/local/bin", "/usr/bin"])
    assert path_for_app(tool, path, UV="/usr/bin/uv") == os.pathsep.join(
        ["/usr/local/bin", "/usr/bin"]
    )


def test_a_link_to_the_folder_of_the_command_is_removed(tool: Path, tmp_path: Path) -> None:
    """PATH can have the folder under another name."""
    (tmp_path / "link").symlink_to(tool)
    path = os.pathsep.join([str(tmp_path / "link" / "bin"), "/usr/bin"])
    assert path_for_app(tool, path, UV="/usr/bin/uv") == "/usr/bin"


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_an_environment_with_app_and_command_stays(name: str, tool: Path) -> None:
    """The user installed the command beside the app."""
    path = os.pathsep.join([str(tool / "bin"), "/usr/bin"])
    assert path_for_app(tool, path, **{name: str(tool)}) == path


def test_another_active_environment_stays(tool: Path, tmp_path: Path) -> None:
    """The command's own folder is removed, and the app's isn't."""
    path = os.pathsep.join([str(tool / "bin"), str(tmp_path / "bin")])
    found = path_for_app(tool, path, VIRTUAL_ENV=str(tmp_path))
    assert found == str(tmp_path / "bin")


def test_the_folder_of_a_python_without_environment_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has all programs of the machine, such as ``/usr/bin``."""
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    monkeypatch.setattr(sys, "prefix", "/usr")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert app_environment({"PATH": "/usr/bin"}) == {"PATH": "/usr/bin"}


def test_a_given_variable_is_passed() -> None:
    """By its name, with the value of this process, or with a value of its own."""
    own = {"STAGE": "test", "TEAM": "racks"}
    values = ["STAGE", "TEAM=edge", "EMPTY=", "QUERY=a=b"]
    assert given(values, own) == {"STAGE": "test", "TEAM": "edge", "EMPTY": "", "QUERY": "a=b"}


@pytest.mark.parametrize(
    "name", ["AWS_PROFILE", "aws_profile", "AWS_", "HTTPS_PROXY", "no_proxy", "My_Proxy"]
)
def test_a_variable_that_redirects_the_app_is_refused(name: str) -> None:
    """The message names the variable, what is allowed, and what to change."""
    for value in (name, f"{name}=x"):
        with pytest.raises(ValueError, match=f"can't pass {name}: .*aren't allowed.*Remove this"):
            given(["STAGE=test", value], {name: "x"})


@pytest.mark.parametrize("value", ["", "=x", "1ST=x", "MY-NAME=x", "A B", "STAGE\n=x"])
def test_a_malformed_variable_is_refused(value: str) -> None:
    """The message shows the value."""
    with pytest.raises(ValueError, match="must be NAME or NAME=VALUE, got") as refused:
        given([value], {})
    assert repr(value) in str(refused.value)


def test_a_name_without_a_value_is_refused() -> None:
    """The message says how to give one."""
    with pytest.raises(ValueError, match=r"STAGE isn't set. .*--env STAGE=VALUE"):
        given(["STAGE"], {})
