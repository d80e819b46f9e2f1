"""The network of its own, in child processes: the process of the tests stays in its network."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.cdk_cli import ROOT

SECONDS = 60
OTHER_USER = 65534
# After setuid, a process can write its own maps only if it is dumpable.
UNPRIVILEGED = f"""
import ctypes, encodings.idna, fcntl, os, socket
from outpost_order_rehearsal.namespace import seal
os.setgid({OTHER_USER}); os.setuid({OTHER_USER})
ctypes.CDLL(None).prctl(4, 1)
"""
ROOT_USER = """
import os, socket
from outpost_order_rehearsal.namespace import seal
"""
WITH_THREAD = """
import os, socket, threading
from outpost_order_rehearsal.namespace import seal
threading.Thread(target=threading.Event().wait, daemon=True).start()
"""
# As a container runtime does it: a filter that refuses unshare with EPERM (x86-64 and aarch64).
REFUSED = """
import ctypes, os, platform, socket, struct
from outpost_order_rehearsal.namespace import seal
number = {"x86_64": 272, "aarch64": 97}[platform.machine()]
code = b"".join(struct.pack("HBBI", *each) for each in (
    (0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)))
held = ctypes.create_string_buffer(code)
class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Filter(4, ctypes.addressof(held)))) == 0
"""
TRIES = """
sealed = seal()
def tried(host, port):
    try:
        socket.create_connection((host, port), timeout=2).close()
        return "connected"
    except OSError as error:
        return error.strerror or str(error)
print(sealed, tried("127.0.0.1", PORT), sep="|")
print(tried("192.0.2.1", 443) if sealed else "")
own = socket.create_server(("127.0.0.1", 0))
print(tried(*own.getsockname()))
print(os.stat(FILE).st_uid)
"""


@pytest.fixture
def port() -> Iterator[int]:
    """Listen on a port of this machine, in the network of the tests."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _lines(before: str, port: int) -> list[str]:
    tries = TRIES.replace("PORT", str(port)).replace("FILE", repr("/etc/hostname"))
    done = subprocess.run(
        [sys.executable, "-c", before + tries],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("before", [ROOT_USER, UNPRIVILEGED], ids=["root", "unprivileged"])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_sealed_process_reaches_only_itself(before: str, port: int) -> None:
    """It reaches neither this machine's ports nor other hosts, and its own ports work."""
    owner = str(Path("/etc/hostname").stat().st_uid) if before is ROOT_USER else None
    first, other_host, own, uid = _lines(before, port)
    if first.startswith("False"):
        pytest.skip("the kernel permits no network of its own here")
    assert first == "True|Connection refused"
    assert other_host == "Network is unreachable"
    assert own == "connected"
    assert owner in (None, uid)


@pytest.mark.parametrize("before", [WITH_THREAD, REFUSED], ids=["a thread", "no permission"])
def test_a_process_that_is_not_sealed_keeps_its_network(before: str, port: int) -> None:
    """The answer is no, and everything works as before."""
    first, _, own, _ = _lines(before, port)
    assert first == "False|connected"
    assert own == "connected"
