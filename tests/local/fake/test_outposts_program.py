import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.docs.pages import blocks_of

SERVE = [sys.executable, "-m", "outpost_order_fake"]
# A parent that ends as soon as the server serves; its own output is the server's.
PARENT = """
import subprocess, sys
server = subprocess.Popen([sys.executable, "-m", "outpost_order_fake"], stdout=subprocess.PIPE)
print(server.pid, server.stdout.readline().decode(), flush=True)
"""


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the program, and yield its process and the URL that it prints."""
    with subprocess.Popen([*SERVE, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            [_, _, url, *_] = process.stdout.readline().split()
            assert process.stdout.readline() == f"export AWS_ENDPOINT_URL_OUTPOSTS={url}\n"
            yield process, url
        finally:
            process.kill()


def listed(url: str) -> list[str]:
    with build_opener(ProxyHandler({})).open(f"{url}/list-orders") as answer:
        return [order["OrderId"] for order in json.load(answer)["Orders"]]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl_places_the_order_of_the_page() -> None:
    """The program serves clients that have no SDK."""
    [_, curl] = [block.text for block in blocks_of("docs/fake.md") if block.language == "bash"]
    with serving() as (_, url):
        script = curl.replace("http://127.0.0.1:4567", url)
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", script],
            capture_output=True,
            check=True,
            env=os.environ | {"no_proxy": "*"},
            text=True,
        )
        placed, end = json.JSONDecoder().raw_decode(done.stdout)
        assert placed["Order"]["Status"] == "PREPARING"
        [shown] = json.loads(done.stdout[end:])["Orders"]
        assert shown["OrderId"] == placed["Order"]["OrderId"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end it without an error."""
    with serving() as (process, _):
        process.send_signal(number)
        assert process.wait(timeout=30) == 0


def test_it_ends_with_its_parent() -> None:
    """A server doesn't outlive the program that started it."""
    parent = subprocess.run(
        [sys.executable, "-c", PARENT], capture_output=True, check=True, text=True, timeout=60
    )
    [pid, _, _, url, *_] = parent.stdout.split()
    address = url.removeprefix("http://").split(":")
    for _ in range(600):
        try:
            socket.create_connection((address[0], int(address[1]))).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.1)
    os.kill(int(pid), signal.SIGKILL)
    pytest.fail("the server serves on")


def test_it_listens_on_a_given_port_of_loopback() -> None:
    """The port is the given one, and the address is 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving("--port", str(port)) as (_, url):
        assert url == f"http://127.0.0.1:{port}"
        assert listed(url) == []


def test_a_port_in_use_is_refused() -> None:
    """The message says what to do, and the exit code is that of a usage error."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*SERVE, "--port", port], capture_output=True, check=False, text=True, timeout=60
        )
    assert done.returncode == 2
    assert f"Port {port} can't be used" in done.stderr
    assert "Choose another --port." in done.stderr
