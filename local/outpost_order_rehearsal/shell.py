"""A shell in the terminal of this process, which ends with this process."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

KEEPER = Path(__file__).with_name("shell_keeper.py")


def run_shell(shell: str, env: Mapping[str, str]) -> None:
    """Run a shell until it ends, and end everything that it started.

    Args:
        shell: The program, such as ``/bin/sh``.
        env: Its whole environment.
    """
    pipe, held_open = os.pipe()
    command = [sys.executable, "-I", "-S", str(KEEPER), str(pipe), shell]
    with subprocess.Popen(command, env=env, pass_fds=[pipe]) as keeper:
        os.close(pipe)
        try:
            keeper.wait()
        finally:
            os.close(held_open)
