"""Run a command that ends when its starter ends, even when the starter is killed outright.

Usage: keeper.py FOLDER COMMAND... with stdin a pipe that only the starter holds open, in a
process group of its own. An empty FOLDER names none; else it is removed with its starter.
Only a pipe reports a SIGKILL on every Unix: no signal and no exit handler does.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading


def end_with_starter(folder: str) -> None:
    """Wait until the pipe is closed, then end the whole process group, this process too."""
    sys.stdin.buffer.read()
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def main(folder: str, *command: str) -> int:
    """Run the command and answer its exit code."""
    threading.Thread(target=end_with_starter, args=[folder], daemon=True).start()
    # Sockets that the starter passed on stay open in the command.
    done = subprocess.run(command, stdin=subprocess.DEVNULL, close_fds=False, check=False)
    return done.returncode


if __name__ == "__main__":
    exit_code = main(*sys.argv[1:])
    sys.stdout.flush()
    # The thread still reads stdin, which the interpreter's own shutdown would wait for.
    os._exit(exit_code if exit_code >= 0 else 128 - exit_code)
