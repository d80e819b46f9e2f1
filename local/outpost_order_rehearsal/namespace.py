"""A network of its own for this process, in which only the loopback interface is up.

Linux alone has it. It holds for every program and library, also for one that ignores all
settings. Two things don't change: a process can reach a Unix socket that has a path, such as
Docker's, and root can return to the network of the machine if it tries to.
"""

import ctypes
import os
import socket
import struct
import sys
from pathlib import Path

PROCESS = Path("/proc/self")
CLONE_NEWUSER = 0x10000000  # unshare(2), user_namespaces(7)
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914  # netdevice(7)
IFF_UP = 1
INTERFACE_REQUEST = struct.Struct("16sH22x")

# Root keeps its access to all files in the first. The second needs no permission.
WAYS = (CLONE_NEWNET, CLONE_NEWNET | CLONE_NEWUSER)


def seal() -> bool:
    """Move this process, and so the children that it starts later, into a network of its own.

    Call it before the process starts threads: a thread stays in the network that it began in,
    so a process that has threads isn't sealed. A socket that is open stays in its network too.

    Returns:
        Whether the process is sealed. If not, the process and its network are unchanged.

    Raises:
        OSError: The kernel allowed it in a child, but not in this process, which might be left
            without a network.
    """
    if sys.platform != "linux" or _thread_count() > 1:
        return False
    for way in WAYS:
        if _succeeds_in_child(way):
            _enter(way)
            return True
    return False


def _thread_count() -> int:
    """Return the number of threads, also of those that Python didn't start."""
    return len(list((PROCESS / "task").iterdir()))


def _succeeds_in_child(way: int) -> bool:
    child = os.fork()
    if child == 0:
        exit_code = 1
        try:
            _enter(way)
            exit_code = 0
        finally:  # without a trace, and without the parent's `with` and `finally` blocks
            os._exit(exit_code)
    try:
        _, status = os.waitpid(child, 0)
    except ChildProcessError:  # the parent ignores SIGCHLD
        return False
    return status == 0


def _enter(way: int) -> None:
    """Enter a new network, and prove it.

    Raises:
        OSError: A step failed. Some systems allow the first steps and refuse a later one.
    """
    user, group = os.geteuid(), os.getegid()
    before = _network()
    _unshare(way)
    if _network() == before:
        raise OSError("the network is still the same")
    if way & CLONE_NEWUSER:
        # Without privileges, a group can be mapped only after this.
        (PROCESS / "setgroups").write_text("deny")
        (PROCESS / "uid_map").write_text(f"{user} {user} 1")
        (PROCESS / "gid_map").write_text(f"{group} {group} 1")
    _start_loopback()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        socket.create_connection(listener.getsockname()).close()


def _network() -> int:
    return (PROCESS / "ns" / "net").stat().st_ino


def _unshare(flags: int) -> None:
    # os.unshare exists since Python 3.12.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _start_loopback() -> None:
    import fcntl  # noqa: PLC0415 - Windows doesn't have it

    request = INTERFACE_REQUEST.pack(b"lo", IFF_UP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)
